import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

/// A raw AES keyring that counts how often it is asked, and can be told to fail.
private final class CountingKeyring: Keyring {
    struct State {
        var wrapped = 0
        var opened = 0
        var failure: EncryptionSDKError?
    }

    let state = Guarded(State())
    let keyring: RawAESKeyring
    var description: String { keyring.description }

    init() throws {
        keyring = try RawAESKeyring(
            keyNamespace: "namespace",
            keyName: "name",
            wrappingKey: SecretBytes([UInt8](1...32)),
            wrappingAlgorithm: .aes256GCM
        )
    }

    var wrapped: Int { state.withLock(\.wrapped) }
    var opened: Int { state.withLock(\.opened) }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        try state.withLock {
            $0.wrapped += 1
            if let failure = $0.failure { throw failure }
        }
        await Task.yield()
        return try await keyring.onEncrypt(materials)
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        state.withLock { $0.opened += 1 }
        return try await keyring.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
    }
}

/// A cache that keeps nothing and remembers the identifiers.
private final class RecordingCache: CryptographicMaterialsCache {
    let asked = Guarded<[[UInt8]]>([])
    let put = Guarded<[[UInt8]]>([])

    func entry(for identifier: CacheIdentifier, notOlderThan maximumAge: Duration) async throws -> CacheEntry? {
        asked.withLock { $0.append(identifier.bytes) }
        return nil
    }
    func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {
        put.withLock { $0.append(identifier.bytes) }
    }
    func delete(_ identifier: CacheIdentifier) async {}
}

@Suite struct CachingCMMTests {
    private let clock = TestClock(sleepsAdvance: false)
    private let keyring: CountingKeyring
    private let cache: LocalCryptographicMaterialsCache

    init() throws {
        keyring = try CountingKeyring()
        cache = try LocalCryptographicMaterialsCache(entryCapacity: 10, clock: clock)
    }

    private func request(
        _ suite: AlgorithmSuite? = nil,
        _ policy: CommitmentPolicy = .requireEncryptRequireDecrypt,
        context: EncryptionContext = context,
        requiredKeys: [String] = [],
        length: UInt64? = 10
    ) -> EncryptionMaterialsRequest {
        EncryptionMaterialsRequest(
            encryptionContext: context,
            commitmentPolicy: policy,
            algorithmSuite: suite,
            requiredEncryptionContextKeys: requiredKeys,
            maximumPlaintextLength: length
        )
    }

    private func request(
        toDecrypt materials: EncryptionMaterials,
        reproducing reproduced: EncryptionContext = EncryptionContext(),
        policy: CommitmentPolicy = .requireEncryptAllowDecrypt
    ) -> DecryptMaterialsRequest {
        DecryptMaterialsRequest(
            algorithmSuite: materials.algorithmSuite,
            commitmentPolicy: policy,
            encryptedDataKeys: materials.encryptedDataKeys,
            encryptionContext: materials.storedEncryptionContext,
            reproducedEncryptionContext: reproduced
        )
    }

    private func manager(
        _ cache: (any CryptographicMaterialsCache)? = nil,
        partitionID: String? = nil,
        limitBytes: UInt64 = .max,
        limitMessages: UInt64 = 1 << 32
    ) throws -> CachingCMM {
        try CachingCMM(
            underlying: keyring,
            cache: cache ?? self.cache,
            timeToLive: .seconds(60),
            partitionID: partitionID,
            limitBytes: limitBytes,
            limitMessages: limitMessages
        )
    }

    // MARK: - Reuse

