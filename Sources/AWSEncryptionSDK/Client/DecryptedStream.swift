public import AWSMaterialProviders
import ESDKSystem

extension EncryptionSDK {
    /// The plaintext of a message that arrives in chunks, as an asynchronous sequence of chunks.
    ///
    /// - Parameters:
    ///   - source: the message, in chunks of any size: arrays, `Data`, or any other collections of bytes.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens if the message is signed.
    public func decryptStream<Source: AsyncSequence>(
        _ source: Source,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedMessagePolicy = .default
    ) -> DecryptedStream<Source> where Source.Element: Collection<UInt8> {
        DecryptedStream(source: source) {
            decryptor(
                using: materialsManager,
                encryptionContext: encryptionContext,
                signedMessages: signedMessages
            )
        }
    }
}

/// The plaintext of a message that arrives in chunks.
///
/// Each element is authenticated. If the sequence throws, it has not reached the end of its message: discard everything that came
/// before. Once it has ended, ``message`` says what was decrypted.
public struct DecryptedStream<Source: AsyncSequence>: AsyncSequence where Source.Element: Collection<UInt8> {
    /// A piece of plaintext, never empty.
    public typealias Element = [UInt8]

    private let source: Source
    private let makeDecryptor: @Sendable () -> MessageDecryptor
    private let ended = Guarded<VerifiedMessage?>(nil)

    init(source: Source, makeDecryptor: @escaping @Sendable () -> MessageDecryptor) {
        self.source = source
        self.makeDecryptor = makeDecryptor
    }

    /// The message: its suite, its encryption context, and the key that opened it.
    ///
    /// Nil until an iteration has reached the end and everything has been verified. Copies of the stream share it; if the source can be
    /// iterated more than once, it is the message of the iteration that ended last.
    public var message: VerifiedMessage? { ended.withLock { $0 } }

    /// Starts to decrypt.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source.makeAsyncIterator(), decryptor: makeDecryptor(), ended: ended)
    }

    /// Pulls chunks of the message and hands out plaintext.
    public struct Iterator: AsyncIteratorProtocol {
        /// What copies of an iterator share.
        private final class Progress {
            /// Nil once the message has ended or something has been thrown.
            var decryptor: MessageDecryptor?
            var held: HeldPlaintext?
            var message: VerifiedMessage?

            init(_ decryptor: MessageDecryptor) { self.decryptor = decryptor }
        }

        private var source: Source.AsyncIterator
        private let progress: Progress
        private let ended: Guarded<VerifiedMessage?>

        init(source: Source.AsyncIterator, decryptor: MessageDecryptor, ended: Guarded<VerifiedMessage?>) {
            self.source = source
            self.ended = ended
            progress = Progress(decryptor)
        }

        /// The next piece of plaintext, or nil when the message has ended and all of it has been verified.
        ///
        /// - Throws: `EncryptionSDKError`; whatever the source throws. After that the sequence has ended.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws -> [UInt8]? {
            // A decryptor that has thrown is not put back.
            while let decryptor = progress.decryptor.take() {
                guard let chunk = try await source.next(isolation: actor) else {
                    let (held, message) = try decryptor.end()
                    progress.held = held
                    progress.message = message
                    break
                }
                let plaintext = try await decryptor.update(chunk)
                progress.decryptor = decryptor
                if !plaintext.isEmpty { return plaintext }
            }
            if let chunk = try progress.held?.next() { return chunk }
            if let message = progress.message.take() { ended.withLock { $0 = message } }
            return nil
        }

        /// The next piece of plaintext, or nil when the message has ended and all of it has been verified.
        ///
        /// - Throws: `EncryptionSDKError`; whatever the source throws. After that the sequence has ended.
        public mutating func next() async throws -> [UInt8]? { try await next(isolation: #isolation) }
    }
}

extension DecryptedStream: Sendable where Source: Sendable {}
