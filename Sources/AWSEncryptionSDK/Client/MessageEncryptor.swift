import AWSMaterialProviders
import ESDKCrypto

/// Encrypts a message piece by piece: pushed chunks of any size, it hands out the message frame by frame (client-apis/encrypt.md, with
/// streaming.md).
///
/// ```swift
/// var encryptor = sdk.encryptor(using: keyring)
/// while let chunk = try source.next() { sink.write(try await encryptor.update(chunk)) }
/// sink.write(try await encryptor.finish())
/// ```
///
/// It holds up to one frame of plaintext. Without what `finish` returns the message has no end, and nobody can decrypt it.
public struct MessageEncryptor: ~Copyable {
    private let client: EncryptionSDK
    private let materialsManager: any CryptographicMaterialsManager
    private let settings: EncryptionSettings
    private var writer: MessageWriter?
    private var hasEnded = false

    /// What is known of the message, once the materials are there: after the first `update`; nil before.
    public private(set) var message: WrittenMessage?

    init(
        client: EncryptionSDK,
        materialsManager: any CryptographicMaterialsManager,
        settings: EncryptionSettings
    ) {
        self.client = client
        self.materialsManager = materialsManager
        self.settings = settings
    }

    /// Takes the next plaintext and returns the bytes of the message that it completes, which may be none.
    ///
    /// - Throws: `EncryptionSDKError`, after which the encryptor accepts nothing more: `plaintextTooLong` as soon as there is more
    ///   plaintext than was announced; `CancellationError`.
    public mutating func update(_ chunk: [UInt8]) async throws -> [UInt8] {
        var output: [UInt8] = []
        try await update(chunk, appendingTo: &output)
        return output
    }

    /// Takes the next plaintext and appends the bytes of the message that it completes to `output`.
    ///
    /// - Throws: `EncryptionSDKError`, after which the encryptor accepts nothing more: `plaintextTooLong` as soon as there is more
    ///   plaintext than was announced; `CancellationError`.
    public mutating func update(_ chunk: [UInt8], appendingTo output: inout [UInt8]) async throws {
        do {
            try await start(appendingTo: &output)
            try writer?.write(chunk.span, appendingTo: &output)
        } catch {
            hasEnded = true
            writer = nil
            throw error
        }
    }

    /// Says that the plaintext has ended, and returns the end of the message: final frame and signature.
    ///
    /// - Throws: `EncryptionSDKError`; `CancellationError`.
    public mutating func finish() async throws -> [UInt8] {
        var output: [UInt8] = []
        try await finish(appendingTo: &output)
        return output
    }

    /// Says that the plaintext has ended, and appends the end of the message, final frame and signature, to `output`.
    ///
    /// - Throws: `EncryptionSDKError`; `CancellationError`.
    public mutating func finish(appendingTo output: inout [UInt8]) async throws {
        // Not `consuming`: see `MessageDecryptor.finish`.
        defer {
            writer = nil
            hasEnded = true
        }
        try await start(appendingTo: &output)
        let nothing: [UInt8] = []
        try writer.take()?.finish(nothing.span, appendingTo: &output)
    }

    /// Gets the materials and writes the header, unless that has been done.
    private mutating func start(appendingTo output: inout [UInt8]) async throws {
        guard writer == nil else { return }
        guard !hasEnded else {
            throw EncryptionSDKError(.encryptorFinished, "the message has ended or failed already")
        }
        let started = try await settings.makeWriter(using: materialsManager)
        started.start(appendingTo: &output)
        message = started.message
        writer = consume started
    }
}
