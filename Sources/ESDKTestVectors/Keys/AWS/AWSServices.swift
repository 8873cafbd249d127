package import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import StrictJSON

/// The AWS services that key descriptions of AWS KMS run against: the real ones, or stand-ins on this machine.
package final class AWSServices: Sendable {
    /// Where the branch keys of manifests are put.
    package struct BranchKeyTable: Sendable {
        /// The DynamoDB table, which is also the logical name of the key store.
        static let name = "interop-key-store"
        /// The KMS key that encrypts the branch keys.
        static let kmsKeyARN = "arn:aws:kms:us-west-2:370957321024:key/9d989aa2-2f9c-438c-a745-cc57d3ad0126"
        /// The region of both.
        package static let region = "us-west-2"
        /// The creation time that the records bear, the same on every machine.
        static let createTime = "2024-01-01T00:00:00.000000Z"
    }

    private let kmsClients: any KMSClientSupplier
    /// The key store of branch keys in manifests; nil where they may not be written to a table: anywhere but on this machine.
    let keyStore: KeyStore?
    /// The branch keys that have been put into it, by id and version.
    private let imported = Guarded<[BranchKeyName: SecretBytes]>([:])
    private let probeRegion: String?
    /// The options that choose these services on a command line.
    let commandLine: [String]
    private let watch: ConnectionWatch

    /// The services.
    ///
    /// - Parameters:
    ///   - kmsClients: gives the KMS client of each region.
    ///   - probeRegion: the region that is asked first, to learn whether KMS answers; `nil` for the default one.
    ///   - commandLine: the options that choose these services, for the command that repeats a test.
    ///   - loopbackDynamoDB: the DynamoDB that branch keys of manifests are put into; it must be one on this machine.
    /// - Throws: `EncryptionSDKError` or `AWSServiceError` when there is no client for the region of the key store.
    package init(
        kmsClients: any KMSClientSupplier,
        probeRegion: String? = nil,
        commandLine: [String] = [],
        loopbackDynamoDB: (any DynamoDBClient)? = nil
    ) throws {
        self.kmsClients = kmsClients
        self.probeRegion = probeRegion
        self.commandLine = commandLine
        let watch = ConnectionWatch { try await Self.probe(kmsClients, region: probeRegion) }
        self.watch = watch
        keyStore = try loopbackDynamoDB.map { dynamoDB throws in
            try KeyStore(
                tableName: BranchKeyTable.name,
                logicalKeyStoreName: BranchKeyTable.name,
                kmsConfiguration: .kmsKeyARN(BranchKeyTable.kmsKeyARN),
                dynamoDBClient: WatchedDynamoDBClient(client: dynamoDB, watch: watch),
                kmsClient: WatchedKMSClient(
                    client: kmsClients.client(forRegion: BranchKeyTable.region),
                    watch: watch
                )
            )
        }
    }

    /// What to add to refusals of KMS if it is a stand-in on this machine; `nil` otherwise.
    var standInNote: String? {
        keyStore == nil
            ? nil
            : "The KMS is one on this machine, with its own keys: what was encrypted under AWS's does not open there."
    }

    /// Why the services could not be reached any more during a run; nil while they could.
    package var lostConnection: String? { watch.reason }

    /// The KMS client of a region, whose failures are looked into: when KMS no longer answers, no further test can run.
    ///
    /// - Throws: `EncryptionSDKError` or `AWSServiceError` when there is no client for this region.
    func kmsClient(forRegion region: String?) throws -> any KMSClient {
        WatchedKMSClient(client: try kmsClients.client(forRegion: region), watch: watch)
    }

    /// Asks for a key that does not exist, to learn whether KMS answers.
    ///
    /// - Throws: `AWSServiceError` when it does not, another service does, or nothing can be asked without credentials or a
    ///   region; `CancellationError`.
    package func probe() async throws { try await Self.probe(kmsClients, region: probeRegion) }

    private static func probe(_ kmsClients: any KMSClientSupplier, region: String?) async throws {
        let client = try kmsClients.client(forRegion: region)
        do {
            _ = try await client.describeKey(KMS.DescribeKeyRequest(keyID: "alias/esdk-probe"))
        } catch let error as AWSServiceError where AWSAnswer.isOne(error) {
            // A refusal.
        }
    }

    // MARK: - Branch keys

    /// Puts a branch key into the key store, unless it is there.
    ///
    /// - Throws: `EncryptionSDKError` where the key store holds another one with this id and version, or cannot be used.
    func put(_ materials: BranchKeyMaterials, beaconKey: SecretBytes?, into keyStore: KeyStore) async throws {
        do {
            try await keyStore.importKey(materials, beaconKey: beaconKey, createTime: BranchKeyTable.createTime)
        } catch let error as EncryptionSDKError where error.code == .branchKeyConflict {
            // Another version may well be the active one: this one counts, whose record is the first to be written.
            let stored = try await keyStore.branchKey(id: materials.branchKeyID, version: materials.version)
            guard stored.branchKey == materials.branchKey else { throw error }
        }
        imported.withLock { $0[BranchKeyName(materials)] = materials.branchKey }
    }

    /// Whether a branch key has been put into the key store.
    func isImported(_ materials: BranchKeyMaterials) -> Bool {
        imported.withLock { $0[BranchKeyName(materials)] == materials.branchKey }
    }

    /// Where a keyring finds the branch key of a manifest.
    func branchKeyStore(of materials: BranchKeyMaterials) -> any BranchKeyStore {
        guard let keyStore, isImported(materials) else { return FixedBranchKeyStore([materials]) }
        return ManifestBranchKeyStore(keyStore: keyStore, version: materials.version)
    }

    /// What a branch key is known by: compared byte by byte.
    private struct BranchKeyName: Hashable {
        let id: JSONName
        let version: String

        init(_ materials: BranchKeyMaterials) {
            id = JSONName(materials.branchKeyID)
            version = materials.version
        }
    }
}

