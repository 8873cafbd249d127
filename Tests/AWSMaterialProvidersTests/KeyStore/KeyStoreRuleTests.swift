import AWSMaterialProviders
import ESDKCrypto
import TestSupport
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
        arguments: ["branch-key-id", "type", "version", "enc", "kms-arn", "create-time", "hierarchy-version"]
    )
    func m14MissingField(name: String) async throws {
        let (store, item) = try await tenant()
        let version = try await store.activeBranchKey(id: "tenant").version
        func read(_ type: String) async throws {
            switch type {
            case "branch:ACTIVE": _ = try await store.activeBranchKey(id: "tenant")
            case "beacon:ACTIVE": _ = try await store.beaconKey(id: "tenant")
            default: _ = try await store.branchKey(id: "tenant", version: version)
            }
        }
        fixture.kms.change { $0.calls = [] }
        for type in ["branch:ACTIVE", "branch:version:\(version)", "beacon:ACTIVE"] {
            let good = try #require(fixture.dynamoDB.item("tenant", type))
            // Only the active record names its version.
            guard good[DynamoDB.AttributeName(name)] != nil else { continue }
            fixture.dynamoDB.change {
                $0.items[["tenant", type]] = good.filter { $0.key != DynamoDB.AttributeName(name) }
            }
            let error = await expectError(.invalidBranchKeyRecord) { try await read(type) }
            #expect(error?.reason.contains("tenant") == true)
            #expect(error?.reason.contains(name) == true)
            fixture.dynamoDB.change { $0.items[["tenant", type]] = good }
        }
        fixture.dynamoDB.change {
            $0.items[["tenant", "branch:ACTIVE"]] = item.filter { $0.key != DynamoDB.AttributeName(name) }
        }
        await expectError(.invalidBranchKeyRecord) { try await store.versionKey(branchKeyID: "tenant") }
        #expect(fixture.kms.calls.isEmpty)
        fixture.dynamoDB.set(item)
        for type in ["branch:ACTIVE", "branch:version:\(version)", "beacon:ACTIVE"] { try await read(type) }
    }

    @Test("M14: a record of a version that names another one, or is not of a branch key")
    func m14TypeOfVersion() async throws {
        let (store, _) = try await tenant()
        let version = try await store.activeBranchKey(id: "tenant").version
        let type = "branch:version:\(version)"
        let good = try #require(fixture.dynamoDB.item("tenant", type))
        for other in ["branch:version:", "branch:version", "beacon:ACTIVE", "branch:active", version] {
            let changed = good.merging(["type": .string(other)]) { $1 }
            fixture.dynamoDB.change { $0.items[["tenant", type]] = changed }
            await expectError(.invalidBranchKeyRecord) {
                _ = try await store.branchKey(id: "tenant", version: version)
            }
        }
        let named = good.merging(["version": .string(type)]) { $1 }
        fixture.dynamoDB.change { $0.items[["tenant", type]] = named }
        await expectError(.invalidBranchKeyRecord) { _ = try await store.branchKey(id: "tenant", version: version) }
    }

    @Test("M14: in discovery, too, a record may not name an alias")
    func m14AliasInDiscovery() async throws {
        let (_, item) = try await tenant()
        for configuration in [KeyStoreKMSConfiguration.discovery, .mrDiscovery(region: "us-west-2")] {
            let store = try fixture.store(configuration)
            _ = try await store.activeBranchKey(id: "tenant")
            fixture.dynamoDB.set(item.merging(["kms-arn": .string(Keys.alias)]) { $1 })
            await expectError(.invalidBranchKeyRecord) { _ = try await store.activeBranchKey(id: "tenant") }
            fixture.dynamoDB.set(item)
        }
    }

    @Test("M14: the ciphertext is in no encryption context; everything else of the record is, with the logical name")
    func m14Context() async throws {
        let (store, item) = try await tenant()
        _ = try await store.activeBranchKey(id: "tenant")
        let context = try #require(fixture.kms.decryptContexts.last)
        #expect(context["enc"] == nil)
        #expect(context["tablename"] == "logical")
        #expect(context["hierarchy-version"] == "1")
        #expect(context["aws-crypto-ec:a"] == "b")
        #expect(
            Set(context.entries.map(\.key))
                == Set(item.keys.map(\.description)).subtracting(["enc"]).union(["tablename"])
        )
    }

    @Test("M14: an id of the caller's needs a context; with one, or with neither, a key is made")
    func m14IDWithoutContext() async throws {
        let store = try fixture.store()
        await expectError(.invalidConfiguration) { _ = try await store.createKey(branchKeyID: "mine") }
        await expectError(.invalidConfiguration) {
            _ = try await store.createKey(branchKeyID: "", encryptionContext: ["a": "b"])
        }
        #expect(fixture.dynamoDB.items.isEmpty)
        #expect(fixture.kms.calls.isEmpty)
        #expect(try await store.createKey(branchKeyID: "mine", encryptionContext: ["a": "b"]) == "mine")
        #expect(try await store.createKey() != "mine")
    }

    @Test("an empty branch key id is refused before DynamoDB is asked, which would not say what is wrong")
    func emptyID() async throws {
        let (store, _) = try await tenant()
        let before = fixture.dynamoDB.calls.count
        await expectError(.branchKeyNotFound) { _ = try await store.activeBranchKey(id: "") }
        await expectError(.branchKeyNotFound) { try await store.versionKey(branchKeyID: "") }
        #expect(fixture.dynamoDB.calls.count == before)
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
        fixture.dynamoDB.set(item.merging([DynamoDB.AttributeName(name): value]) { $1 })
        await expectError(.invalidBranchKeyRecord) { _ = try await store.activeBranchKey(id: "tenant") }
    }

    @Test("M14: DynamoDB answers with a record of another type or branch key")
    func m14AnotherRecord() async throws {
        let (store, item) = try await tenant()
        for (name, value) in [("type", "beacon:ACTIVE"), ("branch-key-id", "another")] {
            let changed = item.merging([DynamoDB.AttributeName(name): .string(value)]) { $1 }
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
        changed[DynamoDB.AttributeName(name)] = value
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
        fixture.dynamoDB.set(item)
        // Two transactions at once over one item: DynamoDB cancels one of them without judging the condition.
        fixture.dynamoDB.change { $0.cancellation = ["None", "TransactionConflict"] }
        let error = await expectError(.branchKeyConflict) { try await store.versionKey(branchKeyID: "tenant") }
        #expect(error?.serviceError?.cancellationReasons == ["None", "TransactionConflict"])
        fixture.dynamoDB.change { $0.cancellation = ["None", "ValidationError"] }
        await expectError(.awsRefusal) { try await store.versionKey(branchKeyID: "tenant") }
        fixture.dynamoDB.change { $0.cancellation = nil }
        try await store.versionKey(branchKeyID: "tenant")
        #expect(fixture.dynamoDB.items.count == 4)
    }

    @Test("the active record is read consistently before it is replaced: an older copy would look like a race")
    func versionReadsConsistently() async throws {
        let (store, _) = try await tenant()
        _ = try await store.activeBranchKey(id: "tenant")
        #expect(fixture.dynamoDB.consistentReads == 0)
        try await store.versionKey(branchKeyID: "tenant")
        #expect(fixture.dynamoDB.consistentReads == 1)
    }

    @Test("a key store of one key that meets a replica's record names the configuration that reads it")
    func recordOfReplica() async throws {
        let id = try await fixture.store(.kmsKeyARN(Keys.mrkWest)).createKey()
        let replica = await expectError(.invalidBranchKeyRecord) {
            _ = try await fixture.store(.kmsKeyARN(Keys.mrkEast)).activeBranchKey(id: id)
        }
        #expect(replica?.reason.contains("kmsMRKeyARN") == true)
        _ = try await fixture.store(.kmsMRKeyARN(Keys.mrkEast)).activeBranchKey(id: id)
        let other = await expectError(.invalidBranchKeyRecord) {
            _ = try await fixture.store(.kmsKeyARN(Keys.west)).activeBranchKey(id: id)
        }
        #expect(other?.reason.contains("kmsMRKeyARN") == false)
        // A multi-Region configuration reads records of its key's replicas, and of no other key.
        let calls = fixture.kms.calls.count
        for stranger in [Keys.west, Keys.mrkWest.replacing("mrk-1234", with: "mrk-4321")] {
            await expectError(.invalidBranchKeyRecord) {
                _ = try await fixture.store(.kmsMRKeyARN(stranger)).activeBranchKey(id: id)
            }
        }
        #expect(fixture.kms.calls.count == calls)
    }

    @Test("control characters of a branch key's id and of a record's attributes are escaped in errors")
    func controlCharacters() async throws {
        let id = "tenant\u{1B}[2J\n\u{202E}"
        let store = try fixture.store()
        let fixed = FixedBranchKeyStore([])
        let reasons = [
            await expectError(.branchKeyNotFound) { _ = try await store.activeBranchKey(id: id) },
            await expectError(.branchKeyNotFound) { _ = try await fixed.activeBranchKey(id: id) },
            await expectError(.branchKeyNotFound) { _ = try await fixed.branchKey(id: id, version: "1") },
        ]
        let (tenant, item) = try await tenant()
        fixture.dynamoDB.set(item.merging([DynamoDB.AttributeName(id): .number("1")]) { $1 })
        let record = await expectError(.invalidBranchKeyRecord) { _ = try await tenant.activeBranchKey(id: "tenant") }
        for error in reasons + [record] {
            let text = try #require(error).description
            #expect(text.contains("tenant\\u{1B}[2J\\u{A}\\u{202E}"), "\(text.debugDescription)")
        }
    }

    @Test("two keys of the encryption context that differ only by their Unicode form are two attributes, and stay two")
    func unicodeTwins() async throws {
        let context = try EncryptionContext(entries: [
            EncryptionContext.Entry(key: "caf\u{E9}", value: "1"),
            EncryptionContext.Entry(key: "cafe\u{301}", value: "2"),
        ])
        let store = try fixture.store()
        _ = try await store.createKey(branchKeyID: "tenant", encryptionContext: context)
        try await store.versionKey(branchKeyID: "tenant")
        let active = try await store.activeBranchKey(id: "tenant")
        #expect(active.encryptionContext == context)
        #expect(try await store.branchKey(id: "tenant", version: active.version).encryptionContext == context)
        let item = try #require(fixture.dynamoDB.item("tenant", "branch:ACTIVE"))
        #expect(item["aws-crypto-ec:caf\u{E9}"] == .string("1"))
        #expect(item["aws-crypto-ec:cafe\u{301}"] == .string("2"))
        // Each of them is bound to the key.
        fixture.dynamoDB.set(item.filter { $0.key != "aws-crypto-ec:caf\u{E9}" })
        await expectError(.awsRefusal) { _ = try await store.activeBranchKey(id: "tenant") }
    }

    @Test("M14: a branch key id that exists is not written over", .spec("branch-key-store/createkey.8"))
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
