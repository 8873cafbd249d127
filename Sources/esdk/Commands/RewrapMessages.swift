import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import ESDKTestVectors
import Glibc

extension Command {
    /// `esdk rewrap`: encrypts messages again under other keys.
    static let rewrapMessages = Command(
        name: "rewrap",
        summary: "encrypt messages again, under other keys or another suite",
        body: .action(
            Action(
                description:
                    "Decrypts each message INPUT under the keys of --from and encrypts it again under those of --to, in one pass, "
                    + "with a fresh data key and message id. No plaintext reaches a file.",
                operands: .oneOrMore(
                    ArgumentForm(name: "INPUT", kind: .path),
                    "a file, - for standard input, or with --recursive a folder"
                ),
                values: RewrapOptions.init,
                options: RewrapOptions.sections,
                lists: [KeyOptions.help],
                notes: [
                    "The encryption context, the suite and the frame length are those of the message, unless options say otherwise. "
                        + "--context sets a pair of the new message; a pair that the old one does not store is given with "
                        + "--from-context.",
                    "The encrypted data keys of a message are never exchanged in place. Their number and content are under the tag of "
                        + "the header: sealing another header under the same data key would use one nonce of AES-GCM twice, which "
                        + "hands a forger the authentication key, and whoever had the old data key could go on reading. So the "
                        + "whole message is encrypted again.",
                    "A file takes its place when it is complete, and when the signature of the old message has been verified. "
                        + "Several files, or a folder, are noted in a journal as they are done: an interrupted run that is started "
                        + "again leaves out what is done. The journal goes away when all is done.",
                ] + KeyOptions.notes,
                exitCodes: [
                    .success: "every message was rewrapped, or was so before",
                    .failure: "a message does not open",
                    .unusable: "wrong usage, input that cannot be read, or output that cannot be written",
                    .interrupted: "interrupted",
                    .nothing: "a folder without a message",
                ],
                examples: [
                    (
                        "esdk rewrap old.esdk -o new.esdk --from raw-aes:namespace=me,name=2020,file=old.key --to @kms",
                        "From a local key to a named set of keys"
                    ),
                    (
                        "esdk rewrap -r backups --in-place --suite 0578 --from @kms --to @kms",
                        "Give all messages of a folder key commitment"
                    ),
                    ("esdk rewrap -r backups --in-place --check --from @old --to @new", "See what that would do"),
                ]
            ) { options, inputs in try await RewrapCommand(options).run(inputs) }
        )
    )
}

/// What the options of `rewrap` say.
struct RewrapOptions: Sendable {
    fileprivate var from = KeyOptions()
    fileprivate var to = KeyOptions()
    fileprivate var sources = KeySources()
    fileprivate var output: SystemPath?
    fileprivate var isInPlace = false
    fileprivate var isRecursive = false
    fileprivate var replacesFiles = false
    fileprivate var isCheck = false
    fileprivate var isQuiet = false
    fileprivate var journal: SystemPath?
    fileprivate var suite: AlgorithmSuite?
    fileprivate var frameLength: Int?
    fileprivate var requiredContext: [(String, String)] = []
    fileprivate var newContext: [(String, String)] = []
    fileprivate var removedContext: Set<String> = []

