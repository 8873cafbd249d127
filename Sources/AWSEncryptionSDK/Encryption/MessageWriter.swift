import AWSMaterialProviders
import ESDKCrypto

/// Writes a message from chunks of any size: the state machine under every way to encrypt (client-apis/encrypt.md).
///
/// The form is the specification's: framed, the sequence number as IV, and a full final frame when the plaintext is an exact multiple
/// of the frame length. So a full frame waits in `pending` until it is known whether it is the final one. The header is serialized
/// once; its bytes serve tag, message and signature.
struct MessageWriter: ~Copyable {
    /// The header that `start` writes, and what else is authenticated.
    let message: WrittenMessage

    private let headerBytes: [UInt8]
    private let contentKey: SecretBytes
    private let lanes: LaneSettings
    private let layout: BodyLayout
    private let maximumPlaintextLength: UInt64?
    private let maximumPendingLength: Int
    private var plaintextLength: UInt64 = 0
    /// The beginning of the next frame; never longer than one.
    private var pending: [UInt8] = []
    private var sealer: BodySealer
    private var signer: MessageSigner?
    /// Whether an error has left the message without an end.
    private var hasFailed = false

    /// A message of valid materials (see `EncryptionMaterials.validate`).
    ///
    /// - Parameters:
    ///   - materials: the materials.
    ///   - frameLength: the length of a regular frame in bytes of plaintext, not 0.
    ///   - maximumPlaintextLength: the most plaintext that is accepted, in bytes.
    ///   - maximumPendingLength: the most plaintext that is held, in bytes.
    ///   - lanes: how plaintext that is there is divided among threads.
    /// - Throws: `encryptionContextTooLong`, `invalidMaterials`, `cryptographicLibrary`.
    init(
        materials: EncryptionMaterials,
        frameLength: UInt32,
        maximumPlaintextLength: UInt64?,
        maximumPendingLength: Int,
        lanes: LaneSettings
    ) throws(EncryptionSDKError) {
        let suite = materials.algorithmSuite
        guard let dataKey = materials.plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "the encryption materials hold no data key")
        }
        let messageID = try materials.randomSource.randomBytes(suite.messageIDLength)
        let keys = try MessageKeys(suite: suite, dataKey: dataKey, messageID: messageID)
        var header = MessageHeader(
            algorithmSuite: suite,
            messageID: messageID,
            encryptionContext: materials.storedEncryptionContext,
            encryptedDataKeys: materials.encryptedDataKeys,
            frameLength: frameLength,
            commitment: keys.commitment
        )
        var bytes = try header.serializedFields()
        var sealer = try BodySealer(suite: suite, messageID: messageID, contentKey: keys.contentKey)
        let required = try materials.requiredEncryptionContext.serialized()
        let tag =
            required.isEmpty
            ? try sealer.headerTag(authenticating: bytes.span)
            : try sealer.headerTag(authenticating: (bytes + required).span)
        header.seal(tag, over: bytes.count)
        header.appendTag(to: &bytes)
        let signer = try MessageSigner.started(for: materials, header: bytes.span)

        message = WrittenMessage(header: header, encryptionContext: materials.encryptionContext)
        headerBytes = bytes
        contentKey = keys.contentKey
        self.lanes = lanes
        layout = BodyLayout(frameLength: Int(frameLength))
        self.maximumPlaintextLength = maximumPlaintextLength
        self.maximumPendingLength = maximumPendingLength
        self.sealer = sealer
        self.signer = signer
    }

    /// The length of a whole message of this header, in bytes.
    func messageLength(plaintextLength: Int) -> Int {
        headerBytes.count + layout.length(plaintextLength: plaintextLength)
            + (message.algorithmSuite.signature.map { MessageSigner.footerLength($0.curve) } ?? 0)
    }

    /// Appends the header; to be called once, before anything else.
    func start(appendingTo output: inout [UInt8]) {
        output.append(contentsOf: headerBytes)
    }

    // spec: encrypt/construct-the-body
    /// Takes plaintext and appends the frames that are known to be regular ones.
    ///
    /// - Throws: `plaintextTooLong` before anything of the chunk is encrypted; `tooManyFrames`; `encryptorFinished` after an error.
    mutating func write(_ chunk: Span<UInt8>, appendingTo output: inout [UInt8]) throws(EncryptionSDKError) {
        try accept(chunk.count)
        var rest = chunk
        if !pending.isEmpty {
            let missing = min(layout.frameLength - pending.count, rest.count)
            try hold(rest.extracting(..<missing))
            rest = rest.extracting(missing...)
            if rest.isEmpty { return }
            try sealPending(isFinal: false, appendingTo: &output)
        }
        try hold(rest.extracting(try sealRegularFrames(of: rest, appendingTo: &output)...))
    }

    /// Takes the last plaintext and appends the rest of the message.
    ///
    /// - Throws: as `write`.
    consuming func finish(
        _ last: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        if pending.isEmpty {
            // Nothing is gathered when all of the plaintext is there.
            try accept(last.count)
            let rest = last.extracting(try sealRegularFrames(of: last, appendingTo: &output)...)
            try seal(rest, isFinal: true, appendingTo: &output)
        } else {
            try write(last, appendingTo: &output)
            try sealPending(isFinal: true, appendingTo: &output)
        }
        try signer.take()?.finish(appendingTo: &output)
    }

    // spec: encrypt/plaintext-length-bound
    mutating func accept(_ count: Int) throws(EncryptionSDKError) {
        guard !hasFailed else {
            throw EncryptionSDKError(.encryptorFinished, "the message has failed already and has no end")
        }
        plaintextLength += UInt64(count)
        if let maximumPlaintextLength, plaintextLength > maximumPlaintextLength {
            hasFailed = true
            throw EncryptionSDKError(
                .plaintextTooLong,
                "the plaintext has more than the \(maximumPlaintextLength) bytes that were announced"
            )
        }
    }

    private mutating func hold(_ bytes: Span<UInt8>) throws(EncryptionSDKError) {
        guard bytes.count <= maximumPendingLength - pending.count else {
            hasFailed = true
            throw EncryptionSDKError(
                .bufferLimitExceeded,
                "a frame of up to \(layout.frameLength) bytes must be held in memory, the limit is \(maximumPendingLength); choose a smaller "
                    + "frame length or raise maximumBufferedBytes"
            )
        }
        pending.append(bytesOf: bytes)
    }

    private mutating func sealPending(
        isFinal: Bool,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        // The array steps out of self while self reads from it.
        var frame: [UInt8] = []
        swap(&frame, &pending)
        try seal(frame.span, isFinal: isFinal, appendingTo: &output)
        frame.removeAll(keepingCapacity: true)
        swap(&frame, &pending)
    }

    /// Seals all regular frames of `content`, whose last byte belongs to a later frame.
    ///
    /// - Returns: how much of it was sealed, in bytes.
    private mutating func sealRegularFrames(
        of content: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Int {
        var sealed = lanes.count > 1 ? try sealFramesInLanes(of: content, appendingTo: &output) : 0
        let frameLength = layout.frameLength
        let runLength = signer == nil ? content.count : SignatureCheck.runLength(ofFrames: frameLength)
        while content.count - sealed > frameLength {
            // The byte after the last frame of a run shows that there is another one.
            let end = min(sealed + runLength + 1, content.count)
            let start = output.count
            do {
                sealed += try sealer.sealRegularFrames(
                    of: content.extracting(sealed..<end),
                    frameLength: frameLength,
                    appendingTo: &output
                )
                try signer?.update(output.span.extracting(start...))
            } catch {
                hasFailed = true
                throw error
            }
        }
        return sealed
    }

    private mutating func seal(
        _ content: Span<UInt8>,
        isFinal: Bool,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        let start = output.count
        do {
            try sealer.seal(content, isFinal: isFinal, appendingTo: &output)
            // The frame is still in the cache.
            try signer?.update(output.span.extracting(start...))
        } catch {
            hasFailed = true
            throw error
        }
    }

    // MARK: - Lanes

    /// How the regular frames of plaintext that comes next can be divided among threads.
    ///
    /// - Parameters:
    ///   - length: the number of bytes that follow.
    ///   - settings: how to divide them.
    /// - Returns: nil where that is not possible, or does not pay.
    func lanes(forLength length: Int, _ settings: LaneSettings) -> (lanes: SealingLanes, count: Int)? {
        guard pending.isEmpty, !hasFailed else { return nil }
        let frames = min(layout.regularFrameCount(plaintextLength: length), sealer.remainingFrames)
        guard let batches = settings.batches(of: frames, layout.regularLength) else { return nil }
        let lanes = SealingLanes(
            message.header,
            contentKey,
            from: sealer.sequenceNumber,
            framesEach: batches.framesEach
        )
        return (lanes, batches.count)
    }

    /// Says that batches of lanes have been sealed, and their frames hashed with what `takeSigner` gave.
    mutating func skip(_ batches: Int, of lanes: SealingLanes, _ signer: InTurn<MessageSigner?>?) {
        self.signer = signer?.value.take()
        sealer.seek(to: sealer.sequenceNumber + UInt32(batches * lanes.framesEach))
    }

    /// The running hash of a signed message, for lanes; to be given back to `skip`.
    mutating func takeSigner() -> InTurn<MessageSigner?>? { signer == nil ? nil : InTurn(signer.take()) }

    /// Seals regular frames on several threads, if there are so many.
    ///
    /// - Returns: how much of the content was sealed, in bytes.
    private mutating func sealFramesInLanes(
        of content: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Int {
        guard let (lanes, count) = lanes(forLength: content.count, lanes) else { return 0 }
        let signer = takeSigner()
        do {
            try lanes.seal(
                content,
                count: count,
                lanes: self.lanes.count,
                hashingWith: signer,
                appendingTo: &output
            )
        } catch {
            hasFailed = true
            throw error as? EncryptionSDKError ?? EncryptionSDKError(.cryptographicLibrary, "\(error)")
        }
        skip(count, of: lanes, signer)
        return count * lanes.plaintextLength
    }
}
