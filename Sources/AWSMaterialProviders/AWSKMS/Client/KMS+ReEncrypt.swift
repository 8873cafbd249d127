extension KMS {
    /// What is asked of KMS ReEncrypt.
    public struct ReEncryptRequest: Sendable {
        /// What is to be decrypted.
        public let ciphertextBlob: [UInt8]
        /// The KMS key that it is encrypted under.
        public let sourceKeyID: String
        /// The pairs that are bound to it.
        public let sourceEncryptionContext: EncryptionContext
        /// The KMS key that is to encrypt it.
        public let destinationKeyID: String
        /// Pairs that are to be bound to the new ciphertext.
        public let destinationEncryptionContext: EncryptionContext
        /// Grant tokens, at most 10.
        public let grantTokens: [String]

        /// A request of the given parts.
        public init(
            ciphertextBlob: [UInt8],
            sourceKeyID: String,
            sourceEncryptionContext: EncryptionContext = EncryptionContext(),
            destinationKeyID: String,
            destinationEncryptionContext: EncryptionContext = EncryptionContext(),
            grantTokens: [String] = []
        ) {
            self.ciphertextBlob = ciphertextBlob
            self.sourceKeyID = sourceKeyID
            self.sourceEncryptionContext = sourceEncryptionContext
            self.destinationKeyID = destinationKeyID
            self.destinationEncryptionContext = destinationEncryptionContext
            self.grantTokens = grantTokens
        }
    }

    /// What KMS ReEncrypt answers.
    public struct ReEncryptResponse: Sendable {
        /// The ARN of the KMS key that decrypted.
        public let sourceKeyID: String
        /// The ARN of the KMS key that encrypted.
        public let keyID: String
        /// The new ciphertext.
        public let ciphertextBlob: [UInt8]

        /// A response of the given parts.
        public init(
            sourceKeyID: String,
            keyID: String,
            ciphertextBlob: [UInt8]
        ) {
            self.sourceKeyID = sourceKeyID
            self.keyID = keyID
            self.ciphertextBlob = ciphertextBlob
        }
    }
}
