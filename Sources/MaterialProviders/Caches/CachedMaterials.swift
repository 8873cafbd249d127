/// What a cache holds.
public enum CachedMaterials: Sendable {
    /// A branch key in one version.
    case branchKey(BranchKeyMaterials)
    /// A beacon key.
    case beaconKey(BeaconKeyMaterials)
}
