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
    private var additionalData: BodyAAD

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
        additionalData = BodyAAD(messageID: header.messageID)
        self.opener = opener
    }

    private var regularFrame: FrameLayout { FrameLayout(kind: .regular, contentLength: frameLength) }
    /// The length of a regular frame on the wire.
    var regularFrameLength: Int { regularFrame.length }

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
                layout = regularFrame
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
        // An empty array without room of its own is one that all threads share, and appending writes to its count.
        if layout.contentLength == 0 && output.isEmpty { output.reserveCapacity(1) }
        do {
            try output.append(addingCapacity: layout.contentLength) {
                (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
                try open(layout, bytes: bytes, appendingTo: &slot)
            }
        } catch {
            throw failure(error, layout, at: position)
        }
    }

    /// Opens the regular frames at the start of `bytes`, in one run and as long as each is complete and has the number that is due.
    ///
    /// - Returns: the number of frames. What stands after them, `layout` tells.
    mutating func openRegularFrames(
        of bytes: Span<UInt8>,
        at position: UInt64,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Int {
        let layout = regularFrame
        let complete = bytes.count / layout.length
        guard complete > 0 else { return 0 }
        var opened = 0
        var refusal: CryptoError?
        output.append(addingCapacity: complete * frameLength) { slot in
            (opened, refusal) = openRegularFrames(of: bytes, appendingTo: &slot)
        }
        if let refusal { throw failure(refusal, layout, at: position + UInt64(opened * layout.length)) }
        return opened
    }

    /// The same into room that is there.
    ///
    /// The one loop over all frames but the last: it works on pointers whose bounds are checked once, since checks for each frame take as
    /// long as a tenth of the decryption of a short one.
    ///
    /// - Returns: the number of frames, and why the one after them did not open, if that was tried.
    mutating func openRegularFrames(
        of bytes: Span<UInt8>,
        appendingTo output: inout OutputSpan<UInt8>
    ) -> (opened: Int, refusal: CryptoError?) {
        let layout = regularFrame
        let complete = bytes.count / layout.length
        guard complete > 0 else { return (0, nil) }
        guard output.freeCapacity / frameLength >= complete else {
            return (0, CryptoError(.invalidLength, "there is room for fewer than \(complete) frames"))
        }
        additionalData.set(.regular, sequenceNumber: sequenceNumber, contentLength: frameLength)
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe output.withUnsafeMutableBufferPointer { room, initialized in
                guard let frames = bytes.baseAddress, let start = room.baseAddress else { return (0, nil) }
                let plaintext = unsafe start + initialized
                let first = sequenceNumber
                let refusal = unsafe Self.open(
                    complete,
                    frames,
                    layout,
                    into: plaintext,
                    &sequenceNumber,
                    &opener,
                    &additionalData
                )
                let opened = Int(sequenceNumber - first)
                initialized += opened * frameLength
                return (opened, refusal)
            }
        }
    }

    private static func open(
        _ count: Int,
        _ frames: UnsafePointer<UInt8>,
        _ layout: FrameLayout,
        into plaintext: UnsafeMutablePointer<UInt8>,
        _ sequenceNumber: inout UInt32,
        _ opener: inout AESGCM.Opener,
        _ additionalData: inout BodyAAD
    ) -> CryptoError? {
        let (ivOffset, contentOffset, tagOffset) = (
            layout.ivRange.lowerBound, layout.contentRange.lowerBound, layout.tagOffset
        )
        let (contentLength, frameLength) = (layout.contentLength, layout.length)
        let prefetches = AESGCM.prefetchingPays && contentLength >= 1024
        return unsafe additionalData.withBytes { aad, aadLength, aadNumber in
            for index in 0..<count {
                let frame = unsafe frames + index * frameLength
                let target = unsafe plaintext + index * contentLength
                let number = unsafe UnsafeRawPointer(frame).loadUnaligned(as: UInt32.self)
                // What is not the frame that is due, the one who asks finds out.
                guard number == sequenceNumber.bigEndian, number != FrameKind.finalFrameMarker.bigEndian else {
                    return nil
                }
                if prefetches, index + 1 < count {
                    unsafe AESGCM.prefetch(frame + tagOffset, into: target + contentLength, contentLength)
                }
                unsafe aadNumber.storeBytes(of: number, as: UInt32.self)
                let refusal = unsafe opener.open(
                    frame + contentOffset,
                    contentLength,
                    tag: frame + tagOffset,
                    iv: frame + ivOffset,
                    aad,
                    aadLength,
                    into: target
                )
                if let refusal { return refusal }
                sequenceNumber += 1
            }
            return nil
        }
    }

    /// Goes on with another frame: those in between are opened by someone else.
    mutating func seek(to sequenceNumber: UInt32) { self.sequenceNumber = sequenceNumber }

    private mutating func open(
        _ layout: FrameLayout,
        bytes: Span<UInt8>,
        appendingTo output: inout OutputSpan<UInt8>
    ) throws(CryptoError) {
        additionalData.set(layout.kind, sequenceNumber: sequenceNumber, contentLength: layout.contentLength)
        try Self.open(layout, bytes: bytes, with: &opener, authenticating: additionalData, appendingTo: &output)
        if !layout.isLast { sequenceNumber += 1 }
    }

    /// A span of a stored property would keep a method from changing `opener`; that of a parameter does not, and saves a copy for each frame.
    @inline(__always)
    private static func open(
        _ layout: FrameLayout,
        bytes: Span<UInt8>,
        with opener: inout AESGCM.Opener,
        authenticating additionalData: borrowing BodyAAD,
        appendingTo output: inout OutputSpan<UInt8>
    ) throws(CryptoError) {
        try opener.open(
            bytes.extracting(layout.contentRange),
            tag: bytes.extracting(layout.tagOffset...),
            iv: bytes.extracting(layout.ivRange),
            authenticating: additionalData.bytes.span,
            appendingTo: &output
        )
    }

    private func failure(_ error: CryptoError, _ layout: FrameLayout, at position: UInt64) -> EncryptionSDKError {
        guard error.code == .authenticationFailed else { return EncryptionSDKError(unexpected: error) }
        return EncryptionSDKError(
            .bodyTagMismatch,
            "the tag of the \(isFramed ? "frame" : "body") does not verify",
            at: .init(
                offset: position + UInt64(layout.tagOffset),
                field: "Authentication Tag",
                frame: isFramed ? sequenceNumber : nil
            )
        )
    }
}
