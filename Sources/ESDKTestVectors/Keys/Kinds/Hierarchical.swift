import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

extension KeyDescription {
    /// A hierarchical keyring; its key is a static branch key.
    package static func awsKMSHierarchy(key: String) -> KeyDescription {
        KeyDescription(Hierarchical(key: JSONName(key)))
    }
}

/// A hierarchical keyring; its key is a static branch key.
struct Hierarchical: ReadableKeyringKind {
    static let type = "aws-kms-hierarchy"
    static let keyTypes: [any KeyType.Type] = [StaticBranchKey.self]

    let key: JSONName

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        .awsKMSHierarchy(key: try fields.requiredString("key"))
    }

    var keyName: String? { key.text }

    func summary(keys: KeyTable) -> String { Self.type }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        builder.withKey(of: self) { (entry, key: StaticBranchKey) in
            let materials = try key.materials(id: entry.keyID)
            let keyStore = builder.aws?.branchKeyStore(of: materials) ?? FixedBranchKeyStore([materials])
            return .usable(
                try HierarchicalKeyring(
                    keyStore: keyStore,
                    branchKeyID: entry.keyID,
                    timeToLive: .seconds(60),
                    cache: .no
                )
            )
        }
    }

    func wrappingKeys(_ builder: KeyringBuilder) throws -> [any WrappingKey] {
        guard let entry = builder.keys[key.text], let key = entry.material.key(as: StaticBranchKey.self),
            let version = Hex.decode(key.version.filter { $0 != "-" })
        else { return [] }
        return [
            HierarchicalWrappingKey(
                branchKeyID: Array(entry.keyID.utf8),
                branchKey: SecretBytes(key.branchKey),
                version: version
            )
        ]
    }
}

extension Hierarchical {
    static let spellings = [
        KeySpelling(
            kind: "hierarchical",
            summary:
                "a branch key in a key store; ttl is how long it is used before KMS is asked again, 3600 if left out",
            members: [
                .required("table", "TABLE"), .optional("store", "LOGICAL-NAME"), .required("branch-key", "ID"),
                .required("kms", "ARN"), .optional("ttl", "SECONDS"), .optional("region", "REGION"),
            ]
        ) { key, resources in
            let table = try key.required("table")
            let arn = try key.required("kms")
            let text = key["ttl"] ?? "3600"
            guard let seconds = Int(text), 1...1_000_000_000 ~= seconds else {
                throw KeyArgumentError("hierarchical: ttl is '\(text)', not a number of seconds")
            }
            let services = try await resources.aws()
            let kmsClient = try await resources.kmsClient(for: arn, key)
            return try HierarchicalKeyring(
                keyStore: KeyStore(
                    tableName: table,
                    logicalKeyStoreName: key["store"] ?? table,
                    kmsConfiguration: .kmsKeyARN(arn),
                    dynamoDBClient: services.dynamoDB(key["region"] ?? KMSKeyIdentifier(arn).region),
                    kmsClient: kmsClient
                ),
                branchKeyID: key.required("branch-key"),
                timeToLive: .seconds(seconds)
            )
        }
    ]
}

/// A branch key whose store answers every request with it; the branch key's id is the `key-id`.
struct StaticBranchKey: KeyType {
    static let type = "static-branch-key"
    static let members: Set<String> = ["branchKeyVersion", "branchKey", "beaconKey"]

    let version: String
    let branchKey: [UInt8]
    let beaconKey: [UInt8]?

    init(version: String, branchKey: [UInt8], beaconKey: [UInt8]?) {
        self.version = version
        self.branchKey = branchKey
        self.beaconKey = beaconKey
    }

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) {
        guard fields.has("key-id") else { throw fields.missing("key-id") }
        guard let branchKey = try fields.base64("branchKey") else { throw fields.missing("branchKey") }
        guard branchKey.count == 32 else { throw .broken("the branch key has \(branchKey.count) bytes, not 32") }
        self.branchKey = branchKey
        version = try fields.requiredString("branchKeyVersion")
        beaconKey = try fields.base64("beaconKey")
    }

    /// The branch key as a key store has it.
    func materials(id: String) throws(EncryptionSDKError) -> BranchKeyMaterials {
        try BranchKeyMaterials(branchKeyID: id, version: version, branchKey: SecretBytes(branchKey))
    }
}

