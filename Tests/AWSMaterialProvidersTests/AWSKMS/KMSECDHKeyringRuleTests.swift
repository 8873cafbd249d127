import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite struct KMSECDHKeyringRuleTests {
    private static let sender = Keys.west
    private static let recipient = Keys.other

    private func standIn(_ curve: EllipticCurve) throws -> (StandInKMS, sender: ECPrivateKey, recipient: ECPrivateKey) {
        let sender = try ECPrivateKey.generate(curve)
        let recipient = try ECPrivateKey.generate(curve)
        let kms = StandInKMS(region: "us-west-2")
        kms.change { $0.ec = [Self.sender: sender, Self.recipient: recipient] }
        return (kms, sender, recipient)
    }

    private func sending(to recipient: ECPublicKey, _ kms: StandInKMS, given: ECPublicKey? = nil) async throws
        -> AWSKMSECDHKeyring
    {
        try await AWSKMSECDHKeyring(
            keyAgreementScheme: .kmsPrivateKeyToStaticPublicKey(
                senderKMSIdentifier: Self.sender,
                senderPublicKey: given,
                recipientPublicKey: recipient
            ),
            curve: recipient.curve,
            kmsClient: kms
        )
    }

    private func discovery(_ kms: StandInKMS, _ curve: EllipticCurve, of id: String = recipient) async throws
        -> AWSKMSECDHKeyring
    {
        try await AWSKMSECDHKeyring(
            keyAgreementScheme: .kmsPublicKeyDiscovery(recipientKMSIdentifier: id),
            curve: curve,
            kmsClient: kms
        )
    }

    @Test(
        "sender, recipient and a raw keyring with the same keys open the message",
        .spec(
            "aws-kms-ecdh-keyring/onencrypt.3",
            "aws-kms-ecdh-keyring/onencrypt.5",
            "aws-kms-ecdh-keyring/onencrypt.6",
            "aws-kms-ecdh-keyring/onencrypt.7",
            "aws-kms-ecdh-keyring/onencrypt.8",
            "aws-kms-ecdh-keyring/onencrypt.11",
            "aws-kms-ecdh-keyring/onencrypt.13",
            "aws-kms-ecdh-keyring/onencrypt.14",
            "aws-kms-ecdh-keyring/onencrypt.15",
            "aws-kms-ecdh-keyring/onencrypt.16",
            "aws-kms-ecdh-keyring/onencrypt.17",
            "aws-kms-ecdh-keyring/onencrypt.18",
            "aws-kms-ecdh-keyring/onencrypt.19",
            "aws-kms-ecdh-keyring/ondecrypt.3",
            "aws-kms-ecdh-keyring/ondecrypt.11",
            "aws-kms-ecdh-keyring/ondecrypt.13",
            "aws-kms-ecdh-keyring/ondecrypt.15",
            "aws-kms-ecdh-keyring/ondecrypt.16",
            "aws-kms-ecdh-keyring/ondecrypt.17",
            "aws-kms-ecdh-keyring/ondecrypt.18",
            "aws-kms-ecdh-keyring/ondecrypt.21",
            "aws-kms-ecdh-keyring/ondecrypt.23",
            "aws-kms-ecdh-keyring/ondecrypt.24",
            "aws-kms-ecdh-keyring/ondecrypt.25",
            "aws-kms-ecdh-keyring/ondecrypt.26",
            "aws-kms-ecdh-keyring/ondecrypt.27",
            "aws-kms-ecdh-keyring/ondecrypt.28",
            "aws-kms-ecdh-keyring/ondecrypt.29",
            "aws-kms-ecdh-keyring/ondecrypt.30",
            "aws-kms-ecdh-keyring/ondecrypt.31",
            "aws-kms-ecdh-keyring/ondecrypt.32",
            "aws-kms-ecdh-keyring/initialization.5",
            "key-agreement-schemas/kmsprivatekeytostaticpublickey.10",
            "key-agreement-schemas/kmsprivatekeytostaticpublickey.12"
        ),
        arguments: EllipticCurve.allCases
    )
    func roundTrip(curve: EllipticCurve) async throws {
        let (kms, sender, recipient) = try standIn(curve)
        let keyring = try await sending(to: recipient.publicKey, kms)
        #expect(kms.count(of: "GetPublicKey") == 1)
        let encrypted = try await keyring.onEncrypt(encryptionMaterials())
        let key = try #require(encrypted.encryptedDataKeys.first)
        #expect(key.keyProviderID == Array("aws-kms-ecdh".utf8))
        let raw = try RawECDHKeyring(
            keyAgreementScheme: .publicKeyDiscovery(recipientStaticPrivateKey: recipient),
            curve: curve
        )
        for keyring: any Keyring in [keyring, try await discovery(kms, curve), raw] {
            let opened = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: [key])
            #expect(opened.plaintextDataKey == encrypted.plaintextDataKey)
        }
        let rawSender = try RawECDHKeyring(
            keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                senderStaticPrivateKey: sender,
                recipientPublicKey: recipient.publicKey
            ),
            curve: curve
        )
        let fromRaw = try await rawSender.onEncrypt(encryptionMaterials())
        let opened = try await discovery(kms, curve)
            .onDecrypt(decryptionMaterials(), encryptedDataKeys: fromRaw.encryptedDataKeys)
        #expect(opened.plaintextDataKey == fromRaw.plaintextDataKey)
    }

    @Test("in discovery the recipient's public key can be given, and KMS is not asked for it")
    func givenRecipientKey() async throws {
        let (kms, _, recipient) = try standIn(.p384)
        let keys = try await sending(to: recipient.publicKey, kms).onEncrypt(encryptionMaterials()).encryptedDataKeys
        kms.change { $0.calls = [] }
        func discovery(_ key: ECPublicKey) async throws -> AWSKMSECDHKeyring {
            try await AWSKMSECDHKeyring(
                keyAgreementScheme: .kmsPublicKeyDiscovery(
                    recipientKMSIdentifier: Self.recipient,
                    recipientPublicKey: key
                ),
                curve: .p384,
                kmsClient: kms,
                grantTokens: ["token"]
            )
        }
        let opened = try await discovery(recipient.publicKey)
            .onDecrypt(decryptionMaterials(), encryptedDataKeys: keys)
        #expect(opened.plaintextDataKey != nil)
        #expect(
            kms.calls == [.init(operation: "DeriveSharedSecret", keyID: Self.recipient, grantTokens: ["token"])]
        )
        let stranger = try ECPrivateKey.generate(.p384).publicKey
        _ = await expectRefusals([.notForThisKeyring], of: try await discovery(stranger), keys)
        let otherCurve = try ECPrivateKey.generate(.p256).publicKey
        await expectError(.invalidConfiguration) { _ = try await discovery(otherCurve) }
        #expect(kms.calls.count == 1)
    }

    @Test("M12: discovery does not encrypt")
    func m12DiscoveryEncrypts() async throws {
        let (kms, _, _) = try standIn(.p256)
        let keyring = try await discovery(kms, .p256)
        await expectError(.keyringCannotEncrypt) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
    }

    @Test("M12: GetPublicKey fails, or gives a key of another use or curve")
    func m12PublicKey() async throws {
        let (kms, _, recipient) = try standIn(.p256)
        await expectError(.invalidConfiguration) { _ = try await discovery(kms, .p384) }
        await expectError(.invalidConfiguration) { _ = try await discovery(kms, .p256, of: "arn:aws:kms") }
        await expectError(.invalidConfiguration) {
            _ = try await AWSKMSECDHKeyring(
                keyAgreementScheme: .kmsPrivateKeyToStaticPublicKey(
                    senderKMSIdentifier: Self.sender,
                    senderPublicKey: nil,
                    recipientPublicKey: recipient.publicKey
                ),
                curve: .p521,
                kmsClient: kms
            )
        }
        kms.change { $0.usage[Self.recipient] = "SIGN_VERIFY" }
        await expectError(.invalidConfiguration) { _ = try await discovery(kms, .p256) }
        kms.change { state in
            state.usage = [:]
            state.hidesUsage = true
        }
        await expectError(.unexpectedKMSResponse) { _ = try await discovery(kms, .p256) }
        kms.change { state in
            state.hidesUsage = false
            state.answeredKeyID = Keys.mrkEast
        }
        await expectError(.unexpectedKMSResponse) { _ = try await discovery(kms, .p256) }
        kms.change { $0.answeredKeyID = nil }
        _ = try await discovery(kms, .p256)
        kms.change { $0.failures["GetPublicKey"] = .accessDenied }
        await expectError(.awsAccessDenied) { _ = try await discovery(kms, .p256) }
        kms.change { $0.failures["GetPublicKey"] = .notFound }
        await expectError(.awsRefusal) { _ = try await sending(to: recipient.publicKey, kms) }
    }

    @Test("M12: DeriveSharedSecret fails, or answers for another key or with another length")
    func m12SharedSecret() async throws {
        let (kms, sender, recipient) = try standIn(.p256)
        let keyring = try await sending(to: recipient.publicKey, kms, given: sender.publicKey)
        #expect(kms.calls.isEmpty)
        let keys = try await keyring.onEncrypt(encryptionMaterials()).encryptedDataKeys
        kms.change { $0.dropsPlaintextBytes = 1 }
        await expectError(.unexpectedKMSResponse) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
        kms.change { state in
            state.dropsPlaintextBytes = 0
            state.answeredKeyID = Keys.mrkEast
        }
        _ = await expectRefusals([.unexpectedKMSResponse], of: keyring, keys)
        kms.change { state in
            state.answeredKeyID = nil
            state.failures["DeriveSharedSecret"] = .invalidKeyUsage
        }
        await expectError(.awsUnavailable) {
            kms.change { $0.failures["DeriveSharedSecret"] = .noResponse }
            _ = try await keyring.onEncrypt(encryptionMaterials())
        }
        kms.change { $0.failures["DeriveSharedSecret"] = .invalidKeyUsage }
        _ = await expectRefusals([.awsRefusal], of: keyring, keys)
    }

    @Test("M12: data keys that do not have the layout are refused before KMS is called")
    func m12Layout() async throws {
        let (kms, sender, recipient) = try standIn(.p256)
        let keyring = try await sending(to: recipient.publicKey, kms, given: sender.publicKey)
        let good = try #require(try await keyring.onEncrypt(encryptionMaterials()).encryptedDataKeys.first)
        let before = kms.calls.count
        func altered(_ info: [UInt8]? = nil, _ ciphertext: [UInt8]? = nil) -> EncryptedDataKey {
            EncryptedDataKey(
                keyProviderID: good.keyProviderID,
                keyProviderInfo: info ?? good.keyProviderInfo,
                ciphertext: ciphertext ?? good.ciphertext
            )
        }
        var version2 = good.keyProviderInfo
        version2[0] = 2
        for (key, code) in [
            (altered(version2), EncryptionSDKError.Code.malformedEncryptedDataKey),
            (altered(good.keyProviderInfo.dropLast()), .notForThisKeyring),
            (altered(nil, Array(good.ciphertext.prefix(80))), .malformedEncryptedDataKey),
            (altered(nil, good.ciphertext.dropLast()), .dataKeyLengthMismatch),
            (altered(nil, good.ciphertext + [0]), .dataKeyLengthMismatch),
        ] {
            _ = await expectRefusals([code], of: keyring, [key])
        }
        #expect(kms.calls.count == before)
        let opened = try await keyring.onDecrypt(
            decryptionMaterials(),
            encryptedDataKeys: [altered(version2), good]
        )
        #expect(opened.dataKeyOrigin?.encryptedDataKey == 1)
    }

    @Test("public keys in compressed and in uncompressed form are the same", arguments: EllipticCurve.allCases)
    func encodings(curve: EllipticCurve) async throws {
        let (kms, _, recipient) = try standIn(curve)
        let compressed = try ECPublicKey(compressedPoint: recipient.publicKey.compressedPoint.span, curve: curve)
        let uncompressed = try ECPublicKey(der: recipient.publicKey.subjectPublicKeyInfo())
        let keys = try await sending(to: compressed, kms).onEncrypt(encryptionMaterials()).encryptedDataKeys
        let opened = try await sending(to: uncompressed, kms)
            .onDecrypt(decryptionMaterials(), encryptedDataKeys: keys)
        #expect(opened.plaintextDataKey != nil)
    }

    @Test("M12: the keys of the message are not this keyring's")
    func m12OtherParties() async throws {
        let (kms, _, recipient) = try standIn(.p256)
        let keys = try await sending(to: recipient.publicKey, kms).onEncrypt(encryptionMaterials()).encryptedDataKeys
        let stranger = try ECPrivateKey.generate(.p256)
        _ = await expectRefusals([.notForThisKeyring], of: try await sending(to: stranger.publicKey, kms), keys)
        _ = await expectRefusals([.notForThisKeyring], of: try await discovery(kms, .p256, of: Self.sender), keys)
        _ = await expectRefusals(
            [.unwrappingFailed],
            of: try await discovery(kms, .p256),
            keys,
            context: ["purpose": "another"]
        )
    }
}
