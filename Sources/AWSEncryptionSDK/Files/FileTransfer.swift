package import AWSMaterialProviders
import ESDKCrypto
package import ESDKSystem
import Glibc

extension EncryptionSDK {
    /// Encrypts what comes from a source into a sink, which is complete or absent in the end.
    ///
    /// - Parameters: as `encryptFile` has them; nil for the `maximumPlaintextLength` stands for the length of a regular file.
    /// - Throws: `EncryptionSDKError`; `SystemError`; `CancellationError`.
    package func encrypt(
        _ source: FileSource,
        to sink: FileSink,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) async throws -> WrittenMessage {
        let settings = EncryptionSettings(
            commitmentPolicy: commitmentPolicy,
            maximumEncryptedDataKeys: maximumEncryptedDataKeys,
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            maximumPlaintextLength: maximumPlaintextLength ?? source.maximumLength,
            maximumPendingLength: maximumBufferedBytes,
            lanes: LaneSettings(count: 1)
        )
        var (source, sink) = (source, sink)
        var chunk: [UInt8] = []
        var bytes: [UInt8] = []
        // An input that cannot be read costs no call to a key service.
        var hasMore = try await source.read(into: &chunk)
        var writer = try await settings.makeWriter(using: materialsManager)
        var message = writer.message
        writer.start(appendingTo: &bytes)
        try sink.write(bytes.span, isReleased: true)
        bytes.removeAll(keepingCapacity: true)
        if try await writer.sealInLanes(source, unread: chunk.count, to: &sink, lanes) {
            hasMore = try await source.read(into: &chunk)
        }
        while hasMore {
            try writer.writePiece(chunk, appendingTo: &bytes)
            try sink.write(bytes.span, isReleased: true)
            bytes.removeAll(keepingCapacity: true)
            hasMore = try await source.read(into: &chunk)
        }
        try writer.finish(appendingTo: &bytes)
        try sink.write(bytes.span, isReleased: true)
        message.wasWrittenInPlace = try sink.commit() == .writtenInPlace
        return message
    }

    /// Decrypts what comes from a source into a sink, which is complete or absent in the end.
    ///
    /// - Parameters: as `decryptFile` has them; without a sink, the message is verified only.
    /// - Throws: `EncryptionSDKError`; `SystemError`; `CancellationError`.
    package func decrypt(
        _ source: FileSource,
        to sink: FileSink?,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        // Whatever is not released waits in the sink.
        var configuration = readerConfiguration(maximumUnitLength: maximumBufferedBytes)
        configuration.lanes.count = 1
        var reader = MessageReader(configuration)
        var message: VerifiedMessage?
        var isReleased = false
        var (source, sink) = (source, sink)
        var chunk: [UInt8] = []
        var plaintext: [UInt8] = []
        defer { zeroize(&plaintext) }
        do {
            while try await source.read(into: &chunk) {
                var position = try reader.readPiece(chunk, from: 0, appendingTo: &plaintext)
                if reader.needsMaterials {
                    let started = try await reader.start(using: materialsManager, reproducing: encryptionContext)
                    message = started
                    isReleased = (sink?.release ?? .verified)
                        .allowsFrames(ofSignedMessage: started.algorithmSuite.signature != nil)
                    let unread = chunk.count - position
                    if try await reader.openInLanes(source, unread: unread, to: &sink, isReleased: isReleased, lanes) {
                        continue
                    }
                    position = try reader.readPiece(chunk, from: position, appendingTo: &plaintext)
                }
                guard !plaintext.isEmpty else { continue }
                try sink?.write(plaintext.span, isReleased: isReleased)
                plaintext.removeAll(keepingCapacity: true)
            }
            try reader.readEnd()
        } catch {
            reader.fail()
            throw error
        }
        guard var message else { throw EncryptionSDKError(.truncatedMessage, "the input ends inside the header") }
        message.wasWrittenInPlace = try sink?.commit() == .writtenInPlace
        return message
    }
}

