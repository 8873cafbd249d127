import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite struct KeyStoreTests {
    private let fixture = KeyStoreFixture()

    @Test(
        "CreateKey writes the three records of the format, and they are read again",
        .spec(
            "branch-key-store/createkey.5",
            "branch-key-store/createkey.6",
            "branch-key-store/createkey.7",
            "branch-key-store/branch-key-and-beacon-key-creation",
            "branch-key-store/wrapped-branch-key-creation",
            "branch-key-store/writing-branch-key-and-beacon-key-to-keystore",
            "branch-key-store/active-encryption-context",
            "branch-key-store/decrypt-only-encryption-context",
            "branch-key-store/beacon-key-encryption-context",
            "branch-key-store/custom-encryption-context",
            "branch-key-store/getactivebranchkey",
            "branch-key-store/getbranchkeyversion",
            "branch-key-store/getbeaconkey",
            "branch-key-store/branch-key-materials-from-authenticated-encryption-context",
            "branch-key-store/custom-encryption-context-from-authenticated-encryption-context",
            "branch-key-store/aws-kms-branch-key-decryption",
            "branch-key-store/encryption-context.9",
            "branch-key-store/authenticating-a-keystore-item.4",
            "branch-key-store/authenticating-a-keystore-item.9",
            "structures/branch-key.1"
        )
    )
    func createAndRead() async throws {
        let store = try fixture.store()
        let id = try await store.createKey(branchKeyID: "tenant-42", encryptionContext: ["department": "admin"])
        #expect(id == "tenant-42")
        let active = try await store.activeBranchKey(id: id)
        let version = try await store.branchKey(id: id, version: active.version)
        #expect(active.branchKey == version.branchKey)
        #expect(active.encryptionContext == ["department": "admin"])
        let beacon = try await store.beaconKey(id: id)
        #expect(beacon.beaconKey != active.branchKey)
        #expect(fixture.dynamoDB.items.count == 3)
        let common: DynamoDB.Item = [
            "branch-key-id": .string("tenant-42"), "kms-arn": .string(Keys.west), "hierarchy-version": .number("1"),
            "create-time": .string("2023-06-03T19:03:29.358000Z"), "aws-crypto-ec:department": .string("admin"),
        ]
        let versionText = "branch:version:\(active.version)"
        let records: [(String, DynamoDB.Item)] = [
            ("branch:ACTIVE", ["version": .string(versionText)]), (versionText, [:]), ("beacon:ACTIVE", [:]),
        ]
        for (type, own) in records {
            var item = try #require(fixture.dynamoDB.item(id, type))
            let ciphertext = item.removeValue(forKey: "enc")
            #expect(item == common.merging(own) { $1 }.merging(["type": .string(type)]) { $1 })
            guard case .binary? = ciphertext else {
                Issue.record("enc is not binary")
                continue
            }
        }
        #expect(fixture.kms.calls.allSatisfy { $0.grantTokens == ["token"] && $0.keyID == Keys.west })
        let generate = "GenerateDataKeyWithoutPlaintext"
        #expect(
            fixture.kms.calls.map(\.operation) == [generate, "ReEncrypt", generate]
                + [String](repeating: "Decrypt", count: 3)
        )
        // Each record is bound to all its attributes but the ciphertext, and to the key store.
        for (context, (type, own)) in zip(fixture.kms.decryptContexts, records) {
            let attributes = common.merging(own) { $1 }.merging(["type": .string(type)]) { $1 }
            var expected: [String: String] = ["tablename": "logical"]
            for (name, value) in attributes {
                switch value {
                case .string(let text), .number(let text): expected[name.description] = text
                default: Issue.record("\(name) is not text")
                }
            }
            #expect(context.dictionary == expected)
        }
    }

    @Test(
        "an id that is not given is a random UUID",
        .spec("branch-key-store/createkey.4", "branch-key-store/branch-key-and-beacon-key-creation.2")
    )
    func branchKeyIDs() async throws {
        let id = try await fixture.store().createKey()
        #expect(id.utf8.count == 36)
        #expect(Array(id.utf8)[14] == UInt8(ascii: "4"))
    }

    @Test("VersionKey makes another active version; older ones stay", .spec("branch-key-store/versionkey"))
    func versions() async throws {
        let store = try fixture.store()
        let id = try await store.createKey(branchKeyID: "tenant", encryptionContext: ["a": "b"])
        let first = try await store.activeBranchKey(id: id)
        try await store.versionKey(branchKeyID: id)
        let second = try await store.activeBranchKey(id: id)
        #expect(first.version != second.version)
        #expect(first.branchKey != second.branchKey)
        #expect(second.encryptionContext == ["a": "b"])
        #expect(try await store.branchKey(id: id, version: first.version).branchKey == first.branchKey)
        #expect(try await store.branchKey(id: id, version: second.version).branchKey == second.branchKey)
        #expect(fixture.dynamoDB.items.count == 4)
    }

    @Test(
        "a multi-Region configuration reads and versions what a replica wrote, and leaves its ARN",
        .spec(
            "branch-key-store/versionkey.4",
            "branch-key-store/versionkey.5",
            "branch-key-store/aws-kms-branch-key-decryption.9",
            "branch-key-store/aws-kms-branch-key-decryption.10"
        )
    )
    func multiRegion() async throws {
        let west = try fixture.store(.kmsKeyARN(Keys.mrkWest))
        let id = try await west.createKey()
        let east = try fixture.store(.kmsMRKeyARN(Keys.mrkEast))
        #expect(try await east.activeBranchKey(id: id).branchKey == west.activeBranchKey(id: id).branchKey)
        try await east.versionKey(branchKeyID: id)
        #expect(fixture.dynamoDB.item(id, "branch:ACTIVE")?["kms-arn"] == .string(Keys.mrkWest))
        #expect(try await west.activeBranchKey(id: id).branchKey == east.activeBranchKey(id: id).branchKey)
        let beacon = try await west.beaconKey(id: id).beaconKey
        fixture.kms.change { $0.calls = [] }
        #expect(try await fixture.store(.discovery).beaconKey(id: id).beaconKey == beacon)
        #expect(fixture.kms.calls.map(\.keyID) == [Keys.mrkWest])
        fixture.kms.change { $0.calls = [] }
        _ = try await fixture.store(.mrDiscovery(region: "us-east-1")).activeBranchKey(id: id)
        #expect(fixture.kms.calls.map(\.keyID) == [Keys.mrkEast])
    }

    @Test(
        "CreateKeyStore makes the table once, and refuses one of another shape",
        .spec("branch-key-store/createkeystore", "branch-key-store/keyschema")
    )
    func table() async throws {
        let store = try fixture.store()
        fixture.dynamoDB.change { $0.status = "CREATING" }
        #expect(try await store.createKeyStore(waitingUpTo: .seconds(5), clock: fixture.clock) == "arn:table")
        #expect(fixture.dynamoDB.calls.filter { $0 == "CreateTable" }.count == 1)
        #expect(try await store.createKeyStore() == "arn:table")
        #expect(fixture.dynamoDB.calls.filter { $0 == "CreateTable" }.count == 1)
        let schema = try #require(fixture.dynamoDB.schema(of: "table"))
        for other in [
            [.init(name: "id", role: .hash)], [schema[0]],
            [.init(name: "branch-key-id", role: .range), .init(name: "type", role: .hash)],
            [schema[0], .init(name: "type", role: .range, type: .number)],
        ] as [[DynamoDB.KeyAttribute]] {
            fixture.dynamoDB.change { $0.tables["table"] = other }
            await expectError(.invalidConfiguration) { try await store.createKeyStore() }
        }
        fixture.dynamoDB.change { $0.failures["DescribeTable"] = .accessDenied }
        await expectError(.awsAccessDenied) { try await store.createKeyStore() }
    }

    @Test("CreateKeyStore fails where the table cannot be made", .spec("branch-key-store/createkeystore.5"))
    func tableThatCannotBeMade() async throws {
        fixture.dynamoDB.change { $0.failures["CreateTable"] = .accessDenied }
        await expectError(.awsAccessDenied) { try await fixture.store().createKeyStore() }
        #expect(fixture.dynamoDB.schema(of: "table") == nil)
    }

    @Test("CreateKeyStore waits for a table that another caller makes at the same time")
    func tableOfAnotherCaller() async throws {
        let store = try fixture.store()
        fixture.dynamoDB.change { $0.failures["CreateTable"] = .resourceInUse }
        let (dynamoDB, clock) = (fixture.dynamoDB, fixture.clock)
        async let arn = store.createKeyStore(waitingUpTo: .seconds(5), clock: clock)
        await clock.someoneWaits()
        dynamoDB.change { $0.failures["CreateTable"] = nil }
        try await store.createKeyStore()
        #expect(try await arn == "arn:table")
        #expect(dynamoDB.calls.filter { $0 == "CreateTable" }.count == 2)
    }

    @Test("CreateKeyStore does not wait for ever")
    func tableNeverSeen() async throws {
        let store = try fixture.store()
        fixture.dynamoDB.change { $0.failures["CreateTable"] = .resourceInUse }
        let clock = fixture.clock
        async let failure = expectError(.awsUnavailable) {
            _ = try await store.createKeyStore(waitingUpTo: .seconds(5), clock: clock)
        }
        await clock.someoneWaits()
        clock.advance(by: .seconds(5))
        #expect(await failure?.reason.contains("not to be seen") == true)
    }
}
