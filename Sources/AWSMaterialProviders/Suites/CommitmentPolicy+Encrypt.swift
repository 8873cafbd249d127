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
