import CryptoPrimitives
import MaterialProviders
import Testing

@Suite struct KeyStoreRuleTests {
    private let fixture = KeyStoreFixture()

    private func tenant() async throws -> (KeyStore, DynamoDB.Item) {
        let store = try fixture.store()
        _ = try await store.createKey(branchKeyID: "tenant", encryptionContext: ["a": "b"])
        return (store, try #require(fixture.dynamoDB.item("tenant", "branch:ACTIVE")))
    }

    @Test(
        "M14: a record without one of its fields",
        arguments: ["version", "enc", "kms-arn", "create-time", "hierarchy-version"]
    )
    func m14MissingField(name: String) async throws {
        let (store, item) = try await tenant()
        fixture.kms.change { $0.calls = [] }
        fixture.dynamoDB.set(item.filter { $0.key != name })
        await expectError(.invalidBranchKeyRecord) { _ = try await store.activeBranchKey(id: "tenant") }
        await expectError(.invalidBranchKeyRecord) { try await store.versionKey(branchKeyID: "tenant") }
        #expect(fixture.kms.calls.isEmpty)
    }

    @Test(
        "M14: a record with a field of another kind",
        arguments: [
            ("version", DynamoDB.AttributeValue.string("1234")), ("version", .number("1")), ("enc", .string("text")),
            ("enc", .binary([])), ("kms-arn", .string(Keys.alias)), ("kms-arn", .string("")),
            ("kms-arn", .string(Keys.other)), ("hierarchy-version", .string("1")), ("hierarchy-version", .number("2")),
            ("tablename", .string("logical")), ("aws-crypto-ec:a", .number("1")), ("extra", .unsupported(type: "L")),
        ]
    )
    func m14FieldOfAnotherKind(name: String, value: DynamoDB.AttributeValue) async throws {
        let (store, item) = try await tenant()
        fixture.dynamoDB.set(item.merging([name: value]) { $1 })
        await expectError(.invalidBranchKeyRecord) { _ = try await store.activeBranchKey(id: "tenant") }
    }

    @Test("M14: DynamoDB answers with a record of another type or branch key")
    func m14AnotherRecord() async throws {
        let (store, item) = try await tenant()
        for (name, value) in [("type", "beacon:ACTIVE"), ("branch-key-id", "another")] {
            let changed = item.merging([name: .string(value)]) { $1 }
            fixture.dynamoDB.change { $0.items[["tenant", "branch:ACTIVE"]] = changed }
            await expectError(.invalidBranchKeyRecord) { _ = try await store.activeBranchKey(id: "tenant") }
        }
        let beacon = try #require(fixture.dynamoDB.item("tenant", "beacon:ACTIVE"))
        fixture.dynamoDB.set(beacon.merging(["version": .string("branch:version:x")]) { $1 })
        await expectError(.invalidBranchKeyRecord) { _ = try await store.beaconKey(id: "tenant") }
    }

    @Test(
        "M14: every attribute is bound to the key: none can be altered, added or taken away",
        arguments: [
            ("aws-crypto-ec:a", DynamoDB.AttributeValue.string("c")), ("aws-crypto-ec:a", nil),
            ("aws-crypto-ec:d", .string("e")), ("another", .string("attribute")),
            ("create-time", .string("2024-01-01T00:00:00.000000Z")),
            ("version", .string("branch:version:00000000-0000-4000-8000-000000000000")),
        ]
    )
    func m14AlteredAttribute(name: String, value: DynamoDB.AttributeValue?) async throws {
        let (store, item) = try await tenant()
        var changed = item
        changed[name] = value
        fixture.dynamoDB.set(changed)
        let error = await expectError(.awsRefusal) { _ = try await store.activeBranchKey(id: "tenant") }
        #expect(error?.serviceError?.code == .invalidCiphertext)
        await expectError(.awsRefusal) { try await store.versionKey(branchKeyID: "tenant") }
    }

    @Test("M14: a record is bound to the logical name of its key store")
    func m14LogicalName() async throws {
        _ = try await tenant()
        let other = try fixture.store(name: "another")
        await expectError(.awsRefusal) { _ = try await other.activeBranchKey(id: "tenant") }
    }

    @Test("M14: the KMS key of a key store is a key ARN, and in discovery it writes nothing")
    func m14Configuration() async throws {
        for text in [Keys.alias, "alias/example", "1234abcd-12ab-34cd-56ef-1234567890ab", ""] {
            await expectError(.invalidConfiguration) { _ = try fixture.store(.kmsKeyARN(text)) }
            await expectError(.invalidConfiguration) { _ = try fixture.store(.kmsMRKeyARN(text)) }
        }
        await expectError(.invalidConfiguration) { _ = try fixture.store(.mrDiscovery(region: "")) }
        _ = try await tenant()
        let before = fixture.dynamoDB.items.count
        for configuration in [KeyStoreKMSConfiguration.discovery, .mrDiscovery(region: "us-west-2")] {
            let store = try fixture.store(configuration)
            await expectError(.invalidConfiguration) { _ = try await store.createKey() }
            await expectError(.invalidConfiguration) { try await store.versionKey(branchKeyID: "tenant") }
        }
        #expect(fixture.dynamoDB.items.count == before)
        let east = try fixture.store(.kmsKeyARN(Keys.mrkEast))
        await expectError(.invalidBranchKeyRecord) { _ = try await east.activeBranchKey(id: "tenant") }
        await expectError(.invalidBranchKeyRecord) { try await east.versionKey(branchKeyID: "tenant") }
    }

    @Test("M14: of two writers of a version, the slower one is refused and changes nothing")
    func m14VersionRace() async throws {
        let (store, item) = try await tenant()
        let raced = item.merging(["enc": .binary([1, 2, 3])]) { $1 }
        fixture.dynamoDB.change { $0.beforeWrite = { $0.items[["tenant", "branch:ACTIVE"]] = raced } }
        await expectError(.branchKeyConflict) { try await store.versionKey(branchKeyID: "tenant") }
        #expect(fixture.dynamoDB.item("tenant", "branch:ACTIVE") == raced)
        #expect(fixture.dynamoDB.items.count == 3)
    }

    @Test("M14: a branch key id that exists is not written over")
    func m14ExistingID() async throws {
        let (store, item) = try await tenant()
        await expectError(.branchKeyConflict) {
            _ = try await store.createKey(branchKeyID: "tenant", encryptionContext: ["a": "b"])
        }
        #expect(fixture.dynamoDB.item("tenant", "branch:ACTIVE") == item)
    }

    @Test("M13: a branch key, or a version, that the key store does not have; no permission")
    func m13NotFound() async throws {
        let (store, _) = try await tenant()
        await expectError(.branchKeyNotFound) { _ = try await store.activeBranchKey(id: "another") }
        await expectError(.branchKeyNotFound) {
            _ = try await store.branchKey(id: "tenant", version: "00000000-0000-4000-8000-000000000000")
        }
        await expectError(.branchKeyNotFound) { try await store.versionKey(branchKeyID: "another") }
        fixture.kms.change { $0.failures["Decrypt"] = .accessDenied }
        await expectError(.awsAccessDenied) { _ = try await store.activeBranchKey(id: "tenant") }
        fixture.dynamoDB.change { $0.failures["GetItem"] = .endpointUnreachable }
        await expectError(.awsUnavailable) { _ = try await store.activeBranchKey(id: "tenant") }
    }

    @Test("another key id or length in the answer of KMS")
    func unexpectedAnswer() async throws {
        let (store, _) = try await tenant()
        fixture.kms.change { $0.dropsPlaintextBytes = 1 }
        await expectError(.unexpectedKMSResponse) { _ = try await store.activeBranchKey(id: "tenant") }
        fixture.kms.change { state in
            state.dropsPlaintextBytes = 0
            state.answeredKeyID = Keys.other
        }
        await expectError(.unexpectedKMSResponse) { _ = try await store.activeBranchKey(id: "tenant") }
        await expectError(.unexpectedKMSResponse) { _ = try await store.createKey() }
        await expectError(.unexpectedKMSResponse) { try await store.versionKey(branchKeyID: "tenant") }
        #expect(fixture.dynamoDB.items.count == 3)
    }
}
