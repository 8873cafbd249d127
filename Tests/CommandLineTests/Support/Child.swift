import Glibc

/// A process whose output goes to files, so that nobody has to read while it runs.
struct Child {
    struct Failure: Error {
        let what: String
        let number: Int32
    }

    let id: pid_t
    private let outputPath: String
    private let errorPath: String

    init(
        program: String,
        words: [[UInt8]],
        environment: [String] = [],
        standardOutput: Int32? = nil,
        in folder: VectorFixture
    ) throws {
        outputPath = folder.scratchPath("stdout")
        errorPath = folder.scratchPath("stderr")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let standardOutput {
            posix_spawn_file_actions_adddup2(&actions, standardOutput, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // Whatever the runner of the tests does with signals, the process gets the usual ones.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

        // env becomes the program, in the folder.
        let launcher = ["env", "-C", folder.path].map { Array($0.utf8) }
        var arguments: [UnsafeMutablePointer<CChar>?] = (launcher + [Array(program.utf8)] + words).map { word in
            let text = word.map { CChar(bitPattern: $0) } + [0]
            return text.withUnsafeBufferPointer { $0.baseAddress.flatMap { strdup($0) } }
        }
        arguments.append(nil)
        var variables = Self.environment(environment).map { strdup($0) } as [UnsafeMutablePointer<CChar>?]
        variables.append(nil)
        defer { for pointer in arguments + variables { free(pointer) } }
        var id: pid_t = 0
        let result = posix_spawn(&id, "/usr/bin/env", &actions, &attributes, arguments, variables)
        guard result == 0 else { throw Failure(what: "posix_spawn \(program)", number: result) }
        self.id = id
    }

    /// The environment of the tests.
    private static func environment(_ added: [String]) -> [String] {
        var variables: [String] = []
        var entry = environ
        while let text = entry.pointee {
            variables.append(String(cString: text))
            entry += 1
        }
        return variables + added
    }

    /// Waits for the end.
    func finish() throws -> ESDK.Output {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(what: "waitpid", number: errno) }
        }
        let signal = status & 0x7F
        return ESDK.Output(
            status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
            standardOutput: String(decoding: (try? VectorFixture.read(outputPath)) ?? [], as: UTF8.self),
            standardError: String(decoding: try VectorFixture.read(errorPath), as: UTF8.self)
        )
    }
}
