import CryptoPrimitives
import MaterialProviders
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

    @Test("a warm cache answers for the key store, and KMS is asked again after the TTL")
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
        fixture.clock.advance(.seconds(59))
        _ = try await keyring.onEncrypt(encryptionMaterials())
        #expect(fixture.kms.count(of: "Decrypt") == 2)
        fixture.clock.advance(.seconds(1))
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

    @Test("P20, M13: a TTL that is not positive, a grace period that is not less than it")
    func m13Initialization() async throws {
        let store = try fixture.store()
        for ttl in [Duration.zero, .seconds(-1)] {
            await expectError(.invalidConfiguration) {
                _ = try HierarchicalKeyring(keyStore: store, branchKeyID: "id", timeToLive: ttl)
            }
        }
        let settings = try StormTrackingSettings(gracePeriod: .seconds(10))
        await expectError(.invalidConfiguration) {
            _ = try HierarchicalKeyring(
                keyStore: store,
                branchKeyID: "id",
                timeToLive: .seconds(10),
                cache: .stormTracking(settings)
            )
        }
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
            fixture.clock.advance(.seconds(11))
            _ = try await long.onEncrypt(encryptionMaterials())
            #expect(fixture.kms.count(of: "Decrypt") == before + 1)
            _ = try await short.onEncrypt(encryptionMaterials())
            #expect(fixture.kms.count(of: "Decrypt") == before + 2)
        }
    }

    @Test("keyrings share entries only with the same partition, key store name and branch key")
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
