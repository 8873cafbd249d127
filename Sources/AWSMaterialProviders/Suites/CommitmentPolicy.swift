// spec: commitment-policy/esdk-forbid-encrypt-allow-decrypt, commitment-policy/esdk-require-encrypt-allow-decrypt
// spec: commitment-policy/esdk-require-encrypt-require-decrypt
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

extension CommitmentPolicy {
    /// The algorithm suite that messages are written with when the caller names none: 0578, or 0378 where suites with commitment
    /// are not to be written.
    public var defaultAlgorithmSuite: AlgorithmSuite {
        switch self {
        case .forbidEncryptAllowDecrypt: .aes256GCMHKDFSHA384ECDSAP384
        case .requireEncryptAllowDecrypt, .requireEncryptRequireDecrypt: .aes256GCMHKDFSHA512CommitKeyECDSAP384
        }
    }

    /// Checks that a message under `suite` may be written.
    ///
    /// - Throws: `commitmentPolicyViolation`.
    public func checkEncrypt(_ suite: AlgorithmSuite) throws(EncryptionSDKError) {
        let mustCommit = self != .forbidEncryptAllowDecrypt
        guard suite.isCommitting == mustCommit else {
            throw EncryptionSDKError(
                .commitmentPolicyViolation,
                "the commitment policy \(rawValue) writes only algorithm suites \(mustCommit ? "with" : "without") key commitment, "
                    + "\(suite) is one \(mustCommit ? "without" : "with") it; leave the suite out to get \(defaultAlgorithmSuite)"
            )
        }
    }
}
