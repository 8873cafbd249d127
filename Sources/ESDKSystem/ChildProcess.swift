internal import Glibc

/// A program that runs as a child process.
package final class ChildProcess: Sendable {
    /// Where a standard stream of the program leads.
    package enum Stream: Sendable {
        /// Nothing comes, and what is written is lost.
        case null
        /// To the stream of this process.
        case inherited
        /// To an open file.
        case file(FileDescriptor)
    }

    /// How it ended.
    package struct Ending: Sendable {
        /// The exit status; nil when a signal ended it, or when the status is lost.
        package let exitStatus: Int?
        /// The signal that ended it.
        package let signal: Int32?
        /// The most memory that was resident at one time, in bytes.
        package let peakResidentBytes: Int
        /// CPU time, user and system.
        package let cpuTime: Duration

        /// Whether the status is lost: a process that ignores SIGCHLD does not learn how its children end.
        package var isLost: Bool { exitStatus == nil && signal == nil }
    }

    private enum State: Sendable {
        case running
        case ended(Ending)
    }

    /// The number that the system knows the process by; of another process, perhaps, once this one has ended.
    package let processID: Int32
    private let state = Guarded(State.running)

    /// Starts a program, without a shell.
    ///
    /// It inherits no descriptor but its standard streams, and no signal that is blocked here.
    ///
    /// - Parameters:
    ///   - words: the program, which is looked for in `PATH` unless it has a slash, and its arguments, as bytes.
    ///   - environment: its variables as `NAME=VALUE`; nil for those of this process.
    ///   - input: its standard input.
    ///   - output: its standard output.
    ///   - errors: its standard error.
    /// - Throws: what the system says.
    package init(
        _ words: [SystemPath],
        environment: [SystemPath]? = nil,
        input: Stream = .null,
        output: Stream = .inherited,
        errors: Stream = .inherited
    ) throws(SystemError) {
        guard let program = words.first, !program.bytes.isEmpty else {
            throw SystemError(ENOENT, "run a command", nil, "it is empty")
        }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
            switch stream {
            case .null: unsafe posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
            case .inherited: break
            case .file(let file): unsafe posix_spawn_file_actions_adddup2(&actions, file.number, number)
            }
        }
        // The threads that tasks run on block signals, which the program must not inherit.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGCHLD] { unsafe sigaddset(&signals, number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let arguments = try CStrings(words)
        let variables = try CStrings(environment ?? [])
        var process: pid_t = 0
        let name = try program.cString(to: "run")
        let status =
            if environment == nil {
                unsafe posix_spawnp(&process, name, &actions, &attributes, arguments.pointers, environ)
            } else {
                unsafe posix_spawnp(&process, name, &actions, &attributes, arguments.pointers, variables.pointers)
            }
        withExtendedLifetime((arguments, variables)) {}
        guard status == 0 else { throw SystemError(status, "run", program) }
        processID = process
    }

    /// How the process ended; nil while it runs.
    package func ending() -> Ending? { reap(WNOHANG) }

    /// Waits for the end, on the calling thread.
    package func wait() -> Ending {
        while true { if let ending = reap(0) { return ending } }
    }

    /// Sends a signal, unless the process has ended.
    package func send(_ signal: Int32) {
        // Looks first: the number of a process that has been waited for may be another's already.
        if ending() == nil { kill(processID, signal) }
    }

    private func reap(_ flags: Int32) -> Ending? {
        state.withLock { state in
            if case .ended(let ending) = state { return ending }
            var status: Int32 = 0
            var usage = rusage()
            let process = uninterrupted { unsafe wait4(processID, &status, flags, &usage) }
            guard process != 0 else { return nil }
            // With SIGCHLD ignored the system has discarded the process, and says that there is none.
            let isKnown = process == processID
            let signal = status & 0x7F
            let ending = Ending(
                exitStatus: isKnown && signal == 0 ? Int(status >> 8 & 0xFF) : nil,
                signal: isKnown && signal != 0 ? signal : nil,
                peakResidentBytes: usage.ru_maxrss * 1024,
                cpuTime: .seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                    + .microseconds(Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec))
            )
            state = .ended(ending)
            return ending
        }
    }
}

/// Strings for C, with a null pointer at the end.
@safe private final class CStrings {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []

