import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

@testable import AWSServiceClients

/// What the KMS client sends, and how it reads the answers.
struct KMSRequestTests {
    private static let grants = ["g1", "g2"]

    private func exchange<Answer>(
        _ answer: String,
        _ call: (AWSKMSClient) async throws -> Answer
    ) async throws -> (request: ScriptedServer.Request, answer: Answer) {
        let service = try ScriptedService([.answer(status: 200, body: answer)])
        defer { service.server.stop() }
        let result = try await call(try service.kms)
        return (try #require(service.server.requests.first), result)
    }

    @Test func aRequestIsSignedAsItIsSent() async throws {
        let service = try ScriptedService([.dataKey])
        defer { service.server.stop() }
        _ = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        let request = try #require(service.server.requests.first)
        #expect(request.line == "POST / HTTP/1.1")
        #expect(
            request.body
                == #"{"KeyId":"\#(TestValues.keyARN)","NumberOfBytes":32,"EncryptionContext":{"purpose":"test"}}"#
        )
        let names = ["Content-Type", "Host", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Target"]
        let time = try #require(Timestamp(iso8601: "2026-11-24T22:25:35Z"))
        let signature = try SignatureV4(
            method: "POST",
            path: "/",
            fields: try names.map { HTTPField($0, try #require(request.field($0))) },
            body: Array(request.body.utf8).span,
            credentials: TestValues.credentials,
            scope: SigningScope(region: "us-west-2", service: "kms"),
            time: time
        )
        #expect(request.field("Authorization") == signature.authorization)
        #expect(request.field("Host") == "127.0.0.1:\(service.server.port)")
        #expect(request.field("Content-Type") == "application/x-amz-json-1.1")
        #expect(request.field("X-Amz-Target") == "TrentService.GenerateDataKey")
        #expect(request.field("User-Agent")?.hasPrefix("aws-encryption-sdk-swift/") == true)
        for name in ["Expect", "Accept", "Transfer-Encoding"] { #expect(request.field(name) == nil) }
        for name in names { #expect(request.fields.filter { $0.name == name }.count == 1) }
    }

    @Test func theEndpointsPathIsCalledAndSigned() async throws {
        var service = try ScriptedService([.dataKey])
        defer { service.server.stop() }
        service.configuration.endpoint = "\(service.server.url)/base/../path"
        _ = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        #expect(service.server.requests.first?.line == "POST /base/../path HTTP/1.1")
    }

    @Test func applicationIDIsSentWithoutOddCharacters() async throws {
        var service = try ScriptedService([.dataKey])
        defer { service.server.stop() }
        service.configuration.applicationID = "my app/\u{E9}1"
        _ = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        #expect(service.server.requests.first?.field("User-Agent")?.contains(" app/my-app---1") == true)
    }

    @Test func generateDataKeyWithoutPlaintext() async throws {
        let (request, answer) = try await exchange(#"{"KeyId":"k","CiphertextBlob":"AQID","New":{"a":[1.6E9]}}"#) {
            try await $0.generateDataKeyWithoutPlaintext(
                KMS.GenerateDataKeyWithoutPlaintextRequest(keyID: "k", numberOfBytes: 32, grantTokens: Self.grants)
            )
        }
        #expect(request.field("X-Amz-Target") == "TrentService.GenerateDataKeyWithoutPlaintext")
        #expect(request.body == #"{"KeyId":"k","NumberOfBytes":32,"GrantTokens":["g1","g2"]}"#)
        #expect(answer.ciphertextBlob == [1, 2, 3])
    }

    @Test func encrypt() async throws {
        let (request, answer) = try await exchange(
            #"{"KeyId":"k","CiphertextBlob":"AQID","EncryptionAlgorithm":"RSAES_OAEP_SHA_1"}"#
        ) {
            try await $0.encrypt(
                KMS.EncryptRequest(
                    keyID: "k",
                    plaintext: SecretBytes([0, 1, 2, 3]),
                    encryptionAlgorithm: .rsaesOAEPSHA1
                )
            )
        }
        #expect(request.field("X-Amz-Target") == "TrentService.Encrypt")
        #expect(request.body == #"{"KeyId":"k","EncryptionAlgorithm":"RSAES_OAEP_SHA_1","Plaintext":"AAECAw=="}"#)
        #expect(answer.encryptionAlgorithm == .rsaesOAEPSHA1)
    }

    @Test func decrypt() async throws {
        let (request, answer) = try await exchange(#"{"KeyId":"k","Plaintext":"AAECAw=="}"#) {
            try await $0.decrypt(
                KMS.DecryptRequest(keyID: "k", ciphertextBlob: [1, 2, 3], encryptionContext: ["b": "2", "a": "1"])
            )
        }
        #expect(request.field("X-Amz-Target") == "TrentService.Decrypt")
        #expect(request.body == #"{"KeyId":"k","CiphertextBlob":"AQID","EncryptionContext":{"a":"1","b":"2"}}"#)
        #expect(answer.plaintext == SecretBytes([0, 1, 2, 3]))
        #expect(answer.encryptionAlgorithm == nil)
    }

    @Test(arguments: [
        (#"\/\/\/\/"#, [0xFF, 0xFF, 0xFF] as [UInt8]), (#"AA\u003d\u003d"#, [0]), ("", []),
    ])
    func aSecretMayBeWrittenWithEscapes(text: String, bytes: [UInt8]) async throws {
        let (_, answer) = try await exchange(#"{"Plaintext":"\#(text)","KeyId":"k"}"#) {
            try await $0.decrypt(KMS.DecryptRequest(keyID: "k", ciphertextBlob: [1]))
        }
        #expect(answer.plaintext == SecretBytes(bytes))
    }

    @Test(arguments: [
        ("7", "has an integer as Plaintext"), ("null", "has no Plaintext"), (#""\u00e9AAA""#, "is not Base64"),
        (#""AAA""#, "is not Base64"),
    ])
    func aSecretThatIsNoneIsRefused(value: String, words: String) async throws {
        let service = try ScriptedService([.answer(status: 200, body: #"{"KeyId":"k","Plaintext":\#(value)}"#)])
        defer { service.server.stop() }
        let client = try service.kms
        let error = await #expect(throws: AWSServiceError.self) {
            try await client.decrypt(KMS.DecryptRequest(keyID: "k", ciphertextBlob: [1]))
        }
        #expect(error?.code == .invalidResponse)
        #expect(error?.message.contains(words) == true)
    }

    @Test func contextKeysThatUnicodeTakesForOneStayTwo() async throws {
        let (request, _) = try await exchange(#"{"KeyId":"k","Plaintext":"AAECAw=="}"#) {
            try await $0.decrypt(
                KMS.DecryptRequest(
                    keyID: "k",
                    ciphertextBlob: [1],
                    encryptionContext: ["\u{E9}": "1", "e\u{301}": "2"]
                )
            )
        }
        #expect(
            Array(request.body.utf8)
                == Array(
                    (#"{"KeyId":"k","CiphertextBlob":"AQ==","EncryptionContext":{"#
                        + "\"e\u{301}\":\"2\",\"\u{E9}\":\"1\"}}").utf8
                )
        )
    }

    @Test func reEncrypt() async throws {
        let (request, answer) = try await exchange(#"{"KeyId":"d","SourceKeyId":"s","CiphertextBlob":"AQID"}"#) {
            try await $0.reEncrypt(
                KMS.ReEncryptRequest(
                    ciphertextBlob: [4],
                    sourceKeyID: "s",
                    sourceEncryptionContext: ["a": "1"],
                    destinationKeyID: "d",
                    destinationEncryptionContext: ["b": "2"]
                )
            )
        }
        #expect(request.field("X-Amz-Target") == "TrentService.ReEncrypt")
        #expect(
            request.body == #"{"CiphertextBlob":"BA==","SourceKeyId":"s","DestinationKeyId":"d","#
                + #""SourceEncryptionContext":{"a":"1"},"DestinationEncryptionContext":{"b":"2"}}"#
        )
        #expect(answer.sourceKeyID == "s")
        #expect(answer.keyID == "d")
    }

    @Test func getPublicKey() async throws {
        let (request, answer) = try await exchange(
            #"{"KeyId":"k","PublicKey":"AQID","KeySpec":"ECC_NIST_P256","KeyUsage":"KEY_AGREEMENT"}"#
        ) { try await $0.getPublicKey(KMS.GetPublicKeyRequest(keyID: "k")) }
        #expect(request.field("X-Amz-Target") == "TrentService.GetPublicKey")
        #expect(request.body == #"{"KeyId":"k"}"#)
        #expect(answer.publicKey == [1, 2, 3])
        #expect(answer.keyUsage == "KEY_AGREEMENT")
    }

    @Test func deriveSharedSecret() async throws {
        let (request, answer) = try await exchange(#"{"KeyId":"k","SharedSecret":"AQID"}"#) {
            try await $0.deriveSharedSecret(KMS.DeriveSharedSecretRequest(keyID: "k", publicKey: [4]))
        }
        #expect(request.field("X-Amz-Target") == "TrentService.DeriveSharedSecret")
        #expect(request.body == #"{"KeyId":"k","KeyAgreementAlgorithm":"ECDH","PublicKey":"BA=="}"#)
        #expect(answer.sharedSecret == SecretBytes([1, 2, 3]))
    }

    @Test func describeKey() async throws {
        let (request, answer) = try await exchange(
            #"{"KeyMetadata":{"Arn":"a","KeyState":"Enabled","CreationDate":1.6E9,"MultiRegion":true}}"#
        ) { try await $0.describeKey(KMS.DescribeKeyRequest(keyID: "k")) }
        #expect(request.field("X-Amz-Target") == "TrentService.DescribeKey")
        #expect(answer.arn == "a")
        #expect(answer.keyState == "Enabled")
        #expect(answer.isMultiRegion)
    }
}
