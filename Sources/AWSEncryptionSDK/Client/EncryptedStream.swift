public import AWSMaterialProviders
import ESDKSystem

extension EncryptionSDK {
    /// The message of a plaintext that arrives in chunks, as an asynchronous sequence of chunks.
    ///
    /// - Parameters:
    ///   - source: the plaintext, in chunks of any size: arrays, `Data`, or any other collections of bytes.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which makes and wraps the data key.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite. If nil, the materials manager chooses.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; more are refused the moment they arrive.
    public func encryptStream<Source: AsyncSequence>(
        _ source: Source,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) -> EncryptedStream<Source> where Source.Element: Collection<UInt8> {
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

/// The message of a plaintext that arrives in chunks.
///
/// If the sequence throws, it has not reached the end of its message: discard what came before, because nothing can decrypt it.
public struct EncryptedStream<Source: AsyncSequence>: AsyncSequence where Source.Element: Collection<UInt8> {
    /// A piece of the message, never empty.
    public typealias Element = [UInt8]

    private let source: Source
    private let makeEncryptor: @Sendable () -> MessageEncryptor
    private let ended = Guarded<WrittenMessage?>(nil)

    init(source: Source, makeEncryptor: @escaping @Sendable () -> MessageEncryptor) {
        self.source = source
        self.makeEncryptor = makeEncryptor
    }

    /// The message: its header, suite and encryption context.
    ///
    /// Nil until an iteration has handed out the end of the message. Copies of the stream share it; if the source can be iterated more
    /// than once, it is the message of the iteration that ended last.
    public var message: WrittenMessage? { ended.withLock { $0 } }

    /// Starts to encrypt: each iteration makes a new message.
    public func makeAsyncIterator() -> Iterator {
        Iterator(source: source.makeAsyncIterator(), encryptor: makeEncryptor(), ended: ended)
    }

    /// Pulls chunks of the plaintext and hands out the message.
    public struct Iterator: AsyncIteratorProtocol {
        /// What copies of an iterator share.
        private final class Progress {
            /// Nil once the message has ended or something has been thrown.
            var encryptor: MessageEncryptor?

            init(_ encryptor: MessageEncryptor) { self.encryptor = encryptor }
        }

        private var source: Source.AsyncIterator
        private let progress: Progress
        private let ended: Guarded<WrittenMessage?>

        init(source: Source.AsyncIterator, encryptor: MessageEncryptor, ended: Guarded<WrittenMessage?>) {
            self.source = source
            self.ended = ended
            progress = Progress(encryptor)
        }

        /// The next piece of the message, or nil at its end.
        ///
        /// - Throws: `EncryptionSDKError`; whatever the source throws. After that the sequence has ended.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws -> [UInt8]? {
            // An encryptor that has thrown is not put back.
            while let encryptor = progress.encryptor.take() {
                guard let chunk = try await source.next(isolation: actor) else {
                    var last: [UInt8] = []
                    let message = try await encryptor.finish(appendingTo: &last)
                    ended.withLock { $0 = message }
                    return last
                }
                let bytes = try await encryptor.update(chunk)
                progress.encryptor = encryptor
                if !bytes.isEmpty { return bytes }
            }
            return nil
        }

        /// The next piece of the message, or nil at its end.
        ///
        /// - Throws: `EncryptionSDKError`; whatever the source throws. After that the sequence has ended.
        public mutating func next() async throws -> [UInt8]? { try await next(isolation: #isolation) }
    }
}

extension EncryptedStream: Sendable where Source: Sendable {}
