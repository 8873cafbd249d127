import ESDKTestVectors
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Manifests of 2018")
struct LegacyManifestReaderTests {
    private static func manifest(_ cases: String) -> String {
        #"""
        {"manifest": {"type": "ciphertext", "test_case": {"filename": "manifests/test_case.manifest"}},
         "client": {"name": "some/client", "version": "0.0.1"}, "test_cases": [\#(cases)],
         "test_keys": {"RSA": {"2048": {"encoding": "PEM", "line_separator": "\n", "key": ["-----BEGIN", "x"]}},
           "aes": {"128": {"encoding": "base64", "key": ["AAAAAAAAAAAA", "AAAAAAAAAA=="]}}}}
        """#
    }

    private static func testCase(_ masterKeys: String, algorithm: String = "0214", name: String = "00ff") -> String {
        #"""
        {"algorithm": "\#(algorithm)", "plaintext": {"filename": "plaintext/small"},
         "ciphertext": {"filename": "ciphertext/\#(algorithm)/small/0/\#(name)"}, "master_keys": [\#(masterKeys)]}
        """#
    }

    private static func key(
        _ members: String,
        provider: String = "static-aws-xcompat",
        isDecryptable: Bool = true
    ) -> String {
        #"{"provider_id": "\#(provider)", "decryptable": \#(isDecryptable), \#(members)}"#
    }

    private func load(_ cases: String) throws -> VectorSet {
        let folder = try TemporaryFolder()
        try folder.write("manifests/ciphertext.manifest", Self.manifest(cases))
        return try #require(try folder.load().first)
    }

    @Test("a case is known by its ciphertext's file; paths are relative to the folder above manifests")
    func paths() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "manifests/ciphertext.manifest",
            Self.manifest(Self.testCase(Self.key(#""encryption_algorithm": "AES""#)))
        )
        try folder.write("plaintext/small", [1])
        try folder.write("ciphertext/0214/small/0/00ff", [2])
        for name in ["", "manifests", "manifests/ciphertext.manifest"] {
            let set = try #require(try folder.load(name).first)
            #expect(set.header.kind == .legacyCiphertext)
            #expect(set.producer.description == "some/client 0.0.1")
            let test = try #require(set.decryptTests.first)
            #expect(test.id == "00ff")
            #expect(test.declaredSuite == 0x0214)
            let instructions = try test.content.get()
            #expect(try set.folder.read(instructions.ciphertext) == [2])
            guard case .plaintext(let plaintext) = instructions.expected else {
                Issue.record("\(instructions.expected)")
                continue
            }
            #expect(try set.folder.read(plaintext) == [1])
        }
    }

    @Test("raw keys are named by algorithm, bits, padding and hash; an AES key without bits is as long as a data key")
    func keyNames() throws {
        let rsa = #""encryption_algorithm": "RSA", "key_bits": 2048"#
        let set = try load(
            [
                Self.testCase(Self.key(#""encryption_algorithm": "AES""#)),
                Self.testCase(Self.key(rsa + #", "padding_algorithm": "PKCS1""#)),
                Self.testCase(Self.key(rsa + #", "padding_algorithm": "OAEP-MGF1", "padding_hash": "SHA-1""#)),
                Self.testCase(Self.key(rsa + #", "padding_algorithm": "OAEP-MGF1", "padding_hash": "SHA-256""#)),
            ].joined(separator: ",")
        )
        let provider = "static-aws-xcompat"
        #expect(
            set.decryptTests.map(\.keys) == [
                .raw(key: "AES.128..", providerID: provider, .aes),
                .raw(key: "RSA.2048.PKCS1.", providerID: provider, .rsa(.pkcs1)),
                .raw(key: "RSA.2048.OAEP-MGF1.SHA-1", providerID: provider, .rsa(.oaepSHA1)),
                .raw(key: "RSA.2048.OAEP-MGF1.SHA-256", providerID: provider, .rsa(.oaepSHA256)),
            ]
        )
        guard set.keys["AES.128.."]?.material.key(as: SymmetricKey.self)?.bytes == [UInt8](repeating: 0, count: 16),
            set.keys["RSA.2048.PKCS1."]?.material.key(as: RSAPrivateKeyText.self)?.text == .pem("-----BEGIN\nx")
        else {
            Issue.record("\(set.keys)")
            return
        }
        #expect(set.keys["RSA.2048.OAEP-MGF1.SHA-1"]?.keyID == "RSA.2048.OAEP-MGF1.SHA-1")
    }

    @Test("an ephemeral key is never decryptable; a KMS key is known by its ARN")
    func otherProviders() throws {
        let set = try load(
            [
                Self.testCase(
                    Self.key(#""encryption_algorithm": "AES""#) + ","
                        + Self.key(#""encryption_algorithm": "AES""#, provider: "ephemeral-aws-xcompat")
                ),
                Self.testCase(Self.key(#""key_id": "arn""#, provider: "aws-kms"), name: "01"),
                Self.testCase(Self.key(#""key_id": "arn""#, provider: "someone-else"), name: "02"),
            ].joined(separator: ",")
        )
        #expect(
            set.decryptTests.map(\.keys) == [
                .multi(
                    generator: .raw(key: "AES.128..", providerID: "static-aws-xcompat", .aes),
                    children: [.ephemeral(name: "AES.128..")]
                ),
                .awsKMS(key: "arn"), .unsupported(type: "someone-else"),
            ]
        )
        #expect(set.decryptTests.allSatisfy { $0.problem == nil })
        #expect(set.keys["arn"]?.keyID == "arn")
    }

    @Test("an alias of KMS stands for any key of its region and account; one that decrypts nothing stands for itself")
    func aliases() throws {
        let alias = "arn:aws:kms:us-west-2:111122223333:alias/EncryptDecrypt"
        let set = try load(
            [(true, "01"), (false, "02")].map { isDecryptable, name in
                let key = Self.key(#""key_id": "\#(alias)""#, provider: "aws-kms", isDecryptable: isDecryptable)
                return Self.testCase(key, name: name)
            }.joined(separator: ",")
        )
        #expect(
            set.decryptTests.map(\.keys) == [
                .awsKMSMRKDiscovery(
                    region: "us-west-2",
                    filter: .init(partition: "aws", accountIDs: ["111122223333"])
                ), .awsKMS(key: alias),
            ]
        )
    }

    @Test("a broken case fails alone: no such key, no length, no file, no master key")
    func broken() throws {
        let set = try load(
            [
                Self.testCase(Self.key(#""encryption_algorithm": "AES", "key_bits": 256"#), name: "01"),
                Self.testCase(Self.key(#""encryption_algorithm": "AES""#), algorithm: "0478", name: "02"),
                Self.testCase("", name: "03"), #"{"algorithm": "0014"}"#, "5",
                Self.testCase(Self.key(#""encryption_algorithm": "AES""#), name: ".."),
                Self.testCase(Self.key(#""encryption_algorithm": "AES""#), name: "07"),
            ].joined(separator: ",")
        )
        #expect(set.decryptTests.map(\.id) == ["01", "02", "03", "case-4", "case-5", "..", "07"])
        #expect(set.decryptTests.map { $0.problem?.code } == [.broken, .broken, .broken, .broken, .broken, nil, nil])
    }
}
