public import ESDKCrypto
import ESDKSystem

/// The requests and responses of AWS KMS, as far as keyrings and the key store need them.
///
/// A key id in a request may be anything that KMS takes: key id, key ARN, alias name or alias ARN.
public enum KMS {
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

    /// What is asked of KMS GetPublicKey.
    public struct GetPublicKeyRequest: Sendable {
        /// The asymmetric KMS key.
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

    /// What KMS GetPublicKey answers.
    public struct GetPublicKeyResponse: Sendable {
        /// The ARN of the KMS key.
        public let keyID: String
        /// The public key as DER SubjectPublicKeyInfo.
        public let publicKey: [UInt8]
        /// The kind of key, such as `ECC_NIST_P256` or `RSA_2048`; nil when the service does not say.
        public let keySpec: String?
        /// What the key is for, such as `KEY_AGREEMENT`; nil when the service does not say.
        public let keyUsage: String?

        /// A response of the given parts.
        public init(
            keyID: String,
            publicKey: [UInt8],
            keySpec: String? = nil,
            keyUsage: String? = nil
        ) {
            self.keyID = keyID
            self.publicKey = publicKey
            self.keySpec = keySpec
            self.keyUsage = keyUsage
        }
    }

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

extension KMS {
    /// Checks that KMS used the key that it was asked to use.
    ///
    /// - Throws: `unexpectedKMSResponse`.
    static func check(_ answered: String, is requested: String) throws(EncryptionSDKError) {
        guard answered.utf8.elementsEqual(requested.utf8) else {
            throw EncryptionSDKError(
                .unexpectedKMSResponse,
                "AWS KMS answered with the key \(TerminalText.escaped(answered)), \(requested) was asked for"
            )
        }
    }
}
