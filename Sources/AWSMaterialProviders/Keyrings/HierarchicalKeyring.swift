import ESDKCrypto
import ESDKSystem

// spec: aws-kms-hierarchical-keyring/initialization, aws-kms-hierarchical-keyring/partition-id
// spec: aws-kms-hierarchical-keyring/preliminaries/partition-id
/// A keyring over branch keys: data keys are wrapped under a key that is derived from a branch key, which is kept in a cache so
/// that AWS KMS is called rarely (framework/aws-kms/aws-kms-hierarchical-keyring.md).
public struct HierarchicalKeyring: Keyring {
    static let keyProviderID = Array("aws-kms-hierarchy".utf8)
    private static let saltLength = 16
    private static let versionLength = 16
    private static let overhead = saltLength + AESGCM.ivLength + versionLength + AESGCM.tagLength

    private enum BranchKeyID: Sendable {
        case fixed(String)
        case supplied(any BranchKeyIDSupplier)
    }

    private let branchKeys: CachedBranchKeys
    private let branchKeyID: BranchKeyID

    private init(branchKeyID: BranchKeyID, branchKeys: CachedBranchKeys) {
        self.branchKeyID = branchKeyID
        self.branchKeys = branchKeys
    }

    /// A keyring over one branch key.
    ///
    /// - Parameters:
    ///   - keyStore: where the versions of the branch key are found.
    ///   - branchKeyID: the id of the branch key, which is stored in the message.
    ///   - timeToLive: how long a branch key may be used before the key store, and with it AWS KMS, is asked again: so long does it
    ///     take until a permission that was withdrawn, or a new version, has an effect. More than zero.
    ///   - cache: where branch keys are kept; `.no` asks the key store for every message.
    ///   - partitionID: keyrings with the same one can share entries of a shared cache; nil for a random one.
    /// - Throws: `invalidConfiguration` for a TTL that is not positive, or a storm-tracking cache whose grace period is not less.
    public init(
        keyStore: any BranchKeyStore,
        branchKeyID: String,
        timeToLive: Duration,
        cache: CacheType = .default(),
        partitionID: String? = nil
    ) throws(EncryptionSDKError) {
        self.init(
            branchKeyID: .fixed(branchKeyID),
            branchKeys: try CachedBranchKeys(
                keyStore: keyStore,
                timeToLive: timeToLive,
                cache: cache,
                partitionID: partitionID
            )
        )
    }

    /// A keyring over the branch keys that a supplier picks by the encryption context.
    ///
    /// - Parameters:
    ///   - keyStore: where the branch keys are found.
    ///   - branchKeyIDSupplier: picks the branch key of each message.
    ///   - timeToLive: how long a branch key may be used before the key store, and with it AWS KMS, is asked again: so long does it
    ///     take until a permission that was withdrawn, or a new version, has an effect. More than zero.
    ///   - cache: where branch keys are kept; `.no` asks the key store for every message.
    ///   - partitionID: keyrings with the same one can share entries of a shared cache; nil for a random one.
    /// - Throws: `invalidConfiguration` for a TTL that is not positive, or a storm-tracking cache whose grace period is not less.
    public init(
        keyStore: any BranchKeyStore,
        branchKeyIDSupplier: any BranchKeyIDSupplier,
        timeToLive: Duration,
        cache: CacheType = .default(),
        partitionID: String? = nil
    ) throws(EncryptionSDKError) {
        self.init(
            branchKeyID: .supplied(branchKeyIDSupplier),
            branchKeys: try CachedBranchKeys(
                keyStore: keyStore,
                timeToLive: timeToLive,
                cache: cache,
                partitionID: partitionID
            )
        )
    }

    /// The keyring's name in errors.
    public var description: String {
        switch branchKeyID {
        case .fixed(let id): "hierarchical keyring of branch key \(TerminalText.escaped(id))"
        case .supplied: "hierarchical keyring with a branch key id supplier"
        }
    }

    private func branchKeyID(for context: EncryptionContext) async throws -> String {
        switch branchKeyID {
        case .fixed(let id): id
        case .supplied(let supplier): try await supplier.branchKeyID(for: context)
        }
    }

