/// What some implementation writes and the library does not: all can read it.
package enum WireConvention: String, Sendable, Hashable, CaseIterable {
    /// An empty final frame after a plaintext that is an exact multiple of the frame length (Python, Java, JavaScript, C).
    case emptyFinalFrame = "empty-final-frame"
    /// Random IVs of header (version 1) and frames (early Java).
    case randomIVs = "random-ivs"
    /// The encrypted data keys from the last keyring to the first (Python, whose order varies).
    case reversedDataKeys = "reversed-data-keys"
    /// The public key of a signed message after all other pairs (some of the commitment known answers).
    case publicKeyLast = "public-key-last"
    /// An empty encryption context as a count of zero (early browser JavaScript).
    case emptyContextCount = "empty-context-count"
}