extension MessageReader {
    // Not inlined, and with untyped errors: the optimizer of Swift 6.3.1 crashes on typed ones in an asynchronous function.

    @inline(never)
    fileprivate mutating func readPiece(
        _ bytes: [UInt8],
        from position: Int,
        appendingTo output: inout [UInt8]
    ) throws -> Int {
        try read(bytes.span.extracting(position...), appendingTo: &output)
    }

    @inline(never)
    fileprivate mutating func readEnd() throws { try finish() }
}

extension MessageWriter {
    // As above.

    @inline(never)
    fileprivate mutating func writePiece(_ bytes: [UInt8], appendingTo output: inout [UInt8]) throws {
        try write(bytes.span, appendingTo: &output)
    }

    @inline(never)
    fileprivate consuming func finish(appendingTo output: inout [UInt8]) throws {
        let nothing: [UInt8] = []
        try finish(nothing.span, appendingTo: &output)
    }
}

extension EncryptionSDK {
    /// Decrypts a part of a message in a file into a sink, which is complete or absent in the end.
    ///
    /// - Parameters: as `decryptRange` has them.
    /// - Throws: `EncryptionSDKError`; `SystemError`; `CancellationError`.
    package func decryptRange(
        _ range: Range<UInt64>,
        of file: FileDescriptor,
        to sink: FileSink,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext,
        signedMessages: SignedRangePolicy
    ) async throws -> VerifiedMessage {
        let opened = try await seekableMessage(
            in: try RandomAccessFile(file),
            using: materialsManager,
            encryptionContext: encryptionContext,
            signedMessages: signedMessages
        )
        var sink = sink
        try await opened.read(range) { piece in
            // Other tasks get their turn, such as one that watches for a reason to stop.
            await Task.yield()
            // Frames are authenticated one by one, and nothing more is ever known of a part.
            try sink.write(piece.span, isReleased: true)
        }
        var message = opened.message
        message.wasWrittenInPlace = try sink.commit() == .writtenInPlace
        return message
    }
}

/// A regular file that is read at any place.
struct RandomAccessFile: RandomAccessSource {
    private let file: FileDescriptor

    /// - Throws: `ESPIPE` for anything but a regular file.
    init(_ file: FileDescriptor) throws(SystemError) {
        guard try file.status().kind == .regular else {
            throw SystemError(ESPIPE, "read", file.path, "a range needs a regular file")
        }
        self.file = file
    }

    func length() async throws -> UInt64 { UInt64(try file.status().size) }

    func read(_ range: Range<UInt64>) async throws -> [UInt8] {
        try file.read(upTo: range.count, at: Int(range.lowerBound))
    }
}

