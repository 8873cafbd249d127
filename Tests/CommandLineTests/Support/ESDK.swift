import ESDKSystem
import Foundation
import TestSupport
import Testing

/// The built command, run as a process of its own.
enum ESDK {
    typealias Output = TestProcess.Output

    /// The executable, which lies beside that of the tests.
    static let path = TestProcess.built("esdk")

    /// Runs `esdk vectors decrypt` to its end.
    static func decrypt(_ arguments: String..., in folder: TemporaryFolder) throws -> Output {
        try run(["vectors", "decrypt"] + arguments, in: folder)
    }

    /// Runs the command to its end.
    static func run(_ arguments: [String], in folder: TemporaryFolder) throws -> Output {
        try run(words: arguments.map { Array($0.utf8) }, in: folder)
    }

    /// Runs the command with arguments that need not be text.
    static func run(words: [[UInt8]], in folder: TemporaryFolder) throws -> Output {
        try start(words: words, in: folder).finish()
    }

    /// Runs a line of shell, in which `$esdk` is the command.
    static func shell(_ line: String, in folder: TemporaryFolder) throws -> Output {
        try TestProcess.run(["/bin/sh", "-c", line], variables: ["esdk": path], in: folder.path)
    }

    /// Starts the command.
    ///
    /// - Parameter standardOutput: where standard output goes; nil to keep it.
    static func start(
        words: [[UInt8]],
        standardOutput: FileDescriptor? = nil,
        in folder: TemporaryFolder
    ) throws -> TestProcess {
        try TestProcess([Array(path.utf8)] + words, in: folder.path, output: standardOutput)
    }
}

/// The Python of the tests, which has what `scripts/tests/requirements.txt` lists.
enum Python {
    /// The interpreter, which `scripts/python-environment` makes and names.
    static let interpreter = ProcessInfo.processInfo.environment["ESDK_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }

    /// Lets a test run where there is an interpreter.
    static let isThere = ConditionTrait.enabled(
        if: interpreter != nil,
        "ESDK_PYTHON names no Python interpreter: scripts/python-environment makes one and prints its path"
    )

    /// Runs a program and returns what it prints.
    static func run(_ program: String, _ arguments: String..., in folder: TemporaryFolder) throws -> String {
        let words = [try #require(interpreter), "-c", program] + arguments
        let output = try TestProcess.run(words, variables: ["PYTHONUTF8": "1"], in: folder.path)
        #expect(output.standardError == "")
        #expect(output.status == 0)
        return output.standardOutput
    }
}

/// What a server that takes itself for KMS does.
extension ScriptedServer {
    /// A server that refuses requests as KMS does for a key that it does not know, and later does something else.
    ///
    /// - Parameters:
    ///   - count: how many requests are answered as `notFound`.
    ///   - later: what happens to others.
    convenience init(after count: Int = 0, _ later: Step) throws {
        try self.init([Step](repeating: .notFound, count: count) + [later])
    }
}

extension ScriptedServer.Step {
    /// What KMS says of a key that it does not know.
    static let notFound = Self.answer(
        status: 400,
        body: #"{"__type":"NotFoundException","message":"no such key"}"#
    )

    /// An error of KMS.
    static func refusal(_ code: String) -> Self {
        .answer(status: 400, body: #"{"__type":"\#(code)","message":"refused"}"#)
    }
}
