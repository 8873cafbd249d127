import Foundation
import Glibc
import TestSupport
import Testing

@testable import ESDKSystem

/// Programs in processes of their own.
@Suite(.serialized)
struct ChildProcessTests {
    private func run(_ script: String, limit: Int = 1000, timeout: Duration? = .seconds(60)) async throws
        -> ChildProcess.Outcome
    {
        try await ChildProcess.run(["/bin/sh", "-c", SystemPath(script)], outputLimit: limit, timeout: timeout)
    }

    @Test func outputErrorsAndStatusAreTaken() async throws {
        let outcome = try await run("echo out; echo err >&2; exit 7")
        #expect(outcome.output == Array("out\n".utf8))
        #expect(outcome.errors == "err\n")
        #expect(outcome.ending.exitStatus == 7)
        #expect(outcome.ending.signal == nil)
        #expect(outcome.ending.peakResidentBytes > 0)
    }

    @Test func aSignalIsTold() async throws {
        let outcome = try await run("kill -TERM $$")
        #expect(outcome.ending.exitStatus == nil)
        #expect(outcome.ending.signal == SIGTERM)
        #expect(!outcome.ending.isLost)
    }

    @Test func aProgramThatIsMissingIsNamed() async throws {
        let error = await #expect(throws: SystemError.self) {
            try await ChildProcess.run(["/nonexistent/program"], outputLimit: 10)
        }
        #expect(error?.number == ENOENT)
        #expect(error?.description == "cannot run /nonexistent/program: No such file or directory")
    }

    @Test func thereIsNoInputAndNoOtherDescriptor() async throws {
        let file = try FileDescriptor.reading("/dev/null")
        let pipe = try FileDescriptor.pipe()
        let outcome = try await run("cat; ls /proc/$$/fd")
        // What others have opened without care may be there too.
        let numbers = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
        #expect(Set(numbers).isSuperset(of: [0, 1, 2]))
        for descriptor in [file, pipe.read, pipe.write] { #expect(!numbers.contains(descriptor.number)) }
    }

    @Test(arguments: [0, 1, 999, 1000])
    func outputUpToTheLimitIsTaken(length: Int) async throws {
        #expect(try await run("head -c \(length) /dev/zero").output.count == length)
    }

    @Test(arguments: ["head -c 1001 /dev/zero", "cat /dev/zero", "head -c 1001 /dev/zero; exit 0"])
    func moreOutputThanTheLimitEndsTheProgram(script: String) async {
        await #expect(throws: ChildProcess.Stop.tooMuchOutput) { try await run(script) }
    }

    @Test func theLimitHoldsForWhatAnotherProcessWritesIntoThePipe() async {
        await #expect(throws: ChildProcess.Stop.tooMuchOutput) {
            try await run("(cat /dev/zero & echo $! > /dev/null) ; sleep 0.2; exit 0")
        }
    }

    @Test func theEndOfTheProgramCountsNotThatOfThePipe() async throws {
        let start = ContinuousClock.now
        let outcome = try await run("sleep 30 & echo $!")
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(outcome.ending.exitStatus == 0)
        let id = try #require(Int32(String(decoding: outcome.output, as: UTF8.self).dropLast()))
        #expect(kill(id, SIGKILL) == 0)
    }

    @Test func aProgramWithMuchToSayOnStandardErrorEnds() async throws {
        let outcome = try await run("head -c 3000000 /dev/zero >&2; echo done")
        #expect(outcome.output == Array("done\n".utf8))
        #expect(outcome.errors.utf8.count == 1000)
    }

    @Test func aProgramThatTakesTooLongIsKilled() async throws {
        let folder = try TemporaryFolder()
        await #expect(throws: ChildProcess.Stop.timedOut) {
            try await run("echo $$ > \(folder.file("id")); exec sleep 30", timeout: .milliseconds(300))
        }
        let id = try #require(Int32(try folder.text("id").dropLast()))
        #expect(kill(id, 0) == -1)
    }

    @Test func aCancelledTaskKillsItsProgram() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("id")
        let task = Task { try await run("echo $$ > \(path).new; mv \(path).new \(path); exec sleep 30") }
        while !folder.names.contains("id") { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let id = try #require(Int32(try folder.text("id").dropLast()))
        #expect(kill(id, 0) == -1)
    }

    @Test func aBlockedOrIgnoredSignalIsNotInherited() async throws {
        let outcome = try await run("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '[:blank:]'; true")
        let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "SigBlk:0000000000000000")
        let ignored = try #require(lines.last.flatMap { UInt64($0.dropFirst("SigIgn:".count), radix: 16) })
        for number in [SIGPIPE, SIGCHLD] { #expect(ignored & (1 << UInt64(number - 1)) == 0) }
    }

    /// A process that ignores SIGCHLD has its children taken away by the system.
    @Test func aProcessThatIgnoresItsChildrenGetsTheOutput() async {
        await #expect(processExitsWith: .success) {
            signal(SIGCHLD, SIG_IGN)
            let start = ContinuousClock.now
            let outcome = try await ChildProcess.run(
                ["/bin/sh", "-c", "echo out; exit 3"],
                outputLimit: 100,
                timeout: .seconds(60)
            )
            try #require(outcome.output == Array("out\n".utf8))
            try #require(outcome.ending.isLost)
            try #require(ContinuousClock.now - start < .seconds(30))
        }
    }

    @Test func argumentsNeedNotBeUTF8() async throws {
        let outcome = try await ChildProcess.run(
            ["printf", "%s", SystemPath(bytes: [0x61, 0xFF])],
            environment: [],
            outputLimit: 10
        )
        #expect(outcome.output == [0x61, 0xFF])
    }

    @Test func anEmptyCommandIsRefused() async {
        await #expect(throws: SystemError(ENOENT, "run")) { try await ChildProcess.run([], outputLimit: 1) }
        await #expect(throws: SystemError(ENOENT, "run")) { try await ChildProcess.run([""], outputLimit: 1) }
    }
}
