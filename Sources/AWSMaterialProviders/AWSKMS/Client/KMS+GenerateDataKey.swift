public import ESDKCrypto

extension KMS {
    /// What is asked of KMS GenerateDataKey.
    public struct GenerateDataKeyRequest: Sendable {
        /// The symmetric KMS key.
        public let keyID: String
        /// The length of the data key in bytes: 1 to 1,024.
        public let numberOfBytes: Int
        /// Pairs that are bound to the ciphertext.
        public let encryptionContext: EncryptionContext
        /// Grant tokens, at most 10.
        public let grantTokens: [String]

        /// A request of the given parts.
        public init(
            keyID: String,
            numberOfBytes: Int,
            encryptionContext: EncryptionContext = EncryptionContext(),
            grantTokens: [String] = []
        ) {
            self.keyID = keyID
            self.numberOfBytes = numberOfBytes
            self.encryptionContext = encryptionContext
            self.grantTokens = grantTokens
        }
    }

    /// What KMS GenerateDataKey answers.
    public struct GenerateDataKeyResponse: Sendable {
        /// The ARN of the KMS key.
        public let keyID: String
        /// The data key.
        public let plaintext: SecretBytes
        /// The data key, encrypted under the KMS key.
        public let ciphertextBlob: [UInt8]

        /// A response of the given parts.
        public init(
            keyID: String,
            plaintext: SecretBytes,
            ciphertextBlob: [UInt8]
        ) {
            self.keyID = keyID
            self.plaintext = plaintext
            self.ciphertextBlob = ciphertextBlob
        }
    }
}