    @Test(
        "a data key serves several messages, and opens several, until its TTL is over (P20)",
        .spec(
            "caching-cmm/get-encryption-materials.2",
            "caching-cmm/get-encryption-materials.4",
            "caching-cmm/get-encryption-materials.6",
            "caching-cmm/decrypt-materials.2",
            "caching-cmm/decrypt-materials.4",
            "caching-cmm/decrypt-materials.6",
            "caching-cmm/initialization.3"
        ),
        arguments: [unsigned, signed]
    )
    func p20TimeToLive(suite: AlgorithmSuite) async throws {
        let manager = try manager()
        let first = try await manager.encryptionMaterials(for: request(suite))
        let second = try await manager.encryptionMaterials(for: request(suite))
        #expect(keyring.wrapped == 1)
        #expect(first.plaintextDataKey == second.plaintextDataKey)
        #expect(first.encryptedDataKeys == second.encryptedDataKeys)
        #expect(first.encryptionContext == second.encryptionContext)
        for _ in 0..<3 {
            let opened = try await manager.decryptMaterials(for: request(toDecrypt: first))
            #expect(opened.plaintextDataKey == first.plaintextDataKey)
            #expect(opened.verificationKey?.curve == suite.signature?.curve)
        }
        #expect(keyring.opened == 1)
        clock.advance(by: .seconds(59))
        _ = try await manager.encryptionMaterials(for: request(suite))
        _ = try await manager.decryptMaterials(for: request(toDecrypt: first))
        #expect(keyring.wrapped == 1 && keyring.opened == 1)
        clock.advance(by: .seconds(1))
        let third = try await manager.encryptionMaterials(for: request(suite))
        _ = try await manager.decryptMaterials(for: request(toDecrypt: first))
        #expect(keyring.wrapped == 2 && keyring.opened == 2)
        #expect(third.plaintextDataKey != first.plaintextDataKey)
    }

    @Test("P20: an entry that another manager allows to be older is not used")
    func p20OlderThanOwnTimeToLive() async throws {
        let long = try CachingCMM(underlying: keyring, cache: cache, timeToLive: .seconds(600), partitionID: "shared")
        let short = try manager(partitionID: "shared")
        let first = try await long.encryptionMaterials(for: request())
        clock.advance(by: .seconds(60))
        #expect(try await short.encryptionMaterials(for: request()).plaintextDataKey == first.plaintextDataKey)
        clock.advance(by: .milliseconds(1))
        #expect(try await short.encryptionMaterials(for: request()).plaintextDataKey != first.plaintextDataKey)
    }

