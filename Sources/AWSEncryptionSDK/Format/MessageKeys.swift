import AWSMaterialProviders
import ESDKCrypto

/// The content key of a message and its key commitment, from the data key (framework/algorithm-suites.md, Algorithm Suites
/// Encryption Key Derivation Settings; framework/transitive-requirements.md).
struct MessageKeys {
    let contentKey: SecretBytes
    /// 32 bytes for a committing suite, nothing otherwise.
    let commitment: SecretBytes

    init(
        suite: AlgorithmSuite,
        dataKey: SecretBytes,
        messageID: [UInt8],
        rules: MessageRules = .specification
    ) throws(EncryptionSDKError) {
        var suiteID: [UInt8] = []
        suiteID.append(bigEndian: suite.id)
        do {
            switch suite.keyDerivation {
            case .identity:
                contentKey = dataKey
                commitment = SecretBytes([])
            case .hkdf(let hash):
                let info = rules == .specification ? suiteID + messageID : suiteID
                let extracted = try HKDF.extract(hash, salt: nil, keyMaterial: dataKey.span)
                contentKey = try HKDF.expand(
                    hash,
                    pseudorandomKey: extracted,
                    info: info.span,
                    outputLength: suite.dataKeyLength
                )
                commitment = SecretBytes([])
            case .hkdfWithCommitment(let hash):
                let extracted = try HKDF.extract(hash, salt: messageID.span, keyMaterial: dataKey.span)
                let keyInfo = suiteID + Array("DERIVEKEY".utf8)
                let commitmentInfo = Array("COMMITKEY".utf8)
                contentKey = try HKDF.expand(
                    hash,
                    pseudorandomKey: extracted,
                    info: keyInfo.span,
                    outputLength: suite.dataKeyLength
                )
                commitment = try HKDF.expand(
                    hash,
                    pseudorandomKey: extracted,
                    info: commitmentInfo.span,
                    outputLength: suite.commitmentLength
                )
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
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
