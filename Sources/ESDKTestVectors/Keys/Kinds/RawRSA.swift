import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

extension KeyDescription {
    /// The padding of RSA wrapping.
    package enum RSAPadding: String, Hashable, Sendable, CaseIterable {
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

        /// The padding as the keyring knows it.
        var scheme: ESDKCrypto.RSAPadding {
            switch self {
            case .pkcs1: .pkcs1
            case .oaepSHA1: .oaep(.sha1)
            case .oaepSHA256: .oaep(.sha256)
            case .oaepSHA384: .oaep(.sha384)
            case .oaepSHA512: .oaep(.sha512)
            }
        }
    }
}

/// A raw RSA keyring.
struct RawRSA: ReadableKeyringKind {
    static let type = "raw"
    static let members = RawKeyIdentity.members
    static let keyTypes: [any KeyType.Type] = [RSAPrivateKeyText.self, RSAPublicKeyText.self]

    let identity: RawKeyIdentity
    let padding: KeyDescription.RSAPadding

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        let (identity, algorithm) = try RawKeyIdentity.read(fields)
        guard algorithm == "rsa" else { return nil }
        guard let name = try fields.nonEmptyString("padding-algorithm") else {
            throw fields.missing("padding-algorithm")
        }
        // With pkcs1 the hash means nothing; some writers put sha1 there, some nothing.
        let hash = try fields.nonEmptyString("padding-hash")
        let padding: KeyDescription.RSAPadding
        switch (name, hash) {
        case ("pkcs1", _): padding = .pkcs1
        case ("oaep-mgf1", "sha1"): padding = .oaepSHA1
        case ("oaep-mgf1", "sha256"): padding = .oaepSHA256
        case ("oaep-mgf1", "sha384"): padding = .oaepSHA384
        case ("oaep-mgf1", "sha512"): padding = .oaepSHA512
        case ("oaep-mgf1", nil): throw fields.missing("padding-hash")
        default: return .unsupported(type: "raw rsa \(name) \(hash ?? "")")
        }
        return KeyDescription(RawRSA(identity: identity, padding: padding))
    }

    var keyName: String? { identity.key.text }
    var isInFlatLists: Bool { true }

    func summary(keys: KeyTable) -> String { "raw rsa \(padding.rawValue)" }

    /// The description with the padding hash that each family of readers expects: with PKCS #1, where it means nothing, version 5 must
    /// have one and the older ones must not.
    func written(_ value: JSONValue, in format: SetFormat) -> JSONValue {
        guard let object = value.object else { return value }
        var result = JSONObject(object.members.filter { !$0.value.isNull })
        if object["padding-algorithm"]?.string == "pkcs1" { result["padding-hash"] = format == .v5 ? "sha1" : nil }
        return .object(result)
    }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        builder.withKey(of: self) { (entry: KeyEntry, key: any RSAKeyText) in
            if let privateKey = try key.privateKey(builder.cache) {
                return try KeyringUse.identified {
                    .usable(
                        try RawRSAKeyring(
                            keyNamespace: identity.providerID.text,
                            keyName: entry.keyID,
                            paddingScheme: padding.scheme,
                            publicKey: privateKey.publicKey,
                            privateKey: privateKey
                        )
                    )
                }
            }
            let publicKey = try key.publicKey(builder.cache)
            return try KeyringUse.identified {
                .opensNothing(
                    try publicKeyring(publicKey, keyName: entry.keyID),
                    reason: "the RSA key \(ManifestText.quoted(entry.name)) is a public one, which opens nothing"
                )
            }
        }
    }

    private func publicKeyring(_ key: RSAPublicKey, keyName: String) throws(EncryptionSDKError) -> RawRSAKeyring {
        try RawRSAKeyring(
            keyNamespace: identity.providerID.text,
            keyName: keyName,
            paddingScheme: padding.scheme,
            publicKey: key
        )
    }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        guard builder.isSeeded else { return try builder.made(decrypting(builder.decrypting)) }
        return try builder.made(
            builder.decrypting.withKey(of: self) { (entry: KeyEntry, key: any RSAKeyText) in
                let publicKey = try key.publicKey(builder.decrypting.cache)
                return try KeyringUse.identified {
                    // The namespace is checked as for a message of a user.
                    _ = try publicKeyring(publicKey, keyName: entry.keyID)
                    return .usable(
                        SeededRSAKeyring(
                            keyNamespace: identity.providerID.text,
                            keyName: entry.keyID,
                            padding: padding.scheme,
                            publicKey: publicKey
                        )
                    )
                }
            }
        )
    }

    func wrappingKeys(_ builder: KeyringBuilder) throws -> [any WrappingKey] {
        guard let entry = builder.keys[identity.key.text], let text = entry.material.key(as: (any RSAKeyText).self)
        else { return [] }
        return [
            RawRSAWrappingKey(
                keyName: Array(entry.keyID.utf8),
                description: .init(
                    keyNamespace: Array(identity.providerID.text.utf8),
                    padding: padding.scheme
                ),
                text: text,
                builder: builder
            )
        ]
    }

    /// The private key of another entry that has the same public key.
    fileprivate static func twin(of key: any RSAKeyText, in builder: KeyringBuilder) throws -> RSAPrivateKey? {
        let wanted = try key.publicKey(builder.cache).subjectPublicKeyInfo()
        for entry in builder.keys.entries {
            guard let other = entry.material.key(as: RSAPrivateKeyText.self),
                let privateKey = try? other.privateKey(builder.cache),
                try privateKey.publicKey.subjectPublicKeyInfo() == wanted
            else { continue }
            return privateKey
        }
        return nil
    }
}

