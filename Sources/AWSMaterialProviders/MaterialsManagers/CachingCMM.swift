import ESDKCrypto

// spec: caching-cmm/initialization, caching-cmm/underlying-cryptographic-materials-cache
// spec: caching-cmm/cache-limit-ttl, caching-cmm/partition-id, caching-cmm/limit-bytes, caching-cmm/limit-messages
/// A materials manager that uses the data keys of another one several times (framework/caching-cmm.md).
///
/// Each message still has a separate content key, derived from the data key and the message's id. What is never cached: materials
/// of suites without key derivation, whose data key is the content key, and those of a message of unknown length, which could not
/// be counted. Messages that opened from the cache have not asked the keyring: a permission taken away in the meantime is noticed
/// when the entry expires.
///
/// It may be used by many tasks at once; with a ``StormTrackingCryptographicMaterialsCache`` one of them fetches what many want.
public struct CachingCMM: CryptographicMaterialsManager {
    private let underlying: any CryptographicMaterialsManager
    private let cache: any CryptographicMaterialsCache
    private let timeToLive: Duration
    private let partitionID: [UInt8]
    private let limits: CacheEntryUsage.Limits

    /// A materials manager that caches what `underlying` gives.
    ///
    /// - Parameters:
    ///   - underlying: the keyring or materials manager that is asked when the cache has nothing.
    ///   - cache: holds the materials; several materials managers may share it.
    ///   - timeToLive: how long a data key may be used; more than zero.
    ///   - partitionID: materials managers on one cache share their entries when they have the same partition id; nil for a
    ///     random one. Managers that share must use the same keys: an entry is found regardless of the keyring that made it.
    ///   - limitBytes: the most bytes of plaintext that are encrypted under one data key.
    ///   - limitMessages: the most messages that are encrypted under one data key, from 1 to 2^32.
    /// - Throws: `invalidConfiguration` for a value out of range; `cryptographicLibrary`.
    public init(
        underlying: any CryptographicMaterialsManager,
        cache: any CryptographicMaterialsCache,
        timeToLive: Duration,
        partitionID: String? = nil,
        limitBytes: UInt64 = UInt64(Int64.max),
        limitMessages: UInt64 = 1 << 32
    ) throws(EncryptionSDKError) {
        guard timeToLive > .zero else {
            throw EncryptionSDKError(.invalidConfiguration, "the TTL of a caching CMM must be greater than zero")
        }
        guard (1...1 << 32).contains(limitMessages) else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the limit of messages of a caching CMM is \(limitMessages), and must be from 1 to 4,294,967,296"
            )
        }
        self.underlying = underlying
        self.cache = cache
        self.timeToLive = timeToLive
        if let partitionID {
            self.partitionID = Array(partitionID.utf8)
        } else {
            self.partitionID = Array(UUIDText.text(of: try SystemRandomSource().randomUUID()).utf8)
        }
        limits = CacheEntryUsage.Limits(bytes: limitBytes, messages: limitMessages)
    }

    // MARK: - Encryption

    // spec: caching-cmm/get-encryption-materials
    /// Materials from the cache, or from the underlying manager for this message and those that follow.
    ///
    /// - Throws: `commitmentPolicyViolation`; what the underlying manager throws; what the cache throws.
    public func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        guard let length = request.maximumPlaintextLength, length <= limits.bytes,
            request.algorithmSuite?.isSafeToCache ?? true
        else { return try await underlying.encryptionMaterials(for: request) }
        let identifier = try identifier(for: request)
        if let materials = try await cachedEncryptionMaterials(identifier, length: length) {
            return materials.with(request.randomSource)
        }
        return try await fetching(identifier) {
            // The materials are for messages of other lengths too.
            var unbounded = request
            unbounded.maximumPlaintextLength = nil
            let materials = try await underlying.encryptionMaterials(for: unbounded)
            try materials.validate(for: request)
            let usage = CacheEntryUsage()
            guard materials.algorithmSuite.isSafeToCache, usage.addMessage(of: length, limits: limits) else {
                return (materials, nil)
            }
            // The entry must not keep what is left of this message's random bytes.
            return (materials, .encryption(materials.with(SystemRandomSource()), usage))
        }
    }

    /// Materials under `identifier` that one more message may be encrypted with.
    private func cachedEncryptionMaterials(
        _ identifier: CacheIdentifier,
        length: UInt64
    ) async throws -> EncryptionMaterials? {
        // When an entry is used up the cache is asked again: it may let another task fetch the next one.
        for _ in 0..<2 {
            guard case .encryption(let materials, let usage)? = try await content(for: identifier) else { return nil }
            if usage.addMessage(of: length, limits: limits) { return materials }
            await cache.delete(identifier)
        }
        return nil
    }

    // MARK: - Decryption

    // spec: caching-cmm/decrypt-materials
    /// Materials from the cache if the same encrypted data keys have been opened before, or from the underlying manager.
    ///
    /// - Throws: `commitmentPolicyViolation`; what the underlying manager throws; what the cache throws.
    public func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        try request.commitmentPolicy.checkDecrypt(request.algorithmSuite)
        guard request.algorithmSuite.isSafeToCache else { return try await underlying.decryptMaterials(for: request) }
        let identifier = try identifier(for: request)
        if case .decryption(let materials, let openedKey)? = try await content(for: identifier) {
            return materials.movingOrigin(of: openedKey, to: request.encryptedDataKeys)
        }
        return try await fetching(identifier) {
            let materials = try await underlying.decryptMaterials(for: request)
            try materials.validate(for: request)
            return (materials, .decryption(materials, openedKey: materials.openedKey(of: request.encryptedDataKeys)))
        }
    }

    // MARK: - The cache

    private func content(for identifier: CacheIdentifier) async throws -> CachedMaterials.Content? {
        try await cache.entry(for: identifier, notOlderThan: timeToLive)?.materials.content(for: identifier)
    }

    /// Gets materials from the underlying manager, and tells the cache what came of it.
    private func fetching<Materials>(
        _ identifier: CacheIdentifier,
        _ fetch: () async throws -> (Materials, CachedMaterials.Content?)
    ) async throws -> Materials {
        let fetched: (materials: Materials, content: CachedMaterials.Content?)
        do {
            fetched = try await fetch()
        } catch {
            await cache.fetchFailed(for: identifier, error: error)
            throw error
        }
        if let content = fetched.content {
            await cache.put(CachedMaterials(content, for: identifier), for: identifier, timeToLive: timeToLive)
        } else {
            // Nothing failed, but there is nothing to wait for either: waiting callers fetch for themselves.
            await cache.fetchFailed(for: identifier, error: CancellationError())
        }
        return fetched.materials
    }

    // spec: caching-cmm/encryption-materials-without-algorithm-suite
    // spec: caching-cmm/encryption-materials-with-algorithm-suite
    private func identifier(for request: EncryptionMaterialsRequest) throws(EncryptionSDKError) -> CacheIdentifier {
        var suffix: [[UInt8]]
        if let suite = request.algorithmSuite { suffix = [[1], suite.idBytes] } else { suffix = [[0]] }
        suffix.append(try request.encryptionContext.serialized())
        let requiredKeys = Set(request.requiredEncryptionContextKeys.map { Array($0.utf8) })
        return try CacheIdentifier(
            .cachingCMM,
            .encrypt,
            partitionID: partitionID,
            suffix: suffix,
            terms: [Array(request.commitmentPolicy.rawValue.utf8)]
                + requiredKeys.sorted { $0.lexicographicallyPrecedes($1) }
        )
    }

    // spec: caching-cmm/decryption-materials
    private func identifier(for request: DecryptMaterialsRequest) throws(EncryptionSDKError) -> CacheIdentifier {
        var keys: [[UInt8]] = []
        for (index, key) in request.encryptedDataKeys.enumerated() {
            var bytes: [UInt8] = []
            try key.serialize(appendingTo: &bytes, at: index)
            keys.append(bytes)
        }
        keys.sort { $0.lexicographicallyPrecedes($1) }
        return try CacheIdentifier(
            .cachingCMM,
            .decrypt,
            partitionID: partitionID,
            suffix: [
                request.algorithmSuite.idBytes, Array(keys.joined()), try request.encryptionContext.serialized(),
            ],
            terms: [try request.reproducedEncryptionContext.serialized()]
        )
    }
}

extension AlgorithmSuite {
    /// Whether a data key may be used for several messages: each then has a separate content key.
    fileprivate var isSafeToCache: Bool { keyDerivation != .identity }
}
