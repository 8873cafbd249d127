import AWSHTTPTransport
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSServiceClients

/// The KMS client against a server that knows KMS.
@Suite(.enabled(if: LocalAWS.isRunning, Comment(rawValue: LocalAWS.comment)))
struct LocalKMSTests {
    private static let symmetric = LocalAWS.arn("b3537ef1-d8dc-4780-9f5a-55776cbb2f7f")

    @Test func aDataKeyComesBackWithItsContextOnly() async throws {
        let kms = try AWSKMSClient(LocalAWS.configuration())
        let context: EncryptionContext = ["purpose": "test", "cl\u{E9}": "\u{1F511}"]
        let key = try await kms.generateDataKey(
            KMS.GenerateDataKeyRequest(keyID: "alias/EncryptDecrypt", numberOfBytes: 32, encryptionContext: context)
        )
        #expect(key.keyID == Self.symmetric)
        #expect(key.plaintext.count == 32)
        let opened = try await kms.decrypt(
            KMS.DecryptRequest(
                keyID: Self.symmetric,
                ciphertextBlob: key.ciphertextBlob,
                encryptionContext: context
            )
        )
        #expect(opened.plaintext == key.plaintext)
        await #expect(throws: AWSServiceError(.invalidCiphertext, "", service: "", operation: "")) {
            try await kms.decrypt(KMS.DecryptRequest(keyID: Self.symmetric, ciphertextBlob: key.ciphertextBlob))
        }
    }

    @Test func aCiphertextMovesToAnotherContext() async throws {
        let kms = try AWSKMSClient(LocalAWS.configuration())
        let made = try await kms.generateDataKeyWithoutPlaintext(
            KMS.GenerateDataKeyWithoutPlaintextRequest(
                keyID: Self.symmetric,
                numberOfBytes: 32,
                encryptionContext: ["a": "1"]
            )
        )
        let moved = try await kms.reEncrypt(
            KMS.ReEncryptRequest(
                ciphertextBlob: made.ciphertextBlob,
                sourceKeyID: Self.symmetric,
                sourceEncryptionContext: ["a": "1"],
                destinationKeyID: Self.symmetric,
                destinationEncryptionContext: ["b": "2"]
            )
        )
        #expect(moved.sourceKeyID == Self.symmetric)
        let opened = try await kms.decrypt(
            KMS.DecryptRequest(
                keyID: Self.symmetric,
                ciphertextBlob: moved.ciphertextBlob,
                encryptionContext: ["b": "2"]
            )
        )
        #expect(opened.plaintext.count == 32)
    }

    @Test(arguments: [
        ("00000000-0000-4000-8000-000000004096", LocalAWS.firstAccount),
        ("mrk-63d386cb70614ea59b32ad65c9315297", LocalAWS.secondAccount),
    ])
    func anRSAKeyEncryptsAndDecrypts(id: String, account: String) async throws {
        let kms = try AWSKMSClient(LocalAWS.configuration())
        let arn = LocalAWS.arn(id, account: account)
        let plaintext = SecretBytes(Array("data key".utf8))
        for algorithm in [KMS.EncryptionAlgorithm.rsaesOAEPSHA1, .rsaesOAEPSHA256] {
            let sealed = try await kms.encrypt(
                KMS.EncryptRequest(keyID: arn, plaintext: plaintext, encryptionAlgorithm: algorithm)
            )
            let opened = try await kms.decrypt(
                KMS.DecryptRequest(
                    keyID: arn,
                    ciphertextBlob: sealed.ciphertextBlob,
                    encryptionAlgorithm: algorithm
                )
            )
            #expect(opened.plaintext == plaintext)
            #expect(opened.encryptionAlgorithm == algorithm)
        }
    }

    @Test func twoSidesAgreeOnASecret() async throws {
        let kms = try AWSKMSClient(LocalAWS.configuration())
        let one = LocalAWS.arn("eabdf483-6be2-4d2d-8ee4-8c2583d416e9", account: LocalAWS.secondAccount)
        let other = LocalAWS.arn("0265c8e9-5b6a-4055-8f70-63719e09fda5", account: LocalAWS.secondAccount)
        let keyOfOne = try await kms.getPublicKey(KMS.GetPublicKeyRequest(keyID: one))
        let keyOfOther = try await kms.getPublicKey(KMS.GetPublicKeyRequest(keyID: other))
        #expect(keyOfOne.keyUsage == "KEY_AGREEMENT")
        #expect(keyOfOne.keySpec == "ECC_NIST_P256")
        let first = try await kms.deriveSharedSecret(
            KMS.DeriveSharedSecretRequest(keyID: one, publicKey: keyOfOther.publicKey)
        )
        let second = try await kms.deriveSharedSecret(
            KMS.DeriveSharedSecretRequest(keyID: other, publicKey: keyOfOne.publicKey)
        )
        #expect(first.sharedSecret == second.sharedSecret)
        #expect(first.sharedSecret.count == 32)
    }

    @Test(arguments: [
        ("00000000-0000-4000-8000-00000000dead", AWSServiceError.Code.disabled),
        ("00000000-0000-4000-8000-000000000000", .notFound),
        ("00000000-0000-4000-8000-000000004096", .invalidKeyUsage),
    ])
    func aRefusalHasItsCode(id: String, code: AWSServiceError.Code) async throws {
        let kms = try AWSKMSClient(LocalAWS.configuration())
        let error = await #expect(throws: AWSServiceError.self) {
            try await kms.generateDataKey(
                KMS.GenerateDataKeyRequest(keyID: LocalAWS.arn(id), numberOfBytes: 32)
            )
        }
        #expect(error?.code == code)
        #expect(error?.attempts == 1)
    }

    @Test func aKeyWithoutPermissionIsDenied() async throws {
        let kms = try AWSKMSClient(LocalAWS.configuration())
        let sealed = try await kms.encrypt(
            KMS.EncryptRequest(keyID: "alias/EncryptOnly", plaintext: SecretBytes([1]))
        )
        await #expect(throws: AWSServiceError(.accessDenied, "", service: "", operation: "")) {
            try await kms.decrypt(KMS.DecryptRequest(keyID: sealed.keyID, ciphertextBlob: sealed.ciphertextBlob))
        }
    }

    @Test func aMultiRegionKeyOpensInEachOfItsRegions() async throws {
        let supplier = AWSKMSClientSupplier(try LocalAWS.configuration())
        let id = "mrk-80bd8ecdcd4342aebd84b7dc9da498a7"
        let sealed = try await supplier.client(forRegion: "us-west-2").encrypt(
            KMS.EncryptRequest(keyID: LocalAWS.arn(id), plaintext: SecretBytes([7]))
        )
        for region in ["us-east-1", "eu-west-1"] {
            let client = try supplier.client(forRegion: region)
            let opened = try await client.decrypt(
                KMS.DecryptRequest(keyID: LocalAWS.arn(id, region: region), ciphertextBlob: sealed.ciphertextBlob)
            )
            #expect(opened.keyID == LocalAWS.arn(id, region: region))
            #expect(opened.plaintext == SecretBytes([7]))
            let described = try await client.describeKey(KMS.DescribeKeyRequest(keyID: id))
            #expect(described.isMultiRegion)
        }
    }
}

@Suite(.enabled(if: LocalAWS.isRunning, Comment(rawValue: LocalAWS.comment)))
struct LocalRoleTests {
    @Test func aRoleThatWasAssumedSeesTheSameKeys() async throws {
        let home = try TestHome(
            config: """
                [profile role]
                role_arn = arn:aws:iam::111122223333:role/demo
                source_profile = base
                region = us-west-2
                endpoint_url = \(LocalAWS.endpoint ?? "")
                [profile base]
                aws_access_key_id = local
                aws_secret_access_key = local
                """
        )
        let configuration = try AWSClientConfiguration(
            transport: try CurlTransport(),
            environment: home.environment(),
            profile: "role"
        )
        let found = try await configuration.credentials.credentials(forcesRefresh: false)
        #expect(found.accessKeyID.hasPrefix("ASIA"))
        #expect(found.sessionToken != nil)
        let key = try await AWSKMSClient(configuration).describeKey(
            KMS.DescribeKeyRequest(keyID: "alias/EncryptDecrypt")
        )
        #expect(key.arn == LocalAWS.arn("b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"))
    }
}
