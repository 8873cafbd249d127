import Foundation
import Testing

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
    static func run(_ program: String, _ arguments: String..., in folder: VectorFixture) throws -> String {
        let words = (["-c", program] + arguments).map { Array($0.utf8) }
        let process = try Child(program: #require(interpreter), words: words, environment: ["PYTHONUTF8=1"], in: folder)
        let output = try process.finish()
        #expect(output.standardError == "")
        #expect(output.status == 0)
        return output.standardOutput
    }
}
