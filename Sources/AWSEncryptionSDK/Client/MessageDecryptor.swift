public import AWSMaterialProviders
import ESDKSystem
import Synchronization

extension EncryptionSDK {
    /// A decryptor that is pushed the message chunk by chunk.
    ///
    /// - Parameters:
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens if the message is signed.
    public func decryptor(
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedMessagePolicy = .default
    ) -> MessageDecryptor {
        MessageDecryptor(
            client: self,
            materialsManager: materialsManager,
            encryptionContext: encryptionContext,
            policy: signedMessages
        )
    }

    /// A decryptor that reads each chunk as if it came in pieces of `pieceLength` bytes, for test vectors.
    package func decryptor(
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext,
        signedMessages: SignedMessagePolicy,
        pieceLength: Int
    ) -> MessageDecryptor {
        MessageDecryptor(
            client: self,
            materialsManager: materialsManager,
            encryptionContext: encryptionContext,
            policy: signedMessages,
            pieceLength: pieceLength
        )
    }
}

/// Decrypts a message piece by piece: it is pushed chunks of any size and hands out authenticated plaintext
/// (client-apis/decrypt.md, with streaming.md).
///
/// ```swift
/// let decryptor = sdk.decryptor(using: keyring)
/// while let chunk = try source.next() { sink.write(try await decryptor.update(chunk)) }
/// let message = try await decryptor.finish { sink.write($0) }
/// ```
///
/// The end matters: only `finish` can tell a message from its beginning. If it throws, discard everything that was handed out before.
/// The plaintext of a signed message is held until then, unless another ``SignedMessagePolicy`` is chosen.
///
/// A decryptor may be kept anywhere: in an actor, in a class of the main actor, in a global variable. Its calls must follow one another;
/// a call made while another one is still running is refused with `overlappingCalls`. The work of a call is done on the caller's actor.
public final class MessageDecryptor: Sendable {
    private let machine: Exclusive<Machine>
    private let verifiedMessage = Guarded<VerifiedMessage?>(nil)

    init(
        client: EncryptionSDK,
        materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext,
        policy: SignedMessagePolicy,
        pieceLength: Int = .max
    ) {
        machine = Exclusive(
            Machine(
                client: client,
                materialsManager: materialsManager,
                suppliedContext: encryptionContext,
                policy: policy,
                pieceLength: pieceLength
            )
        )
    }

    /// The message, once its header has been verified; nil before.
    public var message: VerifiedMessage? { verifiedMessage.withLock { $0 } }

    /// Takes the next bytes of the message and returns the plaintext that they complete, which may be empty.
    ///
    /// - Throws: `EncryptionSDKError`, after which the decryptor accepts nothing more; `CancellationError`.
    public func update(_ chunk: some Collection<UInt8>) async throws -> [UInt8] {
        var output: [UInt8] = []
        try await update(chunk, appendingTo: &output)
        return output
    }

    /// Takes the next bytes of the message and appends the plaintext that they complete to `output`.
    ///
    /// - Throws: `EncryptionSDKError`, after which the decryptor accepts nothing more; `CancellationError`.
    public func update(_ chunk: some Collection<UInt8>, appendingTo output: inout [UInt8]) async throws {
        if let array = chunk.array { return try await update(array.span, appendingTo: &output) }
        let machine = try take()
        do {
            let offset = try machine.read(chunk, from: 0, appendingTo: &output)
            if machine.reader.needsMaterials {
                let message = try await machine.start()
                verifiedMessage.withLock { $0 = message }
                _ = try machine.read(chunk, from: offset, appendingTo: &output)
            }
        } catch {
            machine.fail()
            self.machine.end()
            throw error
        }
        self.machine.putBack()
    }

    /// Takes the next bytes of the message, borrowed, and appends the plaintext that they complete to `output`.
    ///
    /// - Throws: as `update(_:appendingTo:)` for a collection.
    public func update(_ chunk: Span<UInt8>, appendingTo output: inout [UInt8]) async throws {
        let machine = try take()
        do {
            let offset = try machine.read(chunk, appendingTo: &output)
            if machine.reader.needsMaterials {
                let message = try await machine.start()
                verifiedMessage.withLock { $0 = message }
                _ = try machine.read(chunk.extracting(offset...), appendingTo: &output)
            }
        } catch {
            machine.fail()
            self.machine.end()
            throw error
        }
        self.machine.putBack()
    }

    /// Says that the message has ended, verifies that it has, and hands `sink` the plaintext that had to wait for that.
    ///
    /// - Parameter sink: is called for each piece, in order; not at all if nothing had to wait.
    /// - Returns: the message.
    /// - Throws: `EncryptionSDKError`, such as `truncatedMessage` if the message has not ended; whatever `sink` throws. The decryptor
    ///   accepts nothing more in either case.
    @discardableResult
    public func finish(_ sink: ([UInt8]) async throws -> Void) async throws -> VerifiedMessage {
        var (held, message) = try end()
        while let chunk = try held.next() { try await sink(chunk) }
        return message
    }

    // spec: streaming/outputs
    /// Says that the message has ended, verifies that it has, and appends the plaintext that had to wait for that to `output`.
    ///
    /// - Returns: the message.
    /// - Throws: `EncryptionSDKError`, such as `truncatedMessage` if the message has not ended. The decryptor accepts nothing more in
    ///   either case.
    @discardableResult
    public func finish(appendingTo output: inout [UInt8]) async throws -> VerifiedMessage {
        var (held, message) = try end()
        while let chunk = try held.next() {
            if output.isEmpty { output = chunk } else { output.append(contentsOf: chunk) }
        }
        return message
    }

