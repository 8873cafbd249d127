/// Picks the branch key of a message (framework/aws-kms/aws-kms-hierarchical-keyring.md, Branch Key Supplier).
public protocol BranchKeyIDSupplier: Sendable {
    /// The id of the branch key for messages with this encryption context; the same on both sides.
    ///
    /// - Parameter encryptionContext: all pairs, in encryption and in decryption.
    /// - Throws: `EncryptionSDKError`, such as `branchKeyNotFound` when the context picks none.
    func branchKeyID(for encryptionContext: EncryptionContext) async throws -> String
}
