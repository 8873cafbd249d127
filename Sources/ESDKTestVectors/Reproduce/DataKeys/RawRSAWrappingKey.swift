import AWSMaterialProviders
import ESDKCrypto

/// A raw RSA key (framework/raw-rsa-keyring.md): the random part of the padding comes out of a raw private operation.
struct RawRSAWrappingKey: WrappingKey {
    let keyNamespace: [UInt8]
    let keyName: [UInt8]
    let padding: RSAPadding
    let key: RSAPrivateKey

    var name: String { "raw RSA key \(String(decoding: keyName, as: UTF8.self)) (\(padding))" }
    let bindsContext = false

    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool {
        encryptedDataKey.keyProviderID == keyNamespace && encryptedDataKey.keyProviderInfo == keyName
    }

    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey {
        let encoding = RSAEncoding(padding, modulusLength: key.modulusLength)
        guard original.ciphertext.count == key.modulusLength else {
            throw RewrappingError(
                "the wrapped key has \(original.ciphertext.count) bytes, the modulus \(key.modulusLength)"
            )
        }
        let encoded = try key.decryptRaw(original.ciphertext.span)
        guard let random = try encoding.random(in: encoded, messageLength: dataKey.count) else {
            throw RewrappingError("the modulus is too short for this padding")
        }
        let again = try encoding.encode(dataKey, random: random)
        let purpose: RecoveredRandomness.Purpose = padding == .pkcs1 ? .pkcs1Padding : .oaepSeed
        return RewrappedDataKey(
            encryptedDataKey: EncryptedDataKey(
                keyProviderID: keyNamespace,
                keyProviderInfo: keyName,
                ciphertext: try key.publicKey.encryptRaw(again.span)
            ),
            randomness: [RecoveredRandomness(purpose, random)]
        )
    }
}
