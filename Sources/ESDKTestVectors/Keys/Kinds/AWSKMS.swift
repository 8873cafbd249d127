import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

extension KeyDescription {
    /// A KMS keyring for one key.
    package static func awsKMS(key: String) -> KeyDescription { KeyDescription(AWSKMS(key: JSONName(key))) }

    /// A KMS keyring for one key that also takes the replicas of a multi-Region key.
    package static func awsKMSMRK(key: String) -> KeyDescription { KeyDescription(AWSKMSMRK(key: JSONName(key))) }

    /// A KMS discovery keyring that knows multi-Region keys.
    package static func awsKMSMRKDiscovery(region: String, filter: DiscoveryFilter?) -> KeyDescription {
        KeyDescription(AWSKMSMRKDiscovery(region: JSONName(region), filter: filter))
    }

    /// Which KMS keys discovery may use.
    package struct DiscoveryFilter: Hashable, Sendable {
        let partition: JSONName
        let accountIDs: [JSONName]

        /// A filter.
        package init(partition: String, accountIDs: [String]) {
            self.partition = JSONName(partition)
            self.accountIDs = accountIDs.map { JSONName($0) }
        }
    }
}

/// A kind whose key is in AWS KMS.
protocol AWSKMSKind: ReadableKeyringKind {
    /// The keyring.
    func keyring(_ builder: KeyringBuilder, _ aws: AWSServices) -> KeyringUse
}

extension AWSKMSKind {
    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        if let aws = builder.aws { return keyring(builder, aws) }
        let needsAWS = KeyringUse.unavailable(reason: "only AWS KMS can open this message")
        // A set that lacks the key is broken, whether or not AWS is there.
        return keyName == nil ? needsAWS : builder.withKey(of: self) { (_, _: any KeyType) in needsAWS }
    }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        try encryptingByKMS(builder)
    }

    func encryptingByKMS(_ builder: EncryptKeyringBuilder) throws(VectorError) -> any Keyring {
        guard let aws = builder.decrypting.aws else { throw .unsupported("only AWS KMS can wrap the data key") }
        guard !builder.isSeeded else { throw .unsupported("what AWS KMS makes does not follow from a seed") }
        return try builder.made(keyring(builder.decrypting, aws))
    }
}

extension AWSServices {
    /// The KMS client of the region that a key identifier names.
    ///
    /// - Throws: `EncryptionSDKError` or `AWSServiceError` for an invalid identifier, or when there is no client.
    func kmsClient(for keyID: String) throws -> any KMSClient {
        try kmsClient(forRegion: KMSKeyIdentifier(keyID).region)
    }
}

/// A kind with one symmetric key in AWS KMS.
protocol AWSKMSKeyKind: AWSKMSKind {
    /// The name of the key in the keys manifest.
    var key: JSONName { get }

    /// The keyring over the key with this identifier.
    static func keyring(_ keyID: String, _ client: any KMSClient) throws(EncryptionSDKError) -> any Keyring
}

extension AWSKMSKeyKind {
    static var keyTypes: [any KeyType.Type] { [AWSKMSKey.self] }

    var keyName: String? { key.text }
    var isInFlatLists: Bool { true }

    func summary(keys: KeyTable) -> String { Self.type }

    func keyring(_ builder: KeyringBuilder, _ aws: AWSServices) -> KeyringUse {
        builder.withKey(of: self) { (entry, _: AWSKMSKey) in
            try KeyringUse.identified { .usable(try Self.keyring(entry.keyID, aws.kmsClient(for: entry.keyID))) }
        }
    }
}

/// A KMS keyring for one key.
struct AWSKMS: AWSKMSKeyKind {
    static let type = "aws-kms"

    let key: JSONName

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        .awsKMS(key: try fields.requiredString("key"))
    }

    static func keyring(_ keyID: String, _ client: any KMSClient) throws(EncryptionSDKError) -> any Keyring {
        try AWSKMSKeyring(kmsKeyID: keyID, kmsClient: client)
    }
}

/// A KMS keyring for one key that also takes the replicas of a multi-Region key.
struct AWSKMSMRK: AWSKMSKeyKind {
    static let type = "aws-kms-mrk-aware"

    let key: JSONName

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        .awsKMSMRK(key: try fields.requiredString("key"))
    }

    static func keyring(_ keyID: String, _ client: any KMSClient) throws(EncryptionSDKError) -> any Keyring {
        try AWSKMSMRKKeyring(kmsKeyID: keyID, kmsClient: client)
    }
}

