internal import AWSMaterialProviders
internal import ESDKCrypto

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
