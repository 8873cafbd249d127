// Only what a user imports.
import AWSEncryptionSDKFoundation
import Foundation
import Testing

@Suite("Foundation")
struct FoundationTests {
    private let client: EncryptionSDK
    private let keyring: RawAESKeyring
    private let folder: URL
    private static let plaintext = Data((0..<1000).map { UInt8(truncatingIfNeeded: $0) })

    init() throws {
        client = try EncryptionSDK()
        keyring = try RawAESKeyring(
            keyNamespace: "tests",
            keyName: "key",
            wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
        folder = FileManager.default.temporaryDirectory.appending(path: "esdk tests \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test("Data goes in, and a dictionary is an encryption context")
    func data() async throws {
        try await withFolder { _ in
            let pairs = ["tenant": "42"]
            let context = EncryptionContext(pairs)
            let message = try await client.encrypt(Self.plaintext, using: keyring, encryptionContext: context)
            let opened = try await client.decrypt(
                Data(message.ciphertext),
                using: keyring,
                encryptionContext: EncryptionContext(pairs)
            )
            #expect(Data(opened.plaintext) == Self.plaintext)
        }
    }

    @Test("files are named by URL, with blanks and other characters that a URL escapes")
    func urls() async throws {
        try await withFolder { folder in
            let (plain, sealed, again) = (
                folder.appending(path: "ein Brief %20.txt"), folder.appending(path: "sealed"),
                folder.appending(path: "again")
            )
            try Self.plaintext.write(to: plain)
            try await client.encryptFile(plain, to: sealed, using: keyring)
            try await client.verifyFile(sealed, using: keyring)
            try await client.decryptFile(sealed, to: again, using: keyring)
            #expect(try Data(contentsOf: again) == Self.plaintext)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == ["again", "ein Brief %20.txt", "sealed"])
        }
    }

    @Test("a URL that is not of a file is refused")
    func otherURL() async throws {
        try await withFolder { folder in
            let web = try #require(URL(string: "https://example.com/message"))
            await #expect(throws: EncryptionSDKError(.invalidConfiguration, "")) {
                try await client.decryptFile(web, to: folder.appending(path: "plain"), using: keyring)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.isEmpty)
        }
    }

    @Test("localizedDescription says what went wrong")
    func localizedDescription() async throws {
        try await withFolder { _ in
            let error: any Error = EncryptionSDKError(.truncatedMessage, "the input ends inside the header")
            #expect(error.localizedDescription == "truncatedMessage: the input ends inside the header")
            #expect((error as? any LocalizedError)?.failureReason == "the input ends inside the header")
        }
    }

    /// Single bytes, as `FileHandle.AsyncBytes` gives them on other systems.
    private func bytes(_ data: Data) -> AsyncStream<UInt8> {
        AsyncStream { continuation in
            for byte in data { continuation.yield(byte) }
            continuation.finish()
        }
    }

    @Test("a file handle and a sequence of bytes are streams of chunks", arguments: [1, 99, 1000, 5000])
    func chunks(length: Int) async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "plain")
            try Self.plaintext.write(to: file)
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            let message = client.encryptStream(handle.chunks(ofLength: length), using: keyring)
            var ciphertext = Data()
            for try await piece in message { ciphertext.append(contentsOf: piece) }

            let stream = client.decryptStream(bytes(ciphertext).chunks(ofLength: length), using: keyring)
            var plaintext = Data()
            for try await piece in stream { plaintext.append(contentsOf: piece) }
            #expect(plaintext == Self.plaintext)
            #expect(stream.message?.header.messageID == message.message?.header.messageID)
        }
    }

    @Test("chunks have the length that was asked for, and the last one the rest")
    func chunkLengths() async throws {
        try await withFolder { _ in
            var lengths: [Int] = []
            for try await chunk in bytes(Self.plaintext).chunks(ofLength: 300) { lengths.append(chunk.count) }
            #expect(lengths == [300, 300, 300, 100])
            for try await _ in bytes(Data()).chunks(ofLength: 300) { Issue.record("a chunk of nothing") }
        }
    }
}
