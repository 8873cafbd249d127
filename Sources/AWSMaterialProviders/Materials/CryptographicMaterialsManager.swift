package import ESDKCrypto

/// A request for the materials to encrypt a message (framework/cmm-interface.md, Get Encryption Materials).
public struct EncryptionMaterialsRequest: Sendable {
    /// The pairs of the caller.
    public var encryptionContext: EncryptionContext
    /// The client's policy.
    public var commitmentPolicy: CommitmentPolicy
    /// The algorithm suite that the caller wants; nil for the policy's default.
    public var algorithmSuite: AlgorithmSuite?
    /// The keys of pairs that are authenticated and not stored.
    public var requiredEncryptionContextKeys: [String]
    /// The most bytes of plaintext that will be encrypted; nil when that is not known.
    public var maximumPlaintextLength: UInt64?

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
}

/// A request for the materials to decrypt a message (framework/cmm-interface.md, Decrypt Materials).
public struct DecryptMaterialsRequest: Sendable {
    /// The algorithm suite in the header.
    public var algorithmSuite: AlgorithmSuite
    /// The client's policy.
    public var commitmentPolicy: CommitmentPolicy
    /// The encrypted data keys in the header.
    public var encryptedDataKeys: [EncryptedDataKey]
    /// The encryption context in the header.
    public var encryptionContext: EncryptionContext
    /// The encryption context that the caller supplied.
    ///
    /// It may hold any key.
    public var reproducedEncryptionContext: EncryptionContext

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
