import AWSEncryptionSDK
import Foundation
import Testing

/// The forms in which bytes are taken.
@Suite("Bytes in")
struct BytesTests {
    private let client: EncryptionSDK
    private let keyring: RawAESKeyring
    private static let text = "thirty bytes of text, or so, ok"

    init() throws {
        client = try EncryptionSDK()
        keyring = try EncryptionKeyrings.aes(.aes256GCM)
    }

    /// Encrypts, decrypts and verifies, each from the collection itself.
    private func expectRoundTrip<Bytes: Collection<UInt8> & Sendable>(
        _ bytes: Bytes,
        _ convert: ([UInt8]) -> some Collection<UInt8> & Sendable,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let plaintext = Array(bytes)
        var message: [UInt8] = []
        let written = try await client.encrypt(bytes, into: &message, using: keyring, frameLength: 7)
        #expect(written.header.frameLength == 7, sourceLocation: sourceLocation)
        let converted = convert(message)
        #expect(
            try await client.decrypt(converted, using: keyring).plaintext == plaintext,
            sourceLocation: sourceLocation
        )
        var opened: [UInt8] = [1, 2, 3]
        _ = try await client.decrypt(converted, into: &opened, using: keyring)
        #expect(opened == plaintext, sourceLocation: sourceLocation)
        try await client.verify(converted, using: keyring)

        let encryptor = client.encryptor(using: keyring)
        message = try await encryptor.update(bytes)
        try await encryptor.finish(appendingTo: &message)
        let decryptor = client.decryptor(using: keyring)
        opened = try await decryptor.update(convert(message))
        try await decryptor.finish(appendingTo: &opened)
        #expect(opened == plaintext, sourceLocation: sourceLocation)
    }

    @Test("arrays, slices, Data and text are taken as they are")
    func contiguous() async throws {
        let bytes = Array(Self.text.utf8)
        try await expectRoundTrip(bytes) { $0 }
        try await expectRoundTrip(bytes[3..<20]) { ([0] + $0)[1...] }
        try await expectRoundTrip(Data(bytes)) { Data($0) }
        try await expectRoundTrip(Data(bytes)[5...]) { Data([9] + $0)[1...] }
        try await expectRoundTrip(Self.text.utf8) { ContiguousArray($0) }
        try await expectRoundTrip([]) { $0 }
    }

    @Test("a collection that is not contiguous is copied, and taken too")
    func notContiguous() async throws {
        let bytes = Array(Self.text.utf8)
        let pieces = [bytes[..<5], bytes[5...]]
        try await expectRoundTrip(Pieces(pieces: pieces)) { Pieces(pieces: [$0[..<3], $0[3...]]) }
    }

    @Test("borrowed bytes are taken")
    func spans() async throws {
        let bytes = Array(Self.text.utf8)
        var message: [UInt8] = []
        _ = try await client.encrypt(bytes.span, into: &message, using: keyring)
        #expect(try await client.decrypt(message.span, using: keyring).plaintext == bytes)
        var opened: [UInt8] = []
        _ = try await client.decrypt(message.span, into: &opened, using: keyring)
        #expect(opened == bytes)
        try await client.verify(message.span, using: keyring)
        let other = try await client.encrypt(bytes.span.extracting(..<4), using: keyring)
        #expect(try await client.decrypt(other.ciphertext, using: keyring).plaintext == Array(bytes[..<4]))

        let encryptor = client.encryptor(using: keyring)
        message = []
        try await encryptor.update(bytes.span, appendingTo: &message)
        try await encryptor.finish(appendingTo: &message)
        let decryptor = client.decryptor(using: keyring)
        opened = []
        try await decryptor.update(message.span, appendingTo: &opened)
        try await decryptor.finish(appendingTo: &opened)
        #expect(opened == bytes)
    }

    @Test("streams take chunks of any such kind, and are Sendable")
    func streams() async throws {
        let chunks = [Data(Self.text.utf8.prefix(3)), Data(), Data(Self.text.utf8.dropFirst(3))]
        let source = AsyncStream { continuation in
            for chunk in chunks { continuation.yield(chunk) }
            continuation.finish()
        }
        let message = client.encryptStream(source, using: keyring, encryptionContext: ["tenant": "42"])
        let stream = client.decryptStream(message, using: keyring)
        #expect(stream.message == nil)
        // In another task: both streams cross.
        let plaintext = try await Task.detached {
            var plaintext: [UInt8] = []
            for try await piece in stream { plaintext += piece }
            return plaintext
        }.value
        #expect(plaintext == Array(Self.text.utf8))
        let verified = try #require(stream.message)
        #expect(verified.encryptionContext["tenant"] == "42")
        #expect(verified.dataKeyOrigin?.encryptedDataKey == 0)
        #expect(message.message?.header.messageID == verified.header.messageID)
        #expect(message.message?.algorithmSuite == verified.algorithmSuite)
    }

    @Test("a stream that fails has no message")
    func failedStream() async throws {
        var bytes = try await client.encrypt([1, 2, 3], using: keyring).ciphertext
        bytes[bytes.count - 1] ^= 1
        let source = AsyncStream { [bytes] continuation in
            continuation.yield(bytes)
            continuation.finish()
        }
        let stream = client.decryptStream(source, using: keyring)
        await #expect(throws: EncryptionSDKError.self) { for try await _ in stream {} }
        #expect(stream.message == nil)
    }
}

/// Bytes that do not lie in one piece.
private struct Pieces: Collection, Sendable {
    let pieces: [ArraySlice<UInt8>]

    var startIndex: Int { 0 }
    var endIndex: Int { pieces.reduce(0) { $0 + $1.count } }
    func index(after index: Int) -> Int { index + 1 }

    subscript(position: Int) -> UInt8 {
        var rest = position
        for piece in pieces {
            if rest < piece.count { return piece[piece.startIndex + rest] }
            rest -= piece.count
        }
        preconditionFailure("out of bounds")
    }
}
