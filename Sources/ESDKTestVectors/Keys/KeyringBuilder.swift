package import AWSMaterialProviders
import ESDKCrypto

/// Makes keyrings from the key descriptions of one set.
struct KeyringBuilder: Sendable {
    let keys: KeyTable
    let cache: KeyCache
    /// What key descriptions of AWS KMS run against; nil to do without them.
    var aws: AWSServices?

    /// The keyring of a description, whose materials managers are looked at elsewhere.
    func keyring(for description: KeyDescription) -> KeyringUse {
        switch description {
        case .raw(let key, let providerID, .aes):
            return withEntry(key) { try aesKeyring($0, providerID: providerID) }
        case .raw(let key, let providerID, .rsa(let padding)):
            return withEntry(key) { try rsaKeyring($0, providerID: providerID, padding: padding) }
        case .rawECDH(let description):
            return withEntry(description.key) { try ecdhKeyring($0, description) }
        case .awsKMSHierarchy(let key):
            return withEntry(key, hierarchicalKeyring)
        case .dataKey(let key), .staticMaterial(let key):
            return withEntry(key, dataKeyKeyring)
        case .awsKMS(let key), .awsKMSMRK(let key), .awsKMSRSA(let key, _):
            return withEntry(key) { try awsKeyring($0, description) }
        case .awsKMSECDH(let parties):
            return withEntry(parties.key) { try awsKeyring($0, description) }
        case .awsKMSMRKDiscovery(let region, let filter):
            guard let aws else { return Self.needsAWS }
            return awsDiscoveryKeyring(region: region, filter: filter, aws)
        case .multi(let generator, let children):
            return multiKeyring([generator].compactMap(\.self) + children)
        case .requiredEncryptionContext(let underlying, _):
            return keyring(for: underlying)
        case .caching:
            return .unavailable(reason: "caching materials managers are not supported")
        case .ephemeral(let name):
            return .unavailable(
                reason: "the key \(ManifestText.quoted(name)) was thrown away when the message was written"
            )
        case .unsupported(let type):
            return .unavailable(reason: "key descriptions of type \(ManifestText.quoted(type)) are not supported")
        }
    }

    /// The reason of every test that is skipped for want of AWS.
    private static let needsAWS = KeyringUse.unavailable(reason: "only AWS KMS can open this message")

    private func awsKeyring(_ entry: KeyEntry, _ description: KeyDescription) throws -> KeyringUse {
        guard let aws else { return Self.needsAWS }
        return try awsKeyring(entry, description, aws)
    }

    /// Looks up an entry and turns what can go wrong with its key into a use.
    ///
    /// A key that no keyring takes breaks the set; `identified` tells apart an identifier that no keyring takes.
    private func withEntry(_ name: String, _ body: (KeyEntry) throws -> KeyringUse) -> KeyringUse {
        guard let entry = keys[name] else {
            return .broken(reason: "the keys manifest has no key \(ManifestText.quoted(name))")
        }
        switch entry.material {
        case .unsupported(let type):
            return .unavailable(reason: "keys of type \(ManifestText.quoted(type)) are not supported")
        case .malformed(let reason): return .broken(reason: "key \(ManifestText.quoted(name)): \(reason)")
        default: break
        }
        do {
            return try body(entry)
        } catch {
            return .broken(reason: "key \(ManifestText.quoted(name)) cannot be used: \(error)")
        }
    }

    /// A raw keyring: with a key that fits, only its namespace and name can be refused.
    private static func identified(_ make: () throws(EncryptionSDKError) -> KeyringUse) -> KeyringUse {
        do { return try make() } catch { return .invalid(error) }
    }

    static func wrongType(_ entry: KeyEntry, needed: String) -> KeyringUse {
        .broken(
            reason: "key \(ManifestText.quoted(entry.name)) is of type \(entry.material.kind), \(needed) is needed"
        )
    }

    private func aesKeyring(_ entry: KeyEntry, providerID: String) throws -> KeyringUse {
        guard case .symmetric(let bytes) = entry.material else { return Self.wrongType(entry, needed: "symmetric") }
        guard let algorithm = RawAESKeyring.WrappingAlgorithm.allCases.first(where: { $0.keyLength == bytes.count })
        else {
            let name = ManifestText.quoted(entry.name)
            return .broken(reason: "key \(name) has \(bytes.count) bytes, an AES key has 16, 24 or 32")
        }
        let key = SecretBytes(bytes)
        return Self.identified { () throws(EncryptionSDKError) in
            .usable(
                try RawAESKeyring(
                    keyNamespace: providerID,
                    keyName: entry.keyID,
                    wrappingKey: key,
                    wrappingAlgorithm: algorithm
                )
            )
        }
    }

    private func rsaKeyring(
        _ entry: KeyEntry,
        providerID: String,
        padding: KeyDescription.RSAPadding
    ) throws -> KeyringUse {
        switch entry.material {
        case .rsaPrivate(let text):
            let key = try cache.rsaPrivateKey(text)
            return Self.identified { () throws(EncryptionSDKError) in
                .usable(
                    try RawRSAKeyring(
                        keyNamespace: providerID,
                        keyName: entry.keyID,
                        paddingScheme: padding.scheme,
                        privateKey: key
                    )
                )
            }
        case .rsaPublic(let text):
            let key = try cache.rsaPublicKey(text)
            return Self.identified { () throws(EncryptionSDKError) in
                .opensNothing(
                    try RawRSAKeyring(
                        keyNamespace: providerID,
                        keyName: entry.keyID,
                        paddingScheme: padding.scheme,
                        publicKey: key
                    ),
                    reason: "the RSA key \(ManifestText.quoted(entry.name)) is a public one, which opens nothing"
                )
            }
        default:
            return Self.wrongType(entry, needed: "private or public")
        }
    }