/// A KMS discovery keyring that knows multi-Region keys.
struct AWSKMSMRKDiscovery: AWSKMSKind {
    static let type = "aws-kms-mrk-aware-discovery"
    static let members: Set<String> = ["default-mrk-region", "aws-kms-discovery-filter"]

    let region: JSONName
    let filter: KeyDescription.DiscoveryFilter?

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        let region = try fields.requiredString("default-mrk-region")
        guard let filter = try fields.fields("aws-kms-discovery-filter") else {
            return .awsKMSMRKDiscovery(region: region, filter: nil)
        }
        guard let accountIDs = try filter.strings("account-ids") else { throw filter.missing("account-ids") }
        let partition = try filter.requiredString("partition")
        return .awsKMSMRKDiscovery(region: region, filter: .init(partition: partition, accountIDs: accountIDs))
    }

    var isInFlatLists: Bool { true }

    func summary(keys: KeyTable) -> String { Self.type }

    func keyring(_ builder: KeyringBuilder, _ aws: AWSServices) -> KeyringUse {
        do {
            return try KeyringUse.identified {
                .usable(
                    try AWSKMSMRKDiscoveryKeyring(
                        kmsClient: aws.kmsClient(forRegion: region.text),
                        region: region.text,
                        discoveryFilter: filter.map { filter throws in
                            try AWSKMSDiscoveryFilter(
                                partition: filter.partition.text,
                                accountIDs: filter.accountIDs.map(\.text)
                            )
                        }
                    )
                )
            }
        } catch {
            return .broken(reason: "\(error)")
        }
    }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        throw .broken("a discovery keyring does not encrypt")
    }
}

// MARK: - On a command line

extension AWSKMS {
    static let spellings = [
        strictSpelling("aws-kms", "a KMS key, by its ARN"),
        KeySpelling(
            kind: "aws-kms-discovery",
            summary: "whatever KMS key the message names, in these accounts and regions; only decrypts",
            members: discoveryMembers + [.list("regions", "REGION,…")]
        ) { key, resources in
            let (filter, services) = (try key.discoveryFilter(), try await resources.aws())
            let regions = key.list("regions")
            guard regions.isEmpty else {
                return try MultiKeyring.awsKMSDiscovery(
                    regions: regions,
                    discoveryFilter: filter,
                    clientSupplier: services.kms
                )
            }
            return EveryRegionDiscoveryKeyring(filter: filter, clients: services.kms)
        },
    ]

    fileprivate static let discoveryMembers: [KeySpelling.Member] = [
        .list("accounts", "ACCOUNT,…"), .optional("partition", "PARTITION"),
    ]
}

extension AWSKMSMRK {
    static let spellings = [
        strictSpelling(
            "aws-kms-mrk",
            "a multi-Region KMS key, by its ARN in one region: what was encrypted under its replicas opens, too"
        )
    ]
}

extension AWSKMSMRKDiscovery {
    static let spellings = [
        KeySpelling(
            kind: "aws-kms-mrk-discovery",
            summary:
                "whatever KMS key the message names, in one region, which stands in for the other ones of multi-Region keys; only decrypts",
            members: [.required("region", "REGION")] + AWSKMS.discoveryMembers
        ) { key, resources in
            let region = try key.required("region")
            return try AWSKMSMRKDiscoveryKeyring(
                kmsClient: await resources.aws().kms.client(forRegion: region),
                region: region,
                discoveryFilter: key.discoveryFilter()
            )
        }
    ]
}

extension AWSKMSKeyKind {
    fileprivate static func strictSpelling(_ kind: String, _ summary: String) -> KeySpelling {
        KeySpelling(
            kind: kind,
            summary: summary,
            subject: .required("key", "ARN"),
            members: [.optional("region", "REGION")]
        ) { key, resources in
            let keyID = try key.required("key")
            return try keyring(keyID, await resources.kmsClient(for: keyID, key))
        }
    }
}

extension KeyArgument {
    /// The accounts whose keys discovery may use; nil for all.
    fileprivate func discoveryFilter() throws -> AWSKMSDiscoveryFilter? {
        let accounts = list("accounts")
        guard !accounts.isEmpty else {
            guard self["partition"] == nil else {
                throw KeyArgumentError("\(spelling.kind): partition needs accounts as well")
            }
            return nil
        }
        return try AWSKMSDiscoveryFilter(partition: self["partition"] ?? "aws", accountIDs: accounts)
    }
}

