/// Which algorithm suites a client writes and reads, by whether they commit to their key
/// (framework/commitment-policy.md).
public enum CommitmentPolicy: String, Sendable, Hashable, CaseIterable {
    /// Writes suites without commitment, reads all.
    case forbidEncryptAllowDecrypt = "forbid-encrypt-allow-decrypt"
    /// Writes suites with commitment, reads all.
    case requireEncryptAllowDecrypt = "require-encrypt-allow-decrypt"
    /// Writes and reads only suites with commitment.
    ///
    /// The default of a client.
    case requireEncryptRequireDecrypt = "require-encrypt-require-decrypt"

    /// Checks that a message under `suite` may be read.
    ///
    /// - Throws: `commitmentPolicyViolation`.
    public func checkDecrypt(_ suite: AlgorithmSuite) throws(EncryptionSDKError) {
        guard suite.isCommitting || self != .requireEncryptRequireDecrypt else {
            throw EncryptionSDKError(
                .commitmentPolicyViolation,
                "the commitment policy \(rawValue) refuses algorithm suite \(suite), which has no key commitment; "
                    + "\(Self.requireEncryptAllowDecrypt.rawValue) reads such messages",
                at: .init(field: "Algorithm Suite ID")
            )
        }
    }
}
