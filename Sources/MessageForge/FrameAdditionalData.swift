/// The additional data of one kind of frame, of which only the last twelve bytes change from frame to frame.
struct FrameAdditionalData {
    private(set) var bytes: [UInt8]

    init(_ kind: MessageBlueprint.Frame.Kind, messageID: [UInt8]) {
        bytes = MessageBlueprint.Frame.additionalData(
            kind,
            messageID: messageID,
            sequenceNumber: 0,
            contentLength: 0
        )
    }

    mutating func set(sequenceNumber: UInt32, contentLength: UInt64) {
        let start = bytes.count - 12
        for index in 0..<4 {
            bytes[start + index] = UInt8(truncatingIfNeeded: sequenceNumber >> UInt32(24 - 8 * index))
        }
        for index in 0..<8 {
            bytes[start + 4 + index] = UInt8(truncatingIfNeeded: contentLength >> UInt64(56 - 8 * index))
        }
    }
}
