import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite struct KMSKeyringRuleTests {
    private func message(under keyID: String, _ kms: StandInKMS) async throws -> EncryptionMaterials {
        try await AWSKMSKeyring(kmsKeyID: keyID, kmsClient: kms).onEncrypt(encryptionMaterials())
    }

    @Test(
        "a data key that KMS made is opened again, with grant tokens and context",
        .spec(
            "aws-kms-keyring/onencrypt.2",
            "aws-kms-keyring/onencrypt.3",
            "aws-kms-keyring/onencrypt.4",
            "aws-kms-keyring/onencrypt.5",
            "aws-kms-keyring/onencrypt.6",
            "aws-kms-keyring/onencrypt.7",
            "aws-kms-keyring/onencrypt.8",
            "aws-kms-keyring/onencrypt.12",
            "aws-kms-keyring/onencrypt.13",
            "aws-kms-keyring/onencrypt.14",
            "aws-kms-keyring/onencrypt.15",
            "aws-kms-keyring/onencrypt.16",
            "aws-kms-keyring/onencrypt.17",
            "aws-kms-mrk-keyring/onencrypt.9",
            "aws-kms-keyring/ondecrypt.9",
            "aws-kms-keyring/ondecrypt.10",
            "aws-kms-keyring/ondecrypt.11",
            "aws-kms-keyring/ondecrypt.12",
            "aws-kms-keyring/ondecrypt.13",
            "aws-kms-keyring/ondecrypt.14",
            "aws-kms-keyring/ondecrypt.18",
            "aws-kms-keyring/ondecrypt.19",
            "aws-kms-mrk-keyring/onencrypt.2",
            "aws-kms-mrk-keyring/onencrypt.3",
            "aws-kms-mrk-keyring/onencrypt.4",
            "aws-kms-mrk-keyring/onencrypt.8",
            "aws-kms-mrk-keyring/ondecrypt.9",
            "aws-kms-mrk-keyring/ondecrypt.10",
            "aws-kms-mrk-keyring/ondecrypt.14",
            "aws-kms-discovery-keyring/ondecrypt.9",
            "aws-kms-discovery-keyring/ondecrypt.10",
            "aws-kms-discovery-keyring/ondecrypt.14"
        )
    )
    func generatedKeyRoundTrip() async throws {
        let kms = StandInKMS(keys: [Keys.west])
        let keyring = try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms, grantTokens: ["token"])
        let encrypted = try await keyring.onEncrypt(encryptionMaterials())
        let key = try #require(encrypted.encryptedDataKeys.first)
        #expect(key.keyProviderID == Array("aws-kms".utf8))
        #expect(key.keyProviderInfo == Array(Keys.west.utf8))
        let decrypted = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: [key])
        #expect(decrypted.plaintextDataKey == encrypted.plaintextDataKey)
        #expect(
            kms.calls == [
                .init(operation: "GenerateDataKey", keyID: Keys.west, grantTokens: ["token"]),
                .init(operation: "Decrypt", keyID: Keys.west, grantTokens: ["token"]),
            ]
        )
        let other = await expectRefusals([.awsRefusal], of: keyring, [key], context: ["purpose": "another"])
        #expect(other?.refusals.first?.error.serviceError?.code == .invalidCiphertext)
        #expect(other?.refusals.first?.error.serviceError?.requestID == "request-1")
    }

    @Test(
        "several keys in several regions: one of them opens the message",
        .spec(
            "aws-kms-keyring/onencrypt.18",
            "aws-kms-keyring/onencrypt.19",
            "aws-kms-keyring/onencrypt.20",
            "aws-kms-keyring/onencrypt.21",
            "aws-kms-keyring/onencrypt.22",
            "aws-kms-keyring/onencrypt.23",
            "aws-kms-keyring/onencrypt.27",
            "aws-kms-keyring/onencrypt.28",
            "aws-kms-keyring/onencrypt.29",
            "aws-kms-keyring/onencrypt.30",
            "aws-kms-keyring/onencrypt.31",
            "aws-kms-mrk-keyring/onencrypt.16",
            "aws-kms-mrk-keyring/onencrypt.10",
            "aws-kms-mrk-keyring/onencrypt.11",
            "aws-kms-mrk-keyring/onencrypt.12",
            "aws-kms-mrk-keyring/onencrypt.15",
            "aws-kms-multi-keyrings/aws-kms-multi-keyring.4",
            "aws-kms-multi-keyrings/aws-kms-multi-keyring.5",
            "aws-kms-multi-keyrings/aws-kms-multi-keyring.6",
            "aws-kms-multi-keyrings/aws-kms-multi-keyring.7",
            "aws-kms-multi-keyrings/aws-kms-multi-keyring.9",
            "aws-kms-multi-keyrings/aws-kms-multi-keyring.10"
        )
    )
    func multiKeyringAcrossRegions() async throws {
        let west = StandInKMS(region: "us-west-2", keys: [Keys.west, Keys.mrkWest])
        let east = StandInKMS(region: "us-east-1", keys: [Keys.mrkEast])
        let clients = StandInClients(clients: ["us-west-2": west, "us-east-1": east])
        let all = try MultiKeyring.awsKMS(generator: Keys.west, kmsKeyIDs: [Keys.mrkWest], clientSupplier: clients)
        let encrypted = try await all.onEncrypt(encryptionMaterials())
        #expect(encrypted.encryptedDataKeys.count == 2)
        let replica = try MultiKeyring.awsKMSMRK(generator: Keys.mrkEast, clientSupplier: clients)
        let decrypted = try await replica.onDecrypt(
            decryptionMaterials(),
            encryptedDataKeys: encrypted.encryptedDataKeys
        )
        #expect(decrypted.plaintextDataKey == encrypted.plaintextDataKey)
        #expect(decrypted.dataKeyOrigin?.encryptedDataKey == 1)
        #expect(east.calls == [.init(operation: "Decrypt", keyID: Keys.mrkEast)])
        for keyring in [
            try MultiKeyring.awsKMSDiscovery(regions: ["us-east-1", "us-west-2"], clientSupplier: clients),
            try MultiKeyring.awsKMSMRKDiscovery(regions: ["us-east-1"], clientSupplier: clients),
        ] {
            let found = try await keyring.onDecrypt(
                decryptionMaterials(),
                encryptedDataKeys: encrypted.encryptedDataKeys
            )
            #expect(found.plaintextDataKey == encrypted.plaintextDataKey)
        }
    }

    @Test("M02: discovery keyrings do not encrypt")
    func m02DiscoveryEncrypts() async throws {
        let kms = StandInKMS(region: "us-west-2")
        let clients = StandInClients(clients: ["us-west-2": kms])
        for keyring: any Keyring in [
            AWSKMSDiscoveryKeyring(kmsClient: kms),
            try AWSKMSMRKDiscoveryKeyring(kmsClient: kms, region: "us-west-2"),
        ] {
            await expectError(.keyringCannotEncrypt) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
        }
        for multi in [
            try MultiKeyring.awsKMSDiscovery(regions: ["us-west-2"], clientSupplier: clients),
            try MultiKeyring.awsKMSMRKDiscovery(regions: ["us-west-2"], clientSupplier: clients),
        ] {
            await expectError(.invalidMaterials) { _ = try await multi.onEncrypt(encryptionMaterials()) }
            let wrapped = try encryptionMaterials().generatingDataKeyIfNeeded()
            await expectError(.keyringCannotEncrypt) { _ = try await multi.onEncrypt(wrapped) }
        }
        #expect(kms.calls.isEmpty)
    }

    @Test(
        "M03: an aws-kms data key that names no key fails the keyring, even after a good one",
        arguments: [Keys.alias, "junk", "", "1234abcd-12ab-34cd-56ef-1234567890ab", "\u{FFFD}"]
    )
    func m03ProviderInfoIsNoKeyARN(info: String) async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west])
        let good = try await message(under: Keys.west, kms).encryptedDataKeys
        let bad = EncryptedDataKey(
            keyProviderID: Array("aws-kms".utf8),
            keyProviderInfo: info == "\u{FFFD}" ? [0xFF] : Array(info.utf8),
            ciphertext: [1]
        )
        for keyring: any Keyring in [
            try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms),
            try AWSKMSMRKKeyring(kmsKeyID: Keys.west, kmsClient: kms),
            AWSKMSDiscoveryKeyring(kmsClient: kms),
            try AWSKMSMRKDiscoveryKeyring(kmsClient: kms, region: "us-west-2"),
        ] {
            let error = await expectError(.malformedEncryptedDataKey) {
                _ = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: good + [bad])
            }
            #expect(error?.place?.encryptedDataKey == 1)
        }
        #expect(kms.count(of: "Decrypt") == 0)
        // The same provider info under another provider id is none of these keyrings' business.
        let foreign = EncryptedDataKey(
            keyProviderID: Array("aws-kms-rsa".utf8),
            keyProviderInfo: bad.keyProviderInfo,
            ciphertext: [1]
        )
        let opened = try await AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms)
            .onDecrypt(decryptionMaterials(), encryptedDataKeys: [foreign] + good)
        #expect(opened.dataKeyOrigin?.encryptedDataKey == 1)
    }

    @Test("M04: partition, account and region outside a discovery keyring's bounds")
    func m04DiscoveryFilter() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west, Keys.mrkWest])
        let keys = try await message(under: Keys.west, kms).encryptedDataKeys
        for filter in [
            try AWSKMSDiscoveryFilter(partition: "aws-cn", accountIDs: ["111122223333"]),
            try AWSKMSDiscoveryFilter(partition: "aws", accountIDs: ["444455556666"]),
        ] {
            let discovery = AWSKMSDiscoveryKeyring(kmsClient: kms, discoveryFilter: filter)
            _ = await expectRefusals([.notForThisKeyring], of: discovery, keys)
            let mrk = try AWSKMSMRKDiscoveryKeyring(kmsClient: kms, region: "us-west-2", discoveryFilter: filter)
            _ = await expectRefusals([.notForThisKeyring], of: mrk, keys)
        }
        let elsewhere = StandInKMS(region: "us-east-1", keys: [Keys.mrkEast])
        let east = try AWSKMSMRKDiscoveryKeyring(kmsClient: elsewhere, region: "us-east-1")
        _ = await expectRefusals([.notForThisKeyring], of: east, keys)
        #expect(kms.count(of: "Decrypt") == 0)
        #expect(elsewhere.calls.isEmpty)
        let fits = try AWSKMSDiscoveryFilter(partition: "aws", accountIDs: ["444455556666", "111122223333"])
        let found = try await AWSKMSDiscoveryKeyring(kmsClient: kms, discoveryFilter: fits)
            .onDecrypt(decryptionMaterials(), encryptedDataKeys: keys)
        #expect(found.plaintextDataKey != nil)
        // A multi-Region key is called in this region, whatever the one in which it wrapped; the filter holds for it too.
        let replicated = try await message(under: Keys.mrkWest, kms).encryptedDataKeys
        for filter in [nil, fits] {
            let opened = try await AWSKMSMRKDiscoveryKeyring(
                kmsClient: elsewhere,
                region: "us-east-1",
                discoveryFilter: filter
            ).onDecrypt(decryptionMaterials(), encryptedDataKeys: replicated)
            #expect(opened.plaintextDataKey != nil)
        }
        #expect(elsewhere.calls.map(\.keyID) == [Keys.mrkEast, Keys.mrkEast])
    }

    @Test("a discovery keyring names each key that it tried")
    func discoveryNamesKeys() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west, Keys.mrkWest])
        let keys =
            try await message(under: Keys.west, kms).encryptedDataKeys
            + message(under: Keys.mrkWest, kms).encryptedDataKeys
        kms.change { $0.failures["Decrypt"] = .accessDenied }
        for keyring: any Keyring in [
            AWSKMSDiscoveryKeyring(kmsClient: kms),
            try AWSKMSMRKDiscoveryKeyring(kmsClient: kms, region: "us-west-2"),
        ] {
            let error = await expectRefusals([.awsAccessDenied, .awsAccessDenied], of: keyring, keys)
            #expect(error?.refusals.first?.description.contains(Keys.west) == true)
            #expect(error?.refusals.last?.description.contains(Keys.mrkWest) == true)
        }
        kms.change { state in
            state.failures = [:]
            state.dropsPlaintextBytes = 1
        }
        let keyring = AWSKMSDiscoveryKeyring(kmsClient: kms)
        let error = await expectRefusals([.unexpectedKMSResponse, .unexpectedKMSResponse], of: keyring, keys)
        #expect(error?.refusals.first?.description.contains(Keys.west) == true)
    }

    @Test("M05: KMS wrapped under another key than the one that was asked for by ARN")
    func m05AnotherKeyOnEncrypt() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west, Keys.alias])
        kms.change { $0.answeredKeyID = Keys.other }
        let wrapped = try encryptionMaterials().generatingDataKeyIfNeeded()
        for keyring: any Keyring in [
            try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms),
            try AWSKMSMRKKeyring(kmsKeyID: Keys.west, kmsClient: kms),
        ] {
            for materials in [try encryptionMaterials(), wrapped] {
                let error = await expectError(.unexpectedKMSResponse) { _ = try await keyring.onEncrypt(materials) }
                #expect(error?.reason.contains(Keys.other) == true)
                #expect(error?.reason.contains(Keys.west) == true)
            }
        }
        // What an alias stands for is KMS's to say.
        let aliased = try await AWSKMSKeyring(kmsKeyID: Keys.alias, kmsClient: kms).onEncrypt(encryptionMaterials())
        #expect(aliased.encryptedDataKeys.first?.keyProviderInfo == Array(Keys.other.utf8))
    }

    @Test("M05: another key id or a plaintext of another length in the answer of KMS")
    func m05UnexpectedAnswer() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west])
        let keyring = try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms)
        let mrk = try AWSKMSMRKKeyring(kmsKeyID: Keys.west, kmsClient: kms)
        let discovery = AWSKMSDiscoveryKeyring(kmsClient: kms)
        let mrkDiscovery = try AWSKMSMRKDiscoveryKeyring(kmsClient: kms, region: "us-west-2")
        let encrypted = try await message(under: Keys.west, kms)
        kms.change { $0.dropsPlaintextBytes = 1 }
        await expectError(.unexpectedKMSResponse) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
        for keyring: any Keyring in [keyring, mrk, discovery, mrkDiscovery] {
            _ = await expectRefusals([.unexpectedKMSResponse], of: keyring, encrypted.encryptedDataKeys)
        }
        kms.change { state in
            state.dropsPlaintextBytes = 0
            state.answeredKeyID = Keys.other
        }
        for keyring: any Keyring in [keyring, mrk, discovery, mrkDiscovery] {
            _ = await expectRefusals([.unexpectedKMSResponse], of: keyring, encrypted.encryptedDataKeys)
        }
        for answer in [Keys.alias, "1234abcd-12ab-34cd-56ef-1234567890ab", ""] {
            kms.change { $0.answeredKeyID = answer }
            await expectError(.unexpectedKMSResponse) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
            await expectError(.unexpectedKMSResponse) { _ = try await mrk.onEncrypt(encrypted) }
        }
    }

    @Test("M06: a refusal of KMS ends encryption and only passes on to the next key in decryption")
    func m06ServiceErrors() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west])
        let keyring = try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms)
        let encrypted = try await message(under: Keys.west, kms)
        let good = try #require(encrypted.encryptedDataKeys.first)
        let damaged = EncryptedDataKey(
            keyProviderID: good.keyProviderID,
            keyProviderInfo: good.keyProviderInfo,
            ciphertext: good.ciphertext.dropLast() + [good.ciphertext[good.ciphertext.count - 1] ^ 1]
        )
        let opened = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: [damaged, good])
        #expect(opened.dataKeyOrigin?.encryptedDataKey == 1)
        for (failure, code) in [
            (AWSServiceError.Code.accessDenied, EncryptionSDKError.Code.awsAccessDenied),
            (.disabled, .awsRefusal), (.endpointUnreachable, .awsUnavailable),
            (.init("ThrottlingException"), .awsUnavailable),
        ] {
            kms.change { $0.failures = ["GenerateDataKey": failure, "Encrypt": failure, "Decrypt": failure] }
            await expectError(code) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
            await expectError(code) { _ = try await keyring.onEncrypt(encrypted) }
            let error = await expectRefusals([code, code], of: keyring, [damaged, good])
            #expect(error?.refusals.last?.error.serviceError?.code == failure)
        }
    }

    @Test("M07: an alias or a bare key id never matches on decryption, and the error says so")
    func m07AliasOnDecrypt() async throws {
        let kms = StandInKMS(keys: [Keys.west])
        let keys = try await message(under: Keys.west, kms).encryptedDataKeys
        for identifier in [Keys.alias, "alias/example", "1234abcd-12ab-34cd-56ef-1234567890ab"] {
            for keyring: any Keyring in [
                try AWSKMSKeyring(kmsKeyID: identifier, kmsClient: kms),
                try AWSKMSMRKKeyring(kmsKeyID: identifier, kmsClient: kms),
            ] {
                let error = await expectRefusals([.notForThisKeyring], of: keyring, keys)
                #expect(error?.description.contains("never matches") == true)
            }
        }
        #expect(kms.count(of: "Decrypt") == 0)
    }

    @Test("K01: materials with a data key: every keyring refuses but the MRK one, which hands them back")
    func dataKeyPresent() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west])
        let keys = try await message(under: Keys.west, kms).encryptedDataKeys
        let key = SecretBytes([UInt8](repeating: 7, count: 32))
        let materials = try decryptionMaterials().settingDataKey(key, fromEncryptedDataKey: 0, by: "test")
        for keyring: any Keyring in [
            try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms), AWSKMSDiscoveryKeyring(kmsClient: kms),
            try AWSKMSMRKDiscoveryKeyring(kmsClient: kms, region: "us-west-2"),
            try AWSKMSRSAKeyring(kmsKeyID: Keys.west, encryptionAlgorithm: .rsaesOAEPSHA256, kmsClient: kms),
            try await AWSKMSECDHKeyring(
                keyAgreementScheme: .kmsPrivateKeyToStaticPublicKey(
                    senderKMSIdentifier: Keys.west,
                    senderPublicKey: ECPrivateKey.generate(.p256).publicKey,
                    recipientPublicKey: ECPrivateKey.generate(.p256).publicKey
                ),
                curve: .p256,
                kmsClient: kms
            ),
            try HierarchicalKeyring(keyStore: FixedBranchKeyStore([]), branchKeyID: "id", timeToLive: .seconds(1)),
        ] {
            await expectError(.dataKeyAlreadyPresent) {
                _ = try await keyring.onDecrypt(materials, encryptedDataKeys: keys)
            }
        }
        let mrk = try AWSKMSMRKKeyring(kmsKeyID: Keys.west, kmsClient: kms)
        #expect(try await mrk.onDecrypt(materials, encryptedDataKeys: keys).plaintextDataKey == key)
        #expect(kms.calls.map(\.operation) == ["GenerateDataKey"])
    }

    @Test("cancelling the task ends decryption instead of trying the next data key")
    func cancellation() async throws {
        let kms = StandInKMS(keys: [Keys.west], delay: .seconds(3600))
        let materials = try encryptionMaterials()
        let task = Task {
            try await AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms).onEncrypt(materials)
        }
        while kms.calls.isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }
}
