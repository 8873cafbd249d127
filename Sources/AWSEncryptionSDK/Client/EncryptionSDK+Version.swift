internal import AWSMaterialProviders

extension EncryptionSDK {
    /// The name of this implementation, as manifests and reports give it.
    public static let clientName = "aws-encryption-sdk-swift"
    /// The version of this implementation.
    public static let version = LibraryVersion.text
}
