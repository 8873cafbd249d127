/// An entry that a cache has found.
public struct CacheEntry: Sendable {
    /// The materials.
    public let materials: CachedMaterials
    /// How long the entry has been in the cache.
    public let age: Duration

    /// An entry of the given parts.
    public init(materials: CachedMaterials, age: Duration) {
        self.materials = materials
        self.age = age
    }
}
