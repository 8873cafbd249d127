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
            throw VectorError.broken(
                "the wrapped key has \(original.ciphertext.count) bytes, the modulus \(key.modulusLength)"
            )
        }
        let encoded = try key.decryptRaw(original.ciphertext.span)
        guard let random = try encoding.random(in: encoded, messageLength: dataKey.count) else {
            throw VectorError.broken("the modulus is too short for this padding")
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

/// A raw RSA keyring that wraps with paddings from the random source of the message.
///
/// `RawRSAKeyring` leaves the padding to libcrypto, which draws it from a generator of its own.
struct SeededRSAKeyring: Keyring {
    let keyNamespace: String
    let keyName: String
    let padding: RSAPadding
    let publicKey: RSAPublicKey

    var description: String { "seeded raw RSA keyring \(keyNamespace) \(keyName)" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        let result = try materials.generatingDataKeyIfNeeded()
        guard let dataKey = result.plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "there is no data key")
        }
        let encoding = RSAEncoding(padding, modulusLength: publicKey.modulusLength)
        guard let length = encoding.randomLength(messageLength: dataKey.count) else {
            throw EncryptionSDKError(.wrappingFailed, "the RSA modulus is too short for the data key and the padding")
        }
        let random: [UInt8]
        switch padding {
        case .pkcs1: random = try Self.nonZeroBytes(length, from: result.randomSource)
        case .oaep: random = try result.randomSource.bytes(length)
        }
        let encoded = try encoding.encode(dataKey, random: random)
        return result.adding(
            EncryptedDataKey(
                keyProviderID: Array(keyNamespace.utf8),
                keyProviderInfo: Array(keyName.utf8),
                ciphertext: try publicKey.encryptRaw(encoded.span)
            )
        )
    }

    /// A PKCS #1 padding string, in which 0 would be the end.
    private static func nonZeroBytes(_ count: Int, from source: any RandomSource) throws(CryptoError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            bytes += try source.bytes(count - bytes.count).filter { $0 != 0 }
        }
        return bytes
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        throw EncryptionSDKError(.noPrivateKey, "a seeded keyring only wraps")
    }
}
