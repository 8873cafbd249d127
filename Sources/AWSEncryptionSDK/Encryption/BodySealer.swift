import AWSMaterialProviders
import ESDKCrypto

/// Seals the header of a message and then its frames in their order (data-format/message-body.md; client-apis/encrypt.md, Construct
/// the body).
///
/// Header and frames share the content key, and so one cipher context: the header has the IV zero, a frame its sequence number.
struct BodySealer: ~Copyable {
    /// The number of the next frame, from 1.
    private var sequenceNumber: UInt32
    /// Eight zero bytes and the sequence number.
    private var iv = [UInt8](repeating: 0, count: AESGCM.ivLength)
    private var sealer: AESGCM.Sealer
    private var regularAAD: BodyAAD
    private var finalAAD: BodyAAD

    /// Seals a message.
    ///
    /// - Parameters:
    ///   - suite: the algorithm suite.
    ///   - messageID: the message id.
    ///   - contentKey: the key of header tag and frames.
    ///   - sequenceNumber: the number of the first frame; tests begin near the last one.
    init(
        suite: AlgorithmSuite,
        messageID: [UInt8],
        contentKey: SecretBytes,
        from sequenceNumber: UInt32 = 1
    ) throws(EncryptionSDKError) {
        let keyed: AESGCM.Sealer
        do {
            keyed = try AESGCM.Sealer(suite.contentKeyLength, key: contentKey.span)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
        regularAAD = BodyAAD(messageID: messageID, kind: .regular)
        finalAAD = BodyAAD(messageID: messageID, kind: .final)
        sealer = keyed
        self.sequenceNumber = sequenceNumber
    }

    // spec: encrypt/construct-the-header
    /// The tag of a header: that of the empty text, with IV zero.
    mutating func headerTag(authenticating additionalData: Span<UInt8>) throws(EncryptionSDKError) -> [UInt8] {
        let zeroIV = [UInt8](repeating: 0, count: AESGCM.ivLength)
        let nothing: [UInt8] = []
        do {
            return try [UInt8](capacity: AESGCM.tagLength) { (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
                try sealer.seal(nothing.span, iv: zeroIV.span, authenticating: additionalData, appendingTo: &slot)
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    // spec: encrypt/construct-a-frame, encrypt/un-framed-message-body-encryption, message-body/iv
    // spec: message-body/regular-frame/iv, message-body/final-frame/iv, message-body/framed-data
    /// Appends a regular frame, or the final one.
    ///
    /// - Throws: `tooManyFrames` when the sequence numbers are used up.
    mutating func seal(
        _ content: Span<UInt8>,
        isFinal: Bool,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        // The last sequence number is the marker of final frames, so only a final frame may have it.
        guard isFinal || sequenceNumber != FrameKind.finalFrameMarker else {
            throw EncryptionSDKError(
                .tooManyFrames,
                "the plaintext takes more than 2^32 - 1 frames; choose a greater frame length"
            )
        }
        for index in 0..<4 {
            iv[AESGCM.ivLength - 4 + index] = UInt8(truncatingIfNeeded: sequenceNumber >> UInt32(24 - 8 * index))
        }
        let additionalData: [UInt8]
        if isFinal {
            finalAAD.set(sequenceNumber: sequenceNumber, contentLength: content.count)
            additionalData = finalAAD.bytes
        } else {
            regularAAD.set(sequenceNumber: sequenceNumber, contentLength: content.count)
            additionalData = regularAAD.bytes
        }
        do {
            try sealer.appendFrame(
                content,
                FrameLayout(kind: isFinal ? .final : .regular, contentLength: content.count),
                number: sequenceNumber,
                iv: iv,
                additionalData: additionalData,
                to: &output
            )
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
        if !isFinal { sequenceNumber += 1 }
    }
}

extension AESGCM.Sealer {
    /// Appends the fields before the content, the content and the tag.
    fileprivate mutating func appendFrame(
        _ content: Span<UInt8>,
        _ layout: FrameLayout,
        number: UInt32,
        iv: [UInt8],
        additionalData: [UInt8],
        to output: inout [UInt8]
    ) throws(CryptoError) {
        try output.append(addingCapacity: layout.length) { (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
            try layout.appendPrefix(sequenceNumber: number, iv: iv.span, to: &slot)
            try seal(content, iv: iv.span, authenticating: additionalData.span, appendingTo: &slot)
        }
    }
}
