import Foundation
import TestSupport
import Testing

/// The Python of the local AWS, which has botocore: what others do, live.
enum Botocore {
    private static let python = ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS_PYTHON"]

    /// Lets a test run where there is one.
    static let isThere = ConditionTrait.enabled(if: python != nil, Comment(rawValue: LocalAWS.comment))

    /// Runs a script of `scripts/local-aws-server`.
    ///
    /// - Parameters:
    ///   - script: its name.
    ///   - input: its standard input.
    /// - Returns: the lines that it prints.
    static func lines(of script: String, input: Data = Data()) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(python))
        process.arguments = ["-B", RepositoryFiles.root.appending(path: "scripts/local-aws-server/\(script)").path()]
        let file = FileManager.default.temporaryDirectory.appending(path: "botocore-\(UUID().uuidString)")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text.split(separator: "\n").map(String.init)
    }
}
