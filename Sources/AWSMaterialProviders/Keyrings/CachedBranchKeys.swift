import ESDKCrypto
import ESDKSystem

/// The branch keys of a key store, through a cache (framework/aws-kms/aws-kms-hierarchical-keyring.md, Appendix A).
struct CachedBranchKeys: Sendable {
    private let keyStore: any BranchKeyStore
    private let timeToLive: Duration
    private let cache: any CryptographicMaterialsCache
    private let partitionID: [UInt8]

    // spec: aws-kms-hierarchical-keyring/cache-limit-ttl
    init(
        keyStore: any BranchKeyStore,
        timeToLive: Duration,
        cache: CacheType,
        partitionID: String?,
        clock: any TimeSource = SystemTimeSource()
    ) throws(EncryptionSDKError) {
        guard timeToLive > .zero else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the TTL of a hierarchical keyring must be greater than zero"
            )
        }
        self.keyStore = keyStore
        self.timeToLive = timeToLive
        self.cache = try cache.makeCache(timeToLive: timeToLive, clock: clock)
        if let partitionID {
            self.partitionID = Array(partitionID.utf8)
        } else {
            self.partitionID = try SystemRandomSource().randomUUID()
        }
    }

    // spec: aws-kms-hierarchical-keyring/query-branch-keystore-onencrypt
    /// The active version of a branch key.
    func activeBranchKey(id: String) async throws -> BranchKeyMaterials {
        try await branchKey(identifier: identifier(.encrypt, id)) { try await keyStore.activeBranchKey(id: id) }
    }

    // spec: aws-kms-hierarchical-keyring/getitem-branch-keystore-ondecrypt
    /// One version of a branch key.
    func branchKey(id: String, version: String) async throws -> BranchKeyMaterials {
        try await branchKey(identifier: identifier(.decrypt, id, version)) {
            try await keyStore.branchKey(id: id, version: version)
        }
    }

    private func branchKey(
        identifier: @autoclosure () throws -> CacheIdentifier,
        fetch: () async throws -> BranchKeyMaterials
    ) async throws -> BranchKeyMaterials {
        if cache is NoCache { return try await fetch() }
        let identifier = try identifier()
        if case .branchKey(let materials)? = try await cache.entry(for: identifier, notOlderThan: timeToLive)?
            .materials.content(for: identifier)
        {
            return materials
        }
        let materials: BranchKeyMaterials
        do {
            materials = try await fetch()
        } catch {
            await cache.fetchFailed(for: identifier, error: error)
            throw error
        }
        await cache.put(
            CachedMaterials(.branchKey(materials), for: identifier),
            for: identifier,
            timeToLive: timeToLive
        )
        return materials
    }

    // spec: aws-kms-hierarchical-keyring/encryption-materials, aws-kms-hierarchical-keyring/decryption-materials
    // spec: aws-kms-hierarchical-keyring/logical-key-store-name
    private func identifier(
        _ scope: CacheIdentifier.Scope,
        _ branchKeyID: String,
        _ version: String? = nil
    ) throws(EncryptionSDKError) -> CacheIdentifier {
        try CacheIdentifier(
            .hierarchicalKeyring,
            scope,
            partitionID: partitionID,
            suffix: [keyStore.logicalKeyStoreName, branchKeyID, version].compactMap { $0.map { Array($0.utf8) } }
        )
    }
}
