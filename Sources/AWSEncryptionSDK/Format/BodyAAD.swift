import AWSMaterialProviders

/// The additional data of one kind of frame: message id, a fixed text, sequence number, content length
/// (data-format/message-body-aad.md).
///
/// Only the last two change from frame to frame; they are patched in place.
struct BodyAAD {
    enum Content: String {
        case regularFrame = "AWSKMSEncryptionClient Frame"
        case finalFrame = "AWSKMSEncryptionClient Final Frame"
        case singleBlock = "AWSKMSEncryptionClient Single Block"
    }

    private(set) var bytes: [UInt8]

    init(messageID: [UInt8], content: Content) {
        bytes = messageID + Array(content.rawValue.utf8) + [UInt8](repeating: 0, count: 12)
    }

    mutating func set(sequenceNumber: UInt32, contentLength: Int) {
        var index = bytes.count - 1
        var length = UInt64(contentLength)
        for _ in 0..<8 {
            bytes[index] = UInt8(truncatingIfNeeded: length)
            length >>= 8
            index -= 1
        }
        var number = sequenceNumber
        for _ in 0..<4 {
            bytes[index] = UInt8(truncatingIfNeeded: number)
            number >>= 8
            index -= 1
        }
    }
}
