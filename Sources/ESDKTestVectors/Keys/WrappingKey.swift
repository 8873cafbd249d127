import AWSMaterialProviders
import ESDKCrypto

/// A key under which data keys are wrapped, and which wraps one again as it was wrapped before.
///
/// Written beside the library's keyrings, of which it shares only the cryptographic primitives, so that the one checks the other.
protocol WrappingKey: Sendable {
    /// The key in words.
    var name: String { get }

    /// Whether an encrypted data key names this key.
    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool

    /// Wraps a data key with the random part of an encrypted data key that names this key.
    ///
    /// - Parameters:
    ///   - dataKey: the data key of the message.
    ///   - original: what to take the random part from.
    ///   - context: the serialized encryption context that the wrapping binds; RSA binds none.
    /// - Throws: `VectorError` when `original` does not have the form that this key gives; `CryptoError`.
    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey

    /// Whether the wrapping binds the encryption context.
    var bindsContext: Bool { get }
}

/// A data key that was wrapped again.
struct RewrappedDataKey: Sendable {
    let encryptedDataKey: EncryptedDataKey
    /// The random part that was taken over.
    let randomness: [RecoveredRandomness]
}

extension AESGCM {
    /// Ciphertext and tag of a data key.
    static func wrap(
        _ dataKey: SecretBytes,
        under key: SecretBytes,
        iv: [UInt8],
        additionalData: [UInt8]
    ) throws -> [UInt8] {
        guard let length = KeyLength(rawValue: key.count) else {
            throw VectorError.broken("an AES key has 16, 24 or 32 bytes, not \(key.count)")
        }
        var sealer = try Sealer(length, key: key.span)
        return try [UInt8](capacity: dataKey.count + tagLength) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try sealer.seal(dataKey.span, iv: iv.span, authenticating: additionalData.span, appendingTo: &output)
        }
    }
}

/// What was drawn at random when a data key was wrapped, recovered from the encrypted data key.
package struct RecoveredRandomness: Sendable, Hashable {
    /// What it was drawn for.
    package enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// An IV of AES-GCM: 12 bytes.
        case iv
        /// The seed of an OAEP padding: as many bytes as its hash has.
        case oaepSeed = "oaep-seed"
        /// A PKCS #1 v1.5 padding string: bytes that are not zero.
        case pkcs1Padding = "pkcs1-ps"
        /// The salt of a key derivation: 16 or 32 bytes.
        case salt
    }

    /// What it was drawn for.
    package let purpose: Purpose
    /// The bytes.
    package let bytes: [UInt8]

    init(_ purpose: Purpose, _ bytes: some Sequence<UInt8>) {
        self.purpose = purpose
        self.bytes = Array(bytes)
    }
}

/// Makes wrapping keys from the key descriptions of one set; keys that cannot be had, such as those of a service, give none.
struct WrappingKeyBuilder {
    private let keys: KeyTable
    private let cache: KeyCache

    private init(keys: KeyTable, cache: KeyCache) {
        self.keys = keys
        self.cache = cache
    }

    /// The keys of all tests of a set, each once: a message may hold encrypted data keys of others than its own test's.
    static func wrappingKeys(of set: VectorSet, cache: KeyCache) -> [any WrappingKey] {
        let builder = WrappingKeyBuilder(keys: set.keys, cache: cache)
        var known: Set<KeyDescription> = []
        var found: [any WrappingKey] = []
        for leaf in set.decryptTests.flatMap({ $0.keys?.leaves ?? [] }) where known.insert(leaf).inserted {
            // What is wrong with a key is said when its keyring is made.
            found += (try? builder.wrappingKeys(ofLeaf: leaf)) ?? []
        }
        return found
    }

    private func wrappingKeys(ofLeaf leaf: KeyDescription) throws -> [any WrappingKey] {
        guard let name = leaf.keyName, let entry = keys[name] else { return [] }
        switch (leaf, entry.material) {
        case (.raw(_, let providerID, .aes), .symmetric(let bytes)):
            return [
                RawAESWrappingKey(
                    keyNamespace: Array(providerID.utf8),
                    keyName: Array(entry.keyID.utf8),
                    key: SecretBytes(bytes)
                )
            ]
        case (.raw(_, let providerID, .rsa(let padding)), .rsaPrivate),
            (.raw(_, let providerID, .rsa(let padding)), .rsaPublic):
            guard let key = try privateKey(of: entry) else { return [] }
            return [
                RawRSAWrappingKey(
                    keyNamespace: Array(providerID.utf8),
                    keyName: Array(entry.keyID.utf8),
                    padding: padding.scheme,
                    key: key
                )
            ]
        case (.rawECDH, .eccPrivate(let sender, let recipient, _, _)):
            return try [recipient, sender].map { RawECDHWrappingKey(privateKey: try cache.ecPrivateKey($0)) }
        case (.awsKMSHierarchy, .staticBranchKey(let version, let branchKey, _)):
            guard let versionBytes = Hex.decode(version.filter { $0 != "-" }) else { return [] }
            return [
                HierarchicalWrappingKey(
                    branchKeyID: Array(entry.keyID.utf8),
                    branchKey: SecretBytes(branchKey),
                    version: versionBytes
                )
            ]
        default:
            return []
        }
    }

    /// The RSA private key of an entry; for one with a public key, that of another entry with the same public key.
    private func privateKey(of entry: KeyEntry) throws -> RSAPrivateKey? {
        switch entry.material {
        case .rsaPrivate(let text): return try cache.rsaPrivateKey(text)
        case .rsaPublic(let text):
            let wanted = try cache.rsaPublicKey(text).subjectPublicKeyInfo()
            for other in keys.entries {
                guard case .rsaPrivate(let text) = other.material, let key = try? cache.rsaPrivateKey(text),
                    try key.publicKey.subjectPublicKeyInfo() == wanted
                else { continue }
                return key
            }
            return nil
        default: return nil
        }
    }
}
