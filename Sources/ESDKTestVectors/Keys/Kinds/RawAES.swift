import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

extension KeyDescription {
    /// How a raw keyring wraps.
    package enum RawAlgorithm: Hashable, Sendable {
        /// AES-GCM.
        case aes
        /// RSA.
        case rsa(RSAPadding)
    }

    /// A raw AES or RSA keyring.
    package static func raw(key: String, providerID: String, _ algorithm: RawAlgorithm) -> KeyDescription {
        let identity = RawKeyIdentity(key: key, providerID: providerID)
        return switch algorithm {
        case .aes: KeyDescription(RawAES(identity: identity))
        case .rsa(let padding): KeyDescription(RawRSA(identity: identity, padding: padding))
        }
    }
}

/// What the descriptions of raw keyrings have in common.
struct RawKeyIdentity: Hashable, Sendable {
    /// The name of the key entry.
    let key: JSONName
    /// The key namespace.
    let providerID: JSONName

    static let members: Set<String> = [
        "key", "provider-id", "encryption-algorithm", "padding-algorithm", "padding-hash",
    ]

    init(key: String, providerID: String) {
        self.key = JSONName(key)
        self.providerID = JSONName(providerID)
    }

    /// Reads a description of type `raw`.
    ///
    /// - Returns: the identity and the algorithm.
    static func read(_ fields: ManifestFields) throws(VectorError) -> (identity: RawKeyIdentity, algorithm: String) {
        let key = try fields.requiredString("key")
        let providerID = try fields.requiredString("provider-id")
        return (RawKeyIdentity(key: key, providerID: providerID), try fields.requiredString("encryption-algorithm"))
    }
}

/// A raw AES keyring.
struct RawAES: ReadableKeyringKind {
    static let type = "raw"
    static let members = RawKeyIdentity.members
    static let keyTypes: [any KeyType.Type] = [SymmetricKey.self]

    let identity: RawKeyIdentity

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        let (identity, algorithm) = try RawKeyIdentity.read(fields)
        return algorithm == "aes" ? KeyDescription(RawAES(identity: identity)) : nil
    }

    var keyName: String? { identity.key.text }
    var isInFlatLists: Bool { true }

    func summary(keys: KeyTable) -> String {
        guard let key = keys[identity.key.text]?.material.key(as: SymmetricKey.self) else { return "raw aes" }
        return "raw aes-\(key.bytes.count * 8)"
    }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        builder.withKey(of: self) { (entry: KeyEntry, key: SymmetricKey) in
            let algorithms = RawAESKeyring.WrappingAlgorithm.allCases
            guard let algorithm = algorithms.first(where: { $0.keyLength == key.bytes.count }) else {
                let name = ManifestText.quoted(entry.name)
                return .broken(reason: "key \(name) has \(key.bytes.count) bytes, an AES key has 16, 24 or 32")
            }
            return try KeyringUse.identified {
                .usable(
                    try RawAESKeyring(
                        keyNamespace: identity.providerID.text,
                        keyName: entry.keyID,
                        wrappingKey: SecretBytes(key.bytes),
                        wrappingAlgorithm: algorithm
                    )
                )
            }
        }
    }

    func wrappingKeys(_ builder: KeyringBuilder) throws -> [any WrappingKey] {
        guard let entry = builder.keys[identity.key.text], let key = entry.material.key(as: SymmetricKey.self) else {
            return []
        }
        return [
            RawAESWrappingKey(
                keyNamespace: Array(identity.providerID.text.utf8),
                keyName: Array(entry.keyID.utf8),
                key: SecretBytes(key.bytes)
            )
        ]
    }
}

extension RawAES {
    static let spellings = [
        KeySpelling(
            kind: "raw-aes",
            summary: "an AES key: 16, 24 or 32 bytes, or their hex or Base64 text",
            members: [
                .required("namespace", "NAMESPACE"), .required("name", "NAME"), .optional("file", "PATH"),
                .optional("env", "VARIABLE"),
                .optional("format", "FORMAT", choices: AESKeyText.Format.allCases.map(\.rawValue)),
            ],
            alternatives: ["file", "env"]
        ) { key, resources in
            let wrappingKey = try resources.aesKey(key)
            let algorithms = RawAESKeyring.WrappingAlgorithm.allCases
            guard let algorithm = algorithms.first(where: { $0.keyLength == wrappingKey.count }) else {
                throw KeyArgumentError("an AES key has 16, 24 or 32 bytes, not \(wrappingKey.count)")
            }
            return try RawAESKeyring(
                keyNamespace: key.required("namespace"),
                keyName: key.required("name"),
                wrappingKey: wrappingKey,
                wrappingAlgorithm: algorithm
            )
        }
    ]
}

/// An AES wrapping key of 16, 24 or 32 bytes.
struct SymmetricKey: KeyType {
    static let type = "symmetric"

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) { bytes = try fields.keyBytes(bits: bits) }
}

extension KeyMaterial {
    /// An AES wrapping key of 16, 24 or 32 bytes.
    package static func symmetric(_ bytes: [UInt8]) -> KeyMaterial { .key(SymmetricKey(bytes)) }
}

/// A raw AES key (framework/raw-aes-keyring.md): the IV is in the provider info.
struct RawAESWrappingKey: WrappingKey {
    let keyNamespace: [UInt8]
    let keyName: [UInt8]
    let key: SecretBytes

    /// Tag length in bits and IV length in bytes.
    private static let lengths: [UInt8] = [0, 0, 0, 128, 0, 0, 0, 12]

    var name: String { "raw AES-\(key.count * 8) key \(String(decoding: keyName, as: UTF8.self))" }
    let bindsContext = true
    var identifier: [UInt8] { keyName }

    static func identifiers(in encryptedDataKey: EncryptedDataKey) -> [[UInt8]] {
        [encryptedDataKey.keyProviderInfo.dropLast(lengths.count + AESGCM.ivLength)]
    }

    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool {
        encryptedDataKey.keyProviderID == keyNamespace
            && encryptedDataKey.keyProviderInfo.count == keyName.count + Self.lengths.count + AESGCM.ivLength
            && encryptedDataKey.keyProviderInfo.starts(with: keyName)
    }

    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey {
        let iv = Array(original.keyProviderInfo.suffix(AESGCM.ivLength))
        return RewrappedDataKey(
            encryptedDataKey: EncryptedDataKey(
                keyProviderID: keyNamespace,
                keyProviderInfo: keyName + Self.lengths + iv,
                ciphertext: try AESGCM.wrap(dataKey, under: key, iv: iv, additionalData: context)
            ),
            randomness: [RecoveredRandomness(.iv, iv)]
        )
    }

    /// The key of zeros that an encrypted data key may name: vectors use it where the key does not matter.
    ///
    /// - Returns: nil for an encrypted data key that does not have the form of a raw AES key.
    static func zeros(namedBy encryptedDataKey: EncryptedDataKey) -> RawAESWrappingKey? {
        let nameLength = encryptedDataKey.keyProviderInfo.count - lengths.count - AESGCM.ivLength
        guard nameLength >= 0, encryptedDataKey.keyProviderInfo[nameLength...].starts(with: lengths) else { return nil }
        return RawAESWrappingKey(
            keyNamespace: encryptedDataKey.keyProviderID,
            keyName: Array(encryptedDataKey.keyProviderInfo[..<nameLength]),
            key: SecretBytes([UInt8](repeating: 0, count: 32))
        )
    }
}
