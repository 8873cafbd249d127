public import AWSMaterialProviders
package import ESDKCrypto

extension EncryptionSDK {
    /// The length of a frame, in bytes of plaintext, unless another one is chosen: 4,096.
    public static let defaultFrameLength = 4096

    /// Encrypts a plaintext that is in memory (client-apis/encrypt.md).
    ///
    /// - Parameters:
    ///   - plaintext: the plaintext.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; what a custom keyring or materials manager throws.
    public func encrypt(
        _ plaintext: [UInt8],
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
            randomSource: SystemRandomSource()
        )
    }

    /// Encrypts with randomness from a source of the caller's choice: only for the package's own generator of test vectors.
    ///
    /// - Parameters:
    ///   - plaintext: the plaintext.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that are authenticated with the message.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1.
    ///   - randomSource: gives data key, IVs, salts and message id.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; what a custom keyring or materials manager throws.
    package func encrypt(
        _ plaintext: [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext,
        algorithmSuite: AlgorithmSuite?,
        frameLength: Int,
        randomSource: any RandomSource
    ) async throws -> EncryptionResult {
        var ciphertext: [UInt8] = []
        let message = try await encrypt(
            plaintext,
            into: &ciphertext,
            using: materialsManager,
            settings: EncryptionSettings(
                commitmentPolicy: commitmentPolicy,
                maximumEncryptedDataKeys: maxEncryptedDataKeys,
                encryptionContext: encryptionContext,
                algorithmSuite: algorithmSuite,
                frameLength: frameLength,
                maximumPlaintextLength: UInt64(plaintext.count),
                randomSource: randomSource
            )
        )
        return EncryptionResult(ciphertext: ciphertext, message: message)
    }

    /// Encrypts a plaintext that is in memory into an array whose storage is used again.
    ///
    /// - Parameters:
    ///   - plaintext: the plaintext.
    ///   - ciphertext: its content is replaced by the message; empty when this throws.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; what a custom keyring or materials manager throws.
    public func encrypt(
        _ plaintext: [UInt8],
        into ciphertext: inout [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength
    ) async throws -> WrittenMessage {
        try await encrypt(
            plaintext,
            into: &ciphertext,
            using: materialsManager,
            settings: EncryptionSettings(
                commitmentPolicy: commitmentPolicy,
                maximumEncryptedDataKeys: maxEncryptedDataKeys,
                encryptionContext: encryptionContext,
                algorithmSuite: algorithmSuite,
                frameLength: frameLength,
                maximumPlaintextLength: UInt64(plaintext.count)
            )
        )
    }

    private func encrypt(
        _ plaintext: [UInt8],
        into ciphertext: inout [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        settings: EncryptionSettings
    ) async throws -> WrittenMessage {
        ciphertext.removeAll(keepingCapacity: true)
        do {
            let writer = try await settings.makeWriter(using: materialsManager)
            let message = writer.message
            ciphertext.reserveLargeCapacity(writer.messageLength(plaintextLength: plaintext.count))
            writer.start(appendingTo: &ciphertext)
            try writer.finish(plaintext.span, appendingTo: &ciphertext)
            return message
        } catch {
            ciphertext.removeAll(keepingCapacity: true)
            throw error
        }
    }
}

/// An encrypted message.
public struct EncryptionResult: Sendable {
    /// The message, all of it.
    public let ciphertext: [UInt8]
    /// What is known of it besides.
    public let message: WrittenMessage

    /// The header.
    public var header: MessageHeader { message.header }
    /// Every authenticated pair, stored in the header or not.
    public var encryptionContext: EncryptionContext { message.encryptionContext }
    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { message.algorithmSuite }
}