/// A discovery keyring that calls the region of whatever key the message names.
private struct EveryRegionDiscoveryKeyring: Keyring {
    let filter: AWSKMSDiscoveryFilter?
    let clients: any KMSClientSupplier

    var description: String { "AWS KMS discovery keyring of every region" }

    func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.keyringCannotEncrypt, "a discovery keyring does not encrypt: give a key's ARN")
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        var regions: [String] = []
        for dataKey in encryptedDataKeys {
            guard let region = KMSKeyARN(keyInfo: dataKey.keyProviderInfo)?.region, !regions.contains(region) else {
                continue
            }
            regions.append(region)
        }
        guard !regions.isEmpty else {
            throw EncryptionSDKError(nothingOpened: "no encrypted data key names a KMS key", refusals: [])
        }
        return try await MultiKeyring.awsKMSDiscovery(
            regions: regions,
            discoveryFilter: filter,
            clientSupplier: clients
        ).onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
    }
}

/// A KMS key, known by its `key-id`.
struct AWSKMSKey: KeyType {
    static let type = "aws-kms"
    static let members: Set<String> = []

    init() {}

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) {}
}

extension KeyMaterial {
    /// A KMS key, known by its `key-id`.
    package static var awsKMS: KeyMaterial { .key(AWSKMSKey()) }
}

extension KeyTable {
    /// The region of the first AWS KMS key that is named by an ARN and is of use; `nil` when there is none.
    package var firstKMSRegion: String? {
        for entry in entries where entry.encrypt != false || entry.decrypt != false {
            guard entry.material.key(as: AWSKMSKey.self) != nil, let region = try? KMSKeyIdentifier(entry.keyID).region
            else { continue }
            return region
        }
        return nil
    }
}

/// What KMS says that the aliases of a key table stand for, and key ids without region and account.
///
/// Neither decrypts: the encrypted data key names the key by its ARN, and a strict keyring compares its own identifier with that.
struct KMSAliases: Sendable {
    /// The key ARN of each entry whose `key-id` is not a key ARN.
    private(set) var arns: [JSONName: String] = [:]
    /// Why an alias could not be looked up, by entry.
    private(set) var problems: [JSONName: VectorError] = [:]

    /// No aliases.
    init() {}

    /// Looks up the aliases among some entries, each with one call of KMS DescribeKey.
    ///
    /// Entries that neither encrypt nor decrypt are left alone: their identifiers are malformed, and tests are about that.
    ///
    /// - Parameters:
    ///   - names: the names of the entries.
    ///   - keys: the key table.
    ///   - aws: where the keys are.
    init(of names: Set<JSONName>, in keys: KeyTable, aws: AWSServices) async {
        var known: [String: Result<String, VectorError>] = [:]
        for entry in keys.entries where names.contains(JSONName(entry.name)) {
            guard entry.material.key(as: AWSKMSKey.self) != nil, entry.encrypt != false || entry.decrypt != false,
                let identifier = try? KMSKeyIdentifier(entry.keyID), identifier.arn?.resource != .key
            else { continue }
            guard !Task.isCancelled, aws.lostConnection == nil else { return }
            let result: Result<String, VectorError>
            if let answer = known[entry.keyID] {
                result = answer
            } else {
                result = await Self.arn(of: identifier, aws: aws)
                known[entry.keyID] = result
            }
            switch result {
            case .success(let arn): arns[JSONName(entry.name)] = arn
            case .failure(let problem): problems[JSONName(entry.name)] = problem
            }
        }
    }

    private static func arn(of alias: KMSKeyIdentifier, aws: AWSServices) async -> Result<String, VectorError> {
        let request = KMS.DescribeKeyRequest(keyID: alias.text)
        let answer: String
        do {
            answer = try await aws.kmsClient(forRegion: alias.region).describeKey(request).arn
        } catch {
            let reason = "the key of \(ManifestText.quoted(alias.text)) cannot be looked up: \(error)"
            let isDenied = (error as? AWSServiceError)?.code == .accessDenied
            return .failure(isDenied ? .unsupported(reason) : .broken(reason))
        }
        guard KMSKeyARN(answer)?.resource == .key else {
            let shown = ManifestText.quoted(answer)
            return .failure(
                .broken("the key of \(ManifestText.quoted(alias.text)) is said to be \(shown), which is not a key ARN")
            )
        }
        return .success(answer)
    }
}
