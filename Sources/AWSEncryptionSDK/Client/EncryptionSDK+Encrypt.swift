public import AWSMaterialProviders
package import ESDKCrypto

extension EncryptionSDK {
    /// The frame length that is used unless another one is chosen, in bytes of plaintext: 4,096.
    public static let defaultFrameLength = 4096

    // spec: client/encrypt, encrypt/overview, encrypt/behavior, encrypt/output, encrypt/encrypted-message
    /// Encrypts a plaintext that is in memory (client-apis/encrypt.md).
    ///
    /// A long plaintext, and any that is signed, is encrypted off the caller's actor; a short one is not, because changing threads would
    /// take longer (see <doc:Concurrency>).
    ///
    /// - Parameters:
    ///   - plaintext: an array, `Data`, a slice, a string's `utf8`, or any other collection of bytes.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which makes and wraps the data key.
    ///   - encryptionContext: pairs that are authenticated with the message and stored in it in the clear. Keys that start with
    ///     `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite. If nil, the materials manager chooses: by default, the default suite of the commitment policy.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; whatever a custom keyring or materials manager throws.
    public func encrypt(
        _ plaintext: some Collection<UInt8> & Sendable,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength
    ) async throws -> EncryptionResult {
        try await encrypt(
            plaintext,
            using: materialsManager,
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            randomSource: nil
        )
    }

