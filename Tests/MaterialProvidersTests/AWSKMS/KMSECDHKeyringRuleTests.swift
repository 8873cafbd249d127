import CryptoPrimitives
import MaterialProviders
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

    @Test("sender, recipient and a raw keyring with the same keys open the message", arguments: EllipticCurve.allCases)
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
        await expectError(.init("awsUnavailable", category: .environment)) {
            kms.change { $0.failures["DeriveSharedSecret"] = .noResponse }
            _ = try await keyring.onEncrypt(encryptionMaterials())
        }
        kms.change { $0.failures["DeriveSharedSecret"] = .invalidKeyUsage }
        _ = await expectRefusals([.awsRefusal], of: keyring, keys)
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