    @Test("what the materials depend on keeps entries apart")
    func apart() async throws {
        let manager = try manager()
        let requests = [
            request(), request(unsigned), request(signed), request(context: ["tenant": "7"]),
            request(nil, .forbidEncryptAllowDecrypt), request(requiredKeys: ["tenant"]),
        ]
        var keys: [[UInt8]?] = []
        for request in requests {
            let materials = try await manager.encryptionMaterials(for: request)
            #expect(
                materials.algorithmSuite == request.algorithmSuite ?? request.commitmentPolicy.defaultAlgorithmSuite
            )
            #expect(materials.requiredEncryptionContext.count == request.requiredEncryptionContextKeys.count)
            keys.append(materials.encryptedDataKeys.first?.ciphertext)
        }
        #expect(keyring.wrapped == requests.count)
        #expect(Set(keys).count == requests.count)
    }

    @Test("a message of the same encrypted data keys in another order is opened, and its origin is the position there")
    func orderOfEncryptedDataKeys() async throws {
        let manager = try manager()
        let materials = try await DefaultCMM(keyring: keyring).encryptionMaterials(for: request(unsigned))
        let own = try #require(materials.encryptedDataKeys.first)
        for (keys, position) in [([Sample.foreign, own], 1), ([own, Sample.foreign], 0)] {
            let opened = try await manager.decryptMaterials(
                for: DecryptMaterialsRequest(
                    algorithmSuite: unsigned,
                    commitmentPolicy: .requireEncryptRequireDecrypt,
                    encryptedDataKeys: keys,
                    encryptionContext: context
                )
            )
            #expect(opened.dataKeyOrigin?.encryptedDataKey == position)
            #expect(opened.plaintextDataKey == materials.plaintextDataKey)
        }
        #expect(keyring.opened == 1)
    }

    // MARK: - Limits

    @Test("P20: an entry that has served as many messages as it may is not used again")
    func p20Messages() async throws {
        let manager = try manager(limitMessages: 3)
        for number in 0..<7 {
            _ = try await manager.encryptionMaterials(for: request())
            #expect(keyring.wrapped == number / 3 + 1)
        }
    }

    @Test("P20: an entry whose bytes are used up is not used again; a message longer than the limit is never cached")
    func p20Bytes() async throws {
        let manager = try manager(limitBytes: 100)
        let first = try await manager.encryptionMaterials(for: request(length: 60))
        #expect(
            try await manager.encryptionMaterials(for: request(length: 40)).plaintextDataKey == first.plaintextDataKey
        )
        #expect(
            try await manager.encryptionMaterials(for: request(length: 0)).plaintextDataKey == first.plaintextDataKey
        )
        #expect(keyring.wrapped == 1)
        let second = try await manager.encryptionMaterials(for: request(length: 1))
        #expect(keyring.wrapped == 2)
        let alone = try await manager.encryptionMaterials(for: request(length: 101))
        #expect(keyring.wrapped == 3)
        let third = try await manager.encryptionMaterials(for: request(length: 99))
        #expect(third.plaintextDataKey == second.plaintextDataKey && third.plaintextDataKey != alone.plaintextDataKey)
        #expect(keyring.wrapped == 3)
    }

    @Test("P20: the count is the entry's, whoever uses it, and each manager has limits of its own")
    func p20SharedCount() async throws {
        let generous = try manager(partitionID: "shared", limitMessages: 10)
        let strict = try manager(partitionID: "shared", limitMessages: 2)
        _ = try await generous.encryptionMaterials(for: request())
        _ = try await strict.encryptionMaterials(for: request())
        #expect(keyring.wrapped == 1)
        _ = try await generous.encryptionMaterials(for: request())
        #expect(keyring.wrapped == 1)
        _ = try await strict.encryptionMaterials(for: request())
        #expect(keyring.wrapped == 2)
    }

    @Test("P20: sums beyond 64 bits use an entry up")
    func p20Overflow() async throws {
        let manager = try manager()
        _ = try await manager.encryptionMaterials(for: request(length: .max))
        _ = try await manager.encryptionMaterials(for: request(length: 1))
        #expect(keyring.wrapped == 2)
    }

    @Test("P20: of many tasks, no more than the limit use one data key")
    func p20Concurrent() async throws {
        let manager = try manager(
            // No task waits too long, however busy the machine is.
            StormTrackingCryptographicMaterialsCache(
                try StormTrackingSettings(
                    gracePeriod: .seconds(3600),
                    inFlightTTL: .seconds(3600),
                    sleepInterval: .milliseconds(1)
                )
            ),
            limitMessages: 10
        )
        let request = request(unsigned)
        let uses = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await manager.encryptionMaterials(for: request).encryptedDataKeys.first?.ciphertext ?? []
                }
            }
            return try await group.reduce(into: [[UInt8]: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(uses.values.allSatisfy { $0 <= 10 })
        #expect(uses.values.reduce(0, +) == 200)
        #expect(uses.count == keyring.wrapped)
    }

    // MARK: - Never cached

    @Test(
        "P20: materials of suites without key derivation are never cached",
        arguments: [
            AlgorithmSuite.aes128GCM, .aes192GCM, .aes256GCM,
        ]
    )
    func p20IdentityKDF(suite: AlgorithmSuite) async throws {
        let recorder = RecordingCache()
        let manager = try manager(recorder)
        let request = request(suite, .forbidEncryptAllowDecrypt)
        let first = try await manager.encryptionMaterials(for: request)
        let second = try await manager.encryptionMaterials(for: request)
        #expect(first.plaintextDataKey != second.plaintextDataKey)
        for _ in 0..<2 { _ = try await manager.decryptMaterials(for: self.request(toDecrypt: first)) }
        #expect(keyring.wrapped == 2 && keyring.opened == 2)
        #expect(recorder.asked.withLock(\.isEmpty) && recorder.put.withLock(\.isEmpty))
    }

    @Test(
        "P20: materials for which the underlying manager chose a suite without key derivation are not cached, and nobody waits"
    )
    func p20IdentityKDFChosenBelow() async throws {
        struct Chooser: CryptographicMaterialsManager {
            let manager: DefaultCMM

            func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
                try await manager.encryptionMaterials(
                    for: EncryptionMaterialsRequest(
                        encryptionContext: request.encryptionContext,
                        commitmentPolicy: request.commitmentPolicy,
                        algorithmSuite: .aes256GCM
                    )
                )
            }
            func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
                try await manager.decryptMaterials(for: request)
            }
        }
        let manager = try CachingCMM(
            underlying: Chooser(manager: DefaultCMM(keyring: keyring)),
            cache: StormTrackingCryptographicMaterialsCache(try StormTrackingSettings(), clock: clock),
            timeToLive: .seconds(60)
        )
        for number in 1...3 {
            _ = try await manager.encryptionMaterials(for: request(nil, .forbidEncryptAllowDecrypt))
            #expect(keyring.wrapped == number)
        }
    }

    @Test("materials of a message of unknown length are not cached: they could not be counted")
    func unknownLength() async throws {
        let manager = try manager()
        for number in 1...2 {
            _ = try await manager.encryptionMaterials(for: request(length: nil))
            #expect(keyring.wrapped == number)
        }
        #expect(cache.count == 0)
    }

    // MARK: - What a hit must not pass over

    @Test("P02, P03: a commitment policy is kept whatever the cache holds")
    func policies() async throws {
        let manager = try manager()
        let suite = AlgorithmSuite.aes256GCMHKDFSHA256
        let materials = try await manager.encryptionMaterials(for: request(suite, .forbidEncryptAllowDecrypt))
        _ = try await manager.decryptMaterials(for: request(toDecrypt: materials))
        await expectError(.commitmentPolicyViolation) {
            _ = try await manager.encryptionMaterials(for: request(suite, .requireEncryptAllowDecrypt))
        }
        await expectError(.commitmentPolicyViolation) {
            _ = try await manager.decryptMaterials(
                for: request(toDecrypt: materials, policy: .requireEncryptRequireDecrypt)
            )
        }
    }

    @Test(
        "P17, P19: encryption context that the caller supplies is checked although the cache holds the opened data key"
    )
    func reproducedContext() async throws {
        let manager = try manager()
        let materials = try await manager.encryptionMaterials(for: request(unsigned, requiredKeys: ["tenant"]))
        let opened = try await manager.decryptMaterials(
            for: request(toDecrypt: materials, reproducing: ["tenant": "42"])
        )
        #expect(opened.requiredEncryptionContext == ["tenant": "42"])
        await expectError(.encryptionContextMismatch) {
            _ = try await manager.decryptMaterials(
                for: request(toDecrypt: materials, reproducing: ["tenant": "42", "purpose": "another"])
            )
        }
        for reproduced: EncryptionContext in [[:], ["tenant": "7"]] {
            await expectError(.noDataKey) {
                _ = try await manager.decryptMaterials(for: request(toDecrypt: materials, reproducing: reproduced))
            }
        }
    }

    // MARK: - Failures

    @Test("a failure is reported to those who wait, and is not kept")
    func failures() async throws {
        let manager = try manager(StormTrackingCryptographicMaterialsCache(try StormTrackingSettings(), clock: clock))
        keyring.state.withLock { $0.failure = EncryptionSDKError(.awsAccessDenied, "no") }
        await expectError(.awsAccessDenied) { _ = try await manager.encryptionMaterials(for: request()) }
        keyring.state.withLock { $0.failure = nil }
        _ = try await manager.encryptionMaterials(for: request())
        #expect(keyring.wrapped == 2)
        let other = EncryptedDataKey(keyProviderID: [], keyProviderInfo: [], ciphertext: [])
        for _ in 0..<2 {
            await expectError(.noDataKey) {
                _ = try await manager.decryptMaterials(
                    for: DecryptMaterialsRequest(
                        algorithmSuite: unsigned,
                        commitmentPolicy: .requireEncryptRequireDecrypt,
                        encryptedDataKeys: [other],
                        encryptionContext: context
                    )
                )
            }
        }
        #expect(keyring.opened == 2)
    }

    @Test("P20: a TTL that is not positive, and limits of messages out of range, are refused")
    func p20Configuration() async throws {
        for ttl in [Duration.zero, .seconds(-1)] {
            await expectError(.invalidConfiguration) {
                _ = try CachingCMM(underlying: keyring, cache: cache, timeToLive: ttl)
            }
        }
        for messages: UInt64 in [0, 1 << 32 + 1] {
            await expectError(.invalidConfiguration) { _ = try manager(limitMessages: messages) }
        }
        _ = try manager(limitBytes: 0, limitMessages: 1)
    }

    // MARK: - Identifiers

    /// Computed with Python's `hashlib.sha384` and `struct` over the fields in the order of caching-cmm.md, Appendix A.
    @Test(
        "cache identifiers are those of the specification's formulas",
        .spec(
            "caching-cmm/appendix-a-cache-entry-identifier-formulas",
            "caching-cmm/resource-suffix",
            "caching-cmm/encryption-materials-without-algorithm-suite",
            "caching-cmm/encryption-materials-with-algorithm-suite",
            "caching-cmm/decryption-materials",
            "caching-cmm/get-encryption-materials.3",
            "caching-cmm/decrypt-materials.3"
        )
    )
    func identifiers() async throws {
        let recorder = RecordingCache()
        let manager = try manager(recorder, partitionID: "partition")
        _ = try await manager.encryptionMaterials(for: request())
        _ = try await manager.encryptionMaterials(for: request(unsigned))
        let keys = [
            EncryptedDataKey(
                keyProviderID: Array("aws-kms".utf8),
                keyProviderInfo: Array("arn".utf8),
                ciphertext: [255]
            ),
            EncryptedDataKey(
                keyProviderID: Array("ns".utf8),
                keyProviderInfo: Array("key".utf8),
                ciphertext: [1, 2, 3]
            ),
        ]
        for (suite, keys, pairs) in [(signed, keys, context), (unsigned, [keys[1]], EncryptionContext())] {
            _ = try? await manager.decryptMaterials(
                for: DecryptMaterialsRequest(
                    algorithmSuite: suite,
                    commitmentPolicy: .requireEncryptRequireDecrypt,
                    encryptedDataKeys: keys,
                    encryptionContext: pairs
                )
            )
        }
        #expect(
            recorder.asked.withLock { $0.map(Hex.encode) } == [
                "d9ec457f76b09b3b1a64631b2af22d01680de0d395bb0683dea9c53fa7f5dfe309a4ad6936849a5d848f318daa5a697d",
                "2b02e9937eaa52ba9934a8602508a6c0ea2296c8743d0665b3547145145f8af1c5f66222be33495ea646e83f8879e67e",
                "c8289d68a15a606c47c22b8a40a1a8d3c4464eaadca08af2012c10c62894e9c56a41518cf61d2884a0917cee9574f51f",
                "065a12c15706a3514f33734ca766f1e4deb8fbcdaad34da9eb60b71b7ced6f4603e06235521a485eca64384a6567b42f",
            ]
        )
        #expect(recorder.put.withLock(\.count) == 2)
    }

    @Test(
        "P20: managers on one cache share entries only when they have the same partition id, which is their own by default"
    )
    func p20Partitions() async throws {
        for manager in [try manager(), try manager(), try manager(partitionID: "a"), try manager(partitionID: "b")] {
            _ = try await manager.encryptionMaterials(for: request())
        }
        #expect(keyring.wrapped == 4)
        _ = try await manager(partitionID: "a").encryptionMaterials(for: request())
        #expect(keyring.wrapped == 4)
    }

    /// Without a suite in the request, the specified identifier of an entry says nothing about the policy (CVE-2026-6550).
    @Test("P04, P20: managers that share a cache and a partition keep materials of two commitment policies apart")
    func p04SharedCache() async throws {
        let (forbidding, requiring) = (try manager(partitionID: "shared"), try manager(partitionID: "shared"))
        let plain = try await forbidding.encryptionMaterials(for: request(nil, .forbidEncryptAllowDecrypt))
        #expect(!plain.algorithmSuite.isCommitting)
        let committing = try await requiring.encryptionMaterials(for: request(nil, .requireEncryptRequireDecrypt))
        #expect(committing.algorithmSuite.isCommitting)
        #expect(committing.plaintextDataKey != plain.plaintextDataKey)
        let again = try await forbidding.encryptionMaterials(for: request(nil, .forbidEncryptAllowDecrypt))
        #expect(!again.algorithmSuite.isCommitting)

        _ = try await forbidding.decryptMaterials(
            for: request(toDecrypt: plain, policy: .forbidEncryptAllowDecrypt)
        )
        await expectError(.commitmentPolicyViolation) {
            _ = try await requiring.decryptMaterials(
                for: request(toDecrypt: plain, policy: .requireEncryptRequireDecrypt)
            )
        }
    }
}
