import AWSMaterialProviders
import ESDKCrypto

/// Seals the header of a message and then its frames in their order (data-format/message-body.md; client-apis/encrypt.md, Construct
/// the body).
///
/// Header and frames share the content key, and so one cipher context: the header has the IV zero, a frame its sequence number.
struct BodySealer: ~Copyable {
    /// The number of the next frame, from 1.
    private(set) var sequenceNumber: UInt32
    /// Eight zero bytes and the sequence number.
    private var iv = InlineArray<12, UInt8>(repeating: 0)
    private var sealer: AESGCM.Sealer
    private var additionalData: BodyAAD

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
        additionalData = BodyAAD(messageID: messageID)
        sealer = keyed
        self.sequenceNumber = sequenceNumber
    }

    // spec: encrypt/construct-the-header
    /// The tag of a header: that of the empty text, with IV zero.
    mutating func headerTag(authenticating additionalData: Span<UInt8>) throws(EncryptionSDKError) -> [UInt8] {
        let (nothing, zeroIV): ([UInt8], [UInt8]) = ([], MessageHeader.zeroIV)
        do {
            return try [UInt8](capacity: AESGCM.tagLength) { (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
                try sealer.seal(
                    nothing.span,
                    iv: zeroIV.span,
                    authenticating: additionalData,
                    appendingTo: &slot
                )
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// Appends as many regular frames as fit whole into `content` before its last byte, which belongs to the final frame or to a
    /// later chunk.
    ///
    /// - Returns: the number of bytes of `content` that were sealed.
    /// - Throws: `tooManyFrames` when the sequence numbers are used up.
    mutating func sealRegularFrames(
        of content: Span<UInt8>,
        frameLength: Int,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Int {
        let layout = FrameLayout(kind: .regular, contentLength: frameLength)
        let count = BodyLayout(frameLength: frameLength).regularFrameCount(plaintextLength: content.count)
        guard count > 0 else { return 0 }
        guard count <= remainingFrames else { throw Self.tooManyFrames }
        do {
            try output.append(addingCapacity: count * layout.length) {
                (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
                try sealRegularFrames(count, of: content, layout, appendingTo: &slot)
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
        return count * frameLength
    }

    /// Seals so many regular frames into room that is there.
    ///
    /// The one loop over all frames but the last: it works on pointers whose bounds are checked once, since checks for each frame take as
    /// long as a tenth of the encryption of a short one.
    mutating func sealRegularFrames(
        _ count: Int,
        of content: Span<UInt8>,
        _ layout: FrameLayout,
        appendingTo output: inout OutputSpan<UInt8>
    ) throws(CryptoError) {
        guard count > 0 else { return }
        guard layout.kind == .regular, count <= remainingFrames, content.count / layout.contentLength >= count,
            output.freeCapacity / layout.length >= count
        else {
            throw CryptoError(.invalidLength, "there are fewer than \(count) frames of content, or too little room")
        }
        additionalData.set(.regular, sequenceNumber: sequenceNumber, contentLength: layout.contentLength)
        let failure = unsafe content.withUnsafeBufferPointer { content -> CryptoError? in
            unsafe output.withUnsafeMutableBufferPointer { room, initialized -> CryptoError? in
                guard let source = content.baseAddress, let start = room.baseAddress else { return nil }
                let frames = unsafe start + initialized
                let first = sequenceNumber
                let failure = unsafe Self.seal(
                    count,
                    source,
                    layout,
                    into: frames,
                    &sequenceNumber,
                    &sealer,
                    &additionalData
                )
                initialized += Int(sequenceNumber - first) * layout.length
                return failure
            }
        }
        if let failure { throw failure }
    }

    private static func seal(
        _ count: Int,
        _ content: UnsafePointer<UInt8>,
        _ layout: FrameLayout,
        into frames: UnsafeMutablePointer<UInt8>,
        _ sequenceNumber: inout UInt32,
        _ sealer: inout AESGCM.Sealer,
        _ additionalData: inout BodyAAD
    ) -> CryptoError? {
        let (ivOffset, contentOffset) = (layout.ivRange.lowerBound, layout.contentRange.lowerBound)
        let (contentLength, frameLength) = (layout.contentLength, layout.length)
        return unsafe additionalData.withBytes { aad, aadLength, aadNumber in
            for index in 0..<count {
                let frame = unsafe frames + index * frameLength
                let prefix = UnsafeMutableRawPointer(frame)
                let number = sequenceNumber.bigEndian
                unsafe prefix.storeBytes(of: number, as: UInt32.self)
                // The IV: eight zero bytes and the sequence number.
                unsafe prefix.storeBytes(of: 0, toByteOffset: ivOffset, as: UInt64.self)
                unsafe prefix.storeBytes(of: number, toByteOffset: ivOffset + 8, as: UInt32.self)
                unsafe aadNumber.storeBytes(of: number, as: UInt32.self)
                let failure = unsafe sealer.seal(
                    content + index * contentLength,
                    contentLength,
                    iv: frame + ivOffset,
                    aad,
                    aadLength,
                    into: frame + contentOffset
                )
                if let failure { return failure }
                sequenceNumber += 1
            }
            return nil
        }
    }

    /// How many regular frames can still be sealed: the last sequence number is the marker of final frames.
    var remainingFrames: Int { Int(FrameKind.finalFrameMarker - sequenceNumber) }

    /// Goes on with another frame: those in between are sealed by someone else.
    mutating func seek(to sequenceNumber: UInt32) { self.sequenceNumber = sequenceNumber }

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
        guard isFinal || sequenceNumber != FrameKind.finalFrameMarker else { throw Self.tooManyFrames }
        let layout = FrameLayout(kind: isFinal ? .final : .regular, contentLength: content.count)
        do {
            try output.append(addingCapacity: layout.length) { (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
                try seal(content, layout, appendingTo: &slot)
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// Appends the fields before the content, the content and the tag.
    private mutating func seal(
        _ content: Span<UInt8>,
        _ layout: FrameLayout,
        appendingTo output: inout OutputSpan<UInt8>
    ) throws(CryptoError) {
        for index in 0..<4 {
            iv[AESGCM.ivLength - 4 + index] = UInt8(truncatingIfNeeded: sequenceNumber >> UInt32(24 - 8 * index))
        }
        additionalData.set(layout.kind, sequenceNumber: sequenceNumber, contentLength: content.count)
        try layout.appendPrefix(sequenceNumber: sequenceNumber, iv: iv.span, to: &output)
        try Self.seal(content, with: &sealer, iv: iv, authenticating: additionalData, appendingTo: &output)
        if !layout.isLast { sequenceNumber += 1 }
    }

    /// Spans of stored properties would keep a method from changing `sealer`; spans of parameters do not, and save copies for each frame.
    @inline(__always)
    private static func seal(
        _ content: Span<UInt8>,
        with sealer: inout AESGCM.Sealer,
        iv: borrowing InlineArray<12, UInt8>,
        authenticating additionalData: borrowing BodyAAD,
        appendingTo output: inout OutputSpan<UInt8>
    ) throws(CryptoError) {
        try sealer.seal(content, iv: iv.span, authenticating: additionalData.bytes.span, appendingTo: &output)
    }

    private static let tooManyFrames = EncryptionSDKError(
        .tooManyFrames,
        "the plaintext takes more than 2^32 - 1 frames; choose a greater frame length"
    )
}
