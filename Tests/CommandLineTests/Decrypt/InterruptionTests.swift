import ESDKSystem
import Foundation
import Glibc
import StrictJSON
import TestSupport
import Testing

/// Runs that are cut short, and output that nobody reads.
@Suite("esdk vectors decrypt: interruption")
struct InterruptionTests {
    /// A pipe of the smallest size: a command that prints much into it waits for its reader.
    private struct Pipe {
        let readEnd: FileDescriptor
        let writeEnd: FileDescriptor
        let capacity: Int32

        init() throws {
            (readEnd, writeEnd) = try FileDescriptor.pipe()
            let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ
            capacity = fcntl(writeEnd.number, setPipeSize, 4096)
            guard capacity > 0 else { throw TestProcess.Failure("the pipe cannot be made smaller") }
        }

        /// Waits until there is no room for another failure.
        func waitUntilFull() {
            let bytesToRead: UInt = 0x541B  // FIONREAD
            var count: Int32 = 0
            while count < capacity - 300 {
                usleep(1000)
                guard ioctl(readEnd.number, bytesToRead, &count) == 0 else { return }
            }
        }

        /// Reads until a text has come, or to the end.
        func read(until text: String? = nil) -> String {
            var bytes: [UInt8] = []
            while let count = try? readEnd.append(upTo: text == nil ? 4096 : 1, to: &bytes), count > 0 {
                if let text, String(decoding: bytes, as: UTF8.self).hasSuffix(text) { break }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// A set whose failures fill the pipe long before all have run.
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", (0..<2000).map { .failing("test-\($0)") })
        return folder
    }

    @Test(
        "the first signal prints what is done so far, writes the reports and exits with 3",
        arguments: [SIGINT, SIGTERM, SIGHUP]
    )
    func interrupted(signal: Int32) throws {
        let folder = try folder()
        let pipe = try Pipe()
        let words = [
            "vectors", "decrypt", "set", "--report=json=report.json", "--report=junit=report.xml",
            "--report=tap=report.tap",
        ]
        let process = try ESDK.start(words: words.map { Array($0.utf8) }, standardOutput: pipe.writeEnd, in: folder)
        try pipe.writeEnd.close()
        // The run waits for us from about the twentieth failure on.
        let first = pipe.read(until: "FAILED set test-1\n")
        #expect(first.hasPrefix("FAILED set test-0\n"))
        process.send(signal)
        let rest = pipe.read()
        let output = try process.finish()
        #expect(output.status == 3)
        #expect(!output.standardError.contains("Fatal"))

        let lines = rest.split(separator: "\n")
        let report = try StrictJSON.parse(Array(folder.text("report.json").utf8), source: "report.json")
        let total = Int(try #require(report["total"]?.integer))
        #expect(0 < total && total < 2000)
        #expect(report["complete"] == .bool(false))
        #expect(report["tests"]?.array?.count == total)
        #expect(lines.suffix(2) == ["interrupted: \(total) of 2000 tests ran", "0 passed, \(total) failed, 0 skipped"])
        #expect(try folder.text("report.tap").contains("\nBail out! interrupted: "))
        #expect(try folder.text("report.xml").contains("message=\"interrupted: \(total) of 2000 tests ran\""))
    }

    @Test(
        "a signal ends the wait for a KMS that does not answer, at the beginning and in the middle of a run",
        arguments: [0, 5]
    )
    func interruptedWaiting(answers: Int) throws {
        let endpoint = try ScriptedServer(after: answers, .hang)
        defer { endpoint.stop() }
        let folder = try TemporaryFolder()
        try folder.writeSet("set", (0..<100).map { .kmsRefusing("test-\($0)") })
        let words = [
            "vectors", "decrypt", "set", "--quiet", "--jobs=1", "--kms-endpoint", endpoint.url,
            "--report=json=report.json",
        ]
        let process = try ESDK.start(words: words.map { Array($0.utf8) }, in: folder)
        endpoint.waitForRequests(answers + 1)
        process.send(SIGINT)
        // One request was made and not repeated: nobody waited for its time-out.
        let output = try process.finish()
        #expect(endpoint.requests.count == answers + 1)
        #expect(output.status == 3)
        let total = answers == 0 ? 0 : 1
        #expect(
            output.standardOutput
                == "interrupted: \(total) of 100 tests ran\n\(total) passed, 0 failed, 0 skipped\n"
        )
        #expect(output.standardError == "")
        let report = try StrictJSON.parse(Array(folder.text("report.json").utf8), source: "report.json")
        #expect(report["complete"] == .bool(false))
        #expect(report["tests"]?.array?.count == total)
    }

    @Test("a signal ends the writing of a set that waits for KMS, and nothing is left of it")
    func interruptedWriting() throws {
        let endpoint = try ScriptedServer(after: 1, .hang)
        defer { endpoint.stop() }
        let folder = try TemporaryFolder()
        let tests = (0..<20).map { (id: "t\($0)", text: EncryptManifestText.scenario(keys: VectorSetText.kms)) }
        try folder.writePlan(tests)
        let words = ["vectors", "encrypt", "plan/encrypt.json", "-o", "out", "-q", "--kms-endpoint", endpoint.url]
        let process = try ESDK.start(words: words.map { Array($0.utf8) }, in: folder)
        endpoint.waitForRequests(2)
        process.send(SIGTERM)
        let output = try process.finish()
        #expect(output.status == 3)
        #expect(output.standardOutput.hasSuffix("0 passed, 0 failed, 0 skipped\nnothing was written\n"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["plan"])
    }

    @Test("the second signal ends the command at once")
    func interruptedTwice() throws {
        let folder = try folder()
        let pipe = try Pipe()
        let words = ["vectors", "decrypt", "set"].map { Array($0.utf8) }
        let process = try ESDK.start(words: words, standardOutput: pipe.writeEnd, in: folder)
        try pipe.writeEnd.close()
        pipe.waitUntilFull()
        // Nobody reads, so that it does not come to its end after the first one. A signal that is pending swallows
        // another.
        var ended = false
        for _ in 0..<1000 where !ended {
            process.send(SIGINT)
            usleep(10_000)
            ended = process.hasEnded
        }
        #expect(ended)
        let output = try process.finish()
        #expect(output.status == 128 + SIGINT)
    }

    @Test("a reader that goes away ends the command without a word")
    func closedPipe() throws {
        let output = try ESDK.shell("\"$esdk\" vectors decrypt set --quiet | head -n 1", in: try folder())
        #expect(output == ESDK.Output(status: 0, standardOutput: "FAILED set test-0\n", standardError: ""))
    }

    @Test("standard output that cannot be written is told, and the exit code is 2")
    func fullDisk() throws {
        let folder = try folder()
        let output = try ESDK.shell("\"$esdk\" vectors decrypt set --quiet >/dev/full", in: folder)
        #expect(output.status == 2)
        #expect(output.standardError == "esdk: standard output cannot be written: No space left on device\n")
    }

    @Test("a standard output that is closed is told, and nothing is written to a file in its place")
    func closedOutput() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("t")])
        let output = try ESDK.shell("\"$esdk\" vectors decrypt set --quiet --report tap=report.tap >&-", in: folder)
        #expect(output.status == 2)
        #expect(output.standardError == "esdk: standard output cannot be written: Bad file descriptor\n")
        #expect(!(try folder.text("report.tap").contains("passed")))
        let silent = try ESDK.shell("\"$esdk\" vectors decrypt set --report tap=report.tap 2>&- <&-", in: folder)
        #expect(silent.status == 0)
        #expect(try folder.text("report.tap") == "TAP version 14\n1..1\nok 1 - set t\n")
    }
}
