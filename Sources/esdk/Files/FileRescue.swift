import AWSEncryptionSDK
import ESDKCrypto
import ESDKSystem
import ESDKTestVectors

/// Rescues messages, one at a time.
///
/// Nothing is written before the whole message has been verified, or of a truncated one all frames that are whole.
struct FileRescue: Sendable {
    /// What is added to the name of a plaintext whose end is missing.
    static let incompleteSuffix = ".incomplete"

    private let options: FileOptions
    private let deviations: Set<Deviation>
    private let keys: KeyOptions.Opened
    /// Wraps the data keys of clean messages; nil where plaintext is written.
    private let target: (any Keyring)?
    private let client: EncryptionSDK
    private let context: EncryptionContext

    init(_ options: FileOptions, _ keys: KeyOptions.Opened) async throws {
        self.options = options
        self.keys = keys
        deviations = options.deviations.isEmpty ? Set(Deviation.allCases) : options.deviations
        if let rewrapKeys = options.rewrapKeys {
            target = try await (rewrapKeys.isEmpty ? options.keys : rewrapKeys).open(for: .encrypting).keyring
        } else {
            target = nil
        }
        client = try options.client(retryPolicy: deviations.contains(.netV4_0_0) ? .allowRetry : .forbidRetry)
        context = try options.encryptionContext()
    }

    /// Rescues the message of a job.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - onRead: is told how many bytes were read.
    ///   - open: opens an output, given its place and what is known of the input.
    /// - Throws: `EncryptionSDKError` for a message that does not open; `SystemError`; `FileFailure` for what cannot be written.
    func rescue(
        _ job: FileJob,
        onRead: (Int) -> Void,
        open: (FileJob.Place, FileStatus) throws -> FileOutput
    ) async throws -> RescuedFile {
        let file = try RereadableInput(job.input)
        let survey = try RescueSurvey(file.source, undoing: deviations)
        let input = try survey.decoded.map { try RereadableInput($0, of: file) } ?? file
        let place = try job.output.map { try outputPlace($0, isTruncated: survey.isTruncated) }
        let output = try place.map { try HeldOutput(open($0, file.status)) }

        let rescuer = RescueKeyring(keys.keyring)
        let keyring: any Keyring = deviations.contains(.javaScriptLocaleOrder) ? rescuer : keys.keyring
        let decryptor = client.decryptor(
            using: try options.materialsManager(over: keyring, requiring: keys.requiredContextKeys),
            encryptionContext: context,
            signedMessages: .releaseFramesBeforeSignatureIsVerified
        )
        var writer = RescueWriter(output, target)
        var offset = 0
        while true {
            let chunk = try input.chunk(at: offset, before: survey.length)
            if chunk.isEmpty { break }
            guard TerminationSignals.first == nil else { throw CancellationError() }
            try Task.checkCancellation()
            try await decryptor.update(chunk, appendingTo: &writer.plaintext)
            try await writer.write(of: decryptor.message)
            offset += chunk.count
            onRead(chunk.count)
        }

        var undone = survey.undone
        var message: VerifiedMessage
        var isComplete = true
        do {
            message = try await decryptor.finish(appendingTo: &writer.plaintext)
        } catch let error as EncryptionSDKError where error.code == .truncatedMessage && survey.isTruncated {
            // Each frame was authenticated before it came out; of a signed message that would not do.
            guard let opened = decryptor.message, opened.algorithmSuite.signature == nil, writer.length > 0 else {
                throw error
            }
            (message, isComplete) = (opened, false)
            undone.append(.truncated(after: survey.length, keeping: writer.length))
        }
        if let reordered = rescuer.undone { undone.append(reordered) }
        if message.diagnostics.contains(.netV4_0_0Retry) { undone.append(.netV4_0_0) }
        let wasWrittenInPlace = try await writer.finish(message)
        return RescuedFile(
            message: message,
            undone: undone,
            isComplete: isComplete,
            isRewrapped: target != nil,
            output: place?.path,
            wasWrittenInPlace: wasWrittenInPlace
        )
    }