    private func ecdhKeyring(_ entry: KeyEntry, _ description: KeyDescription.ECDH) throws -> KeyringUse {
        guard case .eccPrivate(let sender, let recipient, _, let recipientPublicKey) = entry.material else {
            return Self.wrongType(entry, needed: "ecc-private")
        }
        guard let curve = Self.curves[description.curve] else {
            return .unavailable(reason: "the curve \(ManifestText.quoted(description.curve)) is not supported")
        }
        switch description.schema {
        case .static:
            return .usable(
                try RawECDHKeyring(
                    keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                        senderStaticPrivateKey: cache.ecPrivateKey(sender),
                        recipientPublicKey: cache.ecPublicKey(recipientPublicKey)
                    ),
                    curve: curve
                )
            )
        case .discovery:
            return .usable(
                try RawECDHKeyring(
                    keyAgreementScheme: .publicKeyDiscovery(recipientStaticPrivateKey: cache.ecPrivateKey(recipient)),
                    curve: curve
                )
            )
        case .ephemeral:
            return .unavailable(reason: "the ephemeral ECDH schema only encrypts")
        }
    }

    static let curves: [String: EllipticCurve] = ["ecc-256": .p256, "ecc-384": .p384, "ecc-521": .p521]

    private func hierarchicalKeyring(_ entry: KeyEntry) throws -> KeyringUse {
        guard case .staticBranchKey(let version, let branchKey, _) = entry.material else {
            return Self.wrongType(entry, needed: "static-branch-key")
        }
        let materials = try BranchKeyMaterials(
            branchKeyID: entry.keyID,
            version: version,
            branchKey: SecretBytes(branchKey)
        )
        let keyStore = aws?.branchKeyStore(of: materials) ?? FixedBranchKeyStore([materials])
        return .usable(
            try HierarchicalKeyring(keyStore: keyStore, branchKeyID: entry.keyID, timeToLive: .seconds(60), cache: .no)
        )
    }

    private func dataKeyKeyring(_ entry: KeyEntry) throws -> KeyringUse {
        switch entry.material {
        case .dataKey(let bytes):
            return .usable(DataKeyKeyring(dataKey: SecretBytes(bytes)))
        case .staticMaterial(let material):
            guard let key = material.plaintextDataKey else {
                return .unavailable(
                    reason: "the static material \(ManifestText.quoted(entry.name)) has no data key"
                )
            }
            return .usable(DataKeyKeyring(dataKey: SecretBytes(key)))
        default:
            return Self.wrongType(entry, needed: "data-key")
        }
    }

    /// All keyrings that can be made take part; one that is broken or invalid makes the whole so, as none could be made
    /// of it.
    private func multiKeyring(_ descriptions: [KeyDescription]) -> KeyringUse {
        var keyrings: [any Keyring] = []
        var isUsable = false
        var leftOut: [String] = []
        var reasons: [String] = []
        var invalid: EncryptionSDKError?
        for description in descriptions {
            switch keyring(for: description) {
            case .usable(let keyring, let others):
                keyrings.append(keyring)
                isUsable = true
                leftOut += others
            case .opensNothing(let keyring, let reason):
                keyrings.append(keyring)
                reasons.append(reason)
            case .unavailable(let reason):
                leftOut.append(reason)
                reasons.append(reason)
            case .invalid(let error):
                invalid = invalid ?? error
            case .broken(let reason):
                return .broken(reason: reason)
            }
        }
        if let invalid { return .invalid(invalid) }
        if isUsable,
            let keyring = try? MultiKeyring(generator: keyrings.first, childKeyrings: Array(keyrings.dropFirst()))
        {
            return .usable(keyring, leftOut: Self.unique(leftOut))
        }
        let reason = reasons.isEmpty ? "no keyring is described" : Self.unique(reasons).joined(separator: "; ")
        return .unavailable(reason: reason)
    }

    private static func unique(_ texts: [String]) -> [String] {
        var known: Set<String> = []
        return texts.filter { known.insert($0).inserted }
    }
}

extension KeyDescription.RSAPadding {
    /// The padding as the keyring knows it.
    var scheme: RSAPadding {
        switch self {
        case .pkcs1: .pkcs1
        case .oaepSHA1: .oaep(.sha1)
        case .oaepSHA256: .oaep(.sha256)
        case .oaepSHA384: .oaep(.sha384)
        case .oaepSHA512: .oaep(.sha512)
        }
    }
}

/// What a key description comes to when a message is to be decrypted.
package enum KeyringUse: Sendable {
    /// A keyring that may open a message, and why others that were described beside it are left out.
    ///
    /// What is left out might have opened the message: that no data key was found then says little.
    case usable(any Keyring, leftOut: [String] = [])
    /// A keyring that can be made and opens nothing, such as one with a public key only.
    ///
    /// It takes part, but a test needs another one.
    case opensNothing(any Keyring, reason: String)
    /// No keyring: something is missing here that the test does not define, such as AWS KMS.
    case unavailable(reason: String)
    /// No keyring: the test itself makes a key identifier invalid.
    case invalid(EncryptionSDKError)
    /// No keyring: the set is broken, such as by a key that it lacks.
    case broken(reason: String)
}
