import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// Ciphertexts in `rsa-wrapped-keys.json` were made by another implementation of RSA, which the file names.
@Suite("RawRSAKeyring")
struct RawRSAKeyringTests {
    private struct Wrapped: Decodable {
        let padding: String?
        let what: String?
        let length: Int?
        let ciphertext: String

        var encryptedDataKey: EncryptedDataKey {
            get throws {
                EncryptedDataKey(
                    keyProviderID: Array("namespace".utf8),
                    keyProviderInfo: Array("name".utf8),
                    ciphertext: try #require(Base64.decode(ciphertext))
                )
            }
        }
    }

    private struct File: Decodable {
        let dataKey, otherPrivateKey: String
        let good, otherMGF1Hash, withLabel, otherLength, badPKCS1: [Wrapped]
    }

    private static let paddings: [String: RSAPadding] = [
        "pkcs1": .pkcs1, "oaep-mgf1-sha1": .oaep(.sha1), "oaep-mgf1-sha256": .oaep(.sha256),
        "oaep-mgf1-sha384": .oaep(.sha384), "oaep-mgf1-sha512": .oaep(.sha512),
    ]

    private let file: File
    private let privateKey: RSAPrivateKey

    init() throws {
        file = try VectorFile.load("messages/rsa-wrapped-keys.json", as: File.self)
        privateKey = try RSAPrivateKey(pem: VectorFile.text("keys/rsa-pkcs8.pem"))
        try #require(file.dataKey == Hex.encode(Sample.dataKey))
    }

    private func keyring(_ padding: RSAPadding) throws -> RawRSAKeyring {
        try RawRSAKeyring(
            keyNamespace: "namespace",
            keyName: "name",
            paddingScheme: padding,
            privateKey: privateKey
        )
    }

    private func keyring(_ wrapped: Wrapped) throws -> RawRSAKeyring {
        try keyring(#require(Self.paddings[wrapped.padding ?? "pkcs1"]))
    }

    private func good(_ padding: RSAPadding) throws -> EncryptedDataKey {
        try #require(file.good.first { Self.paddings[$0.padding ?? ""] == padding }).encryptedDataKey
    }

    @Test(
        "Each of the five paddings opens",
        .spec(
            "raw-rsa-keyring/ondecrypt.4",
            "raw-rsa-keyring/ondecrypt.6",
            "raw-rsa-keyring/onencrypt.5",
            "raw-rsa-keyring/onencrypt.6"
        )
    )
    func opens() async throws {
        #expect(Set(file.good.compactMap(\.padding)) == Set(Self.paddings.keys))
        for wrapped in file.good {
            await expectOpening(of: try wrapped.encryptedDataKey, by: try keyring(wrapped))
        }
    }

    @Test("K08: a data key under another padding is refused, and the next one tried")
    func k08OtherPadding() async throws {
        for wrapped in file.good {
            for (name, padding) in Self.paddings where name != wrapped.padding {
                await expectRefusal(
                    of: try wrapped.encryptedDataKey,
                    by: try keyring(padding),
                    .unwrappingFailed,
                    goodOne: try good(padding),
                    "\(wrapped.padding ?? "") as \(name)"
                )
            }
        }
    }

    @Test("K08: OAEP with another hash for MGF1, or with a label, is refused")
    func k08MGF1() async throws {
        #expect(file.otherMGF1Hash.count == 12)
        #expect(file.withLabel.count == 4)
        for wrapped in file.otherMGF1Hash + file.withLabel {
            let keyring = try keyring(wrapped)
            await expectRefusal(of: try wrapped.encryptedDataKey, by: keyring, .unwrappingFailed)
        }
    }

    @Test("K09: bad padding, wrong length and wrong key give one code and one text, and the next one is tried")
    func k09() async throws {
        let keyring = try keyring(.pkcs1)
        let good = try good(.pkcs1)
        var texts: Set<String> = []
        for wrapped in file.badPKCS1 + file.otherLength.filter({ $0.padding == "pkcs1" }) {
            let refusal = await expectRefusal(
                of: try wrapped.encryptedDataKey,
                by: keyring,
                .unwrappingFailed,
                goodOne: good,
                "\(wrapped.what ?? ""), \(wrapped.length ?? -1)"
            )
            texts.insert(refusal?.error.description ?? "none")
        }
        let other = try RawRSAKeyring(
            keyNamespace: "namespace",
            keyName: "name",
            paddingScheme: .pkcs1,
            privateKey: RSAPrivateKey(pem: file.otherPrivateKey)
        )
        let refusal = await expectRefusal(of: good, by: other, .unwrappingFailed)
        texts.insert(refusal?.error.description ?? "none")
        #expect(texts.count == 1, "\(texts)")
        #expect(!(texts.first ?? "").contains("padding is"), "the text must not say which it was")
    }

    @Test("K09: a data key of another length is refused with OAEP too")
    func k09OAEP() async throws {
        for wrapped in file.otherLength where wrapped.padding != "pkcs1" {
            await expectRefusal(
                of: try wrapped.encryptedDataKey,
                by: try keyring(wrapped),
                .unwrappingFailed,
                goodOne: try good(.oaep(.sha256)),
                "\(wrapped.length ?? -1) bytes"
            )
        }
    }

    @Test(
        "A data key fits the suite that needs its length",
        arguments: AlgorithmSuite.all.filter { $0.signature == nil }
    )
    func lengths(suite: AlgorithmSuite) async throws {
        for wrapped in file.otherLength where wrapped.length == suite.dataKeyLength {
            await expectOpening(
                of: try wrapped.encryptedDataKey,
                by: try keyring(wrapped),
                [UInt8](1...UInt8(suite.dataKeyLength)),
                materials: try Sample.materials(suite)
            )
        }
    }

    @Test("A ciphertext altered in any byte is refused", arguments: [RSAPadding.pkcs1, .oaep(.sha256)])
    func alteredCiphertext(padding: RSAPadding) async throws {
        let good = try good(padding)
        for index in stride(from: 0, to: good.ciphertext.count, by: 15) {
            var altered = good.ciphertext
            altered[index] ^= 0x01
            let keyring = try keyring(padding)
            await expectRefusal(of: good.with(ciphertext: altered), by: keyring, .unwrappingFailed)
        }
    }

    @Test("K07: a keyring with only a public key opens nothing and says why")
    func k07() async throws {
        let keyring = try RawRSAKeyring(
            keyNamespace: "namespace",
            keyName: "name",
            paddingScheme: .pkcs1,
            publicKey: RSAPublicKey(pem: VectorFile.text("keys/rsa-spki.pem"))
        )
        await expectRefusal(of: try good(.pkcs1), by: keyring, .noPrivateKey)
    }

    @Test("A keyring with only a private key decrypts, and says why it does not encrypt")
    func privateKeyOnly() async throws {
        let keyring = try keyring(.pkcs1)
        await expectOpening(of: try good(.pkcs1), by: keyring)
        let error = await #expect(throws: EncryptionSDKError.self) {
            try await keyring.onEncrypt(Sample.encryptionMaterials())
        }
        #expect(error?.code == .keyringCannotEncrypt)
        #expect(error?.reason.contains("only a private key") == true)
    }