    static let sections: [OptionSection<Self>] = [
        OptionSection(
            "Keys",
            [
                KeyOptions.option("from", help: "A key that opens the messages (repeatable)").of(\.from),
                KeyOptions.option(
                    "to",
                    help: "A key of the new messages; the first one makes the data key (repeatable)"
                )
                .of(\.to),
            ] + KeySources.options.map { $0.of(\.sources) }
        ),
        OptionSection(
            "Files",
            [
                .path(
                    "output",
                    letter: "o",
                    ArgumentForm(name: "OUT", kind: .path),
                    help: "The file to write, - for standard output; a folder for several inputs"
                ) { $0.output = $1 },
                .flag("in-place", help: "Put the new message in the place of the old one") { $0.isInPlace = true },
                .flag("recursive", letter: "r", help: "Take all messages of folders; other files are left out") {
                    $0.isRecursive = true
                },
                .flag("force", help: "Replace files that are there") { $0.replacesFiles = true },
                .path(
                    "journal",
                    ArgumentForm(name: "FILE", kind: .path),
                    help: "Where files that are done are noted (default: .esdk-rewrap in the folder that is written)"
                ) { $0.journal = $1 },
                .flag("check", help: "Open the messages, say what would be done, and do nothing") { $0.isCheck = true },
                .flag("quiet", letter: "q", help: "Print only what failed") { $0.isQuiet = true },
            ]
        ),
        OptionSection(
            "New messages",
            [
                .text(
                    "suite",
                    ArgumentForm(name: "ID"),
                    help: "The algorithm suite, such as 0578 (default: that of the message)"
                ) { $0.suite = try AlgorithmSuite(spelled: $1) },
                .number(
                    "frame-length",
                    "BYTES",
                    in: 1...Int(UInt32.max),
                    help: "The frame length (default: that of the message)"
                ) { $0.frameLength = $1 },
                .pair(
                    "context",
                    help: "A pair of the new encryption context, instead of one of the same key (repeatable)"
                ) {
                    $0.newContext.append($1)
                },
                .text(
                    "remove-context",
                    ArgumentForm(name: "K"),
                    help: "A key that the new encryption context does not have (repeatable)"
                ) { $0.removedContext.insert($1) },
                .pair(
                    "from-context",
                    help: "A pair that the old message must have been encrypted with (repeatable)"
                ) { $0.requiredContext.append($1) },
            ]
        ),
    ]

    fileprivate func check(_ inputs: [Word]) throws {
        guard isCheck || isInPlace != (output != nil) else {
            throw UsageError(isInPlace ? "--in-place and -o cannot be combined" : "give -o OUT, or --in-place")
        }
        guard !from.isEmpty else { throw UsageError("--from KEY is missing: a key that opens the messages") }
        guard !to.isEmpty else { throw UsageError("--to KEY is missing: a key of the new messages") }
        let takesStandardInput = inputs.contains { $0.bytes == Array("-".utf8) }
        guard !takesStandardInput || (inputs.count == 1 && !isInPlace && !isRecursive) else {
            throw UsageError("standard input can be the only input, and has no place to be replaced in")
        }
        guard !takesStandardInput || !(from.readsStandardInput || to.readsStandardInput) else {
            throw UsageError("standard input cannot be both a message and a key")
        }
        guard isCheck || output != "-" || !FileDescriptor.standardOutput.isTerminal else {
            throw UsageError("a message is not written to a terminal; give -o FILE, or a pipe")
        }
        guard inputs.count == 1 && !isRecursive || output != "-" else {
            throw UsageError("several messages cannot go to standard output")
        }
    }
}

/// Rewraps the inputs of a command line.
private struct RewrapCommand: Sendable {
    private let options: RewrapOptions

    init(_ options: RewrapOptions) { self.options = options }

