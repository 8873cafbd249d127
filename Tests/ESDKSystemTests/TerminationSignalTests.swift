import Foundation
import Glibc
import TestSupport
import Testing

@testable import ESDKSystem

struct TerminationSignalTests {
    @Test(arguments: TerminationSignals.all)
    func theFirstSignalIsNoted(number: Int32) async {
        await #expect(processExitsWith: .success) { [number = number as Int32] in
            TerminationSignals.watch()
            try #require(TerminationSignals.first == nil)
            kill(getpid(), number)
            while TerminationSignals.first == nil { try await Task.sleep(for: .milliseconds(1)) }
            try #require(TerminationSignals.first == number)
        }
    }

    @Test func theSecondSignalEndsTheProcessAndRemovesTemporaryFiles() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("output")
        let result = await #expect(processExitsWith: .failure, observing: [\.exitStatus]) { [path = path as String] in
            TerminationSignals.watch()
            var rules = FileOutput.Rules()
            rules.usesUnnamedFile = false
            let output = try FileOutput(SystemPath(path), rules)
            try output.file.write("secret")
            kill(getpid(), SIGTERM)
            while TerminationSignals.first == nil { try await Task.sleep(for: .milliseconds(1)) }
            // Still there: the first signal is for the program to act on.
            try #require(try Folder.names(in: SystemPath(path).parent).count == 1)
            kill(getpid(), SIGHUP)
            try await Task.sleep(for: .seconds(60))
        }
        #expect(result?.exitStatus == .signal(SIGHUP))
        #expect(folder.names.isEmpty)
    }

    @Test func theSecondSignalRemovesUnfinishedFoldersThatAreStillWrittenTo() async throws {
        let folder = try TemporaryFolder()
        let paths = ["unfinished", "released"].map(folder.file)
        let result = await #expect(processExitsWith: .failure, observing: [\.exitStatus]) {
            [paths = paths as [String]] in
            TerminationSignals.watch()
            let owners = try paths.map { path in
                try Folder.makeAll(SystemPath(path).appending("a/b"))
                return UnfinishedFolder(SystemPath(path))
            }
            owners[1].release()
            Thread.detachNewThread {
                for number in 0... {
                    let path = SystemPath(paths[0]).appending(SystemPath("a/\(number)"))
                    try? FileDescriptor.open(path, O_WRONLY | O_CREAT).close()
                }
            }
            kill(getpid(), SIGTERM)
            while TerminationSignals.first == nil { try await Task.sleep(for: .milliseconds(1)) }
            try #require(try Folder.names(in: SystemPath(paths[0])) == ["a"])
            kill(getpid(), SIGINT)
            try await Task.sleep(for: .seconds(60))
        }
        #expect(result?.exitStatus == .signal(SIGINT))
        #expect(folder.names == ["released"])
    }

    @Test func anIgnoredSignalStaysIgnored() async {
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_IGN)
            TerminationSignals.watch()
            kill(getpid(), SIGHUP)
            try await Task.sleep(for: .milliseconds(50))
            try #require(TerminationSignals.first == nil)
        }
    }
}
