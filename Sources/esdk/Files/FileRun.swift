import AWSEncryptionSDK
import ESDKSystem
import ESDKTestVectors
import Glibc

/// Encrypts or decrypts the files of a plan, several at a time.
struct FileRun: Sendable {
    private let options: FileOptions
    private let plan: FilePlan

    /// Decides what is to be done, before anything is.
    ///
    /// - Throws: `UsageError`; `SystemError` where the output folder or the metadata cannot be written.
    init(_ inputs: [SystemPath], _ options: FileOptions) throws {
        self.options = options
        plan = try FilePlan(inputs, options)
        let writesToStandardOutput = plan.jobs.contains(where: \.goesToStandardOutput)
        if options.metadataPath == "-", writesToStandardOutput {
            throw UsageError("standard output gets the file: give -o OUT, or --metadata-output FILE")
        }
        if options.task == .encrypt, writesToStandardOutput, !options.isOutputBase64,
            FileDescriptor.standardOutput.isTerminal
        {
            throw UsageError("a message is not text for a terminal: give -o OUT, a pipe, or --base64")
        }
    }

    /// Does it.
    ///
    /// - Returns: the exit code.
    /// - Throws: what is wrong with the keys and options.
    func run() async throws -> ExitCode {
        TerminationSignals.watch(grace: 1, exitingWith: ExitCode.interrupted.rawValue)
        // A closed pipe and a limit on file sizes are errors like others.
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGXFSZ, SIG_IGN)
        let worker: Worker
        do {
            worker = try await Interruption.cancelling { [options, plan] in try await Self.worker(options, plan) }
        } catch is CancellationError {
            return .interrupted
        }
        for problem in plan.problems { Terminal.complain("\(problem.name): \(problem.reason)") }
        let folders = outputFolders
        // What earlier runs left that were killed.
        for folder in folders { FileOutput.removeLeftovers(in: folder) }
        let jobs = min(worker.jobs, plan.jobs.count)
        try? await Interruption.cancelling {
            await withTaskGroup { group in
                for _ in 0..<jobs { group.addTask { await worker.work() } }
            }
        }
        worker.progress.clear()
        // Once for all files of a folder: each of them is complete or absent before that, too.
        for folder in folders { try FileOutput.synchronize(folder) }
        return finish(worker.tally)
    }

    private static func worker(_ options: FileOptions, _ plan: FilePlan) async throws -> Worker {
        let metadata = try options.metadataPath.map { path in try MetadataOutput.open(path) }
        let keys = try await options.keys.open(for: options.task == .encrypt ? .encrypting : .decrypting)
        do {
            let manager = try options.materialsManager(over: keys.keyring, requiring: keys.requiredContextKeys)
            let rescue = options.task == .rescue ? try await FileRescue(options, keys) : nil
            let context = try options.encryptionContext()
            let jobs = min(options.jobs(waitingForAWS: keys.areInAWS), plan.jobs.count)
            return Worker(options, plan, metadata, try options.client(jobs: jobs), context, manager, keys, rescue)
        } catch let error as EncryptionSDKError where error.category == .configuration {
            throw UsageError(error.reason)
        }
    }

    /// The folders that outputs lie in.
    private var outputFolders: Set<SystemPath> { Set(plan.jobs.compactMap { $0.output?.path?.parent }) }

    private func finish(_ tally: Worker.Tally) -> ExitCode {
        let failed = tally.failed + plan.problems.count
        let isInterrupted = TerminationSignals.first != nil
        if !options.isQuiet, isInterrupted || plan.jobs.count + plan.problems.count > 1 || plan.jobs.isEmpty {
            Terminal.complain(summary(tally, failed, isInterrupted))
        }
        if isInterrupted { return .interrupted }
        if let worst = tally.worst ?? (plan.problems.isEmpty ? nil : .unusable) {
            return plan.problems.isEmpty ? worst : .unusable
        }
        return plan.jobs.isEmpty ? .nothing : .success
    }

    private func summary(_ tally: Worker.Tally, _ failed: Int, _ isInterrupted: Bool) -> String {
        let did =
            switch options.task {
            case .encrypt: "encrypted"
            case .decrypt: options.verifiesOnly ? "verified" : "decrypted"
            case .rescue: options.verifiesOnly ? "verified" : "rescued"
            }
        guard !plan.jobs.isEmpty || failed > 0 else {
            return "no file to work on" + (leftOut.isEmpty ? "" : ": \(leftOut.joined(separator: ", "))")
        }
        let all = plan.jobs.count + plan.problems.count
        let noun = all == 1 ? "file" : "files"
        let share = failed == 0 && !isInterrupted ? "" : "\(FileProgress.count(tally.done)) of "
        var parts = ["\(did) \(share)\(FileProgress.count(all)) \(noun), \(FileProgress.bytes(tally.bytes))"]
        if failed > 0 { parts.append("\(FileProgress.count(failed)) failed") }
        return ([isInterrupted ? "interrupted" : nil].compactMap(\.self) + parts + leftOut).joined(separator: "; ")
    }

    /// What a folder held that was no input, in words.
    private var leftOut: [String] {
        let suffix = String(decoding: options.suffix, as: UTF8.self)
        let ending = options.task == .encrypt ? "end in \(suffix) already" : "do not end in \(suffix)"
        var parts: [String] = []
        if plan.leftOut.bySuffix > 0 {
            parts.append("left out \(FileProgress.count(plan.leftOut.bySuffix)) that \(ending)")
        }
        if plan.leftOut.otherThings > 0 {
            parts.append(
                "left out \(FileProgress.count(plan.leftOut.otherThings)) links and other things that are not files"
            )
        }
        return parts
    }
}

