import AWSEncryptionSDK
import AWSMaterialProviders
import AWSServiceClients
import ESDKCrypto
import Foundation
import TestSupport
import Testing

@testable import ESDKTestVectors

/// The key store over DynamoDB's and KMS's own protocols.
@Suite(.enabled(if: LocalAWS.isRunning, Comment(rawValue: LocalAWS.comment)))
struct KeyStoreLiveTests {
    @Test("a key store is made, keys are made and versioned, and messages of every version are opened")
    func life() async throws {
        let store = try LocalAWS.keyStore()
        let arn = try await store.createKeyStore()
        #expect(arn.hasSuffix(":table/\(store.tableName)"))
        #expect(try await store.createKeyStore() == arn)
        let id = try await store.createKey(
            branchKeyID: "tenant 42/ä",
            encryptionContext: ["département": "comptabilité"]
        )
        let keyring = try HierarchicalKeyring(keyStore: store, branchKeyID: id, timeToLive: .seconds(60))
        let sdk = try EncryptionSDK()
        let first = try await sdk.encrypt([1, 2, 3], using: keyring).ciphertext
        let version = try await store.activeBranchKey(id: id)
        #expect(version.encryptionContext == ["département": "comptabilité"])
        try await store.versionKey(branchKeyID: id)
        let later = try HierarchicalKeyring(keyStore: store, branchKeyID: id, timeToLive: .seconds(60), cache: .no)
        let second = try await sdk.encrypt([4, 5, 6], using: later).ciphertext
        #expect(try await sdk.decrypt(first, using: later).plaintext == [1, 2, 3])
        #expect(try await sdk.decrypt(second, using: keyring).plaintext == [4, 5, 6])
        #expect(try await store.activeBranchKey(id: id).version != version.version)
        #expect(try await store.branchKey(id: id, version: version.version).branchKey == version.branchKey)
        #expect(try await store.beaconKey(id: id).beaconKey.count == 32)
    }

    @Test("a replica of the KMS key serves the key store in its region")
    func multiRegion() async throws {
        let west = try LocalAWS.keyStore(.kmsKeyARN(LocalAWS.multiRegionWest))
        try await west.createKeyStore()
        let id = try await west.createKey()
        let key = try await west.activeBranchKey(id: id).branchKey
        for configuration in [
            KeyStoreKMSConfiguration.kmsMRKeyARN(LocalAWS.multiRegionIreland), .mrDiscovery(region: "eu-west-1"),
        ] {
            let ireland = try LocalAWS.keyStore(configuration, table: west.tableName, region: "eu-west-1")
            #expect(try await ireland.activeBranchKey(id: id).branchKey == key)
        }
        let discovery = try LocalAWS.keyStore(.discovery, table: west.tableName)
        #expect(try await discovery.activeBranchKey(id: id).branchKey == key)
    }

