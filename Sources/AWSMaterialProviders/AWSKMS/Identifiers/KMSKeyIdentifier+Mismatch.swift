extension KMSKeyIdentifier {
    /// The refusal of an encrypted data key of another key; says so when this identifier can never match one.
    func mismatch(with arn: KMSKeyARN) -> EncryptionSDKError {
        guard self.arn?.resource == .key else {
            let kind = isAlias ? "an alias" : "a key id"
            return EncryptionSDKError(
                .notForThisKeyring,
                "the keyring is configured with \(kind), \(text), which never matches: messages name the key by its ARN, \(arn)"
            )
        }
        return EncryptionSDKError(.notForThisKeyring, "wrapped under another AWS KMS key, \(arn)")
    }
}