/// What works on one file after the other; several do so at the same time, with one set of keys.
private final class Worker: Sendable {
    /// What was done so far.
    struct Tally: Sendable {
        var done = 0
        var failed = 0
        var bytes = 0
        /// What is worst of all failures; nil without one.
        var worst: ExitCode?
    }

    let progress: FileProgress
    private let options: FileOptions
    private let plan: FilePlan
    private let metadata: MetadataOutput?
    private let client: EncryptionSDK
    private let context: EncryptionContext
    private let manager: any CryptographicMaterialsManager
    private let keys: KeyOptions.Opened
    /// What `rescue` works with; nil for other commands.
    private let rescue: FileRescue?
    /// Whether a correction of the keys was looked for: once, however many messages do not open.
    private let hasLooked = Guarded(false)
    private let next = Guarded(0)
    private let state = Guarded(Tally())
    private let madeFolders = Guarded<Set<SystemPath>>([])

    init(
        _ options: FileOptions,
        _ plan: FilePlan,
        _ metadata: MetadataOutput?,
        _ client: EncryptionSDK,
        _ context: EncryptionContext,
        _ manager: any CryptographicMaterialsManager,
        _ keys: KeyOptions.Opened,
        _ rescue: FileRescue?
    ) {
        self.options = options
        self.plan = plan
        self.metadata = metadata
        self.client = client
        self.context = context
        self.manager = manager
        self.keys = keys
        self.rescue = rescue
        let sizes = plan.jobs.map(\.size)
        progress = FileProgress(
            files: plan.jobs.count,
            bytes: sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) },
            isQuiet: options.isQuiet
        )
    }

    /// How many files are worked on at the same time.
    var jobs: Int { options.jobs(waitingForAWS: keys.areInAWS) }

    var tally: Tally { state.withLock { $0 } }

    /// Works on files until there is none left.
    @concurrent
    func work() async {
        while !Task.isCancelled, TerminationSignals.first == nil {
            let index = next.withLock { next in
                defer { next += 1 }
                return next
            }
            guard index < plan.jobs.count else { return }
            let job = plan.jobs[index]
            do {
                if let rescue {
                    try await self.rescue(job, with: rescue)
                } else {
                    finish(job, try await work(on: job), nil)
                }
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                var failure = FileFailure(error, options.task)
                if let correction = await correction(of: error, for: job) {
                    failure.details.append("it opens with \(correction)")
                }
                finish(job, FileMetadata(job, options.task, failure), failure)
            }
        }
    }

    private func finish(_ job: FileJob, _ line: FileMetadata, _ failure: FileFailure?) {
        state.withLock { tally in
            if let failure {
                tally.failed += 1
                tally.worst = tally.worst == .unusable ? .unusable : failure.exitCode
                report(job, failure)
            } else {
                tally.done += 1
                tally.bytes += job.size ?? 0
                if options.verifiesOnly, metadata?.isStandardOutput != true {
                    Terminal.write("\(job.name): \(line.summary)\n")
                }
            }
            metadata?.write(line)
        }
        progress.finishFile(failed: failure != nil)
    }

    private func report(_ job: FileJob, _ failure: FileFailure) {
        // Who closed the pipe wants no more.
        if job.goesToStandardOutput, failure.isBrokenPipe { return }
        progress.clear()
        let isNamed = failure.path != nil && [job.input.path, job.output?.path].contains(failure.path)
        Terminal.complain(isNamed ? failure.reason : "\(job.name): \(failure.reason)")
        for detail in failure.details { Terminal.complain("  \(detail)", as: nil) }
    }

    /// How a key would have to be written, or what would have to be rescued, to open a message; nil where that is not known.
    private func correction(of error: any Error, for job: FileJob) async -> String? {
        guard options.task == .decrypt, let code = (error as? EncryptionSDKError)?.code,
            code == .noDataKey || code == .headerTagMismatch, !options.isInputBase64,
            let path = job.input.path, (try? FileStatus(of: path))?.kind == .regular,
            !hasLooked.withLock({ looked in
                defer { looked = true }
                return looked
            }), let start = try? FileDescriptor.reading(path).read(upTo: 256 << 10)
        else { return nil }
        if code == .noDataKey, let spelling = await keys.correction(for: start, context: context) { return spelling }
        return await keys.deviation(of: start, context: context).map { "esdk rescue --as \($0.rawValue)" }
    }

    // MARK: - One file

    private func work(on job: FileJob) async throws -> FileMetadata {
        let input = try input(of: job)
        let status = try input.status()
        guard status.kind != .folder else { throw SystemError(EISDIR, "read", input.path) }
        if let range = options.range, let sink = try sink(of: job, for: status) {
            let message = try await client.decryptRange(
                range,
                of: input,
                to: sink,
                using: manager,
                encryptionContext: context,
                signedMessages: options.readsSignedRanges ? .signatureNotVerified : .refuse
            )
            if message.wasWrittenInPlace { noteWrittenInPlace(job) }
            return FileMetadata(job, message)
        }
        let isPipe = options.task == .encrypt && status.kind != .regular
        let source = try FileSource(input, isBase64: options.isInputBase64) { [progress] count in
            // A signal to the whole pipeline ends what feeds the pipe, too: its end is then not that of the input, and may be
            // seen before the signal.
            if count == 0, isPipe { usleep(10_000) }
            guard TerminationSignals.first == nil else { throw CancellationError() }
            progress.read(count)
        }
        let sink = try sink(of: job, for: status)
        switch options.task {
        case .encrypt:
            guard let sink else { throw UsageError("there is no output") }
            let message = try await client.encrypt(
                source,
                to: sink,
                using: manager,
                encryptionContext: context,
                algorithmSuite: options.suite,
                frameLength: options.frameLength
            )
            if message.wasWrittenInPlace { noteWrittenInPlace(job) }
            return FileMetadata(job, message)
        case .decrypt, .rescue:
            let message = try await client.decrypt(source, to: sink, using: manager, encryptionContext: context)
            if message.wasWrittenInPlace { noteWrittenInPlace(job) }
            return FileMetadata(job, message)
        }
    }

    private func rescue(_ job: FileJob, with rescue: FileRescue) async throws {
        let rescued = try await rescue.rescue(job, onRead: { [progress] count in progress.read(count) }) {
            (place, status) in try output(place, for: status, of: job)
        }
        if rescued.wasWrittenInPlace { noteWrittenInPlace(job) }
        progress.clear()
        if !options.isQuiet { for line in rescued.report(job.name) { Terminal.complain(line.text, as: line.command) } }
        finish(job, FileMetadata(job, rescued), rescued.failure(options))
    }

    private func noteWrittenInPlace(_ job: FileJob) {
        progress.clear()
        let name = job.output?.path.map { "\($0)" } ?? job.name
        Terminal.complain("\(name): cannot be replaced at once, so its contents were replaced in place")
    }

    private func input(of job: FileJob) throws(SystemError) -> FileDescriptor {
        guard let path = job.input.path else { return .standardInput }
        // A pipe without a writer is waited for where the wait can end early.
        return try .reading(path, waitsForWriter: false)
    }

    private func sink(of job: FileJob, for input: FileStatus) throws -> FileSink? {
        guard let place = job.output else { return nil }
        return FileSink(
            try output(place, for: input, of: job),
            isBase64: options.isOutputBase64,
            release: options.releasesUnverified ? .everyFrame : .unsignedFrames
        )
    }

    private func output(_ place: FileJob.Place, for input: FileStatus, of job: FileJob) throws -> FileOutput {
        guard let path = place.path else { return FileOutput(through: .standardOutput) }
        var rules = FileOutput.Rules()
        rules.replacesFiles = options.replacesFiles
        rules.followsLinks = options.replacesFiles
        rules.synchronizesFolder = false
        // What comes out of a pipe is not known to be secret when it is to be encrypted, and is when it was.
        if options.task.readsMessages || input.kind == .regular { rules.noWiderThan = input }
        try makeFolder(path.parent, like: job)
        let output = try FileOutput(path, rules)
        guard
            options.task.readsMessages || options.isOutputBase64 || !output.isWrittenThrough || !output.file.isTerminal
        else { throw SystemError(EINVAL, "write", path, "a message is not text for a terminal: add --base64") }
        return output
    }

    /// Makes the folder of an output, no more open than that of the input.
    private func makeFolder(_ folder: SystemPath, like job: FileJob) throws {
        guard options.isRecursive, let input = job.input.path else { return }
        try madeFolders.withLock { made in
            guard made.insert(folder).inserted else { return }
            let permissions = (try? FileStatus(of: input.parent))?.permissions ?? 0o700
            try Folder.makeAll(folder, permissions: permissions | 0o700)
        }
    }
}

/// Where lines of JSON go.
private final class MetadataOutput: Sendable {
    let isStandardOutput: Bool
    private let file: FileDescriptor

    private init(_ file: FileDescriptor) {
        self.file = file
        isStandardOutput = file === FileDescriptor.standardOutput
    }

    /// Opens the file; `-` is standard output.
    static func open(_ path: SystemPath) throws(SystemError) -> MetadataOutput {
        if path == "-" { return MetadataOutput(.standardOutput) }
        return MetadataOutput(try .open(path, O_WRONLY | O_CREAT | O_APPEND))
    }

    /// Writes a line; when that fails, the process ends, as with any results that cannot be written.
    func write(_ metadata: FileMetadata) {
        do {
            let line = try metadata.line()
            try file.writeAll(line.span)
        } catch {
            Terminal.complain("\(error)")
            _exit(ExitCode.unusable.rawValue)
        }
    }
}
