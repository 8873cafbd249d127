import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

@Suite struct HierarchicalKeyringRuleTests {
    private let fixture = KeyStoreFixture()

    /// Picks the branch key by the pair `tenant`.
    private struct TenantSupplier: BranchKeyIDSupplier {
        let ids: [String: String]

        func branchKeyID(for encryptionContext: EncryptionContext) async throws -> String {
            guard let id = ids[encryptionContext["tenant"] ?? ""] else {
                throw EncryptionSDKError(.branchKeyNotFound, "no branch key for this tenant")
            }
            return id
        }
    }

    @Test(
        "a warm cache answers for the key store, and KMS is asked again after the TTL",
        .spec(
            "aws-kms-hierarchical-keyring/onencrypt.4",
            "aws-kms-hierarchical-keyring/onencrypt.6",
            "aws-kms-hierarchical-keyring/onencrypt.9",
            "aws-kms-hierarchical-keyring/ondecrypt.9",
            "aws-kms-hierarchical-keyring/ondecrypt.11",
            "aws-kms-hierarchical-keyring/ondecrypt.14",
            "aws-kms-hierarchical-keyring/cache-limit-ttl",
            "aws-kms-hierarchical-keyring/query-branch-keystore-onencrypt.2",
            "aws-kms-hierarchical-keyring/getitem-branch-keystore-ondecrypt.3",
            "aws-kms-hierarchical-keyring/initialization.7"
        )
    )
    func timeToLive() async throws {
        let store = try fixture.store()
        let id = try await store.createKey()
        let keyring = try HierarchicalKeyring(
            keyStore: store,
            branchKeyID: id,
            timeToLive: .seconds(60),
            cache: .shared(LocalCryptographicMaterialsCache(entryCapacity: 10, clock: fixture.clock))
        )
        let message = try await keyring.onEncrypt(encryptionMaterials())
        _ = try await keyring.onEncrypt(encryptionMaterials())
        #expect(fixture.kms.count(of: "Decrypt") == 1)
        for _ in 0..<3 {
            let opened = try await keyring.onDecrypt(
                decryptionMaterials(),
                encryptedDataKeys: message.encryptedDataKeys
            )
            #expect(opened.plaintextDataKey == message.plaintextDataKey)
        }
        #expect(fixture.kms.count(of: "Decrypt") == 2)
        fixture.clock.advance(by: .seconds(59))
        _ = try await keyring.onEncrypt(encryptionMaterials())
        #expect(fixture.kms.count(of: "Decrypt") == 2)
        fixture.clock.advance(by: .seconds(1))
        _ = try await keyring.onEncrypt(encryptionMaterials())
        #expect(fixture.kms.count(of: "Decrypt") == 3)
    }

