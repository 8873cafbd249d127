/// A cryptographic operation that did not succeed.
///
/// Two errors are equal when their codes are: the reason is for people and may change between versions.
/// A reason never contains key material, plaintext or anything derived from them.
public struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    ///
    /// More codes may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code, stable across versions.
        public let rawValue: String

        /// The name of the code.
        public var description: String { rawValue }

        private init(_ rawValue: String) {
            self.rawValue = rawValue
        }

        /// An AES-GCM tag does not belong to the ciphertext, the additional data, the IV and the key.
        public static let authenticationFailed = Code("authenticationFailed")
        /// A key cannot be parsed, is of an unsupported kind, or is not a point of its curve.
        public static let invalidKey = Code("invalidKey")
        /// An argument has a length that the algorithm does not allow.
        public static let invalidLength = Code("invalidLength")
        /// A signature is not the strict DER form of two positive integers.
        public static let invalidSignature = Code("invalidSignature")
        /// RSA decryption failed; why is deliberately not said.
        public static let decryptionFailed = Code("decryptionFailed")
        /// The libcrypto of this system does not offer the algorithm.
        public static let unsupported = Code("unsupported")
        /// libcrypto reported a failure that no input should cause (out of memory, no entropy).
        public static let libraryFailure = Code("libraryFailure")
    }

    /// What kind of failure it was.
    public let code: Code

    /// The failure in words.
    public let reason: String

    /// Creates an error from its code and its reason.
    ///
    /// - Parameters:
    ///   - code: what kind of failure it is.
    ///   - reason: the failure in words, free of secrets.
    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The reason, preceded by the code.
    public var description: String { "\(code): \(reason)" }

    /// Whether both errors have the same code; reasons are not compared.
    public static func == (lhs: CryptoError, rhs: CryptoError) -> Bool {
        lhs.code == rhs.code
    }

    /// Hashes the code only, as equality does.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}
