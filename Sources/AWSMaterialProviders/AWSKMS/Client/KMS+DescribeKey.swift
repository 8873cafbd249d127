extension KMS {
    /// What is asked of KMS DescribeKey.
    public struct DescribeKeyRequest: Sendable {
        /// The KMS key.
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

    /// What KMS DescribeKey answers.
    public struct DescribeKeyResponse: Sendable {
        /// The ARN of the KMS key.
        public let arn: String
        /// The state, such as `Enabled` or `Disabled`.
        public let keyState: String?
        /// What the key is for, such as `ENCRYPT_DECRYPT`.
        public let keyUsage: String?
        /// The kind of key, such as `SYMMETRIC_DEFAULT`.
        public let keySpec: String?
        /// Whether it is a multi-Region key.
        public let isMultiRegion: Bool

        /// A response of the given parts.
        public init(
            arn: String,
            keyState: String? = nil,
            keyUsage: String? = nil,
            keySpec: String? = nil,
            isMultiRegion: Bool = false
        ) {
            self.arn = arn
            self.keyState = keyState
            self.keyUsage = keyUsage
            self.keySpec = keySpec
            self.isMultiRegion = isMultiRegion
        }
    }
}
