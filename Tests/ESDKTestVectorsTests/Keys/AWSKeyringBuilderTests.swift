import AWSMaterialProviders
import ESDKCrypto
import Testing

@testable import ESDKTestVectors

@Suite("Keyrings of key descriptions that need AWS KMS")
struct AWSKeyringBuilderTests {
    private static let arn = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    /// A client that says where it is and refuses everything.
    private struct Client: KMSClient {
        let region: String?
        var code = AWSServiceError.Code.accessDenied

        private func refusal(_ operation: String) -> AWSServiceError {
            AWSServiceError(code, "in \(region ?? "?")", service: "KMS", operation: operation)
        }

        func generateDataKey(_ request: KMS.GenerateDataKeyRequest) async throws -> KMS.GenerateDataKeyResponse {
            throw refusal("GenerateDataKey")
        }
        func generateDataKeyWithoutPlaintext(
            _ request: KMS.GenerateDataKeyWithoutPlaintextRequest
        ) async throws -> KMS.GenerateDataKeyWithoutPlaintextResponse { throw refusal("…") }
        func encrypt(_ request: KMS.EncryptRequest) async throws -> KMS.EncryptResponse { throw refusal("Encrypt") }
        func decrypt(_ request: KMS.DecryptRequest) async throws -> KMS.DecryptResponse { throw refusal("Decrypt") }
        func reEncrypt(_ request: KMS.ReEncryptRequest) async throws -> KMS.ReEncryptResponse {
            throw refusal("ReEncrypt")
        }
        func getPublicKey(_ request: KMS.GetPublicKeyRequest) async throws -> KMS.GetPublicKeyResponse {
            throw refusal("GetPublicKey")
        }
        func deriveSharedSecret(
            _ request: KMS.DeriveSharedSecretRequest
        ) async throws -> KMS.DeriveSharedSecretResponse { throw refusal("DeriveSharedSecret") }
        func describeKey(_ request: KMS.DescribeKeyRequest) async throws -> KMS.DescribeKeyResponse {
            throw refusal("DescribeKey")
        }
    }

    private struct Clients: KMSClientSupplier {
        var code = AWSServiceError.Code.accessDenied

        func client(forRegion region: String?) throws -> any KMSClient {
            guard region != "" else {
                throw AWSServiceError(.invalidConfiguration, "no region", service: "KMS", operation: "configuration")
            }
            return Client(region: region, code: code)
        }
    }

    private func builder(_ entries: KeyEntry...) throws -> KeyringBuilder {
        KeyringBuilder(
            keys: KeyTable(declaredVersion: 3, entries: entries),
            cache: KeyCache(),
            aws: try AWSServices(kmsClients: Clients())
        )
    }

    private func entry(_ material: KeyMaterial, keyID: String = arn) -> KeyEntry {
        KeySamples.entry("k", material, keyID: keyID)
    }

    private func usable(_ use: KeyringUse) throws -> any Keyring {
        guard case .usable(let keyring, _) = use else {
            Issue.record("\(use)")
            throw EncryptionSDKError(.invalidConfiguration, "not usable")
        }
        return keyring
    }