    /// Verifies that the message has ended, for callers that fetch what was held by themselves.
    func end() throws -> (HeldPlaintext, VerifiedMessage) {
        let machine = try take()
        self.machine.end()
        defer { machine.fail() }
        try machine.reader.finish()
        guard let message else { throw Self.finished }
        return (machine.takeHeld(), message)
    }

    private func take() throws(EncryptionSDKError) -> Machine {
        try machine.take(orThrow: Self.finished)
    }

    private static let finished = EncryptionSDKError(
        .decryptorFinished,
        "the message has ended or has been refused already"
    )

    /// What one call at a time works on.
    private final class Machine {
        /// How much of a chunk is read before the plaintext that it gave is held, in bytes.
        private static let heldPartLength = 256 << 10

        private let materialsManager: any CryptographicMaterialsManager
        private let suppliedContext: EncryptionContext
        private let policy: SignedMessagePolicy

        var reader: MessageReader
        private var isHolding = false
        private var held: HeldPlaintext

        init(
            client: EncryptionSDK,
            materialsManager: any CryptographicMaterialsManager,
            suppliedContext: EncryptionContext,
            policy: SignedMessagePolicy,
            pieceLength: Int
        ) {
            self.materialsManager = materialsManager
            self.suppliedContext = suppliedContext
            self.policy = policy
            var configuration = client.readerConfiguration(maximumUnitLength: client.maximumBufferedBytes)
            configuration.pieceLength = pieceLength
            reader = MessageReader(configuration)
            held = HeldPlaintext(maximumLength: client.maximumBufferedBytes)
        }

        private func readTyped(_ bytes: Span<UInt8>, appendingTo output: inout [UInt8]) throws(EncryptionSDKError)
            -> Int
        {
            guard isHolding else { return try reader.read(bytes, appendingTo: &output) }
            // A part at a time, so that however large the chunk is, the limit is noticed soon and the file gets its share.
            var position = 0
            repeat {
                let part = bytes.extracting(position..<min(position + Self.heldPartLength, bytes.count))
                position += try held.append { (plaintext) throws(EncryptionSDKError) in
                    try reader.read(part, appendingTo: &plaintext)
                }
            } while position < bytes.count
            return position
        }

        // Not inlined, and with untyped errors: the optimizer of Swift 6.3.1 crashes on typed ones in an asynchronous function.
        @inline(never)
        func read(_ chunk: some Collection<UInt8>, from offset: Int, appendingTo output: inout [UInt8]) throws -> Int {
            try chunk.withSpan { (bytes) throws(EncryptionSDKError) in
                try readTyped(bytes.extracting(offset...), appendingTo: &output)
            }
        }

        @inline(never)
        func read(_ bytes: Span<UInt8>, appendingTo output: inout [UInt8]) throws -> Int {
            try readTyped(bytes, appendingTo: &output)
        }

        /// Obeys the policy for signed messages, gets the materials and verifies the header.
        func start() async throws -> VerifiedMessage {
            if let suite = reader.header?.algorithmSuite, suite.signature != nil {
                switch policy {
                case .refuse:
                    throw EncryptionSDKError(
                        .signedMessageRefused,
                        "algorithm suite \(suite) is signed, and only unsigned messages are to be streamed",
                        at: .init(field: "Algorithm Suite ID")
                    )
                case .holdUntilVerified(let holding):
                    isHolding = true
                    try held.prepare(holding)
                case .releaseFramesBeforeSignatureIsVerified:
                    break
                }
            }
            return try await reader.start(using: materialsManager, reproducing: suppliedContext)
        }

        /// Refuses everything from now on, after any error: not every error is the reader's own, and something is missing after each.
        func fail() { reader.fail() }

        func takeHeld() -> HeldPlaintext {
            defer { held = HeldPlaintext(maximumLength: 0) }
            return held
        }
    }
}

/// Something that one call at a time may have.
///
/// Whoever has set the state from `idle` to `taken` has the value alone until setting it again. Nothing ever waits here.
@safe final class Exclusive<Value>: @unchecked Sendable {
    private enum State: UInt8, AtomicRepresentable {
        case idle, taken, ended
    }

    private let state = Atomic(State.idle)
    private var value: Value?

    init(_ value: sending Value) { self.value = value }

    /// Takes the value, to be put back.
    ///
    /// - Parameter ended: what is thrown after `end`.
    /// - Throws: `ended`; `overlappingCalls` if another call has the value.
    func take(orThrow ended: @autoclosure () -> EncryptionSDKError) throws(EncryptionSDKError) -> Value {
        let (isTaken, state) = state.compareExchange(expected: .idle, desired: .taken, ordering: .acquiring)
        if isTaken, let value { return value }
        guard state != .taken else {
            throw EncryptionSDKError(
                .overlappingCalls,
                "another call has not returned yet; make one call at a time, in the order of the data"
            )
        }
        throw ended()
    }

    /// Puts back what this call has taken.
    func putBack() { state.store(.idle, ordering: .releasing) }

    /// Says that there is no value any more, when this call has taken it.
    func end() {
        value = nil
        state.store(.ended, ordering: .releasing)
    }
}
