public import AWSMaterialProviders
import ESDKCrypto

/// Bytes that can be read at any place: an object in a store, a file, an array.
public protocol RandomAccessSource: Sendable {
    /// The number of bytes.
    func length() async throws -> UInt64

    /// The bytes of a range that lies within the length.
    ///
    /// It may be called by several tasks at the same time.
    func read(_ range: Range<UInt64>) async throws -> [UInt8]
}

/// What reading a range does with a signed message, whose signature covers all of it.
public enum SignedRangePolicy: Sendable, Hashable {
    /// Refuses it with `signatureCannotBeVerified`.
    case refuse
    /// Reads it although its signature is *not* verified.
    ///
    /// Each frame is authentic for someone who holds the data key: every reader of the message does, and could have written it.
    case signatureNotVerified
}

extension EncryptionSDKError.Code {
    /// A range was asked for that starts behind the end of the plaintext.
    public static let rangeOutOfBounds = Self("rangeOutOfBounds", category: .configuration)
    /// A range was asked for of a message without frames, which can only be authenticated as a whole.
    public static let messageNotFramed = Self("messageNotFramed", category: .limit)
    /// A range was asked for of a signed message, whose signature only reading all of it can verify.
    public static let signatureCannotBeVerified = Self("signatureCannotBeVerified", category: .policy)
    /// A message does not end in its final frame: it was cut off, or bytes were added.
    public static let missingFinalFrame = Self("missingFinalFrame", category: .format)
}

extension EncryptionSDK {
    /// Decrypts a part of a message, reading and opening only the frames that hold it.
    ///
    /// Before anything is returned, the header is verified and the *final* frame is authenticated, so that the length of the plaintext
    /// is certain, and a message that was cut off is refused. Each frame that is read is authenticated at its place; those that are not
    /// read may be damaged. To read several ranges, see ``seekableMessage(in:using:encryptionContext:signedMessages:)``, which opens
    /// the data key once.
    ///
    /// - Parameters:
    ///   - range: the part, in bytes of plaintext. Of a range that goes beyond the end, what is there is returned, as with ranges in
    ///     HTTP: `offset..<UInt64.max` means the rest.
    ///   - source: the message.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens if the message is signed.
    /// - Throws: `EncryptionSDKError`, such as `rangeOutOfBounds` if the range starts behind the end, `missingFinalFrame`,
    ///   `messageNotFramed`, and `signatureCannotBeVerified`; `CancellationError`; what the source throws.
    public func decryptRange(
        _ range: Range<UInt64>,
        of source: some RandomAccessSource,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedRangePolicy = .refuse
    ) async throws -> DecryptionResult {
        let opened = try await seekableMessage(
            in: source,
            using: materialsManager,
            encryptionContext: encryptionContext,
            signedMessages: signedMessages
        )
        return DecryptionResult(plaintext: try await opened.plaintext(in: range), message: opened.message)
    }

    /// Opens a message of which ranges are to be read.
    ///
    /// - Parameters:
    ///   - source: the message. It must not change while the result is in use; what has changed is refused.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens if the message is signed.
    /// - Throws: as `decryptRange`.
    public func seekableMessage(
        in source: some RandomAccessSource,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedRangePolicy = .refuse
    ) async throws -> SeekableMessage {
        var reader = MessageReader(readerConfiguration(maximumUnitLength: maximumBufferedBytes))
        let length = try await source.length()
        var offset: UInt64 = 0
        while !reader.needsMaterials {
            let end = min(offset + SeekableMessage.headerPieceLength, length)
            guard offset < end else {
                try reader.refuseEnd()
                break
            }
            try reader.readHeader(try await source.readAll(of: offset..<end))
            offset = end
        }
        try Task.checkCancellation()
        if let header = reader.header { try Self.check(header, signedMessages, maximumBufferedBytes) }
        let message = try await reader.start(using: materialsManager, reproducing: encryptionContext)
        guard let contentKey = reader.contentKey else {
            throw EncryptionSDKError(.invalidMaterials, "the materials hold no data key")
        }
        return try await SeekableMessage(source, length: length, message: message, contentKey: contentKey)
    }

