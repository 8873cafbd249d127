import ESDKSystem

/// Where a hierarchical keyring finds its branch keys.
public protocol BranchKeyStore: Sendable {
    /// The name that keyrings with a shared cache tell key stores apart by: two stores of one name must hold the same keys.
    var logicalKeyStoreName: String { get }

    /// The branch key `id` in the version that new data keys are wrapped under.
    ///
    /// - Throws: `EncryptionSDKError` with the code `branchKeyNotFound`, or the store's own errors.
    func activeBranchKey(id: String) async throws -> BranchKeyMaterials

    /// The branch key `id` in the given version (a UUID in lower-case text).
    ///
    /// - Throws: `EncryptionSDKError` with the code `branchKeyNotFound`, or the store's own errors.
    func branchKey(id: String, version: String) async throws -> BranchKeyMaterials
}

/// A store of branch keys that are given once and never change.
public struct FixedBranchKeyStore: BranchKeyStore {
    private let keys: [BranchKeyMaterials]
    /// The name that was given.
    public let logicalKeyStoreName: String

    /// A store of exactly `keys`; of several versions of one branch key the last is the active one.
    public init(_ keys: [BranchKeyMaterials], logicalKeyStoreName: String = "fixed") {
        self.keys = keys
        self.logicalKeyStoreName = logicalKeyStoreName
    }

    /// The last key of this id.
    ///
    /// - Throws: `branchKeyNotFound`.
    public func activeBranchKey(id: String) async throws -> BranchKeyMaterials {
        guard let key = keys.last(where: { $0.branchKeyID.utf8.elementsEqual(id.utf8) }) else {
            throw EncryptionSDKError(.branchKeyNotFound, "the key store has no branch key \(TerminalText.quoted(id))")
        }
        return key
    }

    /// The key of this id and version.
    ///
    /// - Throws: `branchKeyNotFound`.
    public func branchKey(id: String, version: String) async throws -> BranchKeyMaterials {
        guard let key = keys.first(where: { $0.branchKeyID.utf8.elementsEqual(id.utf8) && $0.version == version })
        else {
            throw EncryptionSDKError(
                .branchKeyNotFound,
                "the key store has no branch key \(TerminalText.quoted(id)) of version \(version)"
            )
        }
        return key
    }
}