    func run(_ inputs: [Word]) async throws -> ExitCode {
        try options.check(inputs)
        Interruption.catchSignals()
        let from = try await options.from.open(for: .decrypting, with: options.sources).keyring
        let to = try await options.to.open(for: .encrypting, with: options.sources).keyring
        let (jobs, unread) = try jobs(inputs)
        for error in unread { Terminal.complain("\(error)") }
        if jobs.isEmpty {
            guard unread.isEmpty else { return .unusable }
            Terminal.complain("there is no message in the folder")
            return .nothing
        }
        let sizes = jobs.map(\.size)
        let progress = FileProgress(
            files: jobs.count,
            bytes: sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) },
            isQuiet: options.isQuiet
        )
        let rewrapper = try Rewrapper(options, from: from, to: to) { progress.read($0) }
        let journal =
            jobs.count == 1 || options.isCheck ? nil : try RewrapJournal(journalPath(inputs), for: rewrapper.purpose)
        var counts = (done: 0, before: 0, refused: 0, failed: unread.count)
        for job in jobs {
            guard !Interruption.hasHappened else { break }
            if let journal, journal.isDone(job.output) {
                counts.before += 1
                progress.finishFile(failed: false)
                continue
            }
            do {
                let message = try await Interruption.cancelling { try await rewrapper.rewrap(job, journal) }
                counts.done += 1
                progress.finishFile(failed: false)
                if options.isCheck, !options.isQuiet {
                    progress.clear()
                    tell(job, message)
                }
            } catch is CancellationError {
                break
            } catch {
                if await rewrapper.wasRewrapped(job, error) {
                    counts.before += 1
                    progress.finishFile(failed: false)
                    continue
                }
                progress.finishFile(failed: true)
                progress.clear()
                let failure = FileFailure(error, .decrypt)
                if failure.exitCode == .failure { counts.refused += 1 } else { counts.failed += 1 }
                Terminal.complain("\(job.name): \(failure.reason)")
                for line in failure.details { Terminal.complain("  \(line)", as: nil) }
            }
        }
        progress.clear()
        if Interruption.hasHappened {
            let note = journal == nil ? "" : "; the same command goes on with the rest"
            Terminal.complain("interrupted: \(counts.done + counts.before) of \(jobs.count) are done\(note)")
            return .interrupted
        }
        if jobs.count > 1, !options.isQuiet {
            let verb = options.isCheck ? "would be rewrapped" : "rewrapped"
            Terminal.write(
                "\(counts.done.grouped) \(verb)" + (counts.before > 0 ? ", \(counts.before.grouped) were before" : "")
                    + (counts.refused > 0
                        ? ", \(counts.refused.grouped) \(counts.refused == 1 ? "does" : "do") not open" : "")
                    + (counts.failed > 0 ? ", \(counts.failed.grouped) could not be read or written" : "") + "\n"
            )
        }
        if counts.failed > 0 { return .unusable }
        if counts.refused > 0 { return .failure }
        journal?.remove()
        return .success
    }

    private func tell(_ job: RewrapJob, _ message: (old: MessageHeader, new: MessageHeader?)) {
        let suite = options.suite ?? message.old.algorithmSuite
        let change =
            suite == message.old.algorithmSuite
            ? suite.idText : "\(message.old.algorithmSuite.idText) to \(suite.idText)"
        let place = options.isInPlace ? "in place" : job.output.map { "to \($0)" } ?? "to standard output"
        Terminal.write("\(job.name): would be rewrapped \(place), suite \(change)\n")
    }

    // MARK: - What to do

    /// The messages, and what could not be looked into.
    private func jobs(_ inputs: [Word]) throws -> ([RewrapJob], unread: [SystemError]) {
        if inputs.count == 1, !options.isRecursive, let input = inputs.first {
            if input.bytes == Array("-".utf8) {
                return ([RewrapJob(input: nil, output: options.output == "-" ? nil : options.output, size: nil)], [])
            }
            let path = SystemPath(bytes: input.bytes)
            let status = try FileStatus(of: path)
            if status.kind == .folder {
                throw UsageError("\(path) is a folder; --recursive takes the messages in it")
            }
            let output = options.isInPlace ? path : options.output == "-" ? nil : options.output
            return ([RewrapJob(input: path, output: output, size: status.kind == .regular ? status.size : nil)], [])
        }
        var jobs: [RewrapJob] = []
        var unread: [SystemError] = []
        for word in inputs {
            let path = SystemPath(bytes: word.bytes)
            let status = try FileStatus(of: path)
            guard status.kind == .folder else {
                jobs.append(job(path, path.lastComponent, status))
                continue
            }
            guard options.isRecursive else {
                throw UsageError("\(path) is a folder; --recursive takes the messages in it")
            }
            FolderWalk { unread.append($0) }.visit(path) { entry in
                guard entry.status.kind == .regular, Self.isMessage(entry.path) else { return }
                jobs.append(job(entry.path, entry.relative, entry.status))
            }
        }
        return (jobs, unread)
    }

    private func job(_ input: SystemPath, _ relative: SystemPath, _ status: FileStatus) -> RewrapJob {
        RewrapJob(
            input: input,
            output: options.isInPlace ? input : options.output?.appending(relative) ?? input,
            size: status.kind == .regular ? status.size : nil
        )
    }

    /// Whether a file begins as a message does: others are left out of a folder.
    private static func isMessage(_ path: SystemPath) -> Bool {
        guard let start = try? FileDescriptor.reading(path).read(upTo: 4) else { return false }
        do throws(EncryptionSDKError) { _ = try MessageHeader(parsing: start) } catch {
            return error.code == .truncatedMessage && start.count == 4
        }
        return false
    }

    private func journalPath(_ inputs: [Word]) throws -> SystemPath {
        if let journal = options.journal { return journal }
        if let output = options.output {
            try Folder.makeAll(output)
            return output.appending(RewrapJournal.name)
        }
        guard inputs.count == 1, let input = inputs.first else {
            throw UsageError("several inputs that are rewrapped in place need --journal FILE")
        }
        return SystemPath(bytes: input.bytes).appending(RewrapJournal.name)
    }
}

