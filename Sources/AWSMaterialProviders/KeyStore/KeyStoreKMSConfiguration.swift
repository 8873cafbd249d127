import ESDKSystem

// spec: branch-key-store/aws-kms-configuration
/// Which AWS KMS keys a key store uses (framework/branch-key-store.md, AWS KMS Configuration).
public enum KeyStoreKMSConfiguration: Sendable, Hashable {
    /// Exactly the key of this ARN.
    case kmsKeyARN(String)
    /// The key of this ARN; a record that names a replica of it is as good.
    case kmsMRKeyARN(String)
    /// Whatever key a record names; opens branch keys and makes none.
    case discovery
    /// Whatever key a record names, a multi-Region key in this region; opens branch keys and makes none.
    case mrDiscovery(region: String)
}

/// The AWS KMS configuration of a key store, checked.
enum KeyStoreKMSKey: Sendable {
    case single(KMSKeyARN)
    case multiRegion(KMSKeyARN)
    case discovery
    case mrDiscovery(region: String)

    init(_ configuration: KeyStoreKMSConfiguration) throws(EncryptionSDKError) {
        switch configuration {
        case .kmsKeyARN(let text): self = .single(try Self.keyARN(text))
        case .kmsMRKeyARN(let text): self = .multiRegion(try Self.keyARN(text))
        case .discovery: self = .discovery
        case .mrDiscovery(let region):
            guard !region.isEmpty else {
                throw EncryptionSDKError(.invalidConfiguration, "a key store with MR discovery needs a region")
            }
            self = .mrDiscovery(region: region)
        }
    }

    private static func keyARN(_ text: String) throws(EncryptionSDKError) -> KMSKeyARN {
        guard let arn = KMSKeyARN(text), arn.resource == .key else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a key store needs the ARN of an AWS KMS key, and not an alias or a key id: \(TerminalText.quoted(text))"
            )
        }
        return arn
    }

    /// Checks that `client` calls the region that is configured, as far as both are known.
    ///
    /// - Throws: `invalidConfiguration`.
    func checkRegion(of client: any KMSClient) throws(EncryptionSDKError) {
        switch self {
        case .single(let arn), .multiRegion(let arn): try client.checkRegion(of: arn)
        case .discovery: break
        case .mrDiscovery(let region):
            guard let clientRegion = client.region, clientRegion != region else { return }
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the region of the key store is \(region), that of its AWS KMS client \(clientRegion)"
            )
        }
    }

    /// The key that is configured; nil in discovery.
    private var arn: KMSKeyARN? {
        switch self {
        case .single(let arn), .multiRegion(let arn): arn
        case .discovery, .mrDiscovery: nil
        }
    }

    /// The key that new branch keys are made with.
    ///
    /// - Throws: `invalidConfiguration` in discovery, which names none.
    func keyForWriting() throws(EncryptionSDKError) -> String {
        guard let arn else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a key store in discovery names no AWS KMS key, so it makes no branch keys"
            )
        }
        return arn.description
    }

    /// The key that opens a record of `stored`.
    ///
    /// - Throws: `invalidBranchKeyRecord` when the record names a key that is not the configured one.
    func keyForReading(_ stored: KMSKeyARN) throws(EncryptionSDKError) -> String {
        switch self {
        case .single(let arn):
            guard arn == stored else { throw Self.otherKey(stored, arn) }
            return arn.description
        case .multiRegion(let arn):
            guard arn == stored || arn.isReplica(of: stored) else { throw Self.otherKey(stored, arn) }
            return arn.description
        case .discovery:
            return stored.description
        case .mrDiscovery(let region):
            return stored.isMultiRegion ? stored.replacingRegion(with: region).description : stored.description
        }
    }

    private static func otherKey(_ stored: KMSKeyARN, _ configured: KMSKeyARN) -> EncryptionSDKError {
        EncryptionSDKError(
            .invalidBranchKeyRecord,
            "the record of the branch key names the AWS KMS key \(stored), the key store is configured with \(configured)"
                + (configured.isReplica(of: stored) ? ", a replica of it, which only kmsMRKeyARN accepts" : "")
        )
    }
}