/// A file, pipe or device that is read to its end.
package struct FileSource: Sendable {
    /// The length of the pieces in which files are read, in bytes.
    private static let chunkLength = 256 << 10
    /// How long a pipe is waited for before a look at whether the task was cancelled, in milliseconds.
    private static let patience: Int32 = 50

    private let file: FileDescriptor
    private let status: FileStatus
    private let onRead: (@Sendable (Int) throws -> Void)?
    private var decoder: Base64Decoder?

    /// A source.
    ///
    /// - Parameters:
    ///   - file: what is read; a pipe that nobody has opened for writing yet may be opened with `O_NONBLOCK`.
    ///   - isBase64: whether it holds Base64 text, in lines or not, of what is meant.
    ///   - onRead: is told how many bytes were read, again and again and maybe on several threads, 0 at the end, less than 0 for
    ///     bytes that will be read once more; what it throws ends everything.
    /// - Throws: what the system says.
    package init(
        _ file: FileDescriptor,
        isBase64: Bool = false,
        onRead: (@Sendable (Int) throws -> Void)? = nil
    ) throws(SystemError) {
        self.file = file
        status = try file.status()
        self.onRead = onRead
        decoder = isBase64 ? Base64Decoder() : nil
    }

    /// The most bytes that a regular file holds; nil where that is not known.
    var maximumLength: UInt64? {
        // Files such as those in /proc say that they are empty.
        guard status.kind == .regular, status.size > 0 else { return nil }
        return decoder == nil ? UInt64(status.size) : UInt64(status.size) / 4 * 3 + 3
    }

    /// What is left of a regular file, and can be read at any place; nil for any other source.
    ///
    /// - Parameter unread: the number of bytes that were read last and count as left.
    func rest(with unread: Int) throws(SystemError) -> Range<Int>? {
        guard status.kind == .regular, decoder == nil else { return nil }
        let start = try file.position() - unread
        return start < status.size ? start..<status.size : nil
    }

    /// Replaces the content of `bytes` with those at an offset.
    ///
    /// - Throws: `EIO` if so many are not there any more.
    func read(_ count: Int, at offset: Int, into bytes: inout [UInt8]) throws {
        try file.read(count, at: offset, into: &bytes)
        guard bytes.count == count else {
            throw SystemError(EIO, "read", file.path, "it has become shorter")
        }
        try onRead?(count)
    }

    /// Goes on with the bytes at an offset.
    func seek(to offset: Int) throws(SystemError) { try file.seek(to: offset) }

    /// Says that what is left of the file will be read at once, and bytes that were read last will be read again.
    func beginReadingRest(_ unread: Int) throws {
        file.adviseSequentialReading()
        if unread > 0 { try onRead?(-unread) }
    }

    /// Replaces the content of `chunk` with the next bytes.
    ///
    /// - Returns: false at the end.
    mutating func read(into chunk: inout [UInt8]) async throws -> Bool {
        let isRegular = status.kind == .regular
        // A small file needs no large buffer.
        let length = isRegular && status.size > 0 ? min(status.size + 1, Self.chunkLength) : Self.chunkLength
        // Other tasks get their turn, such as one that watches for a reason to stop.
        await Task.yield()
        try Task.checkCancellation()
        if !isRegular {
            while try !file.hasInput(within: Self.patience) {
                await Task.yield()
                try Task.checkCancellation()
            }
        }
        try file.read(upTo: length, into: &chunk)
        try onRead?(chunk.count)
        let isOver = chunk.isEmpty
        if decoder != nil {
            if isOver { try decoder?.finish() } else { try decoder?.decode(&chunk) }
        }
        return !isOver
    }
}

/// Where a file goes: a place that is complete or absent, or a device or pipe that is written through.
package struct FileSink: Sendable {
    /// When plaintext goes to a device or pipe, which cannot give it back.
    package enum Release: Sendable {
        /// When the whole message has been verified.
        case verified
        /// Frame by frame for an unsigned message, whose frames are authenticated; a signed one when it has been verified.
        case unsignedFrames
        /// Frame by frame, before a signature has been verified.
        case everyFrame

        fileprivate func allowsFrames(ofSignedMessage isSigned: Bool) -> Bool {
            switch self {
            case .verified: false
            case .unsignedFrames: !isSigned
            case .everyFrame: true
            }
        }
    }

    fileprivate let release: Release
    private let output: FileOutput
    private var encoder: Base64Encoder?
    /// What waits to be released to a device or pipe.
    private var draft: FileDescriptor?
    /// What has been written to a file since the system was last told to bring it to the disk.
    private var fresh = 0..<0
    /// How much is brought to the disk at a time, in bytes, while the rest is being made.
    private static let synchronizedLength = 8 << 20

    /// A sink.
    ///
    /// - Parameters:
    ///   - output: the place.
    ///   - isBase64: whether it gets Base64 text, in one line, of what is written.
    ///   - release: when plaintext goes to a device or pipe.
    package init(_ output: FileOutput, isBase64: Bool = false, release: Release = .verified) {
        self.output = output
        self.release = release
        encoder = isBase64 ? Base64Encoder() : nil
    }

    /// Writes bytes.
    ///
    /// - Parameter isReleased: whether a device or pipe may have them, and those that were held before.
    mutating func write(_ bytes: Span<UInt8>, isReleased: Bool) throws(SystemError) {
        guard encoder != nil else { return try place(bytes, isReleased) }
        let text = encoder?.encode(bytes) ?? []
        try place(text.span, isReleased)
    }

    private mutating func place(_ bytes: Span<UInt8>, _ isReleased: Bool) throws(SystemError) {
        if output.isWrittenThrough, !isReleased || draft != nil {
            if draft == nil { draft = try .unnamedTemporary() }
            try draft?.writeAll(bytes)
            return
        }
        try output.file.writeAll(bytes)
        guard !output.isWrittenThrough else { return }
        fresh = fresh.lowerBound..<fresh.upperBound + bytes.count
        guard fresh.count >= Self.synchronizedLength else { return }
        output.file.beginSynchronizing(fresh)
        fresh = fresh.upperBound..<fresh.upperBound
    }

    fileprivate mutating func commit() throws(SystemError) -> FileOutput.Placement {
        if let end = encoder?.finish() { try place(end.span, true) }
        if let draft {
            var offset = 0
            while true {
                let chunk = try draft.read(upTo: 256 << 10, at: offset)
                if chunk.isEmpty { break }
                try output.file.writeAll(chunk.span)
                offset += chunk.count
            }
        }
        return try output.commit()
    }
}