/// A message to be rewrapped.
private struct RewrapJob: Sendable {
    /// Nil for standard input.
    let input: SystemPath?
    /// Nil for standard output.
    let output: SystemPath?
    /// The bytes of the message; nil where that is not known.
    let size: Int?

    var name: String { input.map(\.description) ?? "standard input" }
}

/// Rewraps messages from some keys to others.
private struct Rewrapper: Sendable {
    private let options: RewrapOptions
    private let from: any Keyring
    private let to: any Keyring
    private let requiredContext: EncryptionContext
    private let reader: EncryptionSDK
    /// Is told how many bytes were read.
    private let onRead: @Sendable (Int) -> Void

    private static let chunkLength = 256 << 10

    init(
        _ options: RewrapOptions,
        from: any Keyring,
        to: any Keyring,
        onRead: @escaping @Sendable (Int) -> Void
    ) throws {
        self.options = options
        self.onRead = onRead
        self.from = from
        self.to = to
        requiredContext = try EncryptionContext(uniqueKeysWithValues: options.requiredContext)
        reader = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
    }

    /// What a journal is for: two runs that differ in it do not share one.
    var purpose: String {
        let context = options.newContext.map { "\($0.0)=\($0.1)" } + options.removedContext.sorted().map { "-\($0)" }
        let parts = [
            "\(to)", options.suite?.idText ?? "", options.frameLength.map { "\($0)" } ?? "",
            context.joined(separator: "\u{0}"),
        ]
        return Hex.encode((try? Digest.hash(.sha256, of: Array(parts.joined(separator: "\u{1}").utf8).span)) ?? [])
    }

    /// Rewraps a message; with `--check`, decrypts it only.
    ///
    /// - Returns: both headers.
    /// - Throws: `EncryptionSDKError` for a message that does not open, `SystemError` for files.
    func rewrap(_ job: RewrapJob, _ journal: RewrapJournal?) async throws -> (old: MessageHeader, new: MessageHeader?) {
        let source = try job.input.map { try FileDescriptor.reading($0) } ?? FileDescriptor.standardInput
        let decryptor = reader.decryptor(
            using: from,
            encryptionContext: requiredContext,
            signedMessages: .releaseFramesBeforeSignatureIsVerified
        )
        if options.isCheck { return (try await check(source, decryptor), nil) }
        let target = try target(job, source)
        var encryptor: MessageEncryptor?
        var plaintext: [UInt8] = []
        defer { zeroize(&plaintext) }
        var chunk: [UInt8] = []
        var message: [UInt8] = []
        while true {
            try source.read(upTo: Self.chunkLength, into: &chunk)
            if chunk.isEmpty { break }
            onRead(chunk.count)
            try await decryptor.update(chunk, appendingTo: &plaintext)
            if encryptor == nil, let old = decryptor.message { encryptor = try self.encryptor(for: old) }
            if let encryptor, !plaintext.isEmpty {
                try await encryptor.update(plaintext, appendingTo: &message)
                try target.write(message.span)
                message.removeAll(keepingCapacity: true)
                plaintext.removeAll(keepingCapacity: true)
            }
            try Task.checkCancellation()
        }
        // Nothing is in its place yet: the signature may still be wrong, or the end missing.
        let old = try await decryptor.finish(appendingTo: &plaintext)
        let writer = try encryptor ?? self.encryptor(for: old)
        try await writer.update(plaintext, appendingTo: &message)
        let new = try await writer.finish(appendingTo: &message)
        try target.write(message.span)
        try journal?.note(job.output, messageID: new.header.messageID)
        try target.commit()
        return (old.header, new.header)
    }