    init(_ texts: [SystemPath]) throws(SystemError) {
        for text in texts {
            let characters = try text.cString(to: "run")
            unsafe pointers.append(unsafe strdup(characters))
        }
        unsafe pointers.append(nil)
    }

    deinit { unsafe pointers.forEach { unsafe free($0) } }
}

// MARK: - To the end

extension ChildProcess {
    /// What a program came to.
    package struct Outcome: Sendable {
        package let ending: Ending
        /// What it wrote to standard output; it may be secret, and is to be wiped after use.
        package var output: [UInt8]
        /// The start of what it wrote to standard error.
        package let errors: String
    }

    /// Why a program was stopped.
    package enum Stop: Error {
        /// It took too long.
        case timedOut
        /// It wrote too much to standard output.
        case tooMuchOutput
    }

    /// The most that `Outcome` keeps of standard error, in bytes.
    private static let largestErrors = 1000

    /// Runs a program to its end, without standard input.
    ///
    /// Its end counts, not that of its output: a process that it leaves behind may hold the pipe open.
    ///
    /// - Parameters:
    ///   - words: the program and its arguments.
    ///   - environment: its variables as `NAME=VALUE`; nil for those of this process.
    ///   - errors: where standard error leads; nil to keep the start of it.
    ///   - outputLimit: the most bytes of standard output that are accepted.
    ///   - timeout: how long it may take.
    /// - Throws: `SystemError` when it cannot be started; `Stop` and `CancellationError` after it has been killed.
    package static func run(
        _ words: [SystemPath],
        environment: [SystemPath]? = nil,
        errors: Stream? = nil,
        outputLimit: Int,
        timeout: Duration? = nil
    ) async throws -> Outcome {
        let output = try PipeReader(limit: outputLimit)
        let complaints = try PipeReader(limit: largestErrors)
        let child = try ChildProcess(
            words,
            environment: environment,
            output: .file(output.takeWriteEnd()),
            errors: try errors ?? .file(complaints.takeWriteEnd())
        )
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var pause = Duration.microseconds(200)
        do {
            while true {
                let ending = child.ending()
                // After the end, so that nothing that was written before it is missed.
                try output.readWhatIsThere()
                try complaints.readWhatIsThere()
                guard !output.isOverLimit else { throw Stop.tooMuchOutput }
                if let ending {
                    return Outcome(
                        ending: ending,
                        output: output.take(),
                        errors: String(decoding: complaints.take().prefix(largestErrors), as: UTF8.self)
                    )
                }
                if let deadline, ContinuousClock.now >= deadline { throw Stop.timedOut }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(5))
            }
        } catch {
            child.send(SIGKILL)
            _ = child.wait()
            throw error
        }
    }

    /// The read end of a pipe, and what came through it.
    private final class PipeReader {
        private let readEnd: FileDescriptor
        private var writeEnd: FileDescriptor?
        private let limit: Int
        private var bytes: [UInt8] = []

        init(limit: Int) throws(SystemError) {
            (readEnd, writeEnd) = try FileDescriptor.pipe()
            self.limit = limit
            // Enough from the start: secrets are not to be left behind where an array has grown.
            bytes.reserveCapacity(limit + 1)
            _ = fcntl(readEnd.number, F_SETFL, O_NONBLOCK)
        }

        deinit { wipe() }

        var isOverLimit: Bool { bytes.count > limit }

        /// The end for the program, which is to be closed here once it runs.
        func takeWriteEnd() throws(SystemError) -> FileDescriptor {
            guard let end = writeEnd.take() else { throw SystemError(EBADF, "make a pipe") }
            return end
        }

        /// Takes what is there, up to one byte more than the limit; what is beyond is discarded.
        func readWhatIsThere() throws(SystemError) {
            do {
                while bytes.count <= limit {
                    if try readEnd.append(upTo: limit + 1 - bytes.count, to: &bytes) == 0 { return }
                }
                // So that a program with much to say does not wait for a reader.
                var rest: [UInt8] = []
                for _ in 0..<64 { try readEnd.read(upTo: 65_536, into: &rest) }
            } catch  where error.number == EAGAIN {}
        }

        func take() -> [UInt8] {
            defer { bytes = [] }
            return bytes
        }

        private func wipe() {
            unsafe bytes.withUnsafeMutableBytes { buffer in
                if let start = buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
            }
        }
    }
}