    /// Refuses what cannot be read in parts, before any key is used.
    private static func check(
        _ header: MessageHeader,
        _ signedMessages: SignedRangePolicy,
        _ maximumBufferedBytes: Int
    ) throws(EncryptionSDKError) {
        guard header.contentType == .framed else {
            throw EncryptionSDKError(
                .messageNotFramed,
                "the message has no frames, so that no part of it can be authenticated alone; decrypt all of it",
                at: .init(field: "Content Type")
            )
        }
        guard header.algorithmSuite.signature == nil || signedMessages == .signatureNotVerified else {
            throw EncryptionSDKError(
                .signatureCannotBeVerified,
                "the message is signed (\(header.algorithmSuite)), and its signature cannot be verified when only a part is read",
                at: .init(field: "Algorithm Suite ID")
            )
        }
        let frame = FrameLayout(kind: .final, contentLength: Int(header.frameLength)).length
        guard frame <= maximumBufferedBytes else {
            throw EncryptionSDKError(
                .bufferLimitExceeded,
                "a frame of up to \(frame) bytes must be held in memory, the limit is \(maximumBufferedBytes); raise "
                    + "maximumBufferedBytes to read it",
                at: .init(field: "Frame Length")
            )
        }
    }
}

/// A message of which ranges can be read, in any order and by several tasks at the same time.
///
/// The header has been verified, and the final frame has been authenticated. Memory is needed for the range that is returned, and for
/// 256 KiB or one frame, whichever is longer.
public final class SeekableMessage: Sendable {
    /// How much is read at once to find the end of the header, in bytes.
    fileprivate static let headerPieceLength: UInt64 = 4096
    /// How much of the body is read at once, in bytes, unless a single frame is longer.
    private static let pieceLength = 256 << 10

    /// The message: its suite, its encryption context, and the key that opened it.
    public let message: VerifiedMessage
    /// The length of the plaintext in bytes.
    public let plaintextLength: UInt64

    private let source: any RandomAccessSource
    private let contentKey: SecretBytes
    private let frameLength: Int
    /// The number of frames before the final one.
    private let regularCount: UInt32
    private let finalFrame: FrameLayout

    fileprivate init(
        _ source: any RandomAccessSource,
        length: UInt64,
        message: VerifiedMessage,
        contentKey: SecretBytes
    ) async throws {
        self.source = source
        self.message = message
        self.contentKey = contentKey
        frameLength = Int(message.header.frameLength)
        let bodyLength = length - min(UInt64(message.header.length), length)
        (regularCount, finalFrame) = try await Self.findFinalFrame(source, bodyLength, message.header, contentKey)
        plaintextLength = UInt64(regularCount) * UInt64(frameLength) + UInt64(finalFrame.contentLength)
    }

    /// The plaintext of a range.
    ///
    /// - Parameter range: in bytes of plaintext; what lies beyond the end is left out.
    /// - Throws: `EncryptionSDKError`: `rangeOutOfBounds` if the range starts behind the end, or why a frame of it does not open;
    ///   `CancellationError`; what the source throws. Nothing is returned then.
    public func plaintext(in range: Range<UInt64>) async throws -> [UInt8] {
        var result: [UInt8] = []
        try await read(range) { piece in
            if result.isEmpty { result = piece } else { result.append(contentsOf: piece) }
        }
        return result
    }