    private func outputPlace(_ place: FileJob.Place, isTruncated: Bool) throws -> FileJob.Place {
        guard isTruncated else { return place }
        guard target == nil else {
            throw FileFailure(
                reason: "the end is missing: a clean message of the rest would look whole; leave out --rewrap",
                exitCode: .failure,
                code: EncryptionSDKError.Code.truncatedMessage.name
            )
        }
        guard let path = place.path else {
            throw FileFailure(
                reason: "the end is missing, which standard output would not show: give -o FILE",
                exitCode: .failure,
                code: EncryptionSDKError.Code.truncatedMessage.name
            )
        }
        return .path(SystemPath(bytes: path.bytes + Self.incompleteSuffix.utf8))
    }
}

/// Writes what a rescue opens, as plaintext or as a clean message.
private struct RescueWriter {
    var plaintext: [UInt8] = []
    /// How many bytes of plaintext were written.
    private(set) var length = 0
    private let output: HeldOutput?
    private let keyring: (any Keyring)?
    private var encryptor: MessageEncryptor?

    init(_ output: HeldOutput?, _ keyring: (any Keyring)?) {
        self.output = output
        self.keyring = output == nil ? nil : keyring
    }

    /// Writes `plaintext` and empties it.
    mutating func write(of message: VerifiedMessage?) async throws {
        guard !plaintext.isEmpty, let message else { return }
        length += plaintext.count
        if let keyring {
            let encryptor = try self.encryptor ?? Self.encryptor(for: message, keyring)
            self.encryptor = encryptor
            var bytes: [UInt8] = []
            try await encryptor.update(plaintext, appendingTo: &bytes)
            try output?.write(bytes.span)
        } else {
            try output?.write(plaintext.span)
        }
        zeroize(&plaintext)
    }

    /// Writes what is left, and puts everything in its place.
    mutating func finish(_ message: VerifiedMessage) async throws -> Bool {
        try await write(of: message)
        if let keyring {
            var bytes: [UInt8] = []
            try await (encryptor ?? Self.encryptor(for: message, keyring)).finish(appendingTo: &bytes)
            try output?.write(bytes.span)
        }
        return try output?.commit() == .writtenInPlace
    }

    private static func encryptor(for message: VerifiedMessage, _ keyring: any Keyring) throws -> MessageEncryptor {
        let pairs = message.encryptionContext.entries.filter { $0.key != EncryptionContext.publicKeyName }
        return try .rewrapping(message, under: keyring, encryptionContext: EncryptionContext(entries: pairs))
    }
}

/// What came of a rescue.
struct RescuedFile: Sendable {
    let message: VerifiedMessage
    let undone: [UndoneDeviation]
    let isComplete: Bool
    let isRewrapped: Bool
    /// The file that was written; nil without one.
    let output: SystemPath?
    let wasWrittenInPlace: Bool

    /// The options that the rescue needed, or would need.
    private func needed(_ options: FileOptions) -> String {
        let policy = "--commitment-policy \(CommitmentPolicy.requireEncryptAllowDecrypt.rawValue)"
        let words = undone.map { "--as \($0.deviation.rawValue)" }
        return (words + (options.refuses(message.algorithmSuite) ? [policy] : [])).joined(separator: " ")
    }

    /// What was wrong, who writes so, and what was done: lines for standard error.
    func report(_ name: String) -> [(text: String, command: String?)] {
        guard !undone.isEmpty else { return [("\(name): nothing was wrong with it: esdk decrypt opens it", "esdk")] }
        return undone.flatMap { one -> [(text: String, command: String?)] in
            [
                ("\(name): rescued as \(one.deviation.rawValue)", "esdk"), ("  wrong: \(one.fault)", nil),
                ("  written by: \(one.deviation.writer)", nil), ("  done: \(one.remedy)", nil),
            ]
        }
    }

    /// Why this counts as a failure all the same; nil when it does not.
    func failure(_ options: FileOptions) -> FileFailure? {
        if options.deviations.isEmpty, !undone.isEmpty {
            return FileFailure(reason: "it would open with \(needed(options))", exitCode: .failure, code: "deviation")
        }
        guard !isComplete else { return nil }
        let place = output.map { ", which is in \($0)" } ?? ""
        return FileFailure(
            reason: "the plaintext is incomplete\(place)",
            exitCode: .failure,
            code: EncryptionSDKError.Code.truncatedMessage.name
        )
    }
}