// MARK: - Base64

/// Reads Base64 text piece by piece; white space does not count.
package struct Base64Decoder: Sendable {
    /// What is left of a group of four characters.
    private var rest: [UInt8] = []
    private var hasEnded = false

    /// A decoder at the start of a text.
    package init() {}

    /// Replaces text by what it stands for.
    ///
    /// - Throws: `malformedBase64`.
    package mutating func decode(_ chunk: inout [UInt8]) throws(EncryptionSDKError) {
        var text = rest
        text.reserveCapacity(rest.count + chunk.count)
        for byte in chunk where byte > UInt8(ascii: " ") { text.append(byte) }
        let whole = text.count & ~3
        rest = Array(text[whole...])
        guard whole > 0 else {
            chunk.removeAll(keepingCapacity: true)
            return
        }
        guard !hasEnded, let bytes = Base64.decode(text.span.extracting(..<whole)) else { throw Self.malformed }
        hasEnded = text[whole - 1] == UInt8(ascii: "=")
        chunk = bytes
    }

    /// Checks that the text has ended.
    ///
    /// - Throws: `malformedBase64`.
    package func finish() throws(EncryptionSDKError) {
        guard rest.isEmpty else { throw Self.malformed }
    }

    private static let malformed = EncryptionSDKError(.malformedBase64, "the input is not Base64 text, or is cut off")
}

extension EncryptionSDKError.Code {
    /// The input of a file operation was said to be Base64 text, and is not.
    package static let malformedBase64 = Self("malformedBase64", category: .format)
}

/// Writes Base64 text piece by piece.
struct Base64Encoder: Sendable {
    /// What is left of a group of three bytes.
    private var rest: [UInt8] = []

    /// The text of the bytes, as far as they fill groups of three.
    mutating func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        let whole = (rest.count + bytes.count) / 3 * 3
        let first = max(0, min(whole - rest.count, bytes.count))
        var group = rest
        group.append(addingCapacity: bytes.count) { output in
            for index in 0..<first { output.append(bytes[index]) }
        }
        rest = whole == 0 ? rest : []
        for index in first..<bytes.count { rest.append(bytes[index]) }
        return whole == 0 ? [] : Self.text(group)
    }

    /// The text of what is left, and the end of the line.
    mutating func finish() -> [UInt8] {
        defer { rest = [] }
        return Self.text(rest) + [UInt8(ascii: "\n")]
    }

    private static func text(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](capacity: Base64.encodedLength(of: bytes.count)) { Base64.encode(bytes.span, appendingTo: &$0) }
    }
}
