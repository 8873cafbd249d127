import AWSMaterialProviders
import ESDKCrypto

/// Reads one message from chunks of any size: the state machine under every way to decrypt (client-apis/decrypt.md).
///
/// It works on *units*, a header, a frame, a non-framed body, a footer, each needed in one piece. A unit that lies whole in a chunk
/// is read from there; only one that spans chunks is gathered in `pending`. The machine stops after the header, when the caller must
/// get the materials (`needsMaterials`, `start`), and otherwise never waits for anything.
///
/// Plaintext is appended to the caller's array frame by frame, each authenticated first. Of a signed message the final frame, or the
/// whole non-framed body, is kept back until the signature has been verified.
struct MessageReader: ~Copyable {
    struct Configuration {
        var commitmentPolicy: CommitmentPolicy
        var maximumEncryptedDataKeys: Int?
        var retryPolicy: NetV4_0_0RetryPolicy
        /// The longest unit, in bytes, that may be read.
        var maximumUnitLength: Int
        /// Whether the final frame of a signed message is kept back until the signature has been verified.
        var holdsBackFinalFrame = true
        /// How many bytes of a chunk are looked at together: less than all of them for test vectors only.
        var pieceLength = Int.max
        /// How frames that are there are divided among threads.
        var lanes = LaneSettings(count: 1)
        /// Shows tests what plaintext that was held leaves behind when it is wiped.
        var inspection: (@Sendable (Span<UInt8>) -> Void)?
    }

    private enum State {
        case header, awaitingMaterials, body, footer, end, failed
    }

    private enum Step {
        /// The unit needs this many bytes in all; fewer are there.
        case needs(Int)
        case consumed(Int)
    }

    private let configuration: Configuration
    private var state = State.header
    /// The bytes of the message before the current unit.
    private var position: UInt64 = 0
    /// The beginning of a unit that spans chunks, and the number of bytes it is to reach before it is looked at again.
    private var pending: [UInt8] = []
    private var needed = 0

    private var parser: HeaderParser
    private var headerBytes: [UInt8] = []
    /// The header once it has been read.
    ///
    /// Nothing of it is authenticated: `start` returns the verified one.
    private(set) var header: MessageHeader?

    /// The content key once the header has been verified, for what opens frames beside the reader.
    private(set) var contentKey: SecretBytes?
    private var body: BodyOpener?
    private var framesRead: UInt32 = 0
    /// Whether a batch of frames did not open on its lane.
    private var hasLeftLanes = false
    private var signatureCheck: SignatureCheck?
    /// The final frame of a signed message, opened, until the signature has been verified.
    private var heldPlaintext: [UInt8] = []

    init(_ configuration: Configuration) {
        self.configuration = configuration
        parser = HeaderParser(maximumEncryptedDataKeys: configuration.maximumEncryptedDataKeys)
    }

    /// Whether the header has been read and `start` must be called before anything else.
    var needsMaterials: Bool { state == .awaitingMaterials }

    /// Reads from `chunk` as much as there is, or up to the end of the header when materials are needed next.
    ///
    /// - Returns: the number of bytes read.
    mutating func read(_ chunk: Span<UInt8>, appendingTo output: inout [UInt8]) throws(EncryptionSDKError) -> Int {
        do {
            guard chunk.count > configuration.pieceLength else { return try readUnits(chunk, appendingTo: &output) }
            var position = 0
            while position < chunk.count, !needsMaterials {
                let end = min(position + configuration.pieceLength, chunk.count)
                position += try readUnits(chunk.extracting(position..<end), appendingTo: &output)
            }
            return position
        } catch {
            fail()
            throw error
        }
    }

    // spec: decrypt/get-the-decryption-materials
    /// Gets the materials of the message whose header has been read, and verifies commitment and header tag with them.
    ///
    /// - Parameters:
    ///   - materialsManager: gets the data key.
    ///   - context: pairs that the message must have been encrypted with.
    /// - Returns: what is known of the message now.
    mutating func start(
        using materialsManager: any CryptographicMaterialsManager,
        reproducing context: EncryptionContext
    ) async throws -> VerifiedMessage {
        do {
            guard let header, state == .awaitingMaterials else { throw Self.finished }
            let materials = try await materialsManager.decryptMaterials(
                for: DecryptMaterialsRequest(
                    algorithmSuite: header.algorithmSuite,
                    commitmentPolicy: configuration.commitmentPolicy,
                    encryptedDataKeys: header.encryptedDataKeys,
                    encryptionContext: header.encryptionContext,
                    reproducedEncryptionContext: context
                )
            )
            let message = try verify(header, with: materials)
            state = .body
            return message
        } catch {
            fail()
            throw error
        }
    }

