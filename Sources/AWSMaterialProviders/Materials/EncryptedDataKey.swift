import ESDKCrypto
import ESDKSystem

/// A data key as one keyring wrapped it: an entry of the message header (framework/structures.md, Encrypted Data Key).
///
/// For readers who know master key providers: *provider id* and *key id* of a raw master key are key namespace and key name here.
public struct EncryptedDataKey: Sendable, Hashable {
    /// Who wrapped it: the key namespace of a raw keyring, or a fixed text such as `aws-kms`.
    ///
    /// UTF-8, at most 65,535 bytes.
    public let keyProviderID: [UInt8]
    /// Which key wrapped it, and what else the keyring needs.
    ///
    /// At most 65,535 bytes.
    public let keyProviderInfo: [UInt8]
    /// The wrapped data key.
    ///
    /// At most 65,535 bytes.
    public let ciphertext: [UInt8]

    /// An encrypted data key of the given parts.
    public init(keyProviderID: [UInt8], keyProviderInfo: [UInt8], ciphertext: [UInt8]) {
        self.keyProviderID = keyProviderID
        self.keyProviderInfo = keyProviderInfo
        self.ciphertext = ciphertext
    }
}

extension EncryptedDataKey {
    /// The length in a header, in bytes.
    package var serializedLength: Int { 6 + keyProviderID.count + keyProviderInfo.count + ciphertext.count }

    /// Appends the three parts, each after its two-byte length (data-format/message-header.md, Encrypted Data Key Entries).
    ///
    /// - Parameters:
    ///   - bytes: what the parts are appended to.
    ///   - index: the position of this encrypted data key in the message, for the error.
    /// - Throws: `invalidMaterials` when a part takes more than 65,535 bytes.
    package func serialize(appendingTo bytes: inout [UInt8], at index: Int) throws(EncryptionSDKError) {
        func append(_ part: Span<UInt8>) throws(EncryptionSDKError) {
            guard part.count <= Int(UInt16.max) else {
                throw EncryptionSDKError(
                    .invalidMaterials,
                    "a part of an encrypted data key takes more than 65,535 bytes",
                    at: .init(encryptedDataKey: index)
                )
            }
            bytes.append(bigEndian: UInt16(part.count))
            bytes.append(bytesOf: part)
        }
        try append(keyProviderID.span)
        try append(keyProviderInfo.span)
        try append(ciphertext.span)
    }
}

extension EncryptedDataKey {
    /// The key that wrapped it, as the message names it, for people: the ARN of an AWS KMS key, or key namespace and key name.
    ///
    /// A provider info that is not text, such as the public keys of key agreement, is left out, and so is the IV of raw AES keyrings.
    var wrappingKey: String {
        let longest = 256
        let namespace = String(decoding: keyProviderID.prefix(longest), as: UTF8.self)
        var info = keyProviderInfo[...]
        let lengthsOfTagAndIV: [UInt8] = [0, 0, 0, 128, 0, 0, 0, 12]
        if info.count >= 20, info.suffix(20).starts(with: lengthsOfTagAndIV) { info = info.dropLast(20) }
        guard let name = String(validating: info.prefix(longest), as: UTF8.self), !info.contains(0) else {
            return "key namespace \(TerminalText.quoted(namespace))"
        }
        return name.hasPrefix("arn:")
            ? TerminalText.quoted(name)
            : "key namespace \(TerminalText.quoted(namespace)), key name \(TerminalText.quoted(name))"
    }
}