    @Test("each description has its keyring, with the key-id as its key")
    func keyrings() throws {
        let symmetric = try builder(entry(.awsKMS))
        #expect(try usable(symmetric.keyring(for: .awsKMS(key: "k"))).description == "AWS KMS keyring \(Self.arn)")
        #expect(try usable(symmetric.keyring(for: .awsKMSMRK(key: "k"))) is AWSKMSMRKKeyring)
        #expect(
            try usable(symmetric.keyring(for: .awsKMSMRKDiscovery(region: "eu-west-1", filter: nil))).description
                == "AWS KMS MRK discovery keyring in eu-west-1"
        )
        let rsa = try builder(entry(.awsKMSRSA(publicKey: .pem(try KeySamples.pem("rsa-spki")))))
        let description = KeyDescription.awsKMSRSA(key: "k", algorithm: "RSAES_OAEP_SHA_1")
        #expect(try usable(rsa.keyring(for: description)).description.hasSuffix("(RSAES_OAEP_SHA_1)"))
    }

    @Test("the client of a key is that of its region")
    func regions() async throws {
        let keyring = try usable(builder(entry(.awsKMS)).keyring(for: .awsKMS(key: "k")))
        let materials = try EncryptionMaterials(
            algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
            encryptionContext: EncryptionContext()
        )
        do {
            _ = try await keyring.onEncrypt(materials)
            Issue.record("no error")
        } catch let error as EncryptionSDKError {
            #expect(error.serviceError?.message == "in us-west-2")
        }
    }

    @Test(
        "an identifier that no keyring takes is the test's own",
        arguments: ["", "arn:aws:kms:us-west-2:111122223333", "arn:aws:s3:us-west-2:111122223333:key/1"]
    )
    func invalidIdentifiers(keyID: String) throws {
        for description in [KeyDescription.awsKMS(key: "k"), .awsKMSMRK(key: "k")] {
            let use = try builder(entry(.awsKMS, keyID: keyID)).keyring(for: description)
            guard case .invalid(let error) = use else {
                Issue.record("\(use)")
                continue
            }
            #expect(error.code == .invalidConfiguration)
        }
    }

    @Test("a key of another type breaks the set")
    func wrongType() throws {
        let ecdh = KeyDescription.ECDH(schema: .static, key: "k", curve: "k")
        for description in [
            KeyDescription.awsKMS(key: "k"), .awsKMSMRK(key: "k"), .awsKMSRSA(key: "k", algorithm: "RSAES_OAEP_SHA_1"),
            .awsKMSECDH(ecdh),
        ] {
            let use = try builder(entry(KeySamples.aes(32))).keyring(for: description)
            guard case .broken = use else {
                Issue.record("\(use)")
                continue
            }
        }
    }

    @Test("an answer, even a refusal, means that AWS is there; silence, another service and refused credentials do not")
    func probe() async throws {
        try await AWSServices(kmsClients: Clients(code: .notFound)).probe()
        try await AWSServices(kmsClients: Clients(code: .accessDenied)).probe()
        for code in [
            AWSServiceError.Code.endpointUnreachable, .noResponse, .noCredentials, .invalidResponse,
            .init("HTTP404"), .init("UnknownOperationException"), .init("UnrecognizedClientException"),
        ] {
            let services = try AWSServices(kmsClients: Clients(code: code))
            await #expect(throws: AWSServiceError(code, "", service: "", operation: "")) { try await services.probe() }
        }
    }

    @Test(
        "AWS is lost when a request fails and nobody answers another one; refusals are answers",
        arguments: [
            (AWSServiceError.Code.accessDenied, false), (.notFound, false), (.init("ThrottlingException"), false),
            (.noResponse, true), (.endpointUnreachable, true), (.invalidResponse, true),
            (.init("ExpiredTokenException"), true),
        ]
    )
    func lostConnection(code: AWSServiceError.Code, isLost: Bool) async throws {
        let services = try AWSServices(kmsClients: Clients(code: code))
        let client = try services.kmsClient(forRegion: "us-west-2")
        await #expect(throws: AWSServiceError.self) {
            _ = try await client.decrypt(KMS.DecryptRequest(keyID: Self.arn, ciphertextBlob: [1]))
        }
        #expect((services.lostConnection != nil) == isLost)
    }

    @Test("an unreachable region is not the whole of AWS, and failures at the same time ask once")
    func oneRegion() async throws {
        let asked = Counter()
        let watch = ConnectionWatch { _ = asked.take() }
        let error = AWSServiceError(.endpointUnreachable, "", service: "KMS", operation: "Decrypt")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { await watch.note(error) } }
        }
        #expect(watch.reason == nil)
        #expect((1...20).contains(asked.take()))
    }

    @Test("who does not answer in time does not answer")
    func patience() async {
        let watch = ConnectionWatch(patience: .milliseconds(10)) { try await Task.sleep(for: .seconds(3600)) }
        await watch.note(AWSServiceError(.noResponse, "hung", service: "KMS", operation: "Decrypt"))
        #expect(watch.reason == "KMS Decrypt: NoResponse: hung")
    }

    @Test("the region of a discovery keyring that cannot be one is the test's own")
    func emptyRegion() throws {
        let use = try builder().keyring(for: .awsKMSMRKDiscovery(region: "", filter: nil))
        guard case .invalid(let error) = use else {
            Issue.record("\(use)")
            return
        }
        #expect(error.code == .invalidConfiguration)
    }

    @Test("an ECDH key on another curve than its description names breaks the set")
    func otherCurve() throws {
        let key = KeyText.pem(try KeySamples.pem("ec-p256-spki"))
        let material = KeyMaterial.awsKMSECDH(
            senderARN: Self.arn,
            recipientARN: Self.arn,
            senderPublicKey: key,
            recipientPublicKey: key
        )
        for (curve, fits) in [
            ("us-west-2-256-ecc", true), ("ecc-256", true), ("some-key", true), ("us-west-2-384-ecc", false),
            ("ecc-521", false),
        ] {
            let description = KeyDescription.awsKMSECDH(.init(schema: .discovery, key: "k", curve: curve))
            switch try builder(entry(material)).keyring(for: description) {
            case .usable: #expect(fits)
            case .broken(let reason):
                #expect(!fits)
                #expect(reason.contains("on the curve p256"))
            case let use: Issue.record("\(use)")
            }
        }
    }
}
