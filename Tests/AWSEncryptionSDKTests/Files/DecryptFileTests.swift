import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import Foundation
import TestSupport
import Testing

/// Decrypting from file to file.
@Suite("Files")
struct DecryptFileTests {
    private let directory: TemporaryFolder
    private let client: EncryptionSDK

    init() throws {
        directory = try TemporaryFolder()
        client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
    }

    private func decrypt(_ forge: Forge, to output: String = "output") async throws -> VerifiedMessage {
        try await client.decryptFile(
            directory.file("input"),
            to: directory.file(output),
            using: StubKeyring(dataKey: forge.dataKey)
        )
    }

    @Test("The plaintext appears under the name of the output, and nothing else does", arguments: Forge.suites)
    func opens(suite: AlgorithmSuite) async throws {
        for forge in [try Forge(suite), try Forge.nonFramed(suite), try Forge(suite, plaintext: [])] {
            try directory.write("input", forge.sealed().bytes)
            let message = try await decrypt(forge)
            #expect(message.algorithmSuite == suite)
            #expect(try directory.read("output") == forge.plaintext)
            #expect(directory.names == ["input", "output"])
        }
    }

    @Test("A file longer than the pieces it is read in decrypts", arguments: Forge.suites)
    func longFile(suite: AlgorithmSuite) async throws {
        var generator = SeededGenerator(seed: 2)
        let plaintext = (0..<800_000 / 8).flatMap { _ in (generator.next() as UInt64).bytes }
        let forge = try Forge(suite, plaintext: plaintext, frameLength: 100_000)
        try directory.write("input", forge.sealed().bytes)
        _ = try await decrypt(forge)
        let isRight = try directory.read("output") == plaintext
        #expect(isRight)
    }

    @Test("An existing output is replaced on success", arguments: Forge.suites)
    func replaces(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        try directory.write("input", forge.sealed().bytes)
        try directory.write("output", Array("a longer text that was there before the message was decrypted".utf8))
        _ = try await decrypt(forge)
        #expect(try directory.read("output") == forge.plaintext)
        #expect(directory.names == ["input", "output"])
    }

    @Test("A message that is refused leaves an existing output as it was, and no other file", arguments: Forge.suites)
    func keepsOutput(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed().bytes
        let old = Array("what was there".utf8)
        var wrongEnd = message
        wrongEnd[message.count - 1] ^= 1
        for refused in [[], Array(message.dropLast()), message + [0], wrongEnd, Array(message.prefix(10))] {
            try directory.write("input", refused)
            try directory.write("output", old)
            await #expect(throws: EncryptionSDKError.self) { _ = try await decrypt(forge) }
            #expect(try directory.read("output") == old)
            #expect(directory.names == ["input", "output"])
            await #expect(throws: EncryptionSDKError.self) { _ = try await decrypt(forge, to: "new") }
            #expect(directory.names == ["input", "output"])
        }
    }

    @Test("A message may be replaced by its plaintext")
    func inPlace() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKeyECDSAP384)
        try directory.write("input", forge.sealed().bytes)
        _ = try await decrypt(forge, to: "input")
        #expect(try directory.read("input") == forge.plaintext)
        #expect(directory.names == ["input"])
    }

    @Test("An input that is missing, or a directory, is an input error, and nothing is written")
    func missingInput() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        await #expect(throws: EncryptionSDKError(.inputOutput, "")) { _ = try await decrypt(forge) }
        #expect(directory.names.isEmpty)
        try FileManager.default.createDirectory(atPath: directory.file("input"), withIntermediateDirectories: false)
        await #expect(throws: EncryptionSDKError(.inputOutput, "")) { _ = try await decrypt(forge) }
        #expect(directory.names == ["input"])
    }

    @Test("An output in a directory that is missing, or that is a directory, is an output error")
    func missingDirectory() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        try directory.write("input", forge.sealed().bytes)
        await #expect(throws: EncryptionSDKError(.inputOutput, "")) {
            _ = try await decrypt(forge, to: "missing/output")
        }
        try FileManager.default.createDirectory(atPath: directory.file("folder"), withIntermediateDirectories: false)
        await #expect(throws: EncryptionSDKError(.inputOutput, "")) { _ = try await decrypt(forge, to: "folder") }
        #expect(directory.names == ["folder", "input"])
    }

    @Test("The output has the permissions of a new file, not those of a temporary one")
    func permissions() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        try directory.write("input", forge.sealed().bytes)
        _ = try await decrypt(forge)
        try #require(FileManager.default.createFile(atPath: directory.file("plain"), contents: nil))
        func mode(_ name: String) throws -> Int? {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(name))
            return (attributes[.posixPermissions] as? NSNumber)?.intValue
        }
        #expect(try mode("output") == mode("plain"))
    }

    @Test("A cancelled task leaves no output and no temporary file")
    func cancellation() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        try directory.write("input", forge.sealed().bytes)
        let (client, input, output) = (client, directory.file("input"), directory.file("output"))
        let keyring = StubKeyring(dataKey: forge.dataKey)
        let task = Task {
            // Cancelled from inside, so that nothing depends on who is faster.
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.decryptFile(input, to: output, using: keyring)
        }
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(directory.names == ["input"])
    }
}
