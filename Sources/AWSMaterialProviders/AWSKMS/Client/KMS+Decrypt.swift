public import ESDKCrypto

extension KMS {
    /// What is asked of KMS Decrypt.
    public struct DecryptRequest: Sendable {
        /// The KMS key.
        public let keyID: String
        /// What is to be decrypted: at most 6,144 bytes.
        public let ciphertextBlob: [UInt8]
        /// The pairs that are bound to the ciphertext.
        public let encryptionContext: EncryptionContext
        /// Needed for asymmetric keys; nil leaves it out of the request.
        public let encryptionAlgorithm: EncryptionAlgorithm?
        /// Grant tokens, at most 10.
        public let grantTokens: [String]

        /// A request of the given parts.
        public init(
            keyID: String,
            ciphertextBlob: [UInt8],
            encryptionContext: EncryptionContext = EncryptionContext(),
            encryptionAlgorithm: EncryptionAlgorithm? = nil,
            grantTokens: [String] = []
        ) {
            self.keyID = keyID
            self.ciphertextBlob = ciphertextBlob
            self.encryptionContext = encryptionContext
            self.encryptionAlgorithm = encryptionAlgorithm
            self.grantTokens = grantTokens
        }
    }

    /// What KMS Decrypt answers.
    public struct DecryptResponse: Sendable {
        /// The ARN of the KMS key.
        public let keyID: String
        /// The plaintext.
        public let plaintext: SecretBytes
        /// The algorithm that was used; nil when the service does not say.
        public let encryptionAlgorithm: EncryptionAlgorithm?

        /// A response of the given parts.
        public init(
            keyID: String,
            plaintext: SecretBytes,
            encryptionAlgorithm: EncryptionAlgorithm? = nil
        ) {
            self.keyID = keyID
            self.plaintext = plaintext
            self.encryptionAlgorithm = encryptionAlgorithm
        }
    }
}
