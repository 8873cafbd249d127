import AWSMaterialProviders
import ESDKCrypto

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
