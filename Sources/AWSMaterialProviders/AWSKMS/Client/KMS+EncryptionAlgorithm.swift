extension KMS {
    /// An encryption algorithm of KMS; one that is not known here is kept as it is.
    public struct EncryptionAlgorithm: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The name that KMS uses.
        public let rawValue: String

        /// The algorithm that KMS calls `rawValue`.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The name that KMS uses.
        public var description: String { rawValue }

        /// AES-GCM under a symmetric KMS key: what KMS takes when no algorithm is named.
        public static let symmetricDefault = Self(rawValue: "SYMMETRIC_DEFAULT")
        /// RSA with OAEP, SHA-1 and MGF1 with SHA-1.
        public static let rsaesOAEPSHA1 = Self(rawValue: "RSAES_OAEP_SHA_1")
        /// RSA with OAEP, SHA-256 and MGF1 with SHA-256.
        public static let rsaesOAEPSHA256 = Self(rawValue: "RSAES_OAEP_SHA_256")
    }
}
