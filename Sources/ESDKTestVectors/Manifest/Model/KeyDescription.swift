/// Which keys a test is decrypted with: an element of `master-keys`, or a key description, of any dialect.
package enum KeyDescription: Sendable {
    /// A raw AES or RSA keyring.
    case raw(key: String, providerID: String, RawAlgorithm)
    /// A KMS keyring for one key.
    case awsKMS(key: String)
    /// A KMS keyring that takes a multi-Region key's replicas for one key.
    case awsKMSMRK(key: String)
    /// A KMS discovery keyring that knows multi-Region keys.
    case awsKMSMRKDiscovery(region: String, filter: DiscoveryFilter?)
    /// A KMS RSA keyring.
    case awsKMSRSA(key: String, algorithm: String)
    /// A hierarchical keyring; its key is a static branch key.
    case awsKMSHierarchy(key: String)
    /// A raw ECDH keyring.
    case rawECDH(ECDH)
    /// A KMS ECDH keyring.
    case awsKMSECDH(ECDH)
    /// A keyring that returns the materials of a key entry.
    case staticMaterial(key: String)
    /// A keyring that accepts any encrypted data key and returns the plaintext data key of a key entry.
    case dataKey(key: String)
    /// Several keyrings; a flat list of several entries has its first as the generator.
    indirect case multi(generator: KeyDescription?, children: [KeyDescription])
    /// A required-encryption-context materials manager; keys as UTF-8 bytes.
    indirect case requiredEncryptionContext(underlying: KeyDescription, keys: [[UInt8]])
    /// A caching materials manager, which no known program reads; not run.
    indirect case caching(underlying: KeyDescription)
    /// A key of 2018 that was thrown away when the message was written: never decryptable.
    case ephemeral(name: String)
    /// A type, algorithm or padding that is not known here.
    case unsupported(type: String)
}

extension KeyDescription {
    /// How a raw keyring wraps.
    package enum RawAlgorithm: Hashable, Sendable {
        /// AES-GCM.
        case aes
        /// RSA.
        case rsa(RSAPadding)
    }

    /// The padding of RSA wrapping.
    package enum RSAPadding: String, Hashable, Sendable {
        /// PKCS #1 version 1.5.
        case pkcs1
        /// OAEP, SHA-1 for message and mask.
        case oaepSHA1 = "oaep-sha1"
        /// OAEP, SHA-256 for message and mask.
        case oaepSHA256 = "oaep-sha256"
        /// OAEP, SHA-384 for message and mask.
        case oaepSHA384 = "oaep-sha384"
        /// OAEP, SHA-512 for message and mask.
        case oaepSHA512 = "oaep-sha512"
    }

    /// Which KMS keys discovery may use.
    package struct DiscoveryFilter: Hashable, Sendable {
        /// The partition.
        package let partition: String

        /// The accounts.
        package let accountIDs: [String]

        /// A filter.
        package init(partition: String, accountIDs: [String]) {
            self.partition = partition
            self.accountIDs = accountIDs
        }
    }

    /// The members of an ECDH description.
    package struct ECDH: Hashable, Sendable {
        /// Who is known beforehand.
        package enum Schema: String, Hashable, Sendable {
            /// Both sides: the entry's sender key agrees with its recipient's public key.
            case `static`
            /// Only the recipient's public key: encrypts, never decrypts.
            case ephemeral
            /// Only the recipient's private key: decrypts.
            case discovery
        }

        /// Who is known beforehand.
        package let schema: Schema

        /// The key entry whose keys are used.
        package let key: String

        /// The curve's name: `ecc-256`, `ecc-384` or `ecc-521` for raw keys, a key entry's name for KMS.
        package let curve: String

        /// A description.
        package init(schema: Schema, key: String, curve: String) {
            self.schema = schema
            self.key = key
            self.curve = curve
        }
    }
}
