import ESDKCrypto

// spec: caching-cmm/appendix-a-cache-entry-identifier-formulas, caching-cmm/resource-suffix
// spec: aws-kms-hierarchical-keyring/appendix-a-cache-entry-identifier-formulas
// spec: aws-kms-hierarchical-keyring/resource-suffix
/// What an entry of a cache is found by (framework/cryptographic-materials-cache.md, Cache Identifier).
///
/// The specification's bytes are a digest of texts and lists that are joined without their lengths, so different materials can have
/// the same bytes: the author of a message can choose its encrypted data keys accordingly. An identifier therefore also knows what
/// the digest was made of, and identifiers are equal only if that is equal too.
public struct CacheIdentifier: Sendable, Hashable {
    /// Whose entry it is.
    enum Resource: UInt8 {
        case cachingCMM = 1
        case hierarchicalKeyring = 2
    }

    /// What the materials are for.
    enum Scope: UInt8 {
        case encrypt = 1
        case decrypt = 2
    }

    /// The specification's bytes.
    ///
    /// A cache that finds entries by these alone works too: materials that were put in under another identifier are not used.
    public let bytes: [UInt8]
    /// Everything that the materials depend on, part by part.
    private let parts: [[UInt8]]

    /// An identifier of the given bytes, which is equal to no other with the same bytes that a keyring or materials manager made.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        parts = []
    }

    /// The SHA-384 of the parts with a zero byte between each two (framework/caching-cmm.md, Appendix A;
    /// framework/aws-kms/aws-kms-hierarchical-keyring.md, Appendix A).
    ///
    /// - Parameters:
    ///   - resource: whose entry it is.
    ///   - scope: what the materials are for.
    ///   - partitionID: those with the same one share the entry.
    ///   - suffix: the other parts of the specification's bytes.
    ///   - terms: what else the materials depend on.
    /// - Throws: `cryptographicLibrary`.
    init(
        _ resource: Resource,
        _ scope: Scope,
        partitionID: [UInt8],
        suffix: [[UInt8]],
        terms: [[UInt8]] = []
    ) throws(EncryptionSDKError) {
        let parts = [[resource.rawValue], [scope.rawValue], partitionID] + suffix
        do {
            bytes = try Digest.hash(.sha384, of: Array(parts.joined(separator: [0])).span)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
        self.parts = parts + terms
    }

    /// Hashes the specification's bytes, which tell nearly all identifiers apart.
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
