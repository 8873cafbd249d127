public import ESDKCrypto

extension KMS {
    /// What is asked of KMS Encrypt.
    public struct EncryptRequest: Sendable {
        /// The KMS key.
        public let keyID: String
        /// What is to be encrypted: at most 4,096 bytes.
        public let plaintext: SecretBytes
        /// Pairs that are bound to the ciphertext.
        public let encryptionContext: EncryptionContext
        /// Needed for asymmetric keys; nil leaves it out of the request.
        public let encryptionAlgorithm: EncryptionAlgorithm?
        /// Grant tokens, at most 10.
        public let grantTokens: [String]

        /// A request of the given parts.
        public init(
            keyID: String,
            plaintext: SecretBytes,
            encryptionContext: EncryptionContext = EncryptionContext(),
            encryptionAlgorithm: EncryptionAlgorithm? = nil,
            grantTokens: [String] = []
        ) {
            self.keyID = keyID
            self.plaintext = plaintext
            self.encryptionContext = encryptionContext
            self.encryptionAlgorithm = encryptionAlgorithm
            self.grantTokens = grantTokens
        }
    }

    /// What KMS Encrypt answers.
    public struct EncryptResponse: Sendable {
        /// The ARN of the KMS key.
        public let keyID: String
        /// The ciphertext.
        public let ciphertextBlob: [UInt8]
        /// The algorithm that was used; nil when the service does not say.
        public let encryptionAlgorithm: EncryptionAlgorithm?

        /// A response of the given parts.
        public init(
            keyID: String,
            ciphertextBlob: [UInt8],
            encryptionAlgorithm: EncryptionAlgorithm? = nil
        ) {
            self.keyID = keyID
            self.ciphertextBlob = ciphertextBlob
            self.encryptionAlgorithm = encryptionAlgorithm
        }
    }
}
