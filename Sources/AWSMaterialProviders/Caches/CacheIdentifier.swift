/// What an entry of a cache is found by (framework/cryptographic-materials-cache.md, Cache Identifier).
public struct CacheIdentifier: Sendable, Hashable {
    /// The bytes: a digest of everything that the materials depend on.
    public let bytes: [UInt8]

    /// An identifier of the given bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}
