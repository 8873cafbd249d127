public import AWSMaterialProviders

/// The plaintext of a message that arrives in chunks.
///
/// Each element is authenticated. A sequence that throws has not reached the end of its message: discard what came before.
public struct DecryptedStream<Source: AsyncSequence>: AsyncSequence where Source.Element == [UInt8] {
    /// A piece of plaintext, never empty.
    public typealias Element = [UInt8]

    private let source: Source
    private let makeDecryptor: () -> MessageDecryptor

    init(source: Source, makeDecryptor: @escaping () -> MessageDecryptor) {
        self.source = source
        self.makeDecryptor = makeDecryptor
    }

    /// Starts to decrypt.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source.makeAsyncIterator(), decryptor: makeDecryptor())
    }

    /// Pulls chunks of the message and hands out plaintext.
    public struct Iterator: AsyncIteratorProtocol {
        /// Iterators are copyable and decryptors are not: copies of an iterator share one.
        private final class Shared {
            var decryptor: MessageDecryptor?
            var held: HeldPlaintext?

            init(_ decryptor: consuming MessageDecryptor) { self.decryptor = consume decryptor }
        }

        private var source: Source.AsyncIterator
        private let shared: Shared

        init(source: Source.AsyncIterator, decryptor: consuming MessageDecryptor) {
            self.source = source
            shared = Shared(decryptor)
        }

        /// The next piece of plaintext, or nil when the message has ended and all of it has been verified.
        ///
        /// - Throws: `EncryptionSDKError`; what the source throws. After that the sequence has ended.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws -> [UInt8]? {
            // A decryptor that has thrown is not put back.
            while var decryptor = shared.decryptor.take() {
                guard let chunk = try await source.next(isolation: actor) else {
                    shared.held = try await decryptor.finish()
                    break
                }
                let plaintext = try await decryptor.update(chunk)
                shared.decryptor = consume decryptor
                if !plaintext.isEmpty { return plaintext }
            }
            return try shared.held?.next()
        }

        /// The next piece of plaintext, or nil when the message has ended and all of it has been verified.
        ///
        /// - Throws: `EncryptionSDKError`; what the source throws. After that the sequence has ended.
        public mutating func next() async throws -> [UInt8]? { try await next(isolation: #isolation) }
    }
}

extension EncryptionSDK {
    /// A decryptor that is pushed the message chunk by chunk.
    ///
    /// - Parameters:
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens when the message is signed.
    public func decryptor(
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedMessagePolicy = .holdUntilVerified(.inMemory)
    ) -> MessageDecryptor {
        MessageDecryptor(
            client: self,
            materialsManager: materialsManager,
            encryptionContext: encryptionContext,
            policy: signedMessages
        )
    }

    /// The plaintext of a message that arrives in chunks.
    ///
    /// - Parameters:
    ///   - source: the message, in chunks of any size.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens when the message is signed.
    public func decryptStream<Source: AsyncSequence>(
        _ source: Source,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedMessagePolicy = .holdUntilVerified(.inMemory)
    ) -> DecryptedStream<Source> where Source.Element == [UInt8] {
        DecryptedStream(source: source) {
            decryptor(
                using: materialsManager,
                encryptionContext: encryptionContext,
                signedMessages: signedMessages
            )
        }
    }
}
