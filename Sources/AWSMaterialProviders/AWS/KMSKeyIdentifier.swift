import ESDKSystem

// spec: aws-kms-key-arn/a-valid-aws-kms-arn, aws-kms-key-arn/identifying-an-an-aws-kms-multi-region-arn
/// The ARN of a KMS key or of a KMS alias (framework/aws-kms/aws-kms-key-arn.md, A valid AWS KMS ARN).
package struct KMSKeyARN: Sendable, Hashable, CustomStringConvertible {
    /// What the ARN names.
    package enum Resource: String, Sendable {
        /// A key.
        case key
        /// A name for a key, which can be pointed at another key.
        case alias
    }

    /// The partition, such as `aws`.
    package let partition: String
    /// The region, such as `eu-west-1`.
    package let region: String
    /// The id of the account.
    package let account: String
    /// What the ARN names.
    package let resource: Resource
    /// The key id, or the alias without `alias/`.
    package let resourceID: String

    private init(partition: String, region: String, account: String, resource: Resource, resourceID: String) {
        self.partition = partition
        self.region = region
        self.account = account
        self.resource = resource
        self.resourceID = resourceID
    }

    /// The parts of `text`; nil when it is not a valid ARN of a KMS key or alias.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard text.utf8.allSatisfy({ $0 > UInt8(ascii: " ") && $0 <= UInt8(ascii: "~") }), parts.count == 6,
            parts[0] == "arn", !parts[1].isEmpty, parts[2] == "kms", !parts[3].isEmpty,
            !parts[4].isEmpty
        else { return nil }
        let path = parts[5].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard path.count == 2, !path[1].isEmpty, let resource = Resource(rawValue: String(path[0])) else { return nil }
        self.init(
            partition: String(parts[1]),
            region: String(parts[3]),
            account: String(parts[4]),
            resource: resource,
            resourceID: String(path[1])
        )
    }

    /// The ARN of a key, from the provider info of an encrypted data key; nil for anything else.
    package init?(keyInfo bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self), let arn = Self(text), arn.resource == .key else {
            return nil
        }
        self = arn
    }

    /// Whether it is the ARN of a multi-Region key; an alias never is.
    package var isMultiRegion: Bool { resource == .key && resourceID.utf8.starts(with: "mrk-".utf8) }

    /// The ARN of the same resource in another region.
    package func replacingRegion(with region: String) -> KMSKeyARN {
        KMSKeyARN(
            partition: partition,
            region: region,
            account: account,
            resource: resource,
            resourceID: resourceID
        )
    }

    /// Whether both name the same multi-Region key, in the same region or in two.
    package func isReplica(of other: KMSKeyARN) -> Bool {
        isMultiRegion && other.isMultiRegion && replacingRegion(with: "") == other.replacingRegion(with: "")
    }

    /// The ARN.
    package var description: String { "arn:\(partition):kms:\(region):\(account):\(resource.rawValue)/\(resourceID)" }
}

// spec: aws-kms-key-arn/identifying-an-an-aws-kms-multi-region-identifier
/// Whatever KMS takes for a key: its ARN or id, or an alias by ARN or by name (framework/aws-kms/aws-kms-key-arn.md, A valid AWS
/// KMS identifier).
package struct KMSKeyIdentifier: Sendable, Hashable, CustomStringConvertible {
    /// The longest identifier that KMS takes, in bytes.
    private static let maximumLength = 2048

    /// The identifier as it was given.
    package let text: String
    /// Its parts, when it is an ARN.
    package let arn: KMSKeyARN?

    /// An identifier that the caller configured.
    ///
    /// - Throws: `invalidConfiguration` when it is not one.
    package init(_ text: String) throws(EncryptionSDKError) {
        guard !text.isEmpty else {
            throw EncryptionSDKError(.invalidConfiguration, "the AWS KMS key identifier is empty")
        }
        let arn = KMSKeyARN(text)
        guard text.utf8.count <= Self.maximumLength, arn != nil || Self.isAliasName(text) || Self.isKeyID(text) else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "\(TerminalText.quoted(text)) is not an AWS KMS key identifier: give a key ARN, a key id, an alias ARN or an alias name (alias/...)"
            )
        }
        self.text = text
        self.arn = arn
    }

    private static func isAliasName(_ text: String) -> Bool {
        text.hasPrefix("alias/") && isKeyIDWithSlashes(text.utf8.dropFirst("alias/".utf8.count))
    }

    private static func isKeyID(_ text: String) -> Bool {
        isKeyIDWithSlashes(text.utf8[...]) && !text.utf8.contains(UInt8(ascii: "/"))
    }

    private static func isKeyIDWithSlashes(_ text: Substring.UTF8View) -> Bool {
        !text.isEmpty
            && text.allSatisfy { $0 > UInt8(ascii: " ") && $0 <= UInt8(ascii: "~") && $0 != UInt8(ascii: ":") }
    }

    /// Whether it names an alias, which can be pointed at another key.
    package var isAlias: Bool { arn.map { $0.resource == .alias } ?? text.hasPrefix("alias/") }

    /// Whether it names a multi-Region key.
    package var isMultiRegion: Bool { arn?.isMultiRegion ?? text.utf8.starts(with: "mrk-".utf8) }

    /// The region that it names; nil unless it is an ARN.
    package var region: String? { arn?.region }

    // spec: aws-kms-mrk-match-for-decrypt/implementation
    /// Whether an encrypted data key of `other` should be tried: the same key, or the same multi-Region key in another region
    /// (framework/aws-kms/aws-kms-mrk-match-for-decrypt.md).
    package func matchesForDecrypt(_ other: KMSKeyARN) -> Bool {
        text.utf8.elementsEqual(other.description.utf8) || arn.map { $0.isReplica(of: other) } ?? false
    }

    /// The identifier.
    package var description: String { text }
}