    /// Whether a message that does not open was rewrapped by an earlier run in place, which has ended and removed its journal: it opens
    /// under the new keys, and is what the options ask for.
    func wasRewrapped(_ job: RewrapJob, _ error: any Error) async -> Bool {
        guard options.isInPlace, (error as? EncryptionSDKError)?.code == .noDataKey, let path = job.input,
            let source = try? FileDescriptor.reading(path)
        else { return false }
        let decryptor = reader.decryptor(
            using: to,
            encryptionContext: requiredContext,
            signedMessages: .releaseFramesBeforeSignatureIsVerified
        )
        var plaintext: [UInt8] = []
        defer { zeroize(&plaintext) }
        while decryptor.message == nil {
            guard let chunk = try? source.read(upTo: Self.chunkLength), !chunk.isEmpty,
                (try? await decryptor.update(chunk, appendingTo: &plaintext)) != nil
            else { return false }
        }
        guard let message = decryptor.message, let wanted = try? context(of: message) else { return false }
        let header = message.header
        let names = [EncryptionContext.publicKeyName]
        return (options.suite ?? header.algorithmSuite) == header.algorithmSuite
            && (options.frameLength ?? Int(header.frameLength)) == Int(header.frameLength)
            && wanted == message.encryptionContext.filter { !names.contains($0.key) }
    }

    private func target(_ job: RewrapJob, _ source: FileDescriptor) throws -> HeldOutput {
        guard let path = job.output else { return try HeldOutput(FileOutput(through: .standardOutput)) }
        var rules = FileOutput.Rules()
        rules.replacesFiles = options.replacesFiles || options.isInPlace
        rules.followsLinks = rules.replacesFiles && job.output != job.input
        let status = try source.status()
        if status.kind == .regular { rules.noWiderThan = status }
        if let input = job.input, path != input { try Folder.makeAll(path.parent) }
        return try HeldOutput(FileOutput(path, rules))
    }

    private func check(_ source: FileDescriptor, _ decryptor: MessageDecryptor) async throws -> MessageHeader {
        var chunk: [UInt8] = []
        var plaintext: [UInt8] = []
        defer { zeroize(&plaintext) }
        while true {
            try source.read(upTo: Self.chunkLength, into: &chunk)
            if chunk.isEmpty { break }
            onRead(chunk.count)
            try await decryptor.update(chunk, appendingTo: &plaintext)
            plaintext.removeAll(keepingCapacity: true)
            try Task.checkCancellation()
        }
        return try await decryptor.finish(appendingTo: &plaintext).header
    }

    /// An encryptor for the new form of a message.
    private func encryptor(for old: VerifiedMessage) throws -> MessageEncryptor {
        try .rewrapping(
            old,
            under: to,
            encryptionContext: try context(of: old),
            algorithmSuite: options.suite,
            frameLength: options.frameLength
        )
    }

    private func context(of old: VerifiedMessage) throws -> EncryptionContext {
        let replaced = options.removedContext.union(options.newContext.map(\.0)).union([EncryptionContext.publicKeyName]
        )
        let names = Set(replaced.map { Array($0.utf8) })
        let kept = old.encryptionContext.entries.filter { !names.contains($0.keyBytes) }
        let new = options.newContext.map { EncryptionContext.Entry(key: $0.0, value: $0.1) }
        return try EncryptionContext(entries: kept + new)
    }
}

