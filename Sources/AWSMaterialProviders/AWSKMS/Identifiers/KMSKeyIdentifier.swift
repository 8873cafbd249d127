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
                "\"\(text)\" is no AWS KMS key identifier: give a key ARN, a key id, an alias ARN or an alias name (alias/...)"
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

    /// Whether it names an alias, which may come to stand for another key.
    package var isAlias: Bool { arn.map { $0.resource == .alias } ?? text.hasPrefix("alias/") }

    /// Whether it names a multi-Region key.
    package var isMultiRegion: Bool { arn?.isMultiRegion ?? text.utf8.starts(with: "mrk-".utf8) }

    /// The region that it names; nil unless it is an ARN.
    package var region: String? { arn?.region }

    /// The key id of a multi-Region key, the same in every region; nil for every other key.
    package var multiRegionKeyID: String? { isMultiRegion ? arn?.resourceID ?? text : nil }

    /// Whether an encrypted data key of `other` is to be tried: the same key, or the same multi-Region key in another region
    /// (framework/aws-kms/aws-kms-mrk-match-for-decrypt.md).
    package func matchesForDecrypt(_ other: KMSKeyARN) -> Bool {
        text.utf8.elementsEqual(other.description.utf8) || arn.map { $0.isReplica(of: other) } ?? false
    }

    /// The identifier.
    package var description: String { text }
}