    /// Encrypts a plaintext that is in memory into an array whose storage is reused.
    ///
    /// When many or large messages are encrypted one after another, this saves the system from clearing fresh memory for each.
    ///
    /// - Parameters:
    ///   - plaintext: the plaintext.
    ///   - ciphertext: its contents are replaced by the message. It is empty if this throws.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which makes and wraps the data key.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite. If nil, the materials manager chooses.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1.
    /// - Throws: as `encrypt(_:using:encryptionContext:algorithmSuite:frameLength:)`.
    public func encrypt(
        _ plaintext: some Collection<UInt8> & Sendable,
        into ciphertext: inout [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength
    ) async throws -> WrittenMessage {
        let settings = EncryptionSettings(
            commitmentPolicy: commitmentPolicy,
            maximumEncryptedDataKeys: maximumEncryptedDataKeys,
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            lanes: lanes
        )
        return try await seal(plaintext, into: &ciphertext, materialsManager, settings)
    }

    /// Encrypts borrowed bytes: `encrypt(_:using:encryptionContext:algorithmSuite:frameLength:)` for a span.
    public func encrypt(
        _ plaintext: Span<UInt8>,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength
    ) async throws -> EncryptionResult {
        var ciphertext: [UInt8] = []
        let message = try await encrypt(
            plaintext,
            into: &ciphertext,
            using: materialsManager,
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength
        )
        return EncryptionResult(ciphertext: ciphertext, message: message)
    }

    /// Encrypts borrowed bytes: `encrypt(_:into:using:encryptionContext:algorithmSuite:frameLength:)` for a span.
    public func encrypt(
        _ plaintext: Span<UInt8>,
        into ciphertext: inout [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength
    ) async throws -> WrittenMessage {
        let settings = EncryptionSettings(
            commitmentPolicy: commitmentPolicy,
            maximumEncryptedDataKeys: maximumEncryptedDataKeys,
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            lanes: lanes
        )
        return try await seal(plaintext, into: &ciphertext, materialsManager, settings)
    }

    /// Encrypts with randomness from a source of the caller's choice: only for this package's generator of test vectors.
    ///
    /// - Parameters:
    ///   - plaintext: the plaintext.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that are authenticated with the message.
    ///   - algorithmSuite: the suite. If nil, the materials manager chooses.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1.
    ///   - randomSource: gives the data key, IVs, salts and message id; nil for the system.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; whatever a custom keyring or materials manager throws.
    package func encrypt(
        _ plaintext: some Collection<UInt8> & Sendable,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext,
        algorithmSuite: AlgorithmSuite?,
        frameLength: Int,
        randomSource: (any RandomSource)?
    ) async throws -> EncryptionResult {
        var ciphertext: [UInt8] = []
        let settings = EncryptionSettings(
            commitmentPolicy: commitmentPolicy,
            maximumEncryptedDataKeys: maximumEncryptedDataKeys,
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            lanes: lanes,
            randomSource: randomSource
        )
        let message = try await seal(plaintext, into: &ciphertext, materialsManager, settings)
        return EncryptionResult(ciphertext: ciphertext, message: message)
    }

    // MARK: - The work

    private func seal(
        _ plaintext: some Collection<UInt8> & Sendable,
        into ciphertext: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ settings: consuming EncryptionSettings
    ) async throws -> WrittenMessage {
        if let array = plaintext.array {
            return try await seal(array.span, into: &ciphertext, materialsManager, settings)
        }
        let actor = Self.actor(forLength: plaintext.count, settings.expectedSuite)
        return try await seal(plaintext, into: &ciphertext, materialsManager, settings, on: actor)
    }

    private func seal(
        _ plaintext: Span<UInt8>,
        into ciphertext: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ settings: consuming EncryptionSettings
    ) async throws -> WrittenMessage {
        let actor = Self.actor(forLength: plaintext.count, settings.expectedSuite)
        return try await seal(plaintext, into: &ciphertext, materialsManager, settings, on: actor)
    }

    private func seal(
        _ plaintext: some Collection<UInt8> & Sendable,
        into ciphertext: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ settings: consuming EncryptionSettings,
        on actor: isolated (any Actor)?
    ) async throws -> WrittenMessage {
        ciphertext.removeAll(keepingCapacity: true)
        settings.maximumPlaintextLength = UInt64(plaintext.count)
        let writer = try await settings.makeWriter(using: materialsManager)
        return try writer.writeMessage(of: plaintext, into: &ciphertext)
    }

    private func seal(
        _ plaintext: Span<UInt8>,
        into ciphertext: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ settings: consuming EncryptionSettings,
        on actor: isolated (any Actor)?
    ) async throws -> WrittenMessage {
        ciphertext.removeAll(keepingCapacity: true)
        settings.maximumPlaintextLength = UInt64(plaintext.count)
        let writer = try await settings.makeWriter(using: materialsManager)
        return try writer.writeMessage(of: plaintext, into: &ciphertext)
    }
}

extension MessageWriter {
    // The two that follow are not inlined, and have untyped errors: the optimizer of Swift 6.3.1 crashes on typed ones in an
    // asynchronous function.

    /// Writes the whole message of a plaintext that is there in one piece; `ciphertext` is empty if this throws.
    @inline(never)
    fileprivate consuming func writeMessage(
        of plaintext: some Collection<UInt8>,
        into ciphertext: inout [UInt8]
    ) throws -> WrittenMessage {
        // Optional, so that the closure can consume it.
        var writer: MessageWriter? = consume self
        let message = try plaintext.withSpan { (bytes) throws(EncryptionSDKError) in
            try writer.take()?.writeAll(bytes, into: &ciphertext)
        }
        guard let message else { throw EncryptionSDKError(.encryptorFinished, "the message was not started") }
        return message
    }

    /// Writes the whole message of a plaintext that is borrowed; `ciphertext` is empty if this throws.
    @inline(never)
    fileprivate consuming func writeMessage(
        of plaintext: Span<UInt8>,
        into ciphertext: inout [UInt8]
    ) throws -> WrittenMessage {
        try writeAll(plaintext, into: &ciphertext)
    }

    private consuming func writeAll(
        _ plaintext: Span<UInt8>,
        into ciphertext: inout [UInt8]
    ) throws(EncryptionSDKError) -> WrittenMessage {
        let message = message
        ciphertext.reserveLargeCapacity(messageLength(plaintextLength: plaintext.count))
        start(appendingTo: &ciphertext)
        do throws(EncryptionSDKError) {
            try finish(plaintext, appendingTo: &ciphertext)
        } catch {
            ciphertext.removeAll(keepingCapacity: true)
            throw error
        }
        return message
    }
}

/// An encrypted message.
public struct EncryptionResult: Sendable {
    /// The complete message.
    public let ciphertext: [UInt8]
    /// What else is known about the message.
    public let message: WrittenMessage

    /// The header.
    public var header: MessageHeader { message.header }
    /// Every authenticated pair, whether stored in the header or not.
    public var encryptionContext: EncryptionContext { message.encryptionContext }
    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { message.algorithmSuite }
}

extension EncryptionResult: CustomStringConvertible, CustomReflectable {
    /// The length of the ciphertext, and the message.
    public var description: String { "\(ciphertext.count) bytes of ciphertext, \(message)" }

    /// The length of the ciphertext, and the message.
    public var customMirror: Mirror {
        Mirror(self, children: ["ciphertext": "\(ciphertext.count) bytes", "message": message], displayStyle: .struct)
    }
}

extension WrittenMessage: CustomStringConvertible {
    /// Algorithm suite and encryption context.
    public var description: String { "algorithm suite \(algorithmSuite), encryption context \(encryptionContext)" }
}