/// The branch key of one entry of a keys manifest in a key store that holds others too.
///
/// Two entries may be two versions of one branch key, of which the key store has one active version. A description names its entry
/// and with it the version, for both directions.
struct ManifestBranchKeyStore: BranchKeyStore {
    let keyStore: KeyStore
    let version: String

    var logicalKeyStoreName: String { keyStore.logicalKeyStoreName }

    func activeBranchKey(id: String) async throws -> BranchKeyMaterials {
        let active = try await keyStore.activeBranchKey(id: id)
        return active.version == version ? active : try await keyStore.branchKey(id: id, version: version)
    }

    func branchKey(id: String, version: String) async throws -> BranchKeyMaterials {
        guard version == self.version else {
            throw EncryptionSDKError(
                .branchKeyNotFound,
                "the keys manifest has the branch key \(id) in version \(self.version), not in version \(version)"
            )
        }
        return try await keyStore.branchKey(id: id, version: version)
    }
}

/// Tells whether an endpoint is on this machine.
package enum LoopbackEndpoint {
    /// Whether `url` names this machine: `localhost`, an address of 127.0.0.0/8, or `::1`.
    ///
    /// A URL with a user name is never taken for one: what stands before `@` looks like a host.
    package static func isLoopback(_ url: String) -> Bool {
        let lowered = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowered.hasPrefix) else { return false }
        let rest = lowered.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { return false }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return false }
            return authority[..<end] == "[::1" && isPort(authority[end...].dropFirst())
        }
        let host = authority.prefix { $0 != ":" }
        guard isPort(authority.dropFirst(host.count)) else { return false }
        if host == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil && $0.utf8.first != 0x2B }
    }

    /// Nothing, or a colon and a number.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && UInt16(text.dropFirst()) != nil
    }
}
