import Glibc

/// The built command, run as a process of its own.
enum ESDK {
    /// What a process left behind.
    struct Output: Equatable {
        /// The exit code; of a process that a signal ended, 128 and the signal's number, as a shell has it.
        let status: Int32
        let standardOutput: String
        let standardError: String
    }

    /// The executable, which lies beside that of the tests.
    static let path: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/esdk"
    }()

    /// Runs `esdk vectors decrypt` to its end.
    static func decrypt(_ arguments: String..., in folder: VectorFixture) throws -> Output {
        try run(["vectors", "decrypt"] + arguments, in: folder)
    }

    /// Runs the command to its end.
    static func run(_ arguments: [String], in folder: VectorFixture) throws -> Output {
        try run(words: arguments.map { Array($0.utf8) }, in: folder)
    }

    /// Runs the command with arguments that need not be text.
    static func run(words: [[UInt8]], in folder: VectorFixture) throws -> Output {
        let process = try start(words: words, in: folder)
        return try process.finish()
    }

    /// Runs a line of shell, in which `$esdk` is the command.
    static func shell(_ line: String, in folder: VectorFixture) throws -> Output {
        let process = try Child(
            program: "/bin/sh",
            words: ["-c", line].map { Array($0.utf8) },
            environment: ["esdk=\(path)"],
            in: folder
        )
        return try process.finish()
    }

    /// Starts the command.
    ///
    /// - Parameter standardOutput: a descriptor for standard output; a file where there is none.
    static func start(words: [[UInt8]], standardOutput: Int32? = nil, in folder: VectorFixture) throws -> Child {
        try Child(program: path, words: words, standardOutput: standardOutput, in: folder)
    }
}