    @Test("M14: a branch key that exists is not written over, and nothing of the transaction stays")
    func m14ExistingID() async throws {
        let store = try LocalAWS.keyStore()
        try await store.createKeyStore()
        let id = try await store.createKey(branchKeyID: "mine", encryptionContext: ["a": "b"])
        let version = try await store.activeBranchKey(id: id).version
        do {
            _ = try await store.createKey(branchKeyID: "mine", encryptionContext: ["a": "b"])
            Issue.record("the key was written over")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .branchKeyConflict)
            #expect(error.serviceError?.cancellationReasons.contains("ConditionalCheckFailed") == true)
        }
        #expect(try await store.activeBranchKey(id: id).version == version)
    }

    @Test("of many who version a key at once, one at a time succeeds, and the key stays whole")
    func versionRace() async throws {
        let store = try LocalAWS.keyStore()
        try await store.createKeyStore()
        let id = try await store.createKey()
        let succeeded = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (try? await store.versionKey(branchKeyID: id)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(succeeded >= 1)
        let active = try await store.activeBranchKey(id: id)
        #expect(try await store.branchKey(id: id, version: active.version).branchKey == active.branchKey)
    }

    @Test("KMS refuses a disabled key, and one that may not decrypt")
    func refusals() async throws {
        for (key, code) in [
            (LocalAWS.disabled, EncryptionSDKError.Code.awsRefusal), (LocalAWS.encryptOnly, .awsAccessDenied),
        ] {
            let store = try LocalAWS.keyStore(.kmsKeyARN(key))
            try await store.createKeyStore()
            do {
                let id = try await store.createKey()
                _ = try await store.activeBranchKey(id: id)
                Issue.record("the key could be used")
            } catch let error as EncryptionSDKError {
                #expect(error.code == code, "\(error)")
            }
        }
    }

    /// An AWS for a set, and an entry of a keys manifest.
    private static func services() async throws -> AWSServices {
        let configuration = try LocalAWS.configuration(region: AWSServices.BranchKeyTable.region)
        let services = try AWSServices(
            kmsClients: AWSKMSClientSupplier(configuration),
            loopbackDynamoDB: AWSDynamoDBClient(configuration)
        )
        try await services.probe()
        return services
    }

    private static let versions = [
        "83eec007-5659-4554-bf11-699b90f41ac6", "1b8b8b27-1d5c-4b7c-9d7b-5a3a1f3f3c55",
    ]

    private static func materials(_ id: String, version: Int = 0, _ byte: UInt8) throws -> BranchKeyMaterials {
        try BranchKeyMaterials(
            branchKeyID: id,
            version: versions[version],
            branchKey: SecretBytes([UInt8](repeating: byte, count: 32))
        )
    }

    private static func table(_ id: String, version: Int = 0, _ byte: UInt8) -> KeyTable {
        let key = KeyMaterial.staticBranchKey(
            version: versions[version],
            branchKey: [UInt8](repeating: byte, count: 32),
            beaconKey: [UInt8](repeating: 9, count: 32)
        )
        return KeyTable(
            declaredVersion: 3,
            entries: [KeyEntry(name: "k", keyID: id, encrypt: nil, decrypt: nil, bits: nil, material: key)]
        )
    }

    @Test("branch keys of a manifest are put into the key store once")
    func seeding() async throws {
        let id = "seeding-\(UUID().uuidString)"
        let services = try await Self.services()
        #expect(try await services.seed([Self.table(id, 1), Self.table(id, 1)]) == [])
        #expect(try await services.seed([Self.table(id, 1)]) == [])
        #expect(try await Self.services().seed([Self.table(id, 1)]) == [])
        let store = try #require(services.keyStore)
        #expect(try await store.activeBranchKey(id: id).branchKey == SecretBytes([UInt8](repeating: 1, count: 32)))
        #expect(try await store.beaconKey(id: id).beaconKey == SecretBytes([UInt8](repeating: 9, count: 32)))
        #expect(services.branchKeyStore(of: try Self.materials(id, 1)) is ManifestBranchKeyStore)
    }

    @Test(
        "two versions of one branch key are in the key store, and each entry of a manifest is its own version and no other"
    )
    func seedingVersions() async throws {
        let id = "versions-\(UUID().uuidString)"
        let services = try await Self.services()
        #expect(try await services.seed([Self.table(id, version: 0, 1), Self.table(id, version: 1, 2)]) == [])
        for version in [0, 1] {
            let materials = try Self.materials(id, version: version, UInt8(version + 1))
            let store = try #require(services.branchKeyStore(of: materials) as? ManifestBranchKeyStore)
            #expect(try await store.activeBranchKey(id: id).branchKey == materials.branchKey)
            #expect(try await store.activeBranchKey(id: id).version == Self.versions[version])
            #expect(try await store.branchKey(id: id, version: Self.versions[version]).branchKey == materials.branchKey)
            await #expect(throws: EncryptionSDKError(.branchKeyNotFound, "")) {
                _ = try await store.branchKey(id: id, version: Self.versions[1 - version])
            }
        }
    }

    @Test(
        "a branch key whose id and version the key store has with other bytes is said to be, and used as the manifest has it"
    )
    func seedingConflict() async throws {
        let id = "conflict-\(UUID().uuidString)"
        let services = try await Self.services()
        let problems = try await services.seed([Self.table(id, 1), Self.table(id, 2)])
        #expect(problems.count == 1)
        #expect(problems.first?.contains("key \"k\"") == true)
        #expect(problems.first?.contains("branchKeyConflict") == true)
        #expect(services.branchKeyStore(of: try Self.materials(id, 1)) is ManifestBranchKeyStore)
        let own = services.branchKeyStore(of: try Self.materials(id, 2))
        #expect(try await own.activeBranchKey(id: id).branchKey == SecretBytes([UInt8](repeating: 2, count: 32)))
    }
}