    /// Hands `sink` the plaintext of a range piece by piece.
    ///
    /// - Parameters:
    ///   - range: in bytes of plaintext; what lies beyond the end is left out.
    ///   - sink: is called for each piece, in order, as soon as it is authenticated; not at all for nothing.
    /// - Throws: as `plaintext(in:)`, and what `sink` throws.
    public func read(_ range: Range<UInt64>, _ sink: ([UInt8]) async throws -> Void) async throws {
        guard range.lowerBound <= plaintextLength else {
            throw EncryptionSDKError(
                .rangeOutOfBounds,
                "the range starts at \(range.lowerBound), and the plaintext has \(plaintextLength) bytes"
            )
        }
        let range = range.clamped(to: 0..<plaintextLength)
        guard !range.isEmpty else { return }
        let unit = UInt64(frameLength)
        let layout = BodyLayout(frameLength: frameLength)
        let framesAtOnce = UInt64(max(Self.pieceLength / layout.regularLength, 1))
        // Frames are counted from 0 here; the final one is the last of them.
        var first = range.lowerBound / unit
        let last = (range.upperBound - 1) / unit
        while first <= last {
            try Task.checkCancellation()
            let next = min(first + framesAtOnce, last + 1)
            let start = offset(ofFrame: first)
            let end =
                next > UInt64(regularCount) ? offset(ofFrame: last) + UInt64(finalFrame.length) : offset(ofFrame: next)
            let bytes = try await source.readAll(of: start..<end)
            let count = min(next, UInt64(regularCount)) - first
            var plaintext = try openFrames(bytes, from: first, regularCount: Int(count), at: start)
            let beginning = first * unit
            let excess =
                beginning + UInt64(plaintext.count) - min(range.upperBound, beginning + UInt64(plaintext.count))
            plaintext.removeLast(Int(excess))
            if beginning < range.lowerBound { plaintext.removeFirst(Int(range.lowerBound - beginning)) }
            try await sink(plaintext)
            first = next
        }
    }

    /// Where a frame begins in the message; frames are counted from 0.
    private func offset(ofFrame index: UInt64) -> UInt64 {
        UInt64(message.header.length) + index * UInt64(BodyLayout(frameLength: frameLength).regularLength)
    }

    // Not inlined, and with untyped errors: the optimizer of Swift 6.3.1 crashes on typed ones in an asynchronous function.

    /// Opens all of `bytes`: so many regular frames, and the final one if it follows.
    @inline(never)
    private func openFrames(
        _ bytes: [UInt8],
        from index: UInt64,
        regularCount: Int,
        at offset: UInt64
    ) throws -> [UInt8] {
        var plaintext: [UInt8] = []
        var body = try Self.opener(message.header, contentKey, frame: index)
        let count = try body.openRegularFrames(of: bytes.span, at: offset, appendingTo: &plaintext)
        let position = count * body.regularFrameLength
        let place = offset + UInt64(position)
        let rest = bytes.span.extracting(position...)
        guard count == regularCount else {
            _ = try body.layout(of: rest, at: place)
            throw EncryptionSDKError(
                .sequenceNumberMismatch,
                "a final frame stands where a regular one is due",
                at: .init(offset: place, field: "Sequence Number", frame: body.sequenceNumber)
            )
        }
        if !rest.isEmpty { try body.openFinalFrame(finalFrame, bytes: rest, at: place, appendingTo: &plaintext) }
        return plaintext
    }

