extension KMS {
    /// What is asked of KMS GenerateDataKeyWithoutPlaintext.
    public struct GenerateDataKeyWithoutPlaintextRequest: Sendable {
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

    /// What KMS GenerateDataKeyWithoutPlaintext answers.
    public struct GenerateDataKeyWithoutPlaintextResponse: Sendable {
        /// The ARN of the KMS key.
        public let keyID: String
        /// The data key, encrypted under the KMS key.
        public let ciphertextBlob: [UInt8]

        /// A response of the given parts.
        public init(
            keyID: String,
            ciphertextBlob: [UInt8]
        ) {
            self.keyID = keyID
            self.ciphertextBlob = ciphertextBlob
        }
    }
}
