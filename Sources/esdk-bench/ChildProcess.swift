import Glibc

/// A program run to its end in a process of its own.
enum ChildProcess {
    /// What came of it.
    struct Outcome {
        let output: String
        /// The most memory that was resident at one time, in bytes.
        let peakResidentBytes: Int
        /// CPU time, user and system.
        let cpuSeconds: Double
    }

    /// Runs a program that is looked up in the PATH, unless its name has a slash.
    ///
    /// - Throws: `BenchError` when it cannot be started or fails.
    static func run(_ program: String, _ arguments: [String]) throws(BenchError) -> Outcome {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw BenchError("no pipe for \(program)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        // What openssl speed says of its progress is of no use here.
        if program == "openssl" {
            unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        }
        var vector = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe vector.indices { unsafe free(vector[index]) } }
        var child: pid_t = 0
        let result = unsafe posix_spawnp(&child, program, &actions, nil, &vector, environ)
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw BenchError("cannot run \(program): \(unsafe String(cString: strerror(result)))")
        }
        let output = readAll(ends[0])
        close(ends[0])
        var status: Int32 = 0
        var usage = rusage()
        while unsafe wait4(child, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw BenchError("\(program) was lost") }
        }
        guard status == 0 else { throw BenchError("\(program) failed") }
        return Outcome(
            output: String(decoding: output, as: UTF8.self),
            peakResidentBytes: usage.ru_maxrss * 1024,
            cpuSeconds: CPUClock.seconds(usage)
        )
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return all }
            all.append(contentsOf: buffer[..<count])
        }
    }
}