extension RawRSA {
    static let spellings = [
        KeySpelling(
            kind: "raw-rsa",
            summary: "an RSA key in PEM or DER; the public one encrypts, the private one does both",
            members: [
                .required("namespace", "NAMESPACE"), .required("name", "NAME"),
                .required("padding", "PADDING", choices: KeyDescription.RSAPadding.allCases.map(\.rawValue)),
                .required("file", "PATH"),
            ],
            variants: { key in
                KeyDescription.RSAPadding.allCases.map(\.rawValue).filter { $0 != key["padding"] }
                    .map { key.replacing("padding", with: $0) }
            }
        ) { key, resources in
            guard let padding = KeyDescription.RSAPadding(rawValue: try key.required("padding")),
                let file = try resources.encodedKey("file", of: key)
            else { throw KeyArgumentError("padding and file are needed") }
            let (publicKey, privateKey) = try halves(of: file)
            return try RawRSAKeyring(
                keyNamespace: key.required("namespace"),
                keyName: key.required("name"),
                paddingScheme: padding.scheme,
                publicKey: publicKey,
                privateKey: privateKey
            )
        }
    ]

    private static func halves(
        of file: EncodedKeyFile
    ) throws(EncryptionSDKError) -> (publicKey: RSAPublicKey, privateKey: RSAPrivateKey?) {
        if file.isPrivate != true,
            let publicKey = try? file.key(pem: RSAPublicKey.init(pem:), der: RSAPublicKey.init(der:))
        {
            return (publicKey, nil)
        }
        if file.isPrivate == false {
            return (try file.key(pem: RSAPublicKey.init(pem:), der: RSAPublicKey.init(der:)), nil)
        }
        let privateKey = try file.key(pem: RSAPrivateKey.init(pem:), der: RSAPrivateKey.init(der:))
        return (privateKey.publicKey, privateKey)
    }
}

// MARK: - Keys

/// One half of an RSA key, or both.
protocol RSAKeyText: UndescribedKeyType {
    /// The private key; `nil` for a public one.
    func privateKey(_ cache: KeyCache) throws(EncryptionSDKError) -> RSAPrivateKey?
    /// The public key.
    func publicKey(_ cache: KeyCache) throws(EncryptionSDKError) -> RSAPublicKey
}

extension RSAKeyText {
    func undescribed(_ entry: KeyEntry, _ builder: KeyringBuilder) -> (any WrappingKey)? {
        RawRSAWrappingKey(keyName: Array(entry.keyID.utf8), description: nil, text: self, builder: builder)
    }
}

/// An RSA private key.
struct RSAPrivateKeyText: RSAKeyText {
    static let type = "private"

    let text: KeyText

