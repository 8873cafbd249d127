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
