import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import Testing

/// A cache that finds its entries by the specification's bytes alone, as one outside this package would.
private final class BytesCache: CryptographicMaterialsCache {
    private let entries = Guarded<[[UInt8]: CachedMaterials]>([:])

    func entry(for identifier: CacheIdentifier, notOlderThan maximumAge: Duration) async throws -> CacheEntry? {
        entries.withLock { $0[identifier.bytes] }.map { CacheEntry(materials: $0, age: .zero) }
    }
    func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {
        entries.withLock { $0[identifier.bytes] = materials }
    }
    func delete(_ identifier: CacheIdentifier) async { entries.withLock { $0[identifier.bytes] = nil } }
}

/// Remembers the identifiers that were asked for.
private final class IdentifierLog: CryptographicMaterialsCache {
    let asked = Guarded<[CacheIdentifier]>([])

    func entry(for identifier: CacheIdentifier, notOlderThan maximumAge: Duration) async throws -> CacheEntry? {
        asked.withLock { $0.append(identifier) }
        return nil
    }
    func put(_ materials: CachedMaterials, for identifier: CacheIdentifier, timeToLive: Duration) async {}
    func delete(_ identifier: CacheIdentifier) async {}
}

/// The specification joins the parts of a cache identifier without their lengths, so that different requests can have the same
/// identifier: whoever writes a message can see to it.
@Suite struct CacheIdentityTests {
    private static func caches() throws -> [any CryptographicMaterialsCache] {
        [
            BytesCache(), try LocalCryptographicMaterialsCache(entryCapacity: 10),
            StormTrackingCryptographicMaterialsCache(try StormTrackingSettings()),
        ]
    }

    private static func keyring() throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "",
            keyName: "name",
            wrappingKey: SecretBytes([UInt8](1...32)),
            wrappingAlgorithm: .aes256GCM
        )
    }

    private static func manager(
        _ cache: any CryptographicMaterialsCache,
        partitionID: String = "p"
    ) throws -> CachingCMM {
        try CachingCMM(underlying: keyring(), cache: cache, timeToLive: .seconds(60), partitionID: partitionID)
    }

    private static func request(
        _ keys: [EncryptedDataKey],
        _ context: EncryptionContext
    ) -> DecryptMaterialsRequest {
        DecryptMaterialsRequest(
            algorithmSuite: unsigned,
            commitmentPolicy: .requireEncryptRequireDecrypt,
            encryptedDataKeys: keys,
            encryptionContext: context
        )
    }

    @Test("a message whose encrypted data keys spell another's encryption context is not opened from the cache")
    func craftedEncryptedDataKeys() async throws {
        // What follows the encrypted data key of the first message in the digest, 00 0001 0001 "k" and so on, reads as one more
        // encrypted data key: no provider id, 256 bytes of provider info, four bytes of ciphertext; then an empty context.
        let value = String(repeating: "a", count: 252) + "\0\u{4}abcd\0"
        let context: EncryptionContext = ["k": value]
        let bytes = [0] + (try context.serialized())
        let crafted = EncryptedDataKey(
            keyProviderID: [],
            keyProviderInfo: Array(bytes[4..<260]),
            ciphertext: Array(bytes[262..<266])
        )
        let first = try await Self.keyring().onEncrypt(
            EncryptionMaterials(algorithmSuite: unsigned, encryptionContext: context)
        )
        let log = IdentifierLog()
        for cache in [log] + (try Self.caches()) {
            let manager = try Self.manager(cache)
            let opened = try await manager.decryptMaterials(for: Self.request(first.encryptedDataKeys, context))
            #expect(opened.encryptionContext == context)
            await expectError(.noDataKey) {
                _ = try await manager.decryptMaterials(for: Self.request(first.encryptedDataKeys + [crafted], [:]))
            }
        }
        let identifiers = log.asked.withLock(\.self)
        #expect(identifiers.count == 2 && identifiers[0].bytes == identifiers[1].bytes)
        #expect(identifiers[0] != identifiers[1])
    }

    @Test("a partition id that spells another's request does not share its entries")
    func craftedPartition() async throws {
        // Partition, "suite named", suite, context; the second partition id takes all of it in but the suite and an empty context.
        let tail = "\0\u{1}\0\u{4}x\0"
        let context: EncryptionContext = ["k": "value" + tail]
        let spelled = try String(decoding: context.serialized().dropLast(tail.utf8.count), as: UTF8.self)
        func request(_ context: EncryptionContext) -> EncryptionMaterialsRequest {
            EncryptionMaterialsRequest(
                encryptionContext: context,
                commitmentPolicy: .requireEncryptRequireDecrypt,
                algorithmSuite: unsigned,
                maximumPlaintextLength: 1
            )
        }
        let log = IdentifierLog()
        for cache in [log] + (try Self.caches()) {
            let first = try await Self.manager(cache).encryptionMaterials(for: request(context))
            let second = try await Self.manager(cache, partitionID: "p\0\u{1}\0\u{4}x\0" + spelled)
                .encryptionMaterials(for: request([:]))
            #expect(second.encryptionContext == [:])
            #expect(first.plaintextDataKey != second.plaintextDataKey)
        }
        let identifiers = log.asked.withLock(\.self)
        #expect(identifiers.count == 2 && identifiers[0].bytes == identifiers[1].bytes)
        #expect(identifiers[0] != identifiers[1])
    }

    @Test("key stores and branch keys whose names together spell the same do not share branch keys")
    func craftedBranchKey() async throws {
        func keyring(_ store: String, _ id: String, _ byte: UInt8, _ cache: any CryptographicMaterialsCache) throws
            -> HierarchicalKeyring
        {
            let key = try BranchKeyMaterials(
                branchKeyID: id,
                version: "00000000-0000-4000-8000-000000000000",
                branchKey: SecretBytes([UInt8](repeating: byte, count: 32))
            )
            return try HierarchicalKeyring(
                keyStore: FixedBranchKeyStore([key], logicalKeyStoreName: store),
                branchKeyID: id,
                timeToLive: .seconds(60),
                cache: .shared(cache),
                partitionID: "p"
            )
        }
        let log = IdentifierLog()
        for cache in [log] + (try Self.caches()) {
            let first = try keyring("s", "a\0b", 1, cache)
            let second = try keyring("s\0a", "b", 2, cache)
            _ = try await first.onEncrypt(encryptionMaterials())
            let message = try await second.onEncrypt(encryptionMaterials())
            let alone = try keyring("s\0a", "b", 2, LocalCryptographicMaterialsCache(entryCapacity: 1))
            let opened = try await alone.onDecrypt(decryptionMaterials(), encryptedDataKeys: message.encryptedDataKeys)
            #expect(opened.plaintextDataKey == message.plaintextDataKey)
        }
        let identifiers = log.asked.withLock(\.self)
        #expect(identifiers.count == 2 && identifiers[0].bytes == identifiers[1].bytes)
        #expect(identifiers[0] != identifiers[1])
    }
}
