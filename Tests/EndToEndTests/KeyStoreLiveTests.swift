import AWSEncryptionSDK
import AWSServiceClients
import CryptoPrimitives
import MaterialProviders
import Testing

@testable import TestVectors

/// The key store over DynamoDB's and KMS's own protocols.
@Suite(.enabled(if: LocalAWS.isRunning, LocalAWS.comment))
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
        let first = try await sdk.encrypt([1, 2, 3], keyring: keyring).ciphertext
        let version = try await store.activeBranchKey(id: id)
        #expect(version.encryptionContext == ["département": "comptabilité"])
        try await store.versionKey(branchKeyID: id)
        let later = try HierarchicalKeyring(keyStore: store, branchKeyID: id, timeToLive: .seconds(60), cache: .no)
        let second = try await sdk.encrypt([4, 5, 6], keyring: later).ciphertext
        #expect(try await sdk.decrypt(first, keyring: later).plaintext == [1, 2, 3])
        #expect(try await sdk.decrypt(second, keyring: keyring).plaintext == [4, 5, 6])
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

    @Test("branch keys of a manifest are put into the key store once, and other keys of the same id are refused")
    func seeding() async throws {
        let region = AWSServices.BranchKeyTable.region
        let configuration = try LocalAWS.configuration(region: region)
        let services = try AWSServices(
            kmsClients: AWSKMSClientSupplier(configuration),
            loopbackDynamoDB: AWSDynamoDBClient(configuration)
        )
        try await services.probe()
        let id = "seeding-\(SystemCacheClock().now)"
        func table(_ byte: UInt8) -> KeyTable {
            let key = KeyMaterial.staticBranchKey(
                version: "83eec007-5659-4554-bf11-699b90f41ac6",
                branchKey: [UInt8](repeating: byte, count: 32),
                beaconKey: [UInt8](repeating: 9, count: 32)
            )
            return KeyTable(
                declaredVersion: 3,
                entries: [KeyEntry(name: "k", keyID: id, encrypt: nil, decrypt: nil, bits: nil, material: key)]
            )
        }
        try await services.seed([table(1), table(1)])
        try await services.seed([table(1)])
        let store = try #require(services.keyStore)
        #expect(try await store.activeBranchKey(id: id).branchKey == SecretBytes([UInt8](repeating: 1, count: 32)))
        #expect(try await store.beaconKey(id: id).beaconKey == SecretBytes([UInt8](repeating: 9, count: 32)))
        do {
            try await services.seed([table(2)])
            Issue.record("another key was taken")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .branchKeyConflict)
        }
    }
}