    /// Says that no more bytes follow.
    mutating func finish() throws(EncryptionSDKError) {
        guard state != .end else { return }
        let error = truncation()
        fail()
        throw error
    }

    // MARK: - Units

    private mutating func readUnits(
        _ chunk: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Int {
        guard state != .failed else { throw Self.finished }
        var cursor = 0
        while state != .awaitingMaterials {
            if pending.isEmpty {
                if cursor == chunk.count && state != .header { return cursor }
                if state == .body && isFramed {
                    if configuration.lanes.count > 1 {
                        cursor += try readFramesInLanes(chunk.extracting(cursor...), appendingTo: &output)
                    }
                    cursor += try readRegularFrames(chunk.extracting(cursor...), appendingTo: &output)
                }
                switch try readUnit(chunk.extracting(cursor...), appendingTo: &output) {
                case .consumed(let count):
                    cursor += count
                case .needs(let count):
                    try checkUnitLength(count)
                    pending.append(bytesOf: chunk.extracting(cursor...))
                    needed = count
                    return chunk.count
                }
            } else {
                let count = min(needed - pending.count, chunk.count - cursor)
                pending.append(bytesOf: chunk.extracting(cursor..<cursor + count))
                cursor += count
                guard pending.count == needed else { return cursor }
                // The array steps out of self while self reads from it.
                var unit: [UInt8] = []
                swap(&unit, &pending)
                switch try readUnit(unit.span, appendingTo: &output) {
                case .consumed:
                    unit.removeAll(keepingCapacity: true)
                case .needs(let count):
                    try checkUnitLength(count)
                    needed = count
                }
                swap(&unit, &pending)
            }
        }
        return cursor
    }

    private mutating func readUnit(
        _ bytes: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Step {
        switch state {
        case .header: return try readHeader(bytes)
        case .body: return try readBody(bytes, appendingTo: &output)
        case .footer: return try readFooter(bytes, appendingTo: &output)
        case .end:
            throw EncryptionSDKError(
                .trailingBytes,
                "bytes follow the end of the message",
                at: .init(offset: position)
            )
        case .awaitingMaterials, .failed:
            throw Self.finished
        }
    }

    private func checkUnitLength(_ length: Int) throws(EncryptionSDKError) {
        guard length <= configuration.maximumUnitLength else {
            let unit = header == nil ? "header" : isFramed ? "frame" : "body"
            throw EncryptionSDKError(
                .bufferLimitExceeded,
                "a \(unit) of \(length) bytes or more must be held in memory, the limit is \(configuration.maximumUnitLength); "
                    + "raise maximumBufferedBytes to read it",
                at: .init(offset: position, frame: currentFrame)
            )
        }
    }

    private mutating func readHeader(_ bytes: Span<UInt8>) throws(EncryptionSDKError) -> Step {
        switch try parser.advance(bytes) {
        case .needs(let count):
            return .needs(count)
        case .complete(let header):
            try checkUnitLength(header.length)
            try configuration.commitmentPolicy.checkDecrypt(header.algorithmSuite)
            headerBytes = [UInt8](bytesOf: bytes.extracting(..<header.length))
            self.header = header
            position = UInt64(header.length)
            state = .awaitingMaterials
            return .consumed(header.length)
        }
    }

    private mutating func verify(
        _ header: MessageHeader,
        with materials: DecryptionMaterials
    ) throws(EncryptionSDKError) -> VerifiedMessage {
        guard materials.algorithmSuite == header.algorithmSuite else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the materials are for algorithm suite \(materials.algorithmSuite), the message has \(header.algorithmSuite)"
            )
        }
        guard let dataKey = materials.plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "the materials hold no data key")
        }
        try header.algorithmSuite.checkDataKeyLength(dataKey.count)
        let outcome = try HeaderVerification.verify(
            header,
            bytes: headerBytes.span,
            materials: materials,
            dataKey: dataKey,
            retryPolicy: configuration.retryPolicy
        )
        if let signature = header.algorithmSuite.signature {
            guard let key = materials.verificationKey else {
                throw EncryptionSDKError(
                    .invalidMaterials,
                    "the materials of a signed message hold no verification key"
                )
            }
            var check = try SignatureCheck(key: key, signature: signature)
            try check.update(headerBytes.span)
            signatureCheck = consume check
        }
        let neededNetV4_0_0Rules = outcome.neededNetV4_0_0Rules
        contentKey = outcome.contentKey
        body = BodyOpener(header: header, opener: outcome.opener)
        headerBytes = []
        var authenticated = header
        authenticated.isAuthenticated = true
        return VerifiedMessage(
            header: authenticated,
            materials: materials,
            neededNetV4_0_0Rules: neededNetV4_0_0Rules
        )
    }

    private mutating func readBody(
        _ bytes: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Step {
        guard let unit = try body?.layout(of: bytes, at: position) else {
            throw Self.finished
        }
        switch unit {
        case .needs(let count):
            return .needs(count)
        case .complete(let layout):
            try checkUnitLength(layout.length)
            let unitBytes = bytes.extracting(..<layout.length)
            if layout.isLast && signatureCheck != nil && configuration.holdsBackFinalFrame {
                try body?.open(layout, bytes: unitBytes, at: position, appendingTo: &heldPlaintext)
            } else {
                try body?.open(layout, bytes: unitBytes, at: position, appendingTo: &output)
            }
            try signatureCheck?.update(unitBytes)
            position += UInt64(layout.length)
            framesRead &+= 1
            if layout.isLast { state = signatureCheck == nil ? .end : .footer }
            return .consumed(layout.length)
        }
    }

    /// Reads the regular frames at the start of `bytes`; what `readBody` does one by one, without going back for each.
    ///
    /// - Returns: their length.
    private mutating func readRegularFrames(
        _ bytes: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Int {
        guard let unitLength = body?.regularFrameLength, unitLength <= configuration.maximumUnitLength else { return 0 }
        let runLength = signatureCheck == nil ? bytes.count : SignatureCheck.runLength(ofFrames: unitLength)
        var read = 0
        while true {
            let run = bytes.extracting(read..<min(read + runLength, bytes.count))
            guard let count = try body?.openRegularFrames(of: run, at: position, appendingTo: &output), count > 0 else {
                return read
            }
            try signatureCheck?.update(run.extracting(..<(count * unitLength)))
            position += UInt64(count * unitLength)
            framesRead &+= UInt32(truncatingIfNeeded: count)
            read += count * unitLength
        }
    }

    // MARK: - Lanes

    /// How the regular frames that come next can be divided among threads.
    ///
    /// - Parameters:
    ///   - length: the number of bytes that follow.
    ///   - settings: how to divide them.
    /// - Returns: nil where that is not possible, or does not pay.
    func lanes(forLength length: Int, _ settings: LaneSettings) -> (lanes: OpeningLanes, count: Int)? {
        guard state == .body, !hasLeftLanes, pending.isEmpty, isFramed, let header, let contentKey else {
            return nil
        }
        let unitLength = BodyLayout(frameLength: Int(header.frameLength)).regularLength
        let finalLength = FrameLayout(kind: .final, contentLength: 0).length
        let frames = min(max(length - finalLength, 0) / unitLength, Int(FrameKind.finalFrameMarker - framesRead) - 1)
        guard unitLength <= configuration.maximumUnitLength, let batches = settings.batches(of: frames, unitLength)
        else {
            return nil
        }
        return (OpeningLanes(header, contentKey, from: framesRead + 1, framesEach: batches.framesEach), batches.count)
    }

    /// Says that batches of lanes have been opened, and their frames hashed with what `takeSignatureCheck` gave.
    ///
    /// - Parameter count: how many there were; if the next one did not open, nothing more is divided.
    mutating func skip(_ batches: Int, of count: Int, _ lanes: OpeningLanes, _ check: InTurn<SignatureCheck?>?) {
        hasLeftLanes = batches < count
        signatureCheck = check?.value.take()
        position += UInt64(batches * lanes.batchLength)
        framesRead &+= UInt32(truncatingIfNeeded: batches * lanes.framesEach)
        body?.seek(to: framesRead &+ 1)
    }

    /// The running hash of a signed message, for lanes; to be given back to `skip`.
    mutating func takeSignatureCheck() -> InTurn<SignatureCheck?>? {
        signatureCheck == nil ? nil : InTurn(signatureCheck.take())
    }

    /// Reads regular frames on several threads, if there are so many.
    ///
    /// - Returns: their length.
    private mutating func readFramesInLanes(
        _ bytes: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Int {
        try divideFrames(bytes) { lanes, count, threads, check in
            try lanes.open(bytes, count: count, lanes: threads, hashingWith: check, appendingTo: &output)
        }
    }

    /// Reads regular frames on several threads, if there are so many, and drops their plaintext.
    ///
    /// - Returns: their length.
    mutating func verifyFramesInLanes(_ bytes: Span<UInt8>) throws(EncryptionSDKError) -> Int {
        try divideFrames(bytes) { lanes, count, threads, check in
            try lanes.verify(bytes, count: count, lanes: threads, hashingWith: check)
        }
    }

    private mutating func divideFrames(
        _ bytes: Span<UInt8>,
        _ open: (OpeningLanes, _ count: Int, _ threads: Int, InTurn<SignatureCheck?>?) throws -> Int
    ) throws(EncryptionSDKError) -> Int {
        guard let (lanes, count) = lanes(forLength: bytes.count, configuration.lanes) else { return 0 }
        let check = takeSignatureCheck()
        do {
            let opened = try open(lanes, count, configuration.lanes.count, check)
            skip(opened, of: count, lanes, check)
            return opened * lanes.batchLength
        } catch let error as EncryptionSDKError {
            throw error
        } catch {
            throw EncryptionSDKError(.cryptographicLibrary, "\(error)")
        }
    }

    // spec: message-footer/overview, message/structure
    private mutating func readFooter(
        _ bytes: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) -> Step {
        guard bytes.count >= 2 else { return .needs(2) }
        let length = Int(bytes.bigEndianInteger(at: 0) as UInt16)
        try signatureCheck?.checkLength(length, at: position)
        guard bytes.count >= 2 + length else { return .needs(2 + length) }
        guard let check = signatureCheck.take() else {
            throw Self.finished
        }
        try check.verify(bytes.extracting(2..<2 + length), at: position + 2)
        position += UInt64(2 + length)
        if output.isEmpty {
            swap(&output, &heldPlaintext)
        } else {
            output.append(contentsOf: heldPlaintext)
            zeroize(&heldPlaintext)
        }
        state = .end
        return .consumed(2 + length)
    }

    // MARK: - Failure

    private var isFramed: Bool { header?.contentType == .framed }

    /// The sequence number that is due in a framed body.
    private var currentFrame: UInt32? { state == .body && isFramed ? framesRead &+ 1 : nil }

    private static let finished = EncryptionSDKError(
        .decryptorFinished,
        "the message has ended or been refused already"
    )

    /// Refuses the message for good: nothing more is read, and nothing held is handed out.
    mutating func fail() {
        state = .failed
        contentKey = nil
        zeroize(&heldPlaintext, inspection: configuration.inspection)
        pending = []
    }

    private func truncation() -> EncryptionSDKError {
        let available = position + UInt64(pending.count)
        switch state {
        case .header:
            return parser.truncation(of: pending.span)
        case .body:
            let missing =
                pending.isEmpty
                ? (isFramed ? "before the final frame" : "before the body")
                : (isFramed ? "inside a frame" : "inside the body")
            return EncryptionSDKError(
                .truncatedMessage,
                "the input ends after \(available) bytes, \(missing)",
                at: .init(offset: position, frame: currentFrame)
            )
        case .footer:
            return EncryptionSDKError(
                .truncatedMessage,
                "the input ends after \(available) bytes, \(pending.isEmpty ? "before" : "inside") the footer",
                at: .init(offset: position, field: pending.count < 2 ? "Signature Length" : "Signature")
            )
        case .awaitingMaterials, .end, .failed:
            return Self.finished
        }
    }
}
