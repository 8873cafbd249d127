import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

extension KeyDescription {
    /// A keyring that returns the materials of a key entry.
    package static func staticMaterial(key: String) -> KeyDescription {
        KeyDescription(StaticMaterialKeyring(key: JSONName(key)))
    }

    /// A keyring that accepts any encrypted data key and returns the plaintext data key of a key entry.
    package static func dataKey(key: String) -> KeyDescription { KeyDescription(GivenDataKey(key: JSONName(key))) }
}

/// A keyring that accepts any encrypted data key and returns the plaintext data key of a key entry.
struct GivenDataKey: ReadableKeyringKind {
    static let type = "data-key"
    static let members: Set<String> = ["key", "original-type"]
    static let keyTypes: [any KeyType.Type] = [DataKey.self]

    let key: JSONName

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        .dataKey(key: try fields.requiredString("key"))
    }

    var keyName: String? { key.text }

    func summary(keys: KeyTable) -> String { "data-key" }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        builder.withKey(of: self) { (_, key: DataKey) in .usable(DataKeyKeyring(dataKey: SecretBytes(key.bytes))) }
    }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        throw DataKeyKeyring.wrapsNothing
    }
}

/// A keyring that returns the materials of a key entry.
struct StaticMaterialKeyring: ReadableKeyringKind {
    static let type = "static-material-keyring"
    static let keyTypes: [any KeyType.Type] = [StaticMaterial.self]

    let key: JSONName

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        .staticMaterial(key: try fields.requiredString("key"))
    }

    var keyName: String? { key.text }

    func summary(keys: KeyTable) -> String { "static-material" }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        builder.withKey(of: self) { (entry, material: StaticMaterial) in
            guard let dataKey = material.plaintextDataKey else {
                let name = ManifestText.quoted(entry.name)
                return .unavailable(reason: "the static material \(name) has no data key")
            }
            return .usable(DataKeyKeyring(dataKey: SecretBytes(dataKey)))
        }
    }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        throw DataKeyKeyring.wrapsNothing
    }
}

/// A plaintext data key of 16, 24 or 32 bytes, which a keyring returns for any encrypted data key.
struct DataKey: KeyType {
    static let type = "data-key"

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) { bytes = try fields.keyBytes(bits: bits) }
}

/// Materials that a `static-material` key entry spells out.
package struct StaticMaterial: KeyType, Hashable {
    /// An encrypted data key.
    package struct EncryptedDataKey: Hashable, Sendable {
        /// The key provider id, as UTF-8 bytes.
        package let providerID: [UInt8]

        /// The key provider information.
        package let providerInfo: [UInt8]

        /// The encrypted data key.
        package let ciphertext: [UInt8]
    }

    /// What `type` says in its entry.
    package static let type = "static-material"
    package static let members: Set<String> = [
        "algorithmSuiteId", "encryptionContext", "encryptedDataKeys", "requiredEncryptionContextKeys",
        "plaintextDataKey",
        "signingKey", "verificationKey", "symmetricSigningKey", "symmetricSigningKeys",
    ]

    /// The algorithm suite.
    package let suite: UInt16

    /// The encryption context.
    package let encryptionContext: ContextPairs

    /// The encrypted data keys.
    package let encryptedDataKeys: [EncryptedDataKey]

    /// The context keys, as UTF-8 bytes, that are authenticated but not stored.
    package let requiredContextKeys: [[UInt8]]

    /// The plaintext data key, if there is one.
    package let plaintextDataKey: [UInt8]?
}

extension StaticMaterial {
    /// Reads the members of an entry.
    ///
    /// - Throws: `broken` where a member is missing or wrong.
    package init(_ fields: ManifestFields, bits: Int?) throws(VectorError) {
        guard let suite = try fields.suite("algorithmSuiteId") else { throw fields.missing("algorithmSuiteId") }
        var encryptedDataKeys: [EncryptedDataKey] = []
        for element in try fields.array("encryptedDataKeys") ?? [] {
            let key = try ManifestFields(element, "an encrypted data key")
            guard let info = try key.base64("keyProviderInfo") else { throw key.missing("keyProviderInfo") }
            guard let ciphertext = try key.base64("ciphertext") else { throw key.missing("ciphertext") }
            encryptedDataKeys.append(
                EncryptedDataKey(
                    providerID: Array(try key.requiredString("keyProviderId").utf8),
                    providerInfo: info,
                    ciphertext: ciphertext
                )
            )
        }
        self.init(
            suite: suite,
            encryptionContext: try fields.context("encryptionContext") ?? ContextPairs(),
            encryptedDataKeys: encryptedDataKeys,
            requiredContextKeys: (try fields.strings("requiredEncryptionContextKeys") ?? []).map { Array($0.utf8) },
            plaintextDataKey: try fields.base64("plaintextDataKey")
        )
    }
}

extension KeyMaterial {
    /// A plaintext data key of 16, 24 or 32 bytes, which a keyring returns for any encrypted data key.
    package static func dataKey(_ bytes: [UInt8]) -> KeyMaterial { .key(DataKey(bytes)) }

    /// Materials that a keyring returns as they are.
    package static func staticMaterial(_ material: StaticMaterial) -> KeyMaterial { .key(material) }
}

/// A keyring that accepts any encrypted data key and returns the data key that a vector spells out.
struct DataKeyKeyring: Keyring {
    let dataKey: SecretBytes

    static let wrapsNothing = VectorError.unsupported(
        "materials that a manifest spells out are not written into messages"
    )

    var description: String { "data key of the vector" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "the data key of a vector wraps nothing")
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await openFirst(of: encryptedDataKeys, for: materials) { _ in dataKey }
    }
}
