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
