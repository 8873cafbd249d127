import AWSMaterialProviders
import ESDKCrypto

/// Opens the frames of a body in their order, or a non-framed body (data-format/message-body.md; client-apis/decrypt.md, Decrypt the
/// message body).
struct BodyOpener: ~Copyable {
    enum Progress {
        case needs(Int)
        case complete(FrameLayout)
    }

    let isFramed: Bool
    private let frameLength: Int
    /// The number that the next frame must have, from 1.
    ///
    /// The last possible one, 2^32 - 1, marks a final frame, so it never overflows.
    private(set) var sequenceNumber: UInt32
    private var opener: AESGCM.Opener
    private var regularAAD: BodyAAD
    private var finalAAD: BodyAAD

    /// Opens the body of a message.
    ///
    /// - Parameters:
    ///   - header: the header.
    ///   - opener: holds the content key.
    ///   - sequenceNumber: the number of the first frame; tests begin near the last one.
    init(header: MessageHeader, opener: consuming AESGCM.Opener, from sequenceNumber: UInt32 = 1) {
        self.sequenceNumber = sequenceNumber
        isFramed = header.contentType == .framed
        frameLength = Int(header.frameLength)
        regularAAD = BodyAAD(messageID: header.messageID, kind: .regular)
        finalAAD = BodyAAD(messageID: header.messageID, kind: isFramed ? .final : .singleBlock)
        self.opener = opener
    }

    // spec: decrypt/decrypt-the-message-body, message-body/sequence-number, message-body/final-frame
    // spec: message-body/final-frame/sequence-number
    /// Finds out how the unit at the start of `bytes` is laid out, and refuses it as soon as a field is wrong.
    func layout(of bytes: Span<UInt8>, at position: UInt64) throws(EncryptionSDKError) -> Progress {
        let layout: FrameLayout
        if isFramed {
            guard bytes.count >= 4 else { return .needs(4) }
            let number: UInt32 = bytes.bigEndianInteger(at: 0)
            if number != FrameKind.finalFrameMarker {
                try check(number, at: position)
                layout = FrameLayout(kind: .regular, contentLength: frameLength)
            } else {
                guard bytes.count >= FrameKind.final.prefixLength else { return .needs(FrameKind.final.prefixLength) }
                let numberOffset = FrameKind.final.sequenceNumberOffset
                try check(bytes.bigEndianInteger(at: numberOffset), at: position + UInt64(numberOffset))
                let lengthOffset = FrameKind.final.contentLengthOffset
                let length = Int(bytes.bigEndianInteger(at: lengthOffset) as UInt32)
                guard length <= frameLength else {
                    throw EncryptionSDKError(
                        .finalFrameTooLong,
                        "the final frame has \(length) bytes, the frame length is \(frameLength)",
                        at: .init(
                            offset: position + UInt64(lengthOffset),
                            field: "Encrypted Content Length",
                            frame: sequenceNumber
                        )
                    )
                }
                layout = FrameLayout(kind: .final, contentLength: length)
            }
        } else {
            let prefixLength = FrameKind.singleBlock.prefixLength
            guard bytes.count >= prefixLength else { return .needs(prefixLength) }
            let lengthOffset = FrameKind.singleBlock.contentLengthOffset
            let length: UInt64 = bytes.bigEndianInteger(at: lengthOffset)
            guard length <= FrameLayout.maximumContentLength else {
                throw EncryptionSDKError(
                    .contentTooLong,
                    "the body announces \(length) bytes, at most \(FrameLayout.maximumContentLength) are possible",
                    at: .init(offset: position + UInt64(lengthOffset), field: "Encrypted Content Length")
                )
            }
            layout = FrameLayout(kind: .singleBlock, contentLength: Int(length))
        }
        return bytes.count >= layout.length ? .complete(layout) : .needs(layout.length)
    }

    private func check(_ number: UInt32, at offset: UInt64) throws(EncryptionSDKError) {
        guard number == sequenceNumber else {
            throw EncryptionSDKError(
                .sequenceNumberMismatch,
                "the frame has sequence number \(number), \(sequenceNumber) is due",
                at: .init(offset: offset, field: "Sequence Number", frame: sequenceNumber)
            )
        }
    }

    /// Opens the unit `bytes` and appends its plaintext, all of it or, when the tag does not verify, nothing.
    mutating func open(
        _ layout: FrameLayout,
        bytes: Span<UInt8>,
        at position: UInt64,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        let iv = bytes.extracting(layout.ivRange)
        let content = bytes.extracting(layout.contentRange)
        let tag = bytes.extracting(layout.tagOffset...)
        do {
            if layout.isLast {
                finalAAD.set(sequenceNumber: sequenceNumber, contentLength: layout.contentLength)
                try opener.open(content, tag: tag, iv: iv, authenticating: finalAAD.bytes, appendingTo: &output)
            } else {
                regularAAD.set(sequenceNumber: sequenceNumber, contentLength: layout.contentLength)
                try opener.open(content, tag: tag, iv: iv, authenticating: regularAAD.bytes, appendingTo: &output)
                sequenceNumber += 1
            }
        } catch  where error.code == .authenticationFailed {
            throw EncryptionSDKError(
                .bodyTagMismatch,
                "the tag of the \(isFramed ? "frame" : "body") does not verify",
                at: .init(
                    offset: position + UInt64(layout.tagOffset),
                    field: "Authentication Tag",
                    frame: isFramed ? sequenceNumber : nil
                )
            )
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
}

extension AESGCM.Opener {
    fileprivate mutating func open(
        _ ciphertext: Span<UInt8>,
        tag: Span<UInt8>,
        iv: Span<UInt8>,
        authenticating additionalData: [UInt8],
        appendingTo output: inout [UInt8]
    ) throws(CryptoError) {
        // An empty array without room of its own is one that all threads share, and appending writes to its count.
        if ciphertext.isEmpty && output.isEmpty { output.reserveCapacity(1) }
        try output.append(addingCapacity: ciphertext.count) { (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
            try open(ciphertext, tag: tag, iv: iv, authenticating: additionalData.span, appendingTo: &slot)
        }
    }
}
