import CryptoPrimitives
import MaterialProviders

/// Makes keyrings from the key descriptions of one set.
struct KeyringBuilder: Sendable {
    let keys: KeyTable
    let cache: KeyCache

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
            return withEntry(key) { _ in Self.needsAWS }
        case .awsKMSECDH(let description):
            return withEntry(description.key) { _ in Self.needsAWS }
        case .awsKMSMRKDiscovery:
            return Self.needsAWS
        case .multi(let generator, let children):
            return multiKeyring([generator].compactMap(\.self) + children)
        case .requiredEncryptionContext(let underlying, _):
            return keyring(for: underlying)
        case .caching:
            return .unavailable(reason: "caching materials managers are not supported")
        case .ephemeral(let name):
            return .unavailable(reason: "the key \(name) was thrown away when the message was written")
        case .unsupported(let type):
            return .unavailable(reason: "key descriptions of type \(type) are not supported")
        }
    }

    /// The reason of every test that is skipped for want of AWS.
    private static let needsAWS = KeyringUse.unavailable(reason: "only AWS KMS can open this message")

    /// Looks up an entry and turns what can go wrong with its key into a use.
    private func withEntry(_ name: String, _ body: (KeyEntry) throws -> KeyringUse) -> KeyringUse {
        guard let entry = keys[name] else { return .broken(reason: "the keys manifest has no key \"\(name)\"") }
        switch entry.material {
        case .unsupported(let type): return .unavailable(reason: "keys of type \(type) are not supported")
        case .malformed(let reason): return .broken(reason: "key \"\(name)\": \(reason)")
        default: break
        }
        do {
            return try body(entry)
        } catch let error as EncryptionSDKError {
            return .invalid(error)
        } catch {
            return .broken(reason: "key \"\(name)\" cannot be used: \(error)")
        }
    }

    private static func wrongType(_ entry: KeyEntry, needed: String) -> KeyringUse {
        .broken(reason: "key \"\(entry.name)\" is of type \(entry.material.kind), \(needed) is needed")
    }

    private func aesKeyring(_ entry: KeyEntry, providerID: String) throws -> KeyringUse {
        guard case .symmetric(let bytes) = entry.material else { return Self.wrongType(entry, needed: "symmetric") }
        guard let algorithm = RawAESKeyring.WrappingAlgorithm.allCases.first(where: { $0.keyLength == bytes.count })
        else {
            return .broken(reason: "key \"\(entry.name)\" has \(bytes.count) bytes, an AES key has 16, 24 or 32")
        }
        return .usable(
            try RawAESKeyring(
                keyNamespace: providerID,
                keyName: entry.keyID,
                wrappingKey: SecretBytes(bytes),
                wrappingAlgorithm: algorithm
            )
        )
    }

    private func rsaKeyring(
        _ entry: KeyEntry,
        providerID: String,
        padding: KeyDescription.RSAPadding
    ) throws -> KeyringUse {
        switch entry.material {
        case .rsaPrivate(let text):
            return .usable(
                try RawRSAKeyring(
                    keyNamespace: providerID,
                    keyName: entry.keyID,
                    paddingScheme: padding.scheme,
                    privateKey: cache.rsaPrivateKey(text)
                )
            )
        case .rsaPublic(let text):
            let keyring = try RawRSAKeyring(
                keyNamespace: providerID,
                keyName: entry.keyID,
                paddingScheme: padding.scheme,
                publicKey: cache.rsaPublicKey(text)
            )
            return .opensNothing(keyring, reason: "the RSA key \"\(entry.name)\" is a public one, which opens nothing")
        default:
            return Self.wrongType(entry, needed: "private or public")
        }
    }

    private func ecdhKeyring(_ entry: KeyEntry, _ description: KeyDescription.ECDH) throws -> KeyringUse {
        guard case .eccPrivate(let sender, let recipient, _, let recipientPublicKey) = entry.material else {
            return Self.wrongType(entry, needed: "ecc-private")
        }
        guard let curve = Self.curves[description.curve] else {
            return .unavailable(reason: "the curve \(description.curve) is not supported")
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

    private static let curves: [String: EllipticCurve] = ["ecc-256": .p256, "ecc-384": .p384, "ecc-521": .p521]

    private func hierarchicalKeyring(_ entry: KeyEntry) throws -> KeyringUse {
        guard case .staticBranchKey(let version, let branchKey, _) = entry.material else {
            return Self.wrongType(entry, needed: "static-branch-key")
        }
        let materials = try BranchKeyMaterials(
            branchKeyID: entry.keyID,
            version: version,
            branchKey: SecretBytes(branchKey)
        )
        return .usable(HierarchicalKeyring(keyStore: FixedBranchKeyStore([materials]), branchKeyID: entry.keyID))
    }

    private func dataKeyKeyring(_ entry: KeyEntry) throws -> KeyringUse {
        switch entry.material {
        case .dataKey(let bytes):
            return .usable(DataKeyKeyring(dataKey: SecretBytes(bytes)))
        case .staticMaterial(let material):
            guard let key = material.plaintextDataKey else {
                return .unavailable(reason: "the static material \"\(entry.name)\" has no data key")
            }
            return .usable(DataKeyKeyring(dataKey: SecretBytes(key)))
        default:
            return Self.wrongType(entry, needed: "data-key")
        }
    }

    /// All keyrings that can be made take part; one that is broken breaks the test, the others give way to a usable one.
    private func multiKeyring(_ descriptions: [KeyDescription]) -> KeyringUse {
        var keyrings: [any Keyring] = []
        var isUsable = false
        var reasons: [String] = []
        var invalid: EncryptionSDKError?
        for description in descriptions {
            switch keyring(for: description) {
            case .usable(let keyring):
                keyrings.append(keyring)
                isUsable = true
            case .opensNothing(let keyring, let reason):
                keyrings.append(keyring)
                if !reasons.contains(reason) { reasons.append(reason) }
            case .unavailable(let reason):
                if !reasons.contains(reason) { reasons.append(reason) }
            case .invalid(let error):
                invalid = invalid ?? error
            case .broken(let reason):
                return .broken(reason: reason)
            }
        }
        if isUsable,
            let keyring = try? MultiKeyring(generator: keyrings.first, childKeyrings: Array(keyrings.dropFirst()))
        {
            return .usable(keyring)
        }
        if let invalid { return .invalid(invalid) }
        return .unavailable(reason: reasons.isEmpty ? "no keyring is described" : reasons.joined(separator: "; "))
    }
}

extension KeyDescription.RSAPadding {
    fileprivate var scheme: RSAPadding {
        switch self {
        case .pkcs1: .pkcs1
        case .oaepSHA1: .oaep(.sha1)
        case .oaepSHA256: .oaep(.sha256)
        case .oaepSHA384: .oaep(.sha384)
        case .oaepSHA512: .oaep(.sha512)
        }
    }
}
