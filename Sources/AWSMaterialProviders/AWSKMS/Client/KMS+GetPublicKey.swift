extension KMS {
    /// What is asked of KMS GetPublicKey.
    public struct GetPublicKeyRequest: Sendable {
        /// The asymmetric KMS key.
        public let keyID: String
        /// Grant tokens, at most 10.
        public let grantTokens: [String]

        /// A request of the given parts.
        public init(
            keyID: String,
            grantTokens: [String] = []
        ) {
            self.keyID = keyID
            self.grantTokens = grantTokens
        }
    }

    /// What KMS GetPublicKey answers.
    public struct GetPublicKeyResponse: Sendable {
        /// The ARN of the KMS key.
        public let keyID: String
        /// The public key as DER SubjectPublicKeyInfo.
        public let publicKey: [UInt8]
        /// The kind of key, such as `ECC_NIST_P256` or `RSA_2048`; nil when the service does not say.
        public let keySpec: String?
        /// What the key is for, such as `KEY_AGREEMENT`; nil when the service does not say.
        public let keyUsage: String?

        /// A response of the given parts.
        public init(
            keyID: String,
            publicKey: [UInt8],
            keySpec: String? = nil,
            keyUsage: String? = nil
        ) {
            self.keyID = keyID
            self.publicKey = publicKey
            self.keySpec = keySpec
            self.keyUsage = keyUsage
        }
    }
}
