public import ESDKCrypto

// spec: algorithm-suites/gcm, algorithm-suites/supported-algorithm-suites, algorithm-suites/algorithm-suite-id
// spec: algorithm-suites/encryption-algorithm, algorithm-suites/encryption-algorithm-mode
// spec: algorithm-suites/message-format-version, algorithm-suites/supported-algorithm-suite-data
/// An algorithm suite of the message format: content encryption, key derivation, key commitment and signature
/// (framework/algorithm-suites.md).
public struct AlgorithmSuite: Sendable, Hashable, CustomStringConvertible {
    /// How the content key is made from the data key.
    public enum KeyDerivation: Sendable, Hashable {
        /// The data key is the content key.
        case identity
        /// HKDF; the info is the suite id and the message id.
        case hkdf(HashAlgorithm)
        /// HKDF with the message id as salt; a second output is the key commitment in the header.
        case hkdfWithCommitment(HashAlgorithm)
    }

    /// The signature over header and body.
    public struct Signature: Sendable, Hashable {
        /// The curve of the key.
        public let curve: EllipticCurve
        /// The hash that is signed.
        public let hash: HashAlgorithm
    }

    /// The two bytes in the header.
    public let id: UInt16
    /// The same as they stand there.
    package var idBytes: [UInt8] { [UInt8(id >> 8), UInt8(truncatingIfNeeded: id)] }
    /// The version of the message format that the suite belongs to: 1 or 2.
    public let messageFormatVersion: UInt8
    /// AES-GCM with this key length encrypts the content.
    package let contentKeyLength: AESGCM.KeyLength
    /// How the content key is made.
    public let keyDerivation: KeyDerivation
    /// The signature, or nil for an unsigned suite.
    public let signature: Signature?

    private init(_ id: UInt16, _ length: AESGCM.KeyLength, _ derivation: KeyDerivation, _ signature: Signature? = nil) {
        self.id = id
        if case .hkdfWithCommitment = derivation { messageFormatVersion = 2 } else { messageFormatVersion = 1 }
        contentKeyLength = length
        keyDerivation = derivation
        self.signature = signature
    }

    /// The length of the data key in bytes: 16, 24 or 32.
    public var dataKeyLength: Int { contentKeyLength.rawValue }
    /// The length of the message id in bytes: 16 in version 1, 32 in version 2.
    public var messageIDLength: Int { messageFormatVersion == 1 ? 16 : 32 }
    /// Whether the header binds the message to one data key.
    public var isCommitting: Bool { messageFormatVersion == 2 }
    /// The length of the key commitment in bytes: 32, or 0 for a suite without one.
    public var commitmentLength: Int { isCommitting ? 32 : 0 }
    /// The id as manifests and the specification's tables spell it: four hexadecimal digits, such as `0578`.
    public var idText: String { Self.text(ofID: id) }

    /// Name and id: `AES-256-GCM, HKDF-SHA512, commitment, ECDSA-P384 (0x0578)`.
    public var description: String {
        var parts = ["AES-\(8 * dataKeyLength)-GCM"]
        switch keyDerivation {
        case .identity: break
        case .hkdf(let hash), .hkdfWithCommitment(let hash): parts.append("HKDF-SHA\(8 * hash.outputLength)")
        }
        if isCommitting { parts.append("commitment") }
        if let signature { parts.append("ECDSA-P\(8 * signature.curve.fieldLength)") }
        return "\(parts.joined(separator: ", ")) (0x\(idText))"
    }

    /// Four hexadecimal digits.
    package static func text(ofID id: UInt16) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Equality of the ids.
    public static func == (left: Self, right: Self) -> Bool { left.id == right.id }

    /// Hashes the id, in keeping with equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension AlgorithmSuite {
    private static let p256 = Signature(curve: .p256, hash: .sha256)
    private static let p384 = Signature(curve: .p384, hash: .sha384)

    /// AES-128-GCM under the data key itself.
    public static let aes128GCM = Self(0x0014, .aes128, .identity)
    /// AES-192-GCM under the data key itself.
    public static let aes192GCM = Self(0x0046, .aes192, .identity)
    /// AES-256-GCM under the data key itself.
    public static let aes256GCM = Self(0x0078, .aes256, .identity)
    /// AES-128-GCM, HKDF-SHA-256.
    public static let aes128GCMHKDFSHA256 = Self(0x0114, .aes128, .hkdf(.sha256))
    /// AES-192-GCM, HKDF-SHA-256.
    public static let aes192GCMHKDFSHA256 = Self(0x0146, .aes192, .hkdf(.sha256))
    /// AES-256-GCM, HKDF-SHA-256.
    public static let aes256GCMHKDFSHA256 = Self(0x0178, .aes256, .hkdf(.sha256))
    /// AES-128-GCM, HKDF-SHA-256, ECDSA on P-256.
    public static let aes128GCMHKDFSHA256ECDSAP256 = Self(0x0214, .aes128, .hkdf(.sha256), p256)
    /// AES-192-GCM, HKDF-SHA-384, ECDSA on P-384.
    public static let aes192GCMHKDFSHA384ECDSAP384 = Self(0x0346, .aes192, .hkdf(.sha384), p384)
    /// AES-256-GCM, HKDF-SHA-384, ECDSA on P-384.
    public static let aes256GCMHKDFSHA384ECDSAP384 = Self(0x0378, .aes256, .hkdf(.sha384), p384)
    /// AES-256-GCM, HKDF-SHA-512, key commitment.
    public static let aes256GCMHKDFSHA512CommitKey = Self(0x0478, .aes256, .hkdfWithCommitment(.sha512))
    /// AES-256-GCM, HKDF-SHA-512, key commitment, ECDSA on P-384.
    public static let aes256GCMHKDFSHA512CommitKeyECDSAP384 = Self(
        0x0578,
        .aes256,
        .hkdfWithCommitment(.sha512),
        p384
    )

    /// Every suite a message can have, by ascending id.
    public static let all: [AlgorithmSuite] = [
        aes128GCM, aes192GCM, aes256GCM, aes128GCMHKDFSHA256, aes192GCMHKDFSHA256, aes256GCMHKDFSHA256,
        aes128GCMHKDFSHA256ECDSAP256, aes192GCMHKDFSHA384ECDSAP384, aes256GCMHKDFSHA384ECDSAP384,
        aes256GCMHKDFSHA512CommitKey, aes256GCMHKDFSHA512CommitKeyECDSAP384,
    ]

    /// Suites that exist, but for other clients: the S3 Encryption Client's and those of structured encryption.
    private static let idsOfOtherClients: Set<UInt16> = [0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x6700, 0x6701]

    /// The suite with the given id.
    ///
    /// - Throws: `unknownAlgorithmSuite`, or `algorithmSuiteNotForMessages` for the suites of other clients.
    public init(id: UInt16) throws(EncryptionSDKError) {
        if let suite = Self.all.first(where: { $0.id == id }) {
            self = suite
        } else if Self.idsOfOtherClients.contains(id) {
            throw EncryptionSDKError(
                .algorithmSuiteNotForMessages,
                "algorithm suite \(Self.text(ofID: id)) belongs to another client"
            )
        } else {
            throw EncryptionSDKError(.unknownAlgorithmSuite, "no algorithm suite has the id \(Self.text(ofID: id))")
        }
    }
}
