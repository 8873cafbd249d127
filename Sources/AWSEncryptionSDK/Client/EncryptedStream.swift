public import AWSMaterialProviders

/// The message of a plaintext that arrives in chunks.
///
/// A sequence that throws has not reached the end of its message: discard what came before, nobody can decrypt it.
public struct EncryptedStream<Source: AsyncSequence>: AsyncSequence where Source.Element == [UInt8] {
    /// A piece of the message, never empty.
    public typealias Element = [UInt8]

    private let source: Source
    private let makeEncryptor: () -> MessageEncryptor

    init(source: Source, makeEncryptor: @escaping () -> MessageEncryptor) {
        self.source = source
        self.makeEncryptor = makeEncryptor
    }

    /// Starts to encrypt: each iteration makes a message of its own.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source.makeAsyncIterator(), encryptor: makeEncryptor())
    }

    /// Pulls chunks of the plaintext and hands out the message.
    public struct Iterator: AsyncIteratorProtocol {
        /// Iterators are copyable and encryptors are not: copies of an iterator share one.
        private final class Shared {
            var encryptor: MessageEncryptor?

            init(_ encryptor: consuming MessageEncryptor) { self.encryptor = consume encryptor }
        }

        private var source: Source.AsyncIterator
        private let shared: Shared

        init(source: Source.AsyncIterator, encryptor: consuming MessageEncryptor) {
            self.source = source
            shared = Shared(encryptor)
        }

        /// The next piece of the message, or nil at its end.
        ///
        /// - Throws: `EncryptionSDKError`; what the source throws. After that the sequence has ended.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws -> [UInt8]? {
            // An encryptor that has thrown is not put back.
            while var encryptor = shared.encryptor.take() {
                guard let chunk = try await source.next(isolation: actor) else { return try await encryptor.finish() }
                let bytes = try await encryptor.update(chunk)
                shared.encryptor = consume encryptor
                if !bytes.isEmpty { return bytes }
            }
            return nil
        }

        /// The next piece of the message, or nil at its end.
        ///
        /// - Throws: `EncryptionSDKError`; what the source throws. After that the sequence has ended.
        public mutating func next() async throws -> [UInt8]? { try await next(isolation: #isolation) }
    }
}

extension EncryptionSDK {
    /// An encryptor that is pushed the plaintext chunk by chunk.
    ///
    /// - Parameters:
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; more are refused the moment they arrive.
    public func encryptor(
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) -> MessageEncryptor {
        let settings = EncryptionSettings(
            commitmentPolicy: commitmentPolicy,
            maximumEncryptedDataKeys: maxEncryptedDataKeys,
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            maximumPlaintextLength: maximumPlaintextLength,
            maximumPendingLength: maximumBufferedBytes
        )
        return MessageEncryptor(client: self, materialsManager: materialsManager, settings: settings)
    }

    /// The message of a plaintext that arrives in chunks.
    ///
    /// - Parameters:
    ///   - source: the plaintext, in chunks of any size.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; more are refused the moment they arrive.
    public func encryptStream<Source: AsyncSequence>(
        _ source: Source,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) -> EncryptedStream<Source> where Source.Element == [UInt8] {
        EncryptedStream(source: source) {
            encryptor(
                using: materialsManager,
                encryptionContext: encryptionContext,
                algorithmSuite: algorithmSuite,
                frameLength: frameLength,
                maximumPlaintextLength: maximumPlaintextLength
            )
        }
    }
}
