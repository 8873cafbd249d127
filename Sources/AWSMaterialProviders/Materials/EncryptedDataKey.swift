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
    /// The key that wrapped it, as the message names it, for people: key namespace and key name, or the ARN of an AWS KMS key.
    var wrappingKey: String {
        let namespace = String(decoding: keyProviderID, as: UTF8.self)
        var info = keyProviderInfo[...]
        // A raw AES keyring writes its tag length in bits, its IV length, and the IV after the key name.
        let ivInfo: [UInt8] = [0, 0, 0, 128, 0, 0, 0, 12]
        if info.count >= 20, info.suffix(20).starts(with: ivInfo) { info = info.dropLast(20) }
        guard let name = String(validating: info, as: UTF8.self), !name.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            return "\(namespace) (\(keyProviderInfo.count) bytes of provider info)"
        }
        return name.hasPrefix("arn:") ? name : "\(namespace)/\(name)"
    }
}