    init(_ text: KeyText) { self.text = text }

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) { text = try fields.keyText("material") }

    func privateKey(_ cache: KeyCache) throws(EncryptionSDKError) -> RSAPrivateKey? { try cache.rsaPrivateKey(text) }
    func publicKey(_ cache: KeyCache) throws(EncryptionSDKError) -> RSAPublicKey {
        try cache.rsaPrivateKey(text).publicKey
    }
}

/// An RSA public key.
struct RSAPublicKeyText: RSAKeyText {
    static let type = "public"

    let text: KeyText

    init(_ text: KeyText) { self.text = text }

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) { text = try fields.keyText("material") }

    func privateKey(_ cache: KeyCache) throws(EncryptionSDKError) -> RSAPrivateKey? { nil }
    func publicKey(_ cache: KeyCache) throws(EncryptionSDKError) -> RSAPublicKey { try cache.rsaPublicKey(text) }
}

extension KeyMaterial {
    /// An RSA private key.
    package static func rsaPrivate(_ text: KeyText) -> KeyMaterial { .key(RSAPrivateKeyText(text)) }

    /// An RSA public key.
    package static func rsaPublic(_ text: KeyText) -> KeyMaterial { .key(RSAPublicKeyText(text)) }
}

extension DescribedKeys {
    /// These keys for decryption: if they are RSA public keys only, the private keys with the same `key-id` are named instead.
    ///
    /// Flat lists serve both directions. Those of the Dafny family name the public entry for encryption, and decrypt with its private
    /// twin. In company of another key, a public one is left alone: such tests have a data key that cannot be opened.
    func namingPrivateKeys(keys: KeyTable) -> DescribedKeys {
        let areAllPublic = description.leaves.allSatisfy { leaf in
            leaf.keyName.flatMap { keys[$0]?.material.key(as: RSAPublicKeyText.self) } != nil
        }
        guard areAllPublic else { return self }
        let changed: JSONValue
        if let elements = value.array {
            changed = .array(elements.map { Self.namingPrivateKey($0, keys: keys) })
        } else {
            changed = Self.namingPrivateKey(value, keys: keys)
        }
        guard let description = try? KeyringKinds.standard.read(changed, "the key description") else { return self }
        return DescribedKeys(description: description, value: changed)
    }

    private static func namingPrivateKey(_ value: JSONValue, keys: KeyTable) -> JSONValue {
        guard var object = value.object, let name = object["key"]?.string, let entry = keys[name] else { return value }
        let twin = keys.entries.first { candidate in
            candidate.material.key(as: RSAPrivateKeyText.self) != nil
                && candidate.keyID.hasSameBytes(as: entry.keyID)
        }
        guard let twin else { return value }
        object["key"] = .string(twin.name)
        return .object(object)
    }
}

// MARK: - Wrapping without and with a given padding

/// A raw RSA key (framework/raw-rsa-keyring.md): the random part of the padding comes out of a raw private operation.
///
/// Without a description, it is a key of the keys manifest, under any namespace and with whichever known padding fits: messages have
/// data keys for keyrings that no test decrypts with, and then nothing says how they were padded.
struct RawRSAWrappingKey: WrappingKey {
    /// How a key description wraps.
    struct Description {
        let keyNamespace: [UInt8]
        let padding: RSAPadding
    }

    let keyName: [UInt8]
    let description: Description?
    let text: any RSAKeyText
    let builder: KeyringBuilder

    var name: String {
        let name = "raw RSA key \(String(decoding: keyName, as: UTF8.self))"
        return description.map { "\(name) (\($0.padding))" } ?? name
    }
    let bindsContext = false
    var isDescribed: Bool { description != nil }
    var identifier: [UInt8] { keyName }

    private static let paddings: [RSAPadding] = [
        .pkcs1, .oaep(.sha1), .oaep(.sha256), .oaep(.sha384), .oaep(.sha512),
    ]

    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool {
        encryptedDataKey.keyProviderInfo == keyName
            && description.map { $0.keyNamespace == encryptedDataKey.keyProviderID } ?? true
    }