    // spec: aws-kms-hierarchical-keyring/onencrypt
    /// Wraps the data key under a key that is derived from the active version of the branch key.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        let pairs = materials.encryptionContext
        let context = try pairs.serialized()
        return try await wrapDataKey(of: materials) { dataKey, randomSource in
            let branchKeyID = try await branchKeyID(for: pairs)
            let branchKey = try await branchKeys.activeBranchKey(id: branchKeyID)
            return try wrap(
                dataKey,
                under: branchKey,
                branchKeyID: Array(branchKeyID.utf8),
                context: context,
                randomSource: randomSource
            )
        }
    }

    // spec: aws-kms-hierarchical-keyring/branch-key-wrapping
    // spec: aws-kms-hierarchical-keyring/branch-key-wrapping-and-unwrapping-aad
    private func wrap(
        _ dataKey: SecretBytes,
        under materials: BranchKeyMaterials,
        branchKeyID: [UInt8],
        context: [UInt8],
        randomSource: any RandomSource
    ) throws(EncryptionSDKError) -> EncryptedDataKey {
        guard let version = UUIDText.bytes(of: materials.version) else {
            throw EncryptionSDKError(.invalidMaterials, "the branch key version is not a UUID")
        }
        let salt = try randomSource.randomBytes(Self.saltLength)
        let iv = try randomSource.randomBytes(AESGCM.ivLength)
        let wrappingKey = try Self.wrappingKey(from: materials.branchKey, salt: salt.span)
        let additionalData = Self.keyProviderID + branchKeyID + version + context
        var ciphertext = salt + iv + version
        try dataKey.wrap(
            iv: iv.span,
            context: additionalData.span,
            under: wrappingKey,
            cipher: .aes256,
            appendingTo: &ciphertext
        )
        return EncryptedDataKey(
            keyProviderID: Self.keyProviderID,
            keyProviderInfo: branchKeyID,
            ciphertext: ciphertext
        )
    }

    private static func wrappingKey(
        from branchKey: SecretBytes,
        salt: Span<UInt8>
    ) throws(EncryptionSDKError) -> SecretBytes {
        do {
            return try CounterModeKDF.derive(
                .sha256,
                key: branchKey.span,
                label: keyProviderID.span,
                context: salt,
                outputLength: 32
            )
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    // spec: aws-kms-hierarchical-keyring/ondecrypt
    /// Opens the first encrypted data key of this keyring's branch key.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        let context = try materials.encryptionContext.serialized()
        try materials.requireNoDataKey()
        let branchKeyID = try await branchKeyID(for: materials.encryptionContext)
        // One value for all: a message may hold 65,535 of them.
        let otherBranchKey = EncryptionSDKError(
            .notForThisKeyring,
            "wrapped under another branch key than \(TerminalText.quoted(branchKeyID)) (key name differs)"
        )
        return try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
            guard encryptedDataKey.keyProviderID == Self.keyProviderID else {
                throw EncryptionSDKError.otherKeyProvider
            }
            guard encryptedDataKey.keyProviderInfo.elementsEqual(branchKeyID.utf8) else { throw otherBranchKey }
            return try await unwrap(
                encryptedDataKey,
                branchKeyID: branchKeyID,
                context: context,
                suite: materials.algorithmSuite
            )
        }
    }

    // spec: aws-kms-hierarchical-keyring/branch-key-unwrapping
    /// The layout is salt, IV, version, wrapped key, tag.
    private func unwrap(
        _ encryptedDataKey: EncryptedDataKey,
        branchKeyID: String,
        context: [UInt8],
        suite: AlgorithmSuite
    ) async throws -> SecretBytes {
        let ciphertext = encryptedDataKey.ciphertext
        guard ciphertext.count > Self.overhead else {
            throw EncryptionSDKError(.malformedEncryptedDataKey, "shorter than salt, IV, version and tag")
        }
        try suite.checkDataKeyLength(ciphertext.count - Self.overhead)
        let ivEnd = Self.saltLength + AESGCM.ivLength
        let version = ciphertext[ivEnd..<ivEnd + Self.versionLength]
        let materials = try await branchKeys.branchKey(id: branchKeyID, version: UUIDText.text(of: version))

        let wrappingKey = try Self.wrappingKey(
            from: materials.branchKey,
            salt: ciphertext.span.extracting(..<Self.saltLength)
        )
        let additionalData = Self.keyProviderID + Array(branchKeyID.utf8) + version + context
        let tagStart = ciphertext.count - AESGCM.tagLength
        return try SecretBytes.unwrapped(
            from: ciphertext.span.extracting(ivEnd + Self.versionLength..<tagStart),
            tag: ciphertext.span.extracting(tagStart...),
            iv: ciphertext.span.extracting(Self.saltLength..<ivEnd),
            context: additionalData.span,
            under: wrappingKey,
            cipher: .aes256
        )
    }
}

/// Picks the branch key of a message (framework/aws-kms/aws-kms-hierarchical-keyring.md, Branch Key Supplier).
public protocol BranchKeyIDSupplier: Sendable {
    /// The id of the branch key for messages with this encryption context; the same on both sides.
    ///
    /// - Parameter encryptionContext: all pairs, in encryption and in decryption.
    /// - Throws: `EncryptionSDKError`, such as `branchKeyNotFound` when the context picks none.
    func branchKeyID(for encryptionContext: EncryptionContext) async throws -> String
}
