import AWSEncryptionSDK
import AWSMaterialProviders
import Foundation
import TestSupport
import Testing

@Suite("Messages under cached materials")
struct CachedMaterialsTests {
    private func manager(_ keyring: any Keyring) throws -> CachingCMM {
        try CachingCMM(
            underlying: keyring,
            cache: LocalCryptographicMaterialsCache(entryCapacity: 10),
            timeToLive: .seconds(60)
        )
    }

    @Test(
        "messages share a data key and nothing else, and anyone with the wrapping key opens them",
        .spec("encrypt/get-the-encryption-materials.7", "caching-cmm/get-encryption-materials.4"),
        arguments: AlgorithmSuite.all.filter { $0.keyDerivation != .identity }
    )
    func distinctMessages(_ suite: AlgorithmSuite) async throws {
        let client = try RoundTripTests.client(for: suite)
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let manager = try manager(keyring)
        let plaintext = [UInt8](1...100)
        var headers: [MessageHeader] = []
        for _ in 0..<3 {
            let message = try await client.encrypt(plaintext, using: manager, algorithmSuite: suite)
            headers.append(message.message.header)
            #expect(try await client.decrypt(message.ciphertext, using: keyring).plaintext == plaintext)
            for _ in 0..<2 {
                let opened = try await client.decrypt(message.ciphertext, using: manager)
                #expect(opened.plaintext == plaintext)
            }
        }
        #expect(Set(headers.map(\.encryptedDataKeys)).count == 1)
        #expect(Set(headers.map(\.messageID)).count == 3)
    }

    @Test("a forged message is refused although the cache holds the data key it names")
    func forgery() async throws {
        let client = try EncryptionSDK()
        let manager = try manager(EncryptionKeyrings.aes(.aes256GCM))
        let message = try await client.encrypt(
            [UInt8](1...100),
            using: manager,
            algorithmSuite: .aes256GCMHKDFSHA512CommitKey
        ).ciphertext
        _ = try await client.decrypt(message, using: manager)
        for (position, code): (Int, EncryptionSDKError.Code) in [
            (4, .commitmentMismatch), (message.count - 20, .bodyTagMismatch),
        ] {
            var forged = message
            forged[position] ^= 1
            await #expect(throws: EncryptionSDKError(code, "")) {
                _ = try await client.decrypt(forged, using: manager)
            }
        }
    }

    @Test(
        "the bytes of a stream count as many as were announced; a stream of unknown length gets a data key of its own",
        .spec("encrypt/get-the-encryption-materials.7")
    )
    func streams() async throws {
        let client = try EncryptionSDK()
        let manager = try manager(EncryptionKeyrings.aes(.aes256GCM))
        var keys: [[EncryptedDataKey]] = []
        for announced: UInt64? in [50, 50, nil, nil] {
            let encryptor = client.encryptor(using: manager, maximumPlaintextLength: announced)
            var message = try await encryptor.update([1, 2, 3])
            try await encryptor.finish(appendingTo: &message)
            let opened = try await client.decrypt(message, using: manager)
            #expect(opened.plaintext == [1, 2, 3])
            keys.append(opened.message.header.encryptedDataKeys)
        }
        #expect(keys[0] == keys[1])
        #expect(Set(keys).count == 3)
    }

    @Test("a file counts as many bytes as it has, so files share a data key")
    func files() async throws {
        let client = try EncryptionSDK()
        let manager = try manager(EncryptionKeyrings.aes(.aes256GCM))
        let folder = try TemporaryFolder()
        var keys: [[EncryptedDataKey]] = []
        for count in [5, 5000, 0, 0] {
            try folder.write("plain", RoundTripTests.plaintext(count))
            let (plain, sealed) = (folder.file("plain"), folder.file("sealed"))
            keys.append(try await client.encryptFile(plain, to: sealed, using: manager).header.encryptedDataKeys)
            #expect(try await client.decrypt(folder.read("sealed"), using: manager).plaintext.count == count)
        }
        #expect(keys[0] == keys[1])
        // An empty file may be one of those that do not tell their length.
        #expect(Set(keys).count == 3)
    }

    @Test("a file that grows beyond the length it had is refused")
    func growingFile() async throws {
        let client = try EncryptionSDK()
        let folder = try TemporaryFolder()
        try folder.write("plain", RoundTripTests.plaintext(10))
        let path = folder.file("plain")
        // Grows when the materials are asked for, which is after the file has been opened.
        let growing = EncryptionRuleTests.ClosureCMM { request in
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: [0])
            try handle.close()
            return try await EncryptionKeyrings.aes(.aes256GCM).encryptionMaterials(for: request)
        }
        await #expect(throws: EncryptionSDKError(.plaintextTooLong, "")) {
            try await client.encryptFile(path, to: folder.file("sealed"), using: growing)
        }
        #expect(!folder.names.contains("sealed"))
    }
}
