import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// Many tasks on one keyring, one cache and one branch key.
@Suite(.timeLimit(.minutes(5))) struct StormTests {
    private let fixture = KeyStoreFixture(delay: .milliseconds(20))

    private func keyring(
        _ cache: CacheType,
        _ other: KeyStoreFixture? = nil
    ) async throws -> HierarchicalKeyring {
        let fixture = other ?? fixture
        let timeToLive = Duration.seconds(100)
        let store = try fixture.store()
        let id = try await store.createKey()
        fixture.kms.change { $0.calls = [] }
        return try HierarchicalKeyring(
            keyStore: store,
            branchKeyID: id,
            timeToLive: timeToLive,
            cache: .shared(cache.makeCache(timeToLive: timeToLive, clock: fixture.clock)),
            partitionID: "storm"
        )
    }

    /// Encrypts and decrypts by `count` tasks each.
    private func hundreds(
        _ keyring: HierarchicalKeyring,
        _ message: EncryptionMaterials? = nil,
        count: Int = 200
    ) async throws {
        let materials = try encryptionMaterials()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask { _ = try await keyring.onEncrypt(materials) }
                guard let message else { continue }
                group.addTask {
                    let opened = try await keyring.onDecrypt(
                        decryptionMaterials(),
                        encryptedDataKeys: message.encryptedDataKeys
                    )
                    #expect(opened.plaintextDataKey == message.plaintextDataKey)
                }
            }
            try await group.waitForAll()
        }
    }

    private static func caches() throws -> [CacheType] {
        [.default(), .stormTracking(try StormTrackingSettings(graceInterval: .seconds(10)))]
    }

    @Test("hundreds of tasks make one KMS call for each expiry, and for each direction", arguments: [0, 1])
    func oneCallForOneExpiry(kind: Int) async throws {
        let keyring = try await keyring(Self.caches()[kind])
        try await hundreds(keyring)
        #expect(fixture.kms.count(of: "Decrypt") == 1)
        let message = try await keyring.onEncrypt(encryptionMaterials())
        var expected = 1
        for _ in 0..<3 {
            // Both directions have an entry of their own.
            expected += fixture.clock.uptime == TestClock.initialUptime ? 1 : 2
            try await hundreds(keyring, message)
            #expect(fixture.kms.count(of: "Decrypt") == expected)
            try await hundreds(keyring, message)
            #expect(fixture.kms.count(of: "Decrypt") == expected)
            fixture.clock.advance(by: .seconds(100))
        }
    }

    @Test("within the grace period one task renews the entry while hundreds use the old one")
    func graceRenewal() async throws {
        let keyring = try await keyring(Self.caches()[1])
        try await hundreds(keyring)
        fixture.clock.advance(by: .seconds(90))
        try await hundreds(keyring)
        #expect(fixture.kms.count(of: "Decrypt") == 2)
    }

    @Test(
        "the single- and multi-threaded caches are safe, and do not hold anybody up: each who misses fetches",
        .spec("synchronized-local-cryptographic-materials-cache/behaviors.1")
    )
    func withoutStormTracking() async throws {
        for cache in [CacheType.singleThreaded(entryCapacity: 2), .multiThreaded(entryCapacity: 2)] {
            let keyring = try await keyring(cache)
            try await hundreds(keyring, count: 100)
            let calls = fixture.kms.count(of: "Decrypt")
            #expect((1...100).contains(calls))
            try await hundreds(keyring, count: 100)
            #expect(fixture.kms.count(of: "Decrypt") == calls)
        }
    }

    @Test("when the task that fetches is cancelled, another one fetches for those who wait", arguments: [0, 1])
    func cancelledFetch(kind: Int) async throws {
        let fixture = KeyStoreFixture()
        let keyring = try await keyring(Self.caches()[kind], fixture)
        fixture.kms.change { $0.isHeld = true }
        let materials = try encryptionMaterials()
        let first = Task { try await keyring.onEncrypt(materials) }
        while fixture.kms.count(of: "Decrypt") == 0 { await Task.yield() }
        let others = Task { try await hundreds(keyring, count: 100) }
        await fixture.clock.someoneWaits()
        first.cancel()
        await #expect(throws: CancellationError.self) { _ = try await first.value }
        fixture.kms.change { $0.isHeld = false }
        try await others.value
        #expect(fixture.kms.count(of: "Decrypt") == 2)
    }

    @Test("a task that waits can be cancelled, and the fetch goes on without it")
    func cancelledWaiter() async throws {
        let fixture = KeyStoreFixture()
        let keyring = try await keyring(.default(), fixture)
        fixture.kms.change { $0.isHeld = true }
        let materials = try encryptionMaterials()
        let first = Task { try await keyring.onEncrypt(materials) }
        while fixture.kms.count(of: "Decrypt") == 0 { await Task.yield() }
        let waiter = Task { try await keyring.onEncrypt(materials) }
        await fixture.clock.someoneWaits()
        waiter.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiter.value }
        fixture.kms.change { $0.isHeld = false }
        #expect(try await first.value.plaintextDataKey != nil)
        #expect(fixture.kms.count(of: "Decrypt") == 1)
    }

    @Test("the error of a fetch does not stay: the next task asks again", arguments: [0, 1])
    func errorDoesNotStay(kind: Int) async throws {
        let keyring = try await keyring(Self.caches()[kind])
        for round in 1...3 {
            fixture.kms.change { $0.failures["Decrypt"] = .accessDenied }
            await expectError(.awsAccessDenied) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
            #expect(fixture.kms.count(of: "Decrypt") == round)
        }
        fixture.kms.change { $0.failures = [:] }
        _ = try await keyring.onEncrypt(encryptionMaterials())
        #expect(fixture.kms.count(of: "Decrypt") == 4)
    }
}
