import AWSMaterialProviders
import ESDKCrypto

/// A raw AES key (framework/raw-aes-keyring.md): the IV stands in the provider info.
struct RawAESWrappingKey: WrappingKey {
    let keyNamespace: [UInt8]
    let keyName: [UInt8]
    let key: SecretBytes

    /// Tag length in bits and IV length in bytes.
    private static let lengths: [UInt8] = [0, 0, 0, 128, 0, 0, 0, 12]

    var name: String { "raw AES-\(key.count * 8) key \(String(decoding: keyName, as: UTF8.self))" }
    let bindsContext = true

    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool {
        encryptedDataKey.keyProviderID == keyNamespace
            && encryptedDataKey.keyProviderInfo.count == keyName.count + Self.lengths.count + AESGCM.ivLength
            && encryptedDataKey.keyProviderInfo.starts(with: keyName)
    }

    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey {
        let iv = Array(original.keyProviderInfo.suffix(AESGCM.ivLength))
        return RewrappedDataKey(
            encryptedDataKey: EncryptedDataKey(
                keyProviderID: keyNamespace,
                keyProviderInfo: keyName + Self.lengths + iv,
                ciphertext: try AESGCM.wrap(dataKey, under: key, iv: iv, additionalData: context)
            ),
            randomness: [RecoveredRandomness(.iv, iv)]
        )
    }

    /// The key of zeros that an encrypted data key may name: vectors use it where nobody has to keep a key.
    ///
    /// - Returns: nil for an encrypted data key that does not have the form of a raw AES key.
    static func zeros(namedBy encryptedDataKey: EncryptedDataKey) -> RawAESWrappingKey? {
        let nameLength = encryptedDataKey.keyProviderInfo.count - lengths.count - AESGCM.ivLength
        guard nameLength >= 0, encryptedDataKey.keyProviderInfo[nameLength...].starts(with: lengths) else { return nil }
        return RawAESWrappingKey(
            keyNamespace: encryptedDataKey.keyProviderID,
            keyName: Array(encryptedDataKey.keyProviderInfo[..<nameLength]),
            key: SecretBytes([UInt8](repeating: 0, count: 32))
        )
    }
}
