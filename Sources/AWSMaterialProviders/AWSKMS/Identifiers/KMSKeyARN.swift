/// The ARN of a KMS key or of a KMS alias (framework/aws-kms/aws-kms-key-arn.md, A valid AWS KMS ARN).
package struct KMSKeyARN: Sendable, Hashable, CustomStringConvertible {
    /// What the ARN names.
    package enum Resource: String, Sendable {
        /// A key.
        case key
        /// A name for a key, which may come to stand for another one.
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

    /// The ARN of a key as it stands in the provider info of an encrypted data key; nil for anything else.
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

    /// Whether both are the same multi-Region key, whatever its regions.
    package func isReplica(of other: KMSKeyARN) -> Bool {
        isMultiRegion && other.isMultiRegion && replacingRegion(with: "") == other.replacingRegion(with: "")
    }

    /// The ARN.
    package var description: String { "arn:\(partition):kms:\(region):\(account):\(resource.rawValue)/\(resourceID)" }
}