    @Test("a supplier picks the branch key by the encryption context")
    func supplier() async throws {
        let store = try fixture.store()
        let id = try await store.createKey()
        let keyring = try HierarchicalKeyring(
            keyStore: store,
            branchKeyIDSupplier: TenantSupplier(ids: ["42": id]),
            timeToLive: .seconds(60)
        )
        let message = try await keyring.onEncrypt(encryptionMaterials())
        #expect(message.encryptedDataKeys.first?.keyProviderInfo == Array(id.utf8))
        let opened = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: message.encryptedDataKeys)
        #expect(opened.plaintextDataKey == message.plaintextDataKey)
        await expectError(.branchKeyNotFound) {
            _ = try await keyring.onDecrypt(
                decryptionMaterials(["tenant": "7"]),
                encryptedDataKeys: message.encryptedDataKeys
            )
        }
    }

    /// Both, or neither, of branch key id and supplier cannot be written down: each initializer takes one of them.
    @Test("P20, M13: a TTL that is not positive, a grace period that is not less than it")
    func m13Initialization() async throws {
        let store = try fixture.store()
        for ttl in [Duration.zero, .seconds(-1)] {
            await expectError(.invalidConfiguration) {
                _ = try HierarchicalKeyring(keyStore: store, branchKeyID: "id", timeToLive: ttl)
            }
            await expectError(.invalidConfiguration) {
                _ = try HierarchicalKeyring(
                    keyStore: store,
                    branchKeyIDSupplier: TenantSupplier(ids: [:]),
                    timeToLive: ttl,
                    cache: .no
                )
            }
        }
        let settings = try StormTrackingSettings(gracePeriod: .seconds(10))
        func stormTracking(_ ttl: Duration) throws -> HierarchicalKeyring {
            try HierarchicalKeyring(
                keyStore: store,
                branchKeyID: "id",
                timeToLive: ttl,
                cache: .stormTracking(settings)
            )
        }
        for ttl in [Duration.seconds(1), .seconds(10)] {
            await expectError(.invalidConfiguration) { _ = try stormTracking(ttl) }
        }
        _ = try stormTracking(.milliseconds(10_001))
        for cache in [
            CacheType.default(entryCapacity: -1), .multiThreaded(entryCapacity: -1),
            .singleThreaded(entryCapacity: 1, entryPruningTailSize: 0),
        ] {
            await expectError(.invalidConfiguration) {
                _ = try HierarchicalKeyring(
                    keyStore: store,
                    branchKeyID: "id",
                    timeToLive: .seconds(1),
                    cache: cache
                )
            }
        }
    }

    @Test("M13: a branch key that is missing, forbidden or of another id")
    func m13BranchKeyNotToBeHad() async throws {
        let store = try fixture.store()
        let id = try await store.createKey()
        func keyring(_ id: String) throws -> HierarchicalKeyring {
            try HierarchicalKeyring(keyStore: store, branchKeyID: id, timeToLive: .seconds(60))
        }
        await expectError(.branchKeyNotFound) { _ = try await keyring("another").onEncrypt(encryptionMaterials()) }
        let keys = try await keyring(id).onEncrypt(encryptionMaterials()).encryptedDataKeys
        _ = await expectRefusals([.notForThisKeyring], of: try keyring("another"), keys)
        fixture.kms.change { $0.failures["Decrypt"] = .accessDenied }
        await expectError(.awsAccessDenied) { _ = try await keyring(id).onEncrypt(encryptionMaterials()) }
        _ = await expectRefusals([.awsAccessDenied], of: try keyring(id), keys)
        fixture.kms.change { $0.failures = [:] }
        _ = await expectRefusals(
            [.awsRefusal],
            of: try HierarchicalKeyring(
                keyStore: try fixture.store(name: "another"),
                branchKeyID: id,
                timeToLive: .seconds(60)
            ),
            keys
        )
    }

    @Test("M13: the branch key is altered in the key store, or its version is gone")
    func m13AlteredBranchKey() async throws {
        let store = try fixture.store()
        let id = try await store.createKey()
        let version = try await store.activeBranchKey(id: id).version
        let keyring = try HierarchicalKeyring(keyStore: store, branchKeyID: id, timeToLive: .seconds(60), cache: .no)
        let keys = try await keyring.onEncrypt(encryptionMaterials()).encryptedDataKeys
        for type in ["branch:ACTIVE", "branch:version:\(version)"] {
            let good = try #require(fixture.dynamoDB.item(id, type))
            guard case .binary(var bytes)? = good["enc"] else {
                Issue.record("enc is not binary")
                continue
            }
            bytes[bytes.count - 1] ^= 1
            fixture.dynamoDB.set(good.merging(["enc": .binary(bytes)]) { $1 })
            if type == "branch:ACTIVE" {
                await expectError(.awsRefusal) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
            } else {
                let error = await expectRefusals([.awsRefusal], of: keyring, keys)
                #expect(error?.refusals.first?.error.serviceError?.code == .invalidCiphertext)
            }
            fixture.dynamoDB.set(good)
        }
        let opened = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: keys)
        #expect(opened.plaintextDataKey != nil)
        fixture.dynamoDB.change { $0.items[[id, "branch:version:\(version)"]] = nil }
        let error = await expectRefusals([.branchKeyNotFound], of: keyring, keys)
        #expect(error?.description.contains(version) == true)
    }

    @Test("with a supplier, a refusal names the branch key and the KMS key")
    func namesBranchKey() async throws {
        let store = try fixture.store()
        let id = try await store.createKey()
        func keyring(_ ids: [String: String]) throws -> HierarchicalKeyring {
            try HierarchicalKeyring(
                keyStore: store,
                branchKeyIDSupplier: TenantSupplier(ids: ids),
                timeToLive: .seconds(60)
            )
        }
        let keys = try await keyring(["42": id]).onEncrypt(encryptionMaterials()).encryptedDataKeys
        fixture.kms.change { $0.failures["Decrypt"] = .accessDenied }
        let denied = await expectRefusals([.awsAccessDenied], of: try keyring(["42": id]), keys)
        #expect(denied?.description.contains(id) == true)
        #expect(denied?.description.contains(Keys.west) == true)
        let other = await expectRefusals([.notForThisKeyring], of: try keyring(["42": "another"]), keys)
        #expect(other?.description.contains("another") == true)
        fixture.dynamoDB.change { $0.failures["GetItem"] = .accessDenied }
        let unread = await expectRefusals([.awsAccessDenied], of: try keyring(["42": id]), keys)
        #expect(unread?.description.contains(id) == true)
    }

    /// Keeps nothing, and notes what it was asked for.
    private final class NotingCache: CryptographicMaterialsCache {
        private let noted = Guarded<[[UInt8]]>([])
        var identifiers: [[UInt8]] { noted.withLock { $0 } }

        func entry(for identifier: CacheIdentifier, notOlderThan maximumAge: Duration) async throws -> CacheEntry? {
            noted.withLock { $0.append(identifier.bytes) }
            return nil
        }
        func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {}
        func delete(_ identifier: CacheIdentifier) async {}
    }

    @Test(
        "entries of a cache are found by the digests that the specification's Appendix A gives",
        .spec(
            "aws-kms-hierarchical-keyring/appendix-a-cache-entry-identifier-formulas",
            "aws-kms-hierarchical-keyring/resource-suffix",
            "aws-kms-hierarchical-keyring/encryption-materials",
            "aws-kms-hierarchical-keyring/decryption-materials",
            "aws-kms-hierarchical-keyring/onencrypt.5",
            "aws-kms-hierarchical-keyring/ondecrypt.10",
            "aws-kms-hierarchical-keyring/logical-key-store-name.2",
            "aws-kms-hierarchical-keyring/partition-id.1",
            "aws-kms-hierarchical-keyring/preliminaries/partition-id.1"
        )
    )
    func cacheIdentifiers() async throws {
        let materials = try BranchKeyMaterials(
            branchKeyID: "tenant",
            version: "00000000-0000-4000-8000-000000000000",
            branchKey: SecretBytes([UInt8](repeating: 1, count: 32))
        )
        let cache = NotingCache()
        let keyring = try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore([materials], logicalKeyStoreName: "logical"),
            branchKeyID: "tenant",
            timeToLive: .seconds(1),
            cache: .shared(cache),
            partitionID: "partition \u{E4}"
        )
        let keys = try await keyring.onEncrypt(encryptionMaterials()).encryptedDataKeys
        _ = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: keys)
        // Python's hashlib over 02 00 01 00 partition 00 name 00 id, and 02 00 02 00 … 00 version.
        #expect(
            cache.identifiers.map { $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() } == [
                "3c41aaad910774c924d1a452f6f14784b406324f1cb43bfbcaaef35a0eb1d9e0bc263bd697ef8db50c4f95b9787dd4f0",
                "6d53de0367e9cf5f8457f2151b51aca3486ff3612809f9f13fff17689212debcb51fdb8861823c1cf31678faef0215c3",
            ]
        )
    }

    @Test(
        "M13: salt, IV, version, wrapped key and tag are all bound",
        arguments: [
            (0, EncryptionSDKError.Code.unwrappingFailed), (16, .unwrappingFailed), (28, .branchKeyNotFound),
            (44, .unwrappingFailed), (76, .unwrappingFailed),
        ]
    )
    func m13Altered(offset: Int, code: EncryptionSDKError.Code) async throws {
        let store = try fixture.store()
        let id = try await store.createKey()
        let keyring = try HierarchicalKeyring(keyStore: store, branchKeyID: id, timeToLive: .seconds(60))
        let good = try #require(try await keyring.onEncrypt(encryptionMaterials()).encryptedDataKeys.first)
        var ciphertext = good.ciphertext
        ciphertext[offset] ^= 1
        let altered = EncryptedDataKey(
            keyProviderID: good.keyProviderID,
            keyProviderInfo: good.keyProviderInfo,
            ciphertext: ciphertext
        )
        _ = await expectRefusals([code], of: keyring, [altered])
        let opened = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: [altered, good])
        #expect(opened.dataKeyOrigin?.encryptedDataKey == 1)
    }

    @Test("P20, M13: an entry of a shared cache that is older than this keyring's own TTL is not used")
    func m13SharedCacheWithShorterTTL() async throws {
        for cache in [
            CacheType.shared(try LocalCryptographicMaterialsCache(entryCapacity: 10, clock: fixture.clock)),
            .shared(
                StormTrackingCryptographicMaterialsCache(
                    try StormTrackingSettings(
                        gracePeriod: .seconds(2),
                        inFlightTTL: .seconds(2)
                    ),
                    clock: fixture.clock
                )
            ),
        ] {
            let store = try fixture.store()
            let id = try await store.createKey()
            func keyring(_ ttl: Duration) throws -> HierarchicalKeyring {
                try HierarchicalKeyring(
                    keyStore: store,
                    branchKeyID: id,
                    timeToLive: ttl,
                    cache: cache,
                    partitionID: "shared"
                )
            }
            let (long, short) = (try keyring(.seconds(100)), try keyring(.seconds(10)))
            let before = fixture.kms.count(of: "Decrypt")
            _ = try await long.onEncrypt(encryptionMaterials())
            _ = try await short.onEncrypt(encryptionMaterials())
            #expect(fixture.kms.count(of: "Decrypt") == before + 1)
            fixture.clock.advance(by: .seconds(11))
            _ = try await long.onEncrypt(encryptionMaterials())
            #expect(fixture.kms.count(of: "Decrypt") == before + 1)
            _ = try await short.onEncrypt(encryptionMaterials())
            #expect(fixture.kms.count(of: "Decrypt") == before + 2)
        }
    }

    @Test(
        "keyrings share entries only with the same partition, key store name and branch key",
        .spec("aws-kms-hierarchical-keyring/partition-id.2", "aws-kms-hierarchical-keyring/initialization.9")
    )
    func partitions() async throws {
        let cache = CacheType.shared(try LocalCryptographicMaterialsCache(entryCapacity: 100, clock: fixture.clock))
        let store = try fixture.store()
        let id = try await store.createKey()
        func encrypt(_ store: any BranchKeyStore, _ partition: String?) async throws {
            let keyring = try HierarchicalKeyring(
                keyStore: store,
                branchKeyID: id,
                timeToLive: .seconds(10),
                cache: cache,
                partitionID: partition
            )
            _ = try await keyring.onEncrypt(encryptionMaterials())
        }
        try await encrypt(store, "one")
        try await encrypt(store, "one")
        #expect(fixture.kms.count(of: "Decrypt") == 1)
        try await encrypt(store, "two")
        try await encrypt(store, nil)
        try await encrypt(store, nil)
        #expect(fixture.kms.count(of: "Decrypt") == 4)
        let key = try await store.activeBranchKey(id: id)
        let calls = fixture.kms.count(of: "Decrypt")
        try await encrypt(FixedBranchKeyStore([key], logicalKeyStoreName: "another"), "one")
        try await encrypt(store, "one")
        #expect(fixture.kms.count(of: "Decrypt") == calls)
    }

    @Test("hundreds of tasks make one KMS call for one expiry", arguments: [false, true])
    func storm(withStormTracking: Bool) async throws {
        let fixture = KeyStoreFixture(delay: .milliseconds(50))
        let store = try fixture.store()
        let id = try await store.createKey()
        let cache: CacheType =
            withStormTracking
            ? .stormTracking(
                try StormTrackingSettings(
                    gracePeriod: .seconds(60),
                    graceInterval: .seconds(60),
                    inFlightTTL: .seconds(60)
                )
            ) : .default()
        let keyring = try HierarchicalKeyring(
            keyStore: store,
            branchKeyID: id,
            timeToLive: .seconds(3600),
            cache: cache
        )
        let materials = try encryptionMaterials()
        func hundreds() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<400 { group.addTask { _ = try await keyring.onEncrypt(materials) } }
                try await group.waitForAll()
            }
        }
        try await hundreds()
        #expect(fixture.kms.count(of: "Decrypt") == 1)
        try await hundreds()
        #expect(fixture.kms.count(of: "Decrypt") == 1)
    }

    @Test("when the one fetch fails, all who waited for it fail, and the next caller tries again")
    func failedFetch() async throws {
        let fixture = KeyStoreFixture(delay: .milliseconds(50))
        let store = try fixture.store()
        let id = try await store.createKey()
        let keyring = try HierarchicalKeyring(keyStore: store, branchKeyID: id, timeToLive: .seconds(3600))
        fixture.kms.change { $0.failures["Decrypt"] = .accessDenied }
        let materials = try encryptionMaterials()
        let denied = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    do {
                        _ = try await keyring.onEncrypt(materials)
                        return false
                    } catch let error as EncryptionSDKError {
                        return error.code == .awsAccessDenied
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(denied == 100)
        let calls = fixture.kms.count(of: "Decrypt")
        fixture.kms.change { $0.failures = [:] }
        _ = try await keyring.onEncrypt(materials)
        #expect(fixture.kms.count(of: "Decrypt") == calls + 1)
    }
}
