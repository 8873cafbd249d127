public import AWSMaterialProviders
import ESDKSystem

extension EncryptionSDK {
    /// An encryptor that is pushed the plaintext chunk by chunk.
    ///
    /// - Parameters:
    ///   - materialsManager: a keyring or a cryptographic materials manager, which makes and wraps the data key.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite. If nil, the materials manager chooses.
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
            maximumEncryptedDataKeys: maximumEncryptedDataKeys,
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            maximumPlaintextLength: maximumPlaintextLength,
            maximumPendingLength: maximumBufferedBytes,
            lanes: lanes
        )
        return MessageEncryptor(materialsManager: materialsManager, settings: settings)
    }
}

/// Encrypts a message piece by piece: it is pushed chunks of any size and hands out the message frame by frame
/// (client-apis/encrypt.md, with streaming.md).
///
/// ```swift
/// let encryptor = sdk.encryptor(using: keyring)
/// while let chunk = try source.next() { sink.write(try await encryptor.update(chunk)) }
/// let message = try await encryptor.finish { sink.write($0) }
/// ```
///
/// It holds up to one frame of plaintext. Without the bytes that `finish` hands out, the message has no end, and nothing can decrypt it.
///
/// An encryptor may be kept anywhere: in an actor, in a class of the main actor, in a global variable. Its calls must follow one another;
/// a call made while another one is still running is refused with `overlappingCalls`. The work of a call is done on the caller's actor.
public final class MessageEncryptor: Sendable {
    private let machine: Exclusive<Machine>
    private let writtenMessage = Guarded<WrittenMessage?>(nil)

    init(
        materialsManager: any CryptographicMaterialsManager,
        settings: EncryptionSettings
    ) {
        machine = Exclusive(Machine(materialsManager: materialsManager, settings: settings))
    }

    /// What is known about the message once its materials are there, after the first `update`; nil before.
    public var message: WrittenMessage? { writtenMessage.withLock { $0 } }

    /// Takes the next plaintext and returns the bytes of the message that it completes, which may be none.
    ///
    /// - Throws: `EncryptionSDKError`, after which the encryptor accepts nothing more: `plaintextTooLong` as soon as there is more
    ///   plaintext than was announced; `CancellationError`.
    public func update(_ chunk: some Collection<UInt8>) async throws -> [UInt8] {
        var output: [UInt8] = []
        try await update(chunk, appendingTo: &output)
        return output
    }

    /// Takes the next plaintext and appends the bytes of the message that it completes to `output`.
    ///
    /// - Throws: as `update(_:)`.
    public func update(_ chunk: some Collection<UInt8>, appendingTo output: inout [UInt8]) async throws {
        if let array = chunk.array { return try await update(array.span, appendingTo: &output) }
        let machine = try take()
        do {
            try await start(machine, appendingTo: &output)
            try machine.write(chunk, appendingTo: &output)
        } catch {
            self.machine.end()
            throw error
        }
        self.machine.putBack()
    }

    /// Takes the next plaintext, borrowed, and appends the bytes of the message that it completes to `output`.
    ///
    /// - Throws: as `update(_:)`.
    public func update(_ chunk: Span<UInt8>, appendingTo output: inout [UInt8]) async throws {
        let machine = try take()
        do {
            try await start(machine, appendingTo: &output)
            try machine.write(chunk, appendingTo: &output)
        } catch {
            self.machine.end()
            throw error
        }
        self.machine.putBack()
    }

    /// Says that the plaintext has ended, and hands `sink` the end of the message: the final frame and the signature.
    ///
    /// - Returns: the message.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; whatever `sink` throws. The encryptor accepts nothing more in any case.
    @discardableResult
    public func finish(_ sink: ([UInt8]) async throws -> Void) async throws -> WrittenMessage {
        var last: [UInt8] = []
        let message = try await finish(appendingTo: &last)
        try await sink(last)
        return message
    }

    /// Says that the plaintext has ended, and appends the end of the message to `output`: the final frame and the signature.
    ///
    /// - Returns: the message.
    /// - Throws: `EncryptionSDKError`; `CancellationError`. The encryptor accepts nothing more in any case.
    @discardableResult
    public func finish(appendingTo output: inout [UInt8]) async throws -> WrittenMessage {
        let machine = try take()
        defer { self.machine.end() }
        try await start(machine, appendingTo: &output)
        let nothing: [UInt8] = []
        try machine.writer.take()?.finish(nothing.span, appendingTo: &output)
        guard let message else { throw Self.finished }
        return message
    }

    /// Gets the materials and writes the header, unless that has been done.
    private func start(_ machine: Machine, appendingTo output: inout [UInt8]) async throws {
        guard machine.writer == nil else { return }
        let started = try await machine.settings.makeWriter(using: machine.materialsManager)
        started.start(appendingTo: &output)
        writtenMessage.withLock { [message = started.message] in $0 = message }
        machine.writer = consume started
    }

    private func take() throws(EncryptionSDKError) -> Machine {
        try machine.take(orThrow: Self.finished)
    }

    private static let finished = EncryptionSDKError(
        .encryptorFinished,
        "the message has ended or has failed already"
    )

    /// What one call at a time works on.
    private final class Machine {
        let materialsManager: any CryptographicMaterialsManager
        let settings: EncryptionSettings
        var writer: MessageWriter?

        init(
            materialsManager: any CryptographicMaterialsManager,
            settings: EncryptionSettings
        ) {
            self.materialsManager = materialsManager
            self.settings = settings
        }

        // Not inlined, and with untyped errors: the optimizer of Swift 6.3.1 crashes on typed ones in an asynchronous function.
        @inline(never)
        func write(_ chunk: some Collection<UInt8>, appendingTo output: inout [UInt8]) throws {
            try chunk.withSpan { (bytes) throws(EncryptionSDKError) in
                try writer?.write(bytes, appendingTo: &output)
            }
        }

        @inline(never)
        func write(_ chunk: Span<UInt8>, appendingTo output: inout [UInt8]) throws {
            try writer?.write(chunk, appendingTo: &output)
        }
    }
}
