import AWSMaterialProviders
import ESDKCrypto

/// Decrypts a message piece by piece: pushed chunks of any size, it hands out plaintext that is authenticated
/// (client-apis/decrypt.md, with streaming.md).
///
/// ```swift
/// var decryptor = sdk.decryptor(using: keyring)
/// while let chunk = try source.next() { sink.write(try await decryptor.update(chunk)) }
/// var rest = try await decryptor.finish()
/// while let chunk = try rest.next() { sink.write(chunk) }
/// ```
///
/// The end matters: only `finish` can tell a message from its beginning. What was handed out before is to be discarded when it throws.
public struct MessageDecryptor: ~Copyable {
    /// How much of a chunk is read before the plaintext that it gave is held, in bytes.
    private static let heldPartLength = 256 << 10

    private let client: EncryptionSDK
    private let materialsManager: any CryptographicMaterialsManager
    private let suppliedContext: EncryptionContext
    private let policy: SignedMessagePolicy

    private var reader: MessageReader
    private var isHolding = false
    private var held: HeldPlaintext

    /// The message, once its header has been verified; nil before.
    public private(set) var message: VerifiedMessage?

    init(
        client: EncryptionSDK,
        materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext,
        policy: SignedMessagePolicy
    ) {
        self.client = client
        self.materialsManager = materialsManager
        suppliedContext = encryptionContext
        self.policy = policy
        reader = MessageReader(client.readerConfiguration(maximumUnitLength: client.maximumBufferedBytes))
        held = HeldPlaintext(maximumLength: client.maximumBufferedBytes)
    }

    /// Takes the next bytes of the message and returns the plaintext that they complete, which may be none.
    ///
    /// - Throws: `EncryptionSDKError`, after which the decryptor accepts nothing more; `CancellationError`.
    public mutating func update(_ chunk: [UInt8]) async throws -> [UInt8] {
        var output: [UInt8] = []
        try await update(chunk, appendingTo: &output)
        return output
    }

    /// Takes the next bytes of the message and appends the plaintext that they complete to `output`.
    ///
    /// - Throws: `EncryptionSDKError`, after which the decryptor accepts nothing more; `CancellationError`.
    public mutating func update(_ chunk: [UInt8], appendingTo output: inout [UInt8]) async throws {
        do {
            let offset = try read(chunk, from: 0, appendingTo: &output)
            if reader.needsMaterials {
                try await start()
                _ = try read(chunk, from: offset, appendingTo: &output)
            }
        } catch {
            // Not every error is the reader's own. After any of them something is missing: the rest of this chunk, or plaintext that
            // was held.
            reader.fail()
            throw error
        }
    }

    /// Says that the message has ended, verifies that it has, and returns what had to wait for that.
    ///
    /// Nothing is accepted after it.
    ///
    /// - Throws: `EncryptionSDKError`: `truncatedMessage` when the message has not ended.
    public mutating func finish() async throws -> HeldPlaintext {
        // Not `consuming`, which would say it better: the optimiser of Swift 6.3.1 then releases a `message` that the caller still has.
        defer {
            reader.fail()
            held = HeldPlaintext(maximumLength: client.maximumBufferedBytes)
        }
        try reader.finish()
        return held
    }

    private mutating func read(_ chunk: [UInt8], from offset: Int, appendingTo output: inout [UInt8]) throws -> Int {
        guard isHolding else { return try reader.read(chunk.span.extracting(offset...), appendingTo: &output) }
        // A part at a time, so that however large the chunk is, the limit is noticed soon and the file gets its share.
        var position = offset
        repeat {
            let part = chunk.span.extracting(position..<min(position + Self.heldPartLength, chunk.count))
            position += try held.append { (plaintext) throws(EncryptionSDKError) in
                try reader.read(part, appendingTo: &plaintext)
            }
        } while position < chunk.count
        return position
    }

    private mutating func start() async throws {
        guard let header = reader.header else { return }
        if header.algorithmSuite.signature != nil {
            switch policy {
            case .refuse:
                throw EncryptionSDKError(
                    .signedMessageRefused,
                    "algorithm suite \(header.algorithmSuite) is signed, and only unsigned messages are to be streamed",
                    at: .init(field: "Algorithm Suite ID")
                )
            case .holdUntilVerified(.inMemory):
                isHolding = true
            case .holdUntilVerified(.temporaryFile(let directory)):
                isHolding = true
                try held.spool(in: directory)
            case .releaseFramesBeforeSignatureIsVerified:
                break
            }
        }
        message = try await reader.start(using: materialsManager, reproducing: suppliedContext)
    }
}