extension MessageEncryptor {
    /// An encryptor for another form of a message, which keeps what is not given.
    ///
    /// - Parameters:
    ///   - old: the message.
    ///   - keyring: wraps the data key.
    ///   - encryptionContext: the pairs of the new message.
    ///   - algorithmSuite: its suite; nil for that of the old one.
    ///   - frameLength: its frame length; nil for that of the old one.
    static func rewrapping(
        _ old: VerifiedMessage,
        under keyring: any Keyring,
        encryptionContext: EncryptionContext,
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int? = nil
    ) throws -> MessageEncryptor {
        let suite = algorithmSuite ?? old.algorithmSuite
        let client = try EncryptionSDK(
            commitmentPolicy: suite.isCommitting ? .requireEncryptAllowDecrypt : .forbidEncryptAllowDecrypt
        )
        let header = old.header
        let oldFrameLength = header.contentType == .framed ? Int(header.frameLength) : EncryptionSDK.defaultFrameLength
        return client.encryptor(
            using: keyring,
            encryptionContext: encryptionContext,
            algorithmSuite: suite,
            frameLength: frameLength ?? oldFrameLength
        )
    }
}

/// Which files of a run are done, so that another run can go on.
///
/// A line is written before its file is put in its place and names the message that is going to be there. So a file is done when
/// the message that lies there is the one of its line: whenever the process ends, each file is the old message or the new one, and it
/// is known which.
private final class RewrapJournal: Sendable {
    static let name: SystemPath = ".esdk-rewrap"
    private static let heading = "esdk rewrap 1 "

    private let path: SystemPath
    private let file: FileDescriptor
    private let messageIDs: [String: String]

    /// Opens a journal, or starts one.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - purpose: what the run does to messages.
    /// - Throws: `SystemError`; `UsageError` when it is the journal of another run, or not one.
    init(_ path: SystemPath, for purpose: String) throws {
        self.path = path
        file = try FileDescriptor.open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, permissions: 0o600)
        let text = String(decoding: try SystemFile.read(path, limit: 1 << 30), as: UTF8.self)
        guard !text.isEmpty else {
            messageIDs = [:]
            try file.write(Self.heading + purpose + "\n")
            return
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines[0].hasPrefix(Self.heading) else { throw UsageError("\(path) is not a journal of esdk rewrap") }
        guard lines[0] == Self.heading + purpose else {
            throw UsageError(
                "\(path) is the journal of a rewrap to other keys, or to another suite or context: finish that one first, or "
                    + "remove the journal"
            )
        }
        var messageIDs: [String: String] = [:]
        // What follows the last line feed was cut off.
        for line in lines.dropFirst().dropLast() {
            guard let space = line.firstIndex(of: " ") else { continue }
            messageIDs[String(line[line.index(after: space)...])] = String(line[..<space])
        }
        self.messageIDs = messageIDs
        if lines.last != "" { try file.write("\n") }
    }

    /// Whether the new message lies at `path`.
    func isDone(_ path: SystemPath?) -> Bool {
        guard let path, let id = messageIDs["\(path)"] else { return false }
        // Version and suite, and the longest message id.
        guard let start = try? FileDescriptor.reading(path).read(upTo: 64), start.count > 36 else { return false }
        let offset = start[0] == 1 ? 4 : 3
        let length = start[0] == 1 ? 16 : 32
        return Hex.encode(Array(start[offset..<min(offset + length, start.count)])) == id
    }

    /// Notes the message that is about to be put in its place.
    func note(_ path: SystemPath?, messageID: [UInt8]) throws {
        guard let path else { return }
        try file.write("\(Hex.encode(messageID)) \(path)\n")
        try file.synchronize()
    }

    func remove() { try? SystemFile.remove(path) }
}
