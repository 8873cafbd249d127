import ESDKSystem
import Foundation
import Glibc
import TestSupport
import Testing

/// Runs that end before their time leave what was there, and nothing else.
@Suite("esdk encrypt, esdk decrypt: interruption", .serialized)
struct FileInterruptionTests {
    private let files: FileFolder
    private var folder: TemporaryFolder { files.folder }

    init() throws {
        files = try FileFolder()
        try folder.write("plain", [UInt8](repeating: 0x41, count: 8_000_000))
    }

    private func start(_ words: [String]) throws -> TestProcess {
        try ESDK.start(words: (words + [FileFolder.key]).map { Array($0.utf8) }, in: folder)
    }

    @Test func aKilledRunLeavesTheTargetAsItWas() throws {
        try files.expectSuccess("encrypt", "plain", "-o", "message")
        let before = Array("what was here before".utf8)
        try folder.write("back", before)
        let names = folder.names
        var kills = 0
        var random = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            let process = try start(["decrypt", "message", "-o", "back", "--force"])
            usleep(UInt32.random(in: 0..<120_000, using: &random))
            process.stop()
            let now = try folder.read("back")
            if now == before {
                kills += 1
            } else {
                #expect(now.count == 8_000_000)
                try folder.write("back", before)
            }
        }
        #expect(kills > 0)
        // What a moment of bad luck left is taken away by the next run.
        try files.expectSuccess("decrypt", "message", "-o", "back", "--force")
        #expect(folder.names == names)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aSignalLeavesNothing(signal: Int32) throws {
        let names = folder.names
        // It waits for input that does not come.
        let pipe = try FileDescriptor.pipe()
        let process = try TestProcess(
            [ESDK.path, "encrypt", "-", "-o", "message", FileFolder.key].map { Array($0.utf8) },
            in: folder.path,
            input: pipe.read
        )
        try pipe.write.writeAll([UInt8](repeating: 0x41, count: 60_000).span)
        usleep(300_000)
        process.send(signal)
        let output = try process.finish()
        #expect(output.status == 3)
        #expect(output.standardError == "esdk: interrupted; encrypted 0 of 1 files, 0 B\n")
        #expect(folder.names == names)
    }

    @Test func aSignalEndsAWriteThatIsStuck() throws {
        try files.expectSuccess("encrypt", "plain", "-o", "message", "--suite=0478")
        // Nobody reads.
        let pipe = try FileDescriptor.pipe()
        let process = try ESDK.start(
            words: ["decrypt", "message", "-o", "-", FileFolder.key].map { Array($0.utf8) },
            standardOutput: pipe.write,
            in: folder
        )
        usleep(300_000)
        process.send(SIGTERM)
        #expect(try process.finish().status == 3)
    }

    @Test func aLeftoverOfADeadRunIsRemovedAndThatOfALivingOneIsNot() throws {
        let dead = ".esdk-0123456789abc"
        let living = ".esdk-cba9876543210"
        let foreign = ".esdk-notes"
        for name in [dead, living, foreign] { try folder.write(name, "x") }
        let held = try FileDescriptor.reading(SystemPath(folder.file(living)))
        #expect(flock(held.number, LOCK_EX) == 0)
        try files.expectSuccess("encrypt", "plain")
        #expect(folder.names == [foreign, living, "key", "plain", "plain.esdk"].sorted())
    }
}
