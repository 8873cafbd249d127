internal import AWSMaterialProviders
internal import ESDKCrypto

/// A raw ECDH keyring for a recipient, with a sender key from the random source of the message.
struct SeededEphemeralKeyring: Keyring {
    let recipient: ECPublicKey

    var description: String { "seeded raw ECDH keyring (ephemeral, \(recipient.curve))" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        let sender = try DeterministicSigner.generate(recipient.curve, from: materials.randomSource).key
        // On the wire, an ephemeral sender is a static one that is never used again.
        let keyring = try RawECDHKeyring(
            keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                senderStaticPrivateKey: sender,
                recipientPublicKey: recipient
            ),
            curve: recipient.curve
        )
        return try await keyring.onEncrypt(materials)
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        throw EncryptionSDKError(.noPrivateKey, "a seeded keyring only wraps")
    }
}