    private static func opener(
        _ header: MessageHeader,
        _ contentKey: SecretBytes,
        frame index: UInt64
    ) throws(EncryptionSDKError) -> BodyOpener {
        let opener: AESGCM.Opener
        do {
            opener = try AESGCM.Opener(header.algorithmSuite.contentKeyLength, key: contentKey.span)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
        // The final frame has at most the number 2^32 - 1.
        return BodyOpener(header: header, opener: opener, from: UInt32(truncatingIfNeeded: index + 1))
    }

    // MARK: - The end

    /// Finds and authenticates the final frame, whose place follows from the length of the body.
    private static func findFinalFrame(
        _ source: any RandomAccessSource,
        _ bodyLength: UInt64,
        _ header: MessageHeader,
        _ contentKey: SecretBytes
    ) async throws -> (regularCount: UInt32, frame: FrameLayout) {
        let layout = BodyLayout(frameLength: Int(header.frameLength))
        let bodyStart = UInt64(header.length)
        var refusal = EncryptionSDKError(
            .missingFinalFrame,
            "the message does not end in its final frame: it was cut off, or bytes were added",
            at: .init(offset: bodyStart + bodyLength)
        )
        for footerLength in try await footerLengths(source, bodyStart..<bodyStart + bodyLength, header) {
            guard let (count, frame) = layout.frames(bodyLength: bodyLength - footerLength) else { continue }
            let start = bodyStart + UInt64(count) * UInt64(layout.regularLength)
            let bytes = try await source.readAll(of: start..<start + UInt64(frame.length))
            do {
                try authenticate(frame, bytes, number: count, at: start, header, contentKey)
                return (count, frame)
            } catch let error as EncryptionSDKError where error.code == .bodyTagMismatch {
                refusal = error
            } catch let error as EncryptionSDKError where error.code == .missingFinalFrame {
                continue
            }
        }
        throw refusal
    }

    /// The possible lengths of the footer: 0 in an unsigned message, and in a signed one every length that the footer's own length
    /// field confirms.
    private static func footerLengths(
        _ source: any RandomAccessSource,
        _ body: Range<UInt64>,
        _ header: MessageHeader
    ) async throws -> [UInt64] {
        guard let signature = header.algorithmSuite.signature else { return [0] }
        let longest = Int(min(UInt64(2 + signature.curve.maximumSignatureLength), body.upperBound - body.lowerBound))
        let end = try await source.readAll(of: body.upperBound - UInt64(longest)..<body.upperBound)
        guard longest > 2 else { return [] }
        return (3...longest).filter { length in
            let field: UInt16 = end.span.bigEndianInteger(at: longest - length)
            return Int(field) == length - 2
        }.map(UInt64.init)
    }

    @inline(never)
    private static func authenticate(
        _ frame: FrameLayout,
        _ bytes: [UInt8],
        number: UInt32,
        at offset: UInt64,
        _ header: MessageHeader,
        _ contentKey: SecretBytes
    ) throws {
        var plaintext: [UInt8] = []
        defer { zeroize(&plaintext) }
        var body = try opener(header, contentKey, frame: UInt64(number))
        try body.openFinalFrame(frame, bytes: bytes.span, at: offset, appendingTo: &plaintext)
    }
}

extension BodyOpener {
    /// Opens the final frame, which must be laid out like this.
    fileprivate mutating func openFinalFrame(
        _ expected: FrameLayout,
        bytes: Span<UInt8>,
        at position: UInt64,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        let marker: UInt32 = bytes.bigEndianInteger(at: 0)
        let number: UInt32 = bytes.bigEndianInteger(at: expected.kind.sequenceNumberOffset)
        let length: UInt32 = bytes.bigEndianInteger(at: expected.kind.contentLengthOffset)
        guard marker == FrameKind.finalFrameMarker && number == sequenceNumber && length == expected.contentLength
        else {
            throw EncryptionSDKError(
                .missingFinalFrame,
                "the final frame is not where the length of the message puts it: the message was cut off, or bytes were added",
                at: .init(offset: position, frame: sequenceNumber)
            )
        }
        try open(expected, bytes: bytes, at: position, appendingTo: &output)
    }
}

extension RandomAccessSource {
    /// The bytes of a range, all of them.
    fileprivate func readAll(of range: Range<UInt64>) async throws -> [UInt8] {
        let bytes = try await read(range)
        guard bytes.count == range.count else {
            throw EncryptionSDKError(
                .truncatedMessage,
                "the source has \(bytes.count) of the \(range.count) bytes from \(range.lowerBound) on",
                at: .init(offset: range.lowerBound)
            )
        }
        return bytes
    }
}

extension MessageReader {
    // Not inlined, and with untyped errors: the optimizer of Swift 6.3.1 crashes on typed ones in an asynchronous function.

    /// Reads a piece of the header, or its end; what follows it is left.
    @inline(never)
    fileprivate mutating func readHeader(_ bytes: [UInt8]) throws {
        var nothing: [UInt8] = []
        _ = try read(bytes.span, appendingTo: &nothing)
    }

    /// Says that the message ends before its header does.
    @inline(never)
    fileprivate mutating func refuseEnd() throws { try finish() }
}
