import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite("Rules of keyrings that encrypt")
struct KeyringEncryptionRuleTests {
    /// A keyring whose `onEncrypt` is a closure.
    private struct ClosureKeyring: Keyring {
        let encrypt: @Sendable (EncryptionMaterials) async throws -> EncryptionMaterials

        var description: String { "closure keyring" }

        func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
            try await encrypt(materials)
        }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials {
            throw EncryptionSDKError(.noDataKey, "only encrypts")
        }
    }

    private static func aes(_ name: String = "name") throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "namespace",
            keyName: name,
            wrappingKey: SecretBytes([UInt8](repeating: 5, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
    }

    /// 1,024 bits, made by `openssl genrsa`; protects nothing.
    private static let shortRSAKey = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9EKFB+Izzwsr6hf5GgdAmQDTx
        niMohVPoBIUMMhF5wt2P28ym9CDKHEZxFCB5tUd0dHIJ/7CtMZyBC3bc7WKBEWps
        FDaVOJMMNhNKCOl4T9i6SpHmTWEYlElVi1x5InD3EZwCqLW0u9VI6zAC7efigN/8
        yh93nk/pnKCTDNVSrwIDAQAB
        -----END PUBLIC KEY-----
        """

    @Test("K07: a public key suffices to wrap, and what is wrapped opens under the private key")
    func publicKeySuffices() async throws {
        let privateKey = try RSAPrivateKey(pem: VectorFile.text("keys/rsa-pkcs8.pem"))
        for padding in [RSAPadding.pkcs1, .oaep(.sha1), .oaep(.sha256), .oaep(.sha384), .oaep(.sha512)] {
            let writing = try RawRSAKeyring(
                keyNamespace: "n",
                keyName: "k",
                paddingScheme: padding,
                publicKey: RSAPublicKey(pem: VectorFile.text("keys/rsa-spki.pem"))
            )
            let wrapped = try await writing.onEncrypt(Sample.encryptionMaterials())
            let reading = try RawRSAKeyring(
                keyNamespace: "n",
                keyName: "k",
                paddingScheme: padding,
                privateKey: privateKey
            )
            let opened = try await reading.onDecrypt(
                Sample.materials(),
                encryptedDataKeys: wrapped.encryptedDataKeys
            )
            #expect(opened.plaintextDataKey == wrapped.plaintextDataKey)
        }
    }

    @Test("K08: an RSA modulus that is too short for data key and padding")
    func modulusTooShort() async throws {
        let key = try RSAPublicKey(pem: Self.shortRSAKey)
        let tooShort = try RawRSAKeyring(
            keyNamespace: "n",
            keyName: "k",
            paddingScheme: .oaep(.sha512),
            publicKey: key
        )
        try await expectEncryptionRefusal(by: tooShort, .wrappingFailed)
        // 128 bytes of modulus leave 30 under OAEP with SHA-384: enough for 16 and 24, not for 32.
        let tight = try RawRSAKeyring(keyNamespace: "n", keyName: "k", paddingScheme: .oaep(.sha384), publicKey: key)
        try await expectEncryptionRefusal(by: tight, .wrappingFailed)
        let small = try await tight.onEncrypt(Sample.encryptionMaterials(.aes192GCM))
        #expect(small.encryptedDataKeys.count == 1)
    }

    @Test(
        "K10: a generator and a data key that is there already",
        .spec("multi-keyring/onencrypt.2")
    )
    func generatorWithDataKey() async throws {
        let keyring = try MultiKeyring(generator: Self.aes())
        let materials = try Sample.encryptionMaterials().generatingDataKeyIfNeeded()
        try await expectEncryptionRefusal(by: keyring, .dataKeyAlreadyPresent, materials: materials)
    }

    @Test(
        "K10: a generator that makes no data key",
        .spec("multi-keyring/onencrypt.5")
    )
    func generatorWithoutDataKey() async throws {
        let keyring = try MultiKeyring(generator: ClosureKeyring { $0 }, childKeyrings: [Self.aes()])
        try await expectEncryptionRefusal(by: keyring, .invalidMaterials)
    }

    @Test(
        "K10: neither a generator nor a data key; with a data key the children wrap it",
        .spec("multi-keyring/onencrypt.6")
    )
    func noGenerator() async throws {
        let keyring = try MultiKeyring(generator: nil, childKeyrings: [Self.aes("a"), Self.aes("b")])
        try await expectEncryptionRefusal(by: keyring, .invalidMaterials)
        let materials = try Sample.encryptionMaterials().generatingDataKeyIfNeeded()
        #expect(try await keyring.onEncrypt(materials).encryptedDataKeys.count == 2)
    }

    @Test(
        "K10, K15: a keyring that fails fails the whole, generator or child",
        .spec("multi-keyring/onencrypt.4")
    )
    func failingMembers() async throws {
        let code = EncryptionSDKError.Code("vaultIsClosed", category: .service)
        let failing = ClosureKeyring { _ in throw EncryptionSDKError(code, "closed") }
        let asGenerator = try MultiKeyring(generator: failing, childKeyrings: [Self.aes()])
        try await expectEncryptionRefusal(by: asGenerator, code)
        let asChild = try MultiKeyring(generator: Self.aes(), childKeyrings: [Self.aes(), failing])
        try await expectEncryptionRefusal(by: asChild, code)
        let nested = try MultiKeyring(generator: Self.aes(), childKeyrings: [asChild])
        try await expectEncryptionRefusal(by: nested, .dataKeyAlreadyPresent)
    }

    @Test("K15: a child that exchanges the data key")
    func exchangingChild() async throws {
        let exchanging = ClosureKeyring { materials in
            try Sample.encryptionMaterials().generatingDataKeyIfNeeded().adding(materials.encryptedDataKeys)
        }
        let keyring = try MultiKeyring(generator: Self.aes(), childKeyrings: [exchanging])
        try await expectEncryptionRefusal(by: keyring, .invalidMaterials)
    }

    @Test(
        "K11: the recipient's side alone has nobody to encrypt for",
        .spec("raw-ecdh-keyring/onencrypt.2"),
        arguments: EllipticCurve.allCases
    )
    func discoveryDoesNotEncrypt(_ curve: EllipticCurve) async throws {
        let keyring = try RawECDHKeyring(
            keyAgreementScheme: .publicKeyDiscovery(recipientStaticPrivateKey: ECPrivateKey.generate(curve)),
            curve: curve
        )
        try await expectEncryptionRefusal(by: keyring, .keyringCannotEncrypt)
    }

    @Test("K12: an ephemeral keyring whose recipient is on another curve")
    func otherCurve() throws {
        let recipient = try ECPrivateKey.generate(.p384).publicKey
        #expect(throws: EncryptionSDKError(.invalidConfiguration, "")) {
            try RawECDHKeyring(
                keyAgreementScheme: .ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: recipient),
                curve: .p256
            )
        }
    }

    @Test("K14: a context that cannot be serialised")
    func contextTooLong() async throws {
        let materials = try Sample.encryptionMaterials(context: ["k": String(repeating: "v", count: 65_535)])
        let branchKey = try BranchKeyMaterials(
            branchKeyID: "b",
            version: HierarchicalWrapping.version,
            branchKey: SecretBytes([UInt8](repeating: 1, count: 32))
        )
        let ecdh = try RawECDHKeyring(
            keyAgreementScheme: .ephemeralPrivateKeyToStaticPublicKey(
                recipientPublicKey: ECPrivateKey.generate(.p256).publicKey
            ),
            curve: .p256
        )
        let keyrings: [any Keyring] = [
            try Self.aes(), ecdh,
            try HierarchicalKeyring(
                keyStore: FixedBranchKeyStore([branchKey]),
                branchKeyID: "b",
                timeToLive: .seconds(60),
                cache: .no
            ),
        ]
        for keyring in keyrings {
            try await expectEncryptionRefusal(by: keyring, .encryptionContextTooLong, materials: materials)
        }
    }
}
