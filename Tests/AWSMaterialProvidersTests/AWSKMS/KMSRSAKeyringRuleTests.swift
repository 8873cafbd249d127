import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite struct KMSRSAKeyringRuleTests {
    private let kms: StandInKMS
    private let key: RSAPrivateKey

    init() throws {
        let key = try RSAFixture.privateKey()
        self.key = key
        kms = StandInKMS(region: "us-west-2")
        kms.change { $0.rsa[Keys.mrkWest] = key }
    }

    private func keyring(
        _ id: String = Keys.mrkWest,
        _ algorithm: KMS.EncryptionAlgorithm = .rsaesOAEPSHA256,
        client: StandInKMS? = nil
    ) throws -> AWSKMSRSAKeyring {
        try AWSKMSRSAKeyring(
            kmsKeyID: id,
            encryptionAlgorithm: algorithm,
            publicKey: key.publicKey,
            kmsClient: client ?? kms,
            grantTokens: ["token"]
        )
    }

    @Test(
        "a data key is wrapped without a call and opened by KMS",
        .spec(
            "aws-kms-rsa-keyring/onencrypt.4",
            "aws-kms-rsa-keyring/onencrypt.5",
            "aws-kms-rsa-keyring/onencrypt.6",
            "aws-kms-rsa-keyring/onencrypt.7",
            "aws-kms-rsa-keyring/onencrypt.8",
            "aws-kms-rsa-keyring/onencrypt.9",
            "aws-kms-rsa-keyring/onencrypt.10",
            "aws-kms-rsa-keyring/onencrypt.11",
            "aws-kms-rsa-keyring/onencrypt.12",
            "aws-kms-rsa-keyring/onencrypt.13",
            "aws-kms-rsa-keyring/ondecrypt.9",
            "aws-kms-rsa-keyring/ondecrypt.12",
            "aws-kms-rsa-keyring/ondecrypt.13",
            "aws-kms-rsa-keyring/ondecrypt.14",
            "aws-kms-rsa-keyring/ondecrypt.15",
            "aws-kms-rsa-keyring/ondecrypt.16",
            "aws-kms-rsa-keyring/ondecrypt.17",
            "aws-kms-rsa-keyring/ondecrypt.21"
        ),
        arguments: [true, false]
    )
    func roundTrip(withSHA1: Bool) async throws {
        let keyring = try keyring(Keys.mrkWest, withSHA1 ? .rsaesOAEPSHA1 : .rsaesOAEPSHA256)
        let encrypted = try await keyring.onEncrypt(encryptionMaterials())
        #expect(kms.calls.isEmpty)
        #expect(encrypted.encryptedDataKeys.first?.keyProviderID == Array("aws-kms-rsa".utf8))
        let decrypted = try await keyring.onDecrypt(
            decryptionMaterials(),
            encryptedDataKeys: encrypted.encryptedDataKeys
        )
        #expect(decrypted.plaintextDataKey == encrypted.plaintextDataKey)
        #expect(kms.calls == [.init(operation: "Decrypt", keyID: Keys.mrkWest, grantTokens: ["token"])])
    }

    @Test(
        "keys of every length that KMS has, with both hashes, and data keys of every length",
        arguments: [2048, 3072, 4096]
    )
    func keyLengths(bits: Int) async throws {
        let key = try RSAFixture.privateKey(bits: bits)
        kms.change { $0.rsa[Keys.west] = key }
        for algorithm in [KMS.EncryptionAlgorithm.rsaesOAEPSHA1, .rsaesOAEPSHA256] {
            for suite in AlgorithmSuite.all where suite.signature == nil {
                let keyring = try AWSKMSRSAKeyring(
                    kmsKeyID: Keys.west,
                    encryptionAlgorithm: algorithm,
                    publicKey: key.publicKey,
                    kmsClient: kms
                )
                let encrypted = try await keyring.onEncrypt(encryptionMaterials(suite))
                let opened = try await keyring.onDecrypt(
                    decryptionMaterials(suite: suite),
                    encryptedDataKeys: encrypted.encryptedDataKeys
                )
                #expect(opened.plaintextDataKey == encrypted.plaintextDataKey)
                #expect(opened.plaintextDataKey?.count == suite.dataKeyLength)
                let other: KMS.EncryptionAlgorithm = algorithm == .rsaesOAEPSHA1 ? .rsaesOAEPSHA256 : .rsaesOAEPSHA1
                let otherHash = try AWSKMSRSAKeyring(
                    kmsKeyID: Keys.west,
                    encryptionAlgorithm: other,
                    kmsClient: kms
                )
                _ = await expectRefusals([.awsRefusal], of: otherHash, encrypted.encryptedDataKeys)
            }
        }
    }

    @Test("M11: what KMS decrypts is not a digest and a data key of the suite's length")
    func m11PlaintextLength() async throws {
        let keyring = try keyring()
        let keys = try await keyring.onEncrypt(encryptionMaterials()).encryptedDataKeys
        for drop in [1, 32, 33, 80] {
            kms.change { $0.dropsPlaintextBytes = drop }
            _ = await expectRefusals([.unexpectedKMSResponse], of: keyring, keys)
        }
    }

    @Test("a key id without its ARN is taken, and never written: no keyring could open what names it so")
    func keyIDWithoutARN() async throws {
        let keyring = try keyring("1234abcd-12ab-34cd-56ef-1234567890ab")
        let error = await expectError(.keyringCannotEncrypt) { _ = try await keyring.onEncrypt(encryptionMaterials()) }
        #expect(error?.reason.contains("ARN") == true)
        let keys = try await self.keyring().onEncrypt(encryptionMaterials()).encryptedDataKeys
        _ = await expectRefusals([.notForThisKeyring], of: keyring, keys)
    }

    @Test("M11: configurations that an RSA keyring does not take")
    func m11Configuration() async throws {
        for id in [Keys.alias, "alias/example"] {
            await expectError(.invalidConfiguration) { _ = try self.keyring(id) }
        }
        for algorithm in ["SYMMETRIC_DEFAULT", "SM2PKE", "RSAES_OAEP_SHA_512"] {
            await expectError(.invalidConfiguration) {
                _ = try self.keyring(Keys.west, KMS.EncryptionAlgorithm(rawValue: algorithm))
            }
        }
        let small = try RSAPublicKey(pem: RSAFixture.small)
        await expectError(.invalidConfiguration) {
            _ = try AWSKMSRSAKeyring(kmsKeyID: Keys.west, encryptionAlgorithm: .rsaesOAEPSHA1, publicKey: small)
        }
    }

    private struct ValidationFile: Decodable {
        struct Key: Decodable {
            let kind: String
            let name: String
            let der: String
        }

        let keys: [Key]
    }

    @Test(
        "M11: a modulus of 2,047 bits, which has as many bytes as one of 2,048, is too short",
        arguments: [2_047, 2_048]
    )
    func m11ModulusBits(bits: Int) throws {
        let keys = try VectorFile.load("keys/validation.json", as: ValidationFile.self).keys
        let text = try #require(keys.first { $0.kind == "rsa-public" && $0.name == "modulus of \(bits) bits" }?.der)
        let key = try RSAPublicKey(der: #require(Base64.decode(text)))
        #expect(key.modulusBits == bits)
        #expect(key.modulusLength == 256)
        let isTaken =
            (try? AWSKMSRSAKeyring(kmsKeyID: Keys.west, encryptionAlgorithm: .rsaesOAEPSHA1, publicKey: key)) != nil
        #expect(isTaken == (bits == 2_048))
    }

    @Test("M11: signed suites are refused both ways")
    func m11SignedSuite() async throws {
        let keyring = try keyring()
        let materials = try encryptionMaterials(signed)
        await expectError(.signedSuiteNotSupported) { _ = try await keyring.onEncrypt(materials) }
        let verificationKey = try #require(materials.signingKey?.publicKey)
        await expectError(.signedSuiteNotSupported) {
            _ = try await keyring.onDecrypt(
                decryptionMaterials(materials.encryptionContext, suite: signed, verificationKey: verificationKey),
                encryptedDataKeys: []
            )
        }
    }

    @Test("M11: no public key to encrypt with, no client to decrypt with")
    func m11MissingHalf() async throws {
        let decryptOnly = try AWSKMSRSAKeyring(
            kmsKeyID: Keys.mrkWest,
            encryptionAlgorithm: .rsaesOAEPSHA256,
            kmsClient: kms
        )
        await expectError(.keyringCannotEncrypt) { _ = try await decryptOnly.onEncrypt(encryptionMaterials()) }
        let encryptOnly = try AWSKMSRSAKeyring(
            kmsKeyID: Keys.mrkWest,
            encryptionAlgorithm: .rsaesOAEPSHA256,
            publicKey: key.publicKey
        )
        let encrypted = try await encryptOnly.onEncrypt(encryptionMaterials())
        await expectError(.noPrivateKey) {
            _ = try await encryptOnly.onDecrypt(
                decryptionMaterials(),
                encryptedDataKeys: encrypted.encryptedDataKeys
            )
        }
    }

    @Test("M11: another context, another key id in the answer, an alias in the provider info, another key")
    func m11Mismatches() async throws {
        let keyring = try keyring()
        let keys = try await keyring.onEncrypt(encryptionMaterials()).encryptedDataKeys
        _ = await expectRefusals([.unwrappingFailed], of: keyring, keys, context: ["purpose": "another"])
        _ = await expectRefusals([.notForThisKeyring], of: try self.keyring(Keys.west), keys)
        kms.change { $0.answeredKeyID = Keys.mrkEast }
        _ = await expectRefusals([.unexpectedKMSResponse], of: keyring, keys)
        let alias = EncryptedDataKey(
            keyProviderID: Array("aws-kms-rsa".utf8),
            keyProviderInfo: Array(Keys.alias.utf8),
            ciphertext: keys[0].ciphertext
        )
        await expectError(.malformedEncryptedDataKey) {
            _ = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: [alias])
        }
    }

    @Test("a replica opens what the same multi-Region key wrapped elsewhere")
    func replica() async throws {
        let keys = try await keyring(Keys.mrkEast, client: StandInKMS(region: "us-east-1"))
            .onEncrypt(encryptionMaterials()).encryptedDataKeys
        let opened = try await keyring().onDecrypt(decryptionMaterials(), encryptedDataKeys: keys)
        #expect(opened.plaintextDataKey != nil)
        #expect(kms.calls.map(\.keyID) == [Keys.mrkWest])
    }
}
