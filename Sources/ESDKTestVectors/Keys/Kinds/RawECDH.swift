import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// One side of a key agreement (framework/raw-ecdh-keyring.md): the salt stands before the wrapped key, and either side's private
/// key gives the shared secret.
struct RawECDHWrappingKey: WrappingKey {
    private static let saltLength = 32
    private static let derivedLength = 64
    private static let commitmentLength = 32

    let privateKey: ECPrivateKey

    var name: String { "raw ECDH key on \(privateKey.curve)" }
    let bindsContext = true

    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool {
        guard encryptedDataKey.keyProviderID.elementsEqual("raw-ecdh".utf8),
            let (recipient, sender) = points(in: encryptedDataKey.keyProviderInfo)
        else { return false }
        return [recipient, sender].contains(privateKey.publicKey.compressedPoint)
    }

    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey {
        guard let (recipient, sender) = points(in: original.keyProviderInfo) else {
            throw VectorError.broken("the provider info does not hold two compressed points")
        }
        let peerPoint = recipient == privateKey.publicKey.compressedPoint ? sender : recipient
        let peer = try ECPublicKey(compressedPoint: peerPoint.span, curve: privateKey.curve)
        let sharedSecret = try privateKey.sharedSecret(with: peer)
        guard original.ciphertext.count >= Self.saltLength else {
            throw VectorError.broken("the wrapped key is shorter than a salt")
        }
        let salt = Array(original.ciphertext.prefix(Self.saltLength))
        let label = fixedInfo(recipient: recipient, sender: sender, context: context)
        let derived = try CounterModeKDF.derive(
            .sha384,
            key: sharedSecret.span,
            label: label.span,
            context: salt.span,
            outputLength: Self.derivedLength
        )
        let wrapped = try AESGCM.wrap(
            dataKey,
            under: SecretBytes(copying: derived.span.extracting(Self.commitmentLength...)),
            iv: MessageBlueprint.zeroIV,
            additionalData: label
        )
        let commitment = [UInt8](bytesOf: derived.span.extracting(..<Self.commitmentLength))
        return RewrappedDataKey(
            encryptedDataKey: EncryptedDataKey(
                keyProviderID: Array("raw-ecdh".utf8),
                keyProviderInfo: providerInfo(recipient: recipient, sender: sender),
                ciphertext: salt + commitment + wrapped
            ),
            randomness: [RecoveredRandomness(.salt, salt)]
        )
    }

    /// Version 1, then recipient and sender, each after its four-byte length.
    private func providerInfo(recipient: [UInt8], sender: [UInt8]) -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: privateKey.curve.compressedPointLength).bigEndianBytes
        return [1] + length + recipient + length + sender
    }

    private func points(in info: [UInt8]) -> (recipient: [UInt8], sender: [UInt8])? {
        let length = privateKey.curve.compressedPointLength
        guard info.count == 1 + 2 * (4 + length) else { return nil }
        return (Array(info[5..<5 + length]), Array(info.suffix(length)))
    }

    private func fixedInfo(recipient: [UInt8], sender: [UInt8], context: [UInt8]) -> [UInt8] {
        let curve =
            switch privateKey.curve {
            case .p256: "p256"
            case .p384: "p384"
            case .p521: "p521"
            }
        var bytes: [UInt8] = []
        for text in ["ecdh-key-derivation", curve, "HMAC_SHA384"] { bytes += Array(text.utf8) + [0] }
        bytes += sender + recipient
        return bytes + [0, 1, 0] + context
    }
}

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
