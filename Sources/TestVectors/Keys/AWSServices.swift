import CryptoPrimitives
package import MaterialProviders
import Synchronization

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

    let kmsClients: any KMSClientSupplier
    /// The key store of branch keys in manifests; nil where they may not be written to a table: anywhere but on this machine.
    let keyStore: KeyStore?
    private let probeRegion: String?
    /// The options that choose these services on a command line.
    let commandLine: [String]
    private let unreachable = LostConnection()

    /// The services.
    ///
    /// - Parameters:
    ///   - kmsClients: gives the KMS client of each region.
    ///   - probeRegion: the region that is asked first, to learn whether anybody answers; nil for the default one.
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
        keyStore = try loopbackDynamoDB.map { dynamoDB throws in
            try KeyStore(
                tableName: BranchKeyTable.name,
                logicalKeyStoreName: BranchKeyTable.name,
                kmsConfiguration: .kmsKeyARN(BranchKeyTable.kmsKeyARN),
                dynamoDBClient: dynamoDB,
                kmsClient: kmsClients.client(forRegion: BranchKeyTable.region)
            )
        }
    }

    /// Why the services could not be reached during a run; nil while they could.
    package var lostConnection: String? { unreachable.reason.withLock { $0 } }

    /// The KMS client of a region, whose failures to reach anybody are noted: no further test can run after one.
    ///
    /// - Throws: `EncryptionSDKError` or `AWSServiceError` when there is no client for this region.
    func kmsClient(forRegion region: String?) throws -> any KMSClient {
        WatchedKMSClient(client: try kmsClients.client(forRegion: region)) { [unreachable] error in
            guard error.code == .endpointUnreachable else { return }
            unreachable.reason.withLock { $0 = $0 ?? error.description }
        }
    }

    /// Asks for a key that does not exist, to learn whether anybody answers.
    ///
    /// - Throws: `AWSServiceError` when nobody does, or when nothing can be asked for want of credentials or of a region.
    package func probe() async throws {
        let client = try kmsClients.client(forRegion: probeRegion)
        do {
            _ = try await client.describeKey(KMS.DescribeKeyRequest(keyID: "alias/esdk-probe"))
        } catch let error as AWSServiceError where !Self.silences.contains(error.code) {
            // An answer, if a refusal.
        }
    }

    private static let silences: Set<AWSServiceError.Code> = [
        .endpointUnreachable, .noResponse, .invalidResponse, .noCredentials, .invalidConfiguration,
    ]

    /// Puts the branch keys of key tables into the key store, if there is one.
    ///
    /// - Throws: `EncryptionSDKError` when that fails, or two tables have different keys of one name; `CancellationError`.
    package func seed(_ tables: [KeyTable]) async throws {
        guard let keyStore else { return }
        var isTableThere = false
        for entry in tables.flatMap(\.entries) {
            guard case .staticBranchKey(let version, let branchKey, let beaconKey) = entry.material,
                let materials = try? BranchKeyMaterials(
                    branchKeyID: entry.keyID,
                    version: version,
                    branchKey: SecretBytes(branchKey)
                )
            else { continue }
            if !isTableThere { try await keyStore.createKeyStore() }
            isTableThere = true
            try await keyStore.importKey(
                materials,
                beaconKey: beaconKey.map { SecretBytes($0) },
                createTime: BranchKeyTable.createTime
            )
        }
    }
}

/// Why AWS cannot be reached any more, for all clients of a run to write down.
private final class LostConnection: Sendable {
    let reason = Mutex<String?>(nil)
}
