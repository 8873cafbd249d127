import AWSMaterialProviders
import ESDKCrypto

// spec: transitive-requirements/hkdf-encryption-key, transitive-requirements/hkdf-commit-key
// spec: algorithm-suites/identity-kdf, algorithm-suites/encryption-key-derivation-algorithm
// spec: algorithm-suites/commit-key-derivation-algorithm
/// The content key of a message and its key commitment, from the data key (framework/algorithm-suites.md, Algorithm Suites
/// Encryption Key Derivation Settings; framework/transitive-requirements.md).
struct MessageKeys {
    let contentKey: SecretBytes
    /// 32 bytes for a committing suite, nothing otherwise.
    let commitment: [UInt8]

    init(
        suite: AlgorithmSuite,
        dataKey: SecretBytes,
        messageID: [UInt8],
        rules: MessageRules = .specification
    ) throws(EncryptionSDKError) {
        do {
            switch suite.keyDerivation {
            case .identity:
                contentKey = dataKey
                commitment = []
            case .hkdf(let hash):
                var derivation = try HKDF(hash, salt: nil, keyMaterial: dataKey.span)
                let info = Self.info(suite, rules == .specification ? messageID : [])
                contentKey = try derivation.expand(info: info.span, outputLength: suite.dataKeyLength)
                commitment = []
            case .hkdfWithCommitment(let hash):
                var derivation = try HKDF(hash, salt: messageID.span, keyMaterial: dataKey.span)
                let info = Self.info(suite, Self.keyLabel)
                contentKey = try derivation.expand(info: info.span, outputLength: suite.dataKeyLength)
                commitment = try [UInt8](capacity: suite.commitmentLength) {
                    (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                    try derivation.expand(info: Self.commitmentLabel.span, filling: &output)
                }
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// What binds a content key to its purpose: the suite id, and what follows it.
    private static func info(_ suite: AlgorithmSuite, _ suffix: [UInt8]) -> [UInt8] {
        var info: [UInt8] = []
        info.reserveCapacity(2 + suffix.count)
        info.append(bigEndian: suite.id)
        info.append(contentsOf: suffix)
        return info
    }

    private static let keyLabel = Array("DERIVEKEY".utf8)
    private static let commitmentLabel = Array("COMMITKEY".utf8)
}

/// By whose rules the keys of a message are derived and its header is authenticated.
enum MessageRules {
    case specification
    /// ESDK-NET 4.0.0 left the message id out of the key derivation in suites without commitment, and wrote a count of zero for no
    /// required pairs into the header's additional data.
    case netV4_0_0

    /// What follows the header in its additional data, given the serialized pairs that are authenticated and not stored.
    func headerSuffix(_ required: [UInt8]) -> [UInt8] { self == .netV4_0_0 && required.isEmpty ? [0, 0] : required }
}

/// Whether messages of ESDK-NET 4.0.0 may be read by that release's own rules.
///
/// It left the message id out of the key derivation of suites without commitment, and wrote two stray zero bytes into the header's
/// additional data. A message that fails by the specification's rules is then tried once by these; a message that needed them says
/// so in its diagnostics.
public enum NetV4_0_0RetryPolicy: String, Sendable, Hashable {
    /// Only the specification's rules.
    case forbidRetry = "forbid-retry"
    /// One retry by the rules of that release when the header's tag does not verify.
    case allowRetry = "allow-retry"
}

extension NetV4_0_0RetryPolicy {
    /// The rules that a message is tried by, in this order.
    var rules: [MessageRules] { self == .allowRetry ? [.specification, .netV4_0_0] : [.specification] }
}
