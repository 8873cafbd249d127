import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSServiceClients

/// Answers that are well formed and still not to be believed: what keyrings over a real client make of them.
@Suite(.timeLimit(.minutes(5)))
struct KeyringFaultTests {
    private static let otherARN = "arn:aws:kms:us-west-2:111122223333:key/ffffffff-12ab-34cd-56ef-1234567890ab"

    private static func answer(key: String = TestValues.keyARN, plaintext: String = TestValues.plaintext)
        -> ScriptedServer.Step
    {
        .answer(
            status: 200,
            body: #"{"CiphertextBlob":"AQID","KeyId":"\#(key)","Plaintext":"\#(plaintext)"}"#
        )
    }

    private func decryptionMaterials() throws -> DecryptionMaterials {
        try DecryptionMaterials(algorithmSuite: .aes256GCMHKDFSHA512CommitKey, encryptionContext: ["purpose": "test"])
    }

    private static let dataKey = EncryptedDataKey(
        keyProviderID: Array("aws-kms".utf8),
        keyProviderInfo: Array(TestValues.keyARN.utf8),
        ciphertext: [1, 2, 3]
    )

    @Test func theRightAnswerOpens() async throws {
        let service = try ScriptedService([Self.answer()])
        defer { service.server.stop() }
        let keyring = try AWSKMSKeyring(kmsKeyID: TestValues.keyARN, kmsClient: service.kms)
        let opened = try await keyring.onDecrypt(decryptionMaterials(), encryptedDataKeys: [Self.dataKey])
        #expect(opened.plaintextDataKey == SecretBytes([UInt8](repeating: 0x61, count: 32)))
    }

    @Test(arguments: [
        ("another key", answer(key: otherARN), EncryptionSDKError.Code.unexpectedKMSResponse, 1),
        ("a short plaintext", answer(plaintext: "YWFhYQ=="), .unexpectedKMSResponse, 1),
        (
            "a long plaintext", answer(plaintext: TestValues.plaintext.replacing("=", with: "h") + "YQ=="),
            .unexpectedKMSResponse, 1
        ),
        ("no plaintext", answer(plaintext: ""), .unexpectedKMSResponse, 1),
        ("malformed JSON", .answer(status: 200, body: #"{"KeyId":"#), .awsUnavailable, 3),
        ("a cut connection", .cut, .awsUnavailable, 3),
        ("an internal error", .error("KMSInternalException", status: 500), .awsUnavailable, 3),
        ("throttling", .error("ThrottlingException"), .awsUnavailable, 3),
        ("expired credentials", .error("ExpiredTokenException"), .awsCredentials, 2),
        ("a denial", .error("AccessDeniedException"), .awsAccessDenied, 1),
    ])
    func aWrongAnswerDoesNotOpen(
        name: String,
        step: ScriptedServer.Step,
        code: EncryptionSDKError.Code,
        tries: Int
    ) async throws {
        let service = try ScriptedService([step])
        defer { service.server.stop() }
        let keyring = try AWSKMSKeyring(kmsKeyID: TestValues.keyARN, kmsClient: service.kms)
        let materials = try decryptionMaterials()
        let error = await #expect(throws: EncryptionSDKError.self) {
            try await keyring.onDecrypt(materials, encryptedDataKeys: [Self.dataKey])
        }
        let isObstacle = code.category == .service || code.category == .credentials
        #expect(error?.code == (isObstacle ? code : .noDataKey))
        #expect(error?.refusals.map(\.error.code) == [code], "\(name): \(String(describing: error))")
        #expect(service.server.requests.count == tries)
        for secret in [TestValues.plaintext, TestValues.secretKey, TestValues.token, "YWFh"] {
            #expect("\(String(describing: error))".contains(secret) == false)
        }
    }

    @Test(arguments: [
        answer(key: "alias/a"), answer(plaintext: "YWFhYQ=="), answer(key: "arn:aws:kms:us-west-2:1:alias/a"),
    ])
    func aDataKeyThatIsNoneIsNotUsed(step: ScriptedServer.Step) async throws {
        let service = try ScriptedService([step])
        defer { service.server.stop() }
        let keyring = try AWSKMSKeyring(kmsKeyID: TestValues.keyARN, kmsClient: service.kms)
        let materials = try EncryptionMaterials(
            algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
            encryptionContext: ["purpose": "test"]
        )
        await #expect(throws: EncryptionSDKError(.unexpectedKMSResponse, "")) { try await keyring.onEncrypt(materials) }
        #expect(service.server.requests.count == 1)
    }
}
