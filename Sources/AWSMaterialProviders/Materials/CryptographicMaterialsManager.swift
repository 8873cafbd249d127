package import ESDKCrypto

/// What a materials manager is asked for when a message is to be encrypted (framework/cmm-interface.md, Get Encryption Materials).
public struct EncryptionMaterialsRequest: Sendable {
    /// The pairs of the caller.
    public let encryptionContext: EncryptionContext
    /// The client's policy.
    public let commitmentPolicy: CommitmentPolicy
    /// The algorithm suite that the caller wants; nil for the policy's default.
    public let algorithmSuite: AlgorithmSuite?
    /// The keys of pairs that are to be authenticated and not stored.
    public let requiredEncryptionContextKeys: [String]
    /// The most bytes of plaintext that will be encrypted; nil when that is not known.
    public let maximumPlaintextLength: UInt64?

    /// Where everything random about the message comes from: the system, unless the package's own generator of test vectors asks.
    package var randomSource: any RandomSource = SystemRandomSource()

    /// A request of the given parts.
    public init(
        encryptionContext: EncryptionContext,
        commitmentPolicy: CommitmentPolicy,
        algorithmSuite: AlgorithmSuite? = nil,
        requiredEncryptionContextKeys: [String] = [],
        maximumPlaintextLength: UInt64? = nil
    ) {
        self.encryptionContext = encryptionContext
        self.commitmentPolicy = commitmentPolicy
        self.algorithmSuite = algorithmSuite
        self.requiredEncryptionContextKeys = requiredEncryptionContextKeys
        self.maximumPlaintextLength = maximumPlaintextLength
    }

    /// This request with more required keys.
    package func requiring(_ keys: [String]) -> EncryptionMaterialsRequest {
        copy(requiring: requiredEncryptionContextKeys + keys, maximumPlaintextLength: maximumPlaintextLength)
    }

    /// This request for a message of any length.
    func withoutPlaintextLength() -> EncryptionMaterialsRequest {
        copy(requiring: requiredEncryptionContextKeys, maximumPlaintextLength: nil)
    }

    private func copy(requiring keys: [String], maximumPlaintextLength: UInt64?) -> EncryptionMaterialsRequest {
        var result = EncryptionMaterialsRequest(
            encryptionContext: encryptionContext,
            commitmentPolicy: commitmentPolicy,
            algorithmSuite: algorithmSuite,
            requiredEncryptionContextKeys: keys,
            maximumPlaintextLength: maximumPlaintextLength
        )
        result.randomSource = randomSource
        return result
    }
}

/// What a materials manager is asked for when a message is to be decrypted (framework/cmm-interface.md, Decrypt Materials).
public struct DecryptMaterialsRequest: Sendable {
    /// The algorithm suite in the header.
    public let algorithmSuite: AlgorithmSuite
    /// The client's policy.
    public let commitmentPolicy: CommitmentPolicy
    /// The encrypted data keys in the header.
    public let encryptedDataKeys: [EncryptedDataKey]
    /// The encryption context in the header.
    public let encryptionContext: EncryptionContext
    /// The encryption context that the caller supplied.
    ///
    /// It may hold any key.
    public let reproducedEncryptionContext: EncryptionContext

    /// A request of the given parts.
    public init(
        algorithmSuite: AlgorithmSuite,
        commitmentPolicy: CommitmentPolicy,
        encryptedDataKeys: [EncryptedDataKey],
        encryptionContext: EncryptionContext,
        reproducedEncryptionContext: EncryptionContext = EncryptionContext()
    ) {
        self.algorithmSuite = algorithmSuite
        self.commitmentPolicy = commitmentPolicy
        self.encryptedDataKeys = encryptedDataKeys
        self.encryptionContext = encryptionContext
        self.reproducedEncryptionContext = reproducedEncryptionContext
    }
}

/// Assembles the materials of one message (framework/cmm-interface.md).
public protocol CryptographicMaterialsManager: Sendable {
    /// The materials of a message that is about to be written.
    ///
    /// - Returns: materials with a data key and at least one encrypted data key, whose algorithm suite the request's policy allows,
    ///   and whose required encryption context has all required keys of the request.
    /// - Throws: `EncryptionSDKError`; `CancellationError`.
    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials

    /// The materials of the message that `request` describes.
    ///
    /// - Returns: materials of the request's algorithm suite, with a data key, and a verification key for a signed suite.
    /// - Throws: `EncryptionSDKError`; `CancellationError`.
    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials
}
