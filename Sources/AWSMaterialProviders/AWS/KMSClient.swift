/// Calls AWS KMS: what the keyrings and the key store need of it.
///
/// The product `AWSServiceClients` has one that speaks to AWS. Every operation throws `AWSServiceError` when the service refuses
/// or cannot be reached, and `CancellationError` when the calling task is cancelled; retries are up to the client.
public protocol KMSClient: Sendable {
    /// The region that the client calls, such as `eu-west-1`; nil when it is not known.
    var region: String? { get }

    /// Makes a data key, returned in plaintext and encrypted under a symmetric KMS key.
    func generateDataKey(_ request: KMS.GenerateDataKeyRequest) async throws -> KMS.GenerateDataKeyResponse

    /// Makes a data key, returned only encrypted under a symmetric KMS key.
    func generateDataKeyWithoutPlaintext(
        _ request: KMS.GenerateDataKeyWithoutPlaintextRequest
    ) async throws -> KMS.GenerateDataKeyWithoutPlaintextResponse

    /// Encrypts up to 4,096 bytes under a KMS key.
    func encrypt(_ request: KMS.EncryptRequest) async throws -> KMS.EncryptResponse

    /// Decrypts what a KMS key encrypted.
    func decrypt(_ request: KMS.DecryptRequest) async throws -> KMS.DecryptResponse

    /// Decrypts and encrypts again inside KMS, under another key or another encryption context.
    func reEncrypt(_ request: KMS.ReEncryptRequest) async throws -> KMS.ReEncryptResponse

    /// The public key of an asymmetric KMS key.
    func getPublicKey(_ request: KMS.GetPublicKeyRequest) async throws -> KMS.GetPublicKeyResponse

    /// Agrees on a secret between a KMS key and a public key by elliptic-curve Diffie-Hellman.
    func deriveSharedSecret(_ request: KMS.DeriveSharedSecretRequest) async throws -> KMS.DeriveSharedSecretResponse

    /// What KMS knows of a key.
    func describeKey(_ request: KMS.DescribeKeyRequest) async throws -> KMS.DescribeKeyResponse

    /// A client like this one whose requests say what they are part of, where it can: in the field `User-Agent`.
    func identified(as purpose: String) -> any KMSClient
}

extension KMSClient {
    /// This client, unchanged.
    public func identified(as purpose: String) -> any KMSClient { self }

    /// Checks that the client calls the region of a key, as far as both are known: AWS KMS finds no key of another region.
    ///
    /// - Throws: `invalidConfiguration`.
    func checkRegion(of arn: KMSKeyARN?) throws(EncryptionSDKError) {
        guard let region, let arn, region != arn.region else { return }
        throw EncryptionSDKError(
            .invalidConfiguration,
            "the AWS KMS key \(arn) is in \(arn.region), the client calls \(region): give a client of the key's region"
        )
    }
}

/// Gives a multi-keyring its KMS clients, one for each region (framework/aws-kms/aws-kms-multi-keyrings.md).
public protocol KMSClientSupplier: Sendable {
    /// The client for `region`; for the caller's default region when it is nil.
    ///
    /// Making a client calls nothing: credentials are looked for when a keyring first uses it.
    ///
    /// - Throws: `EncryptionSDKError` or `AWSServiceError` when there is no client for this region.
    func client(forRegion region: String?) throws -> any KMSClient
}

/// Grant tokens of a keyring or key store: a bearer may use the key, so dumps and descriptions show only how many there are.
struct GrantTokens: Sendable, CustomStringConvertible, CustomReflectable {
    let values: [String]

    init(_ values: [String]) { self.values = values }

    var description: String { "\(values.count) grant tokens" }
    var customMirror: Mirror { Mirror(self, children: ["count": values.count]) }
}
