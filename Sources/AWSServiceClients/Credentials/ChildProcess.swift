internal import ESDKCrypto
internal import Glibc

/// Runs a command and takes what it writes.
enum ChildProcess {
    /// What a command came to.
    struct Outcome: Sendable {
        /// The exit status; nil when a signal ended it.
        let exitStatus: Int?
        /// What it wrote to standard output.
        let output: SecretBytes
        /// What it wrote to standard error, cut where it is long.
        let errors: String
    }

    /// Why a command was not run to its end.
    enum Failure: Error {
        /// It cannot be started, in the system's words.
        case notStarted(String)
        /// It took too long, and was killed.
        case timedOut
        /// It wrote too much, and was killed.
        case tooMuchOutput
    }

    private static let largestOutput = 1 << 16
    private static let largestErrors = 1000

    /// Runs a command, without a shell and without standard input.
    ///
    /// - Parameters:
    ///   - words: the command, which is looked for in `PATH`, and its arguments.
    ///   - timeout: how long it may take.
    /// - Returns: its exit status and output.
    /// - Throws: `Failure`, or `CancellationError`; the command is killed then.
    static func run(_ words: [String], timeout: Duration) async throws -> Outcome {
        let output = try Pipe()
        defer { output.close() }
        let errors = try Pipe()
        defer { errors.close() }
        let process = try start(words, output: output, errors: errors)
        output.closeWriteEnd()
        errors.closeWriteEnd()
        let deadline = ContinuousClock.now + timeout
        var written: [UInt8] = []
        defer { zeroize(&written) }
        written.reserveCapacity(largestOutput + 4096)
        var complaint: [UInt8] = []
        var status: Int32 = 0
        do {
            var isOpen = true
            while isOpen {
                let outputIsOpen = output.read(into: &written)
                let errorsAreOpen = errors.read(into: &complaint)
                complaint.removeLast(max(0, complaint.count - largestErrors))
                guard written.count <= largestOutput else { throw Failure.tooMuchOutput }
                isOpen = outputIsOpen || errorsAreOpen
                // A grandchild may keep the pipes open: the end of the command is enough.
                if isOpen, unsafe waitpid(process, &status, WNOHANG) == process {
                    _ = output.read(into: &written)
                    _ = errors.read(into: &complaint)
                    return outcome(status, written, complaint)
                }
                guard ContinuousClock.now < deadline else { throw Failure.timedOut }
                if isOpen { try await Task.sleep(for: .milliseconds(5)) }
            }
            while unsafe waitpid(process, &status, WNOHANG) != process {
                guard ContinuousClock.now < deadline else { throw Failure.timedOut }
                try await Task.sleep(for: .milliseconds(5))
            }
        } catch {
            kill(process, SIGKILL)
            _ = unsafe waitpid(process, &status, 0)
            throw error
        }
        return outcome(status, written, complaint)
    }

    private static func outcome(_ status: Int32, _ output: [UInt8], _ errors: [UInt8]) -> Outcome {
        Outcome(
            exitStatus: status & 0x7F == 0 ? Int(status >> 8 & 0xFF) : nil,
            output: SecretBytes(output),
            errors: String(decoding: errors.prefix(largestErrors), as: UTF8.self)
        )
    }

    private static func start(_ words: [String], output: Pipe, errors: Pipe) throws -> pid_t {
        guard let command = words.first else { throw Failure.notStarted("the command is empty") }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.writeEnd, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors.writeEnd, STDERR_FILENO)
        // The threads that tasks run on hold signals back, which the command must not inherit.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let status = unsafe posix_spawnp(&process, command, &actions, &attributes, arguments, environ)
        guard status == 0 else { throw Failure.notStarted(unsafe String(cString: strerror(status))) }
        return process
    }
}

extension ChildProcess {
    /// A pipe whose read end does not block.
    private final class Pipe {
        let readEnd: Int32
        private(set) var writeEnd: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            guard unsafe pipe(&ends) == 0 else {
                throw Failure.notStarted(unsafe String(cString: strerror(errno)))
            }
            (readEnd, writeEnd) = (ends[0], ends[1])
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
        }

        func closeWriteEnd() {
            if writeEnd >= 0 { Glibc.close(writeEnd) }
            writeEnd = -1
        }

        func close() {
            closeWriteEnd()
            Glibc.close(readEnd)
        }

        /// Takes what is there.
        ///
        /// - Returns: whether more may come.
        func read(into bytes: inout [UInt8]) -> Bool {
            var buffer = [UInt8](repeating: 0, count: 4096)
            defer { zeroize(&buffer) }
            while bytes.count <= ChildProcess.largestOutput {
                let count = unsafe Glibc.read(readEnd, &buffer, buffer.count)
                if count == 0 { return false }
                if count < 0 { return errno == EAGAIN || errno == EINTR }
                bytes += buffer.prefix(count)
            }
            return true
        }
    }
}
