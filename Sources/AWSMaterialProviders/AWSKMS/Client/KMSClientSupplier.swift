/// Gives a multi-keyring its KMS clients, one for each region (framework/aws-kms/aws-kms-multi-keyrings.md).
public protocol KMSClientSupplier: Sendable {
    /// The client for `region`; for the caller's default region when it is nil.
    ///
    /// Making a client calls nothing: credentials are looked for when a keyring first uses it.
    ///
    /// - Throws: `EncryptionSDKError` or `AWSServiceError` when there is no client for this region.
    func client(forRegion region: String?) throws -> any KMSClient
}