extension KeyMaterial {
    /// A branch key whose store answers every request with it; the branch key's id is the `key-id`.
    package static func staticBranchKey(version: String, branchKey: [UInt8], beaconKey: [UInt8]?) -> KeyMaterial {
        .key(StaticBranchKey(version: version, branchKey: branchKey, beaconKey: beaconKey))
    }
}

extension AWSServices {
    /// Puts the branch keys of key tables into the key store, if there is one.
    ///
    /// A branch key that cannot be put there, because the key store holds another one with its id and version or cannot be used at
    /// all, is taken from the manifest instead, as it is without a key store.
    ///
    /// - Returns: what went wrong, in words.
    /// - Throws: `CancellationError`.
    package func seed(_ tables: [KeyTable]) async throws -> [String] {
        guard let keyStore else { return [] }
        var problems: [String] = []
        var isTableThere = false
        for entry in tables.flatMap(\.entries) {
            guard let key = entry.material.key(as: StaticBranchKey.self),
                let materials = try? key.materials(id: entry.keyID), !isImported(materials)
            else { continue }
            guard lostConnection == nil else { return problems }
            if !isTableThere {
                do {
                    try await keyStore.createKeyStore()
                } catch let error as CancellationError {
                    throw error
                } catch {
                    return [
                        "there is no key store for the branch keys of the manifests, which are used as they are: \(error)"
                    ]
                }
                isTableThere = true
            }
            do {
                try await put(materials, beaconKey: key.beaconKey.map { SecretBytes($0) }, into: keyStore)
            } catch let error as CancellationError {
                throw error
            } catch {
                let name = ManifestText.quoted(entry.name)
                problems.append("key \(name) is used as it is in its manifest and not in the key store: \(error)")
            }
        }
        return problems
    }
}

// MARK: - Wrapping again

/// A branch key (framework/aws-kms/aws-kms-hierarchical-keyring.md): salt and IV stand before the wrapped key.
struct HierarchicalWrappingKey: WrappingKey {
    private static let label = Array("aws-kms-hierarchy".utf8)
    private static let saltLength = 16

    let branchKeyID: [UInt8]
    let branchKey: SecretBytes
    /// The version of the branch key: the 16 bytes of a UUID.
    let version: [UInt8]

    var name: String { "branch key \(String(decoding: branchKeyID, as: UTF8.self))" }
    let bindsContext = true
    var identifier: [UInt8] { branchKeyID }

    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool {
        encryptedDataKey.keyProviderID == Self.label && encryptedDataKey.keyProviderInfo == branchKeyID
    }

    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey {
        guard original.ciphertext.count >= Self.saltLength + AESGCM.ivLength else {
            throw VectorError.broken("the wrapped key is shorter than salt and IV")
        }
        let salt = Array(original.ciphertext.prefix(Self.saltLength))
        let iv = Array(original.ciphertext[Self.saltLength..<Self.saltLength + AESGCM.ivLength])
        let wrappingKey = try CounterModeKDF.derive(
            .sha256,
            key: branchKey.span,
            label: Self.label.span,
            context: salt.span,
            outputLength: 32
        )
        let wrapped = try AESGCM.wrap(
            dataKey,
            under: wrappingKey,
            iv: iv,
            additionalData: Self.label + branchKeyID + version + context
        )
        return RewrappedDataKey(
            encryptedDataKey: EncryptedDataKey(
                keyProviderID: Self.label,
                keyProviderInfo: branchKeyID,
                ciphertext: salt + iv + version + wrapped
            ),
            randomness: [RecoveredRandomness(.iv, iv), RecoveredRandomness(.salt, salt)]
        )
    }
}