    @Test(
        "A keyring with both keys does both, and they must be a pair",
        .spec("raw-rsa-keyring/onencrypt.5", "raw-rsa-keyring/onencrypt.6")
    )
    func bothKeys() async throws {
        let keyring = try RawRSAKeyring(
            keyNamespace: "namespace",
            keyName: "name",
            paddingScheme: .oaep(.sha256),
            publicKey: privateKey.publicKey,
            privateKey: privateKey
        )
        let materials = try await keyring.onEncrypt(Sample.encryptionMaterials())
        let opened = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: materials.encryptedDataKeys)
        #expect(opened.plaintextDataKey == materials.plaintextDataKey)
        let other = try RSAPrivateKey(pem: file.otherPrivateKey)
        expectInvalidConfiguration {
            try RawRSAKeyring(
                keyNamespace: "namespace",
                keyName: "name",
                paddingScheme: .pkcs1,
                publicKey: other.publicKey,
                privateKey: privateKey
            )
        }
        expectInvalidConfiguration {
            try RawRSAKeyring(keyNamespace: "namespace", keyName: "name", paddingScheme: .pkcs1)
        }
    }

    @Test("K05: another namespace or name is refused, and the next data key tried")
    func names() async throws {
        let good = try good(.pkcs1)
        for text in ["", "nam", "name ", "namespace", "Name"].map({ Array($0.utf8) }) {
            if text != good.keyProviderID {
                let altered = good.with(keyProviderID: text)
                await expectRefusal(of: altered, by: try keyring(.pkcs1), .notForThisKeyring, goodOne: good)
            }
            let altered = good.with(keyProviderInfo: text)
            await expectRefusal(of: altered, by: try keyring(.pkcs1), .notForThisKeyring, goodOne: good)
        }
    }

    @Test("K03: a namespace that starts with aws-kms is refused, with either key", arguments: ["aws-kms", "aws-kms-x"])
    func k03(namespace: String) throws {
        expectInvalidConfiguration {
            try RawRSAKeyring(
                keyNamespace: namespace,
                keyName: "name",
                paddingScheme: .pkcs1,
                privateKey: privateKey
            )
        }
        expectInvalidConfiguration {
            try RawRSAKeyring(
                keyNamespace: namespace,
                keyName: "name",
                paddingScheme: .pkcs1,
                publicKey: privateKey.publicKey
            )
        }
    }
}
