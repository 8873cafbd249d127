internal import AWSMaterialProviders
internal import ESDKCrypto

/// Makes keyrings that encrypt from the key descriptions of one set.
struct EncryptKeyringBuilder: Sendable {
    private let builder: KeyringBuilder
    private let isSeeded: Bool

    /// A builder.
    ///
    /// - Parameters:
    ///   - keys: the keys of the set.
    ///   - cache: keys that have been parsed.
    ///   - aws: what key descriptions of AWS KMS run against; nil to do without them.
    ///   - isSeeded: whether all randomness of the keyrings comes from the random source of the message.
    init(keys: KeyTable, cache: KeyCache, aws: AWSServices? = nil, isSeeded: Bool) {
        builder = KeyringBuilder(keys: keys, cache: cache, aws: aws)
        self.isSeeded = isSeeded
    }

    /// The keyring of a description, whose materials managers are looked at elsewhere.
    ///
    /// - Parameters:
    ///   - description: the description.
    ///   - isChild: whether another keyring makes the data key.
    /// - Throws: a skip where something is missing here that the set does not define, such as AWS KMS; a failure for what cannot
    ///   encrypt.
    func keyring(for description: KeyDescription, isChild: Bool = false) throws(VectorError) -> any Keyring {
        switch description {
        case .awsKMSECDH(let ecdh) where ecdh.schema == .discovery:
            throw .broken("the discovery ECDH schema does not encrypt")
        case .awsKMS, .awsKMSMRK, .awsKMSRSA, .awsKMSECDH:
            guard builder.aws != nil else { throw .unsupported("only AWS KMS can wrap the data key") }
            guard !isSeeded else { throw .unsupported("what AWS KMS makes does not follow from a seed") }
            return try built(description)
        case .awsKMSMRKDiscovery:
            throw .broken("a discovery keyring does not encrypt")
        case .staticMaterial, .dataKey:
            throw .unsupported("materials that a manifest spells out are not written into messages")
        case .raw(let key, let providerID, .rsa(let padding)) where isSeeded:
            return try rsa(key, providerID: providerID, padding: padding)
        case .rawECDH(let ecdh) where ecdh.schema == .ephemeral:
            return try ephemeral(ecdh)
        case .rawECDH(let ecdh) where ecdh.schema == .discovery:
            throw .broken("the discovery ECDH schema does not encrypt")
        case .multi(let generator, let children):
            return try multi(generator, children, isChild: isChild)
        case .requiredEncryptionContext(let underlying, _):
            return try keyring(for: underlying, isChild: isChild)
        default:
            return try built(description)
        }
    }

    private func built(_ description: KeyDescription) throws(VectorError) -> any Keyring {
        switch builder.keyring(for: description) {
        case .usable(let keyring, _), .opensNothing(let keyring, _): return keyring
        case .unavailable(let reason): throw .unsupported(reason)
        case .invalid(let error): throw .broken("no keyring can be made: \(error)")
        case .broken(let reason): throw .broken(reason)
        }
    }

    /// Every part must be there: a message without one of its data keys would be another message.
    private func multi(
        _ generator: KeyDescription?,
        _ children: [KeyDescription],
        isChild: Bool
    ) throws(VectorError) -> any Keyring {
        guard generator != nil || isChild else {
            throw .broken("a multi-keyring without a generator makes no data key")
        }
        let first = try generator.map { generator throws(VectorError) in try keyring(for: generator) }
        var others: [any Keyring] = []
        for child in children { others.append(try keyring(for: child, isChild: true)) }
        do {
            return try MultiKeyring(generator: first, childKeyrings: others)
        } catch {
            throw .broken("no keyring can be made: \(error)")
        }
    }

    private func rsa(
        _ name: String,
        providerID: String,
        padding: KeyDescription.RSAPadding
    ) throws(VectorError) -> any Keyring {
        guard let entry = builder.keys[name] else { throw .broken("the keys manifest has no key \"\(name)\"") }
        do {
            let publicKey: RSAPublicKey
            switch entry.material {
            case .rsaPrivate(let text): publicKey = try builder.cache.rsaPrivateKey(text).publicKey
            case .rsaPublic(let text): publicKey = try builder.cache.rsaPublicKey(text)
            case .unsupported(let type): throw VectorError.unsupported("keys of type \(type) are not supported")
            default: throw VectorError.broken("key \"\(name)\" is of type \(entry.material.kind), an RSA key is needed")
            }
            // The namespace is checked as for a message of a user.
            _ = try RawRSAKeyring(
                keyNamespace: providerID,
                keyName: entry.keyID,
                paddingScheme: padding.scheme,
                publicKey: publicKey
            )
            return SeededRSAKeyring(
                keyNamespace: providerID,
                keyName: entry.keyID,
                padding: padding.scheme,
                publicKey: publicKey
            )
        } catch let problem as VectorError {
            throw problem
        } catch {
            throw .broken("key \"\(name)\" cannot be used: \(error)")
        }
    }

    private func ephemeral(_ description: KeyDescription.ECDH) throws(VectorError) -> any Keyring {
        let name = description.key
        guard let entry = builder.keys[name] else { throw .broken("the keys manifest has no key \"\(name)\"") }
        if case .unsupported(let type) = entry.material {
            throw .unsupported("keys of type \(type) are not supported")
        }
        guard case .eccPrivate(_, _, _, let recipient) = entry.material else {
            throw .broken("key \"\(name)\" is of type \(entry.material.kind), ecc-private is needed")
        }
        guard let curve = KeyringBuilder.curves[description.curve] else {
            throw .unsupported("the curve \(description.curve) is not supported")
        }
        do {
            let recipientKey = try builder.cache.ecPublicKey(recipient)
            let keyring = try RawECDHKeyring(
                keyAgreementScheme: .ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: recipientKey),
                curve: curve
            )
            return isSeeded ? SeededEphemeralKeyring(recipient: recipientKey) : keyring
        } catch {
            throw .broken("key \"\(name)\" cannot be used: \(error)")
        }
    }
}