    /// Throws `unsupported` where this key may have wrapped the data key in a way that is not known here.
    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey {
        guard let key = try privateKey() else {
            throw VectorError.unsupported("the private half of its key is not here")
        }
        guard original.ciphertext.count == key.modulusLength else {
            throw VectorError.broken(
                "the wrapped key has \(original.ciphertext.count) bytes, the modulus \(key.modulusLength)"
            )
        }
        let encoded = try key.decryptRaw(original.ciphertext.span)
        if let description {
            guard let again = try Self.encode(dataKey, like: encoded, description.padding, key) else {
                throw VectorError.broken("the modulus is too short for this padding")
            }
            return try wrapped(again, under: key, like: original)
        }
        for padding in Self.paddings {
            guard let again = try Self.encode(dataKey, like: encoded, padding, key),
                SecretBytes(again.encoded) == encoded
            else { continue }
            return try wrapped(again, under: key, like: original)
        }
        // Every padding starts with a zero byte; what another key wrapped, or what is damaged, hardly ever does.
        guard encoded.span[0] == 0 else { throw VectorError.broken("no padding is there") }
        throw VectorError.unsupported("its padding is not one that is known here")
    }

    /// The private key; for a public one, that of another entry with the same public key.
    private func privateKey() throws -> RSAPrivateKey? {
        do {
            return try text.privateKey(builder.cache) ?? RawRSA.twin(of: text, in: builder)
        } catch {
            // What is wrong with a key is said when its keyring is made.
            return nil
        }
    }

    /// Encodes a data key with the random part of an encoded one; `nil` where the modulus is too short.
    private static func encode(
        _ dataKey: SecretBytes,
        like encoded: SecretBytes,
        _ padding: RSAPadding,
        _ key: RSAPrivateKey
    ) throws(CryptoError) -> (encoded: [UInt8], randomness: RecoveredRandomness)? {
        let encoding = RSAEncoding(padding, modulusLength: key.modulusLength)
        guard let random = try encoding.random(in: encoded, messageLength: dataKey.count) else { return nil }
        let purpose: RecoveredRandomness.Purpose = padding == .pkcs1 ? .pkcs1Padding : .oaepSeed
        return (try encoding.encode(dataKey, random: random), RecoveredRandomness(purpose, random))
    }

    private func wrapped(
        _ again: (encoded: [UInt8], randomness: RecoveredRandomness),
        under key: RSAPrivateKey,
        like original: EncryptedDataKey
    ) throws(CryptoError) -> RewrappedDataKey {
        RewrappedDataKey(
            encryptedDataKey: EncryptedDataKey(
                keyProviderID: original.keyProviderID,
                keyProviderInfo: keyName,
                ciphertext: try key.publicKey.encryptRaw(again.encoded.span)
            ),
            randomness: [again.randomness]
        )
    }
}

/// A raw RSA keyring that wraps with paddings from the random source of the message.
///
/// `RawRSAKeyring` leaves the padding to libcrypto, which draws it from its own generator.
struct SeededRSAKeyring: Keyring {
    let keyNamespace: String
    let keyName: String
    let padding: RSAPadding
    let publicKey: RSAPublicKey

    var description: String { "seeded raw RSA keyring \(keyNamespace) \(keyName)" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        let result = try materials.generatingDataKeyIfNeeded()
        guard let dataKey = result.plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "there is no data key")
        }
        let encoding = RSAEncoding(padding, modulusLength: publicKey.modulusLength)
        guard let length = encoding.randomLength(messageLength: dataKey.count) else {
            throw EncryptionSDKError(.wrappingFailed, "the RSA modulus is too short for the data key and the padding")
        }
        let random: [UInt8]
        switch padding {
        case .pkcs1: random = try Self.nonZeroBytes(length, from: result.randomSource)
        case .oaep: random = try result.randomSource.bytes(length)
        }
        let encoded = try encoding.encode(dataKey, random: random)
        return result.adding(
            EncryptedDataKey(
                keyProviderID: Array(keyNamespace.utf8),
                keyProviderInfo: Array(keyName.utf8),
                ciphertext: try publicKey.encryptRaw(encoded.span)
            )
        )
    }

    /// A PKCS #1 padding string, in which 0 would be the end.
    private static func nonZeroBytes(_ count: Int, from source: any RandomSource) throws(CryptoError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            bytes += try source.bytes(count - bytes.count).filter { $0 != 0 }
        }
        return bytes
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        throw EncryptionSDKError(.noPrivateKey, "a seeded keyring only wraps")
    }
}
