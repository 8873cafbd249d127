public import ESDKCrypto

extension KMS {
    /// What is asked of KMS DeriveSharedSecret.
    public struct DeriveSharedSecretRequest: Sendable {
        /// The KMS key of this side, made for key agreement.
        public let keyID: String
        /// The public key of the other side as DER SubjectPublicKeyInfo.
        public let publicKey: [UInt8]
        /// Grant tokens, at most 10.
        public let grantTokens: [String]

        /// A request of the given parts.
        public init(
            keyID: String,
            publicKey: [UInt8],
            grantTokens: [String] = []
        ) {
            self.keyID = keyID
            self.publicKey = publicKey
            self.grantTokens = grantTokens
        }
    }

    /// What KMS DeriveSharedSecret answers.
    public struct DeriveSharedSecretResponse: Sendable {
        /// The ARN of the KMS key.
        public let keyID: String
        /// The shared secret: the x coordinate of the common point.
        public let sharedSecret: SecretBytes

        /// A response of the given parts.
        public init(
            keyID: String,
            sharedSecret: SecretBytes
        ) {
            self.keyID = keyID
            self.sharedSecret = sharedSecret
        }
    }
}
