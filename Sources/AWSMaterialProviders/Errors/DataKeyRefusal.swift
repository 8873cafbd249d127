/// Why one keyring did not open one encrypted data key.
///
/// None is thrown away: when nothing opens, the error carries them all.
public struct DataKeyRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The position of the encrypted data key in the header, from 0; nil when the keyring failed before it looked at any.
    public let encryptedDataKey: Int?
    /// The keyring that refused, as it describes itself.
    public let keyring: String
    /// Why.
    public let error: EncryptionSDKError

    /// A refusal by `keyring` of the encrypted data key at position `encryptedDataKey`.
    public init(encryptedDataKey: Int?, keyring: String, error: EncryptionSDKError) {
        self.encryptedDataKey = encryptedDataKey
        self.keyring = keyring
        self.error = error
    }

    /// Position, keyring and error in words.
    public var description: String {
        let subject = encryptedDataKey.map { "encrypted data key \($0), " } ?? ""
        return "\(subject)\(keyring): \(error.code.name): \(error.reason)"
    }
}
