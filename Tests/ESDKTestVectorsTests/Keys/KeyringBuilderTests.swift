import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import Testing

@testable import ESDKTestVectors

@Suite("Keyrings from key descriptions")
struct KeyringBuilderTests {
    private static let plaintext = Array("a plaintext".utf8)

    /// The plaintext of a message for one keyring as another one opens it.
    private func open(_ use: KeyringUse, messageFor writing: any Keyring) async throws -> [UInt8] {
        guard case .usable(let reading, _) = use else {
            Issue.record("not usable: \(use)")
            return []
        }
        let sdk = try EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt)
        let message = try await EncryptionSDK().encrypt(Self.plaintext, using: writing)
        return try await sdk.decrypt(message.ciphertext, using: reading).plaintext
    }

    private func aes(keyName: String, _ count: Int = 32) throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "the namespace",
            keyName: keyName,
            wrappingKey: SecretBytes(KeySamples.aesBytes(count)),
            wrappingAlgorithm: #require(RawAESKeyring.WrappingAlgorithm.allCases.first { $0.keyLength == count })
        )
    }

    private static let rawAES = KeyDescription.raw(key: "the key", providerID: "the namespace", .aes)

    @Test("a raw AES keyring has the length of the key", arguments: [16, 24, 32])
    func aesLength(length: Int) async throws {
        let builder = KeySamples.builder(KeySamples.entry("the key", KeySamples.aes(length)))
        let use = builder.keyring(for: Self.rawAES)
        #expect(try await open(use, messageFor: aes(keyName: "the id", length)) == Self.plaintext)
    }

    @Test("trap 6: the key name of a raw keyring is the key-id, not the name of the entry")
    func keyIDNotName() async throws {
        let builder = KeySamples.builder(KeySamples.entry("the key", KeySamples.aes(32)))
        await #expect(throws: EncryptionSDKError(.noDataKey, "")) {
            try await open(builder.keyring(for: Self.rawAES), messageFor: aes(keyName: "the key"))
        }
    }

    static let paddings: [(KeyDescription.RSAPadding, RSAPadding)] = [
        (.pkcs1, .pkcs1), (.oaepSHA1, .oaep(.sha1)), (.oaepSHA256, .oaep(.sha256)), (.oaepSHA384, .oaep(.sha384)),
        (.oaepSHA512, .oaep(.sha512)),
    ]

    @Test("a raw RSA keyring has the padding of the description", arguments: paddings)
    func rawRSA(described: KeyDescription.RSAPadding, padding: RSAPadding) async throws {
        let builder = KeySamples.builder(KeySamples.entry("rsa", .rsaPrivate(.pem(try KeySamples.pem("rsa-pkcs8")))))
        let writing = try RawRSAKeyring(
            keyNamespace: "ns",
            keyName: "the id",
            paddingScheme: padding,
            publicKey: RSAPublicKey(pem: KeySamples.pem("rsa-spki"))
        )
        let use = builder.keyring(for: .raw(key: "rsa", providerID: "ns", .rsa(described)))
        #expect(try await open(use, messageFor: writing) == Self.plaintext)
        let other = builder.keyring(
            for: .raw(key: "rsa", providerID: "ns", .rsa(described == .pkcs1 ? .oaepSHA1 : .pkcs1))
        )
        await #expect(throws: EncryptionSDKError(.noDataKey, "")) { try await open(other, messageFor: writing) }
    }

    @Test("trap 8: a public RSA key makes a keyring that opens nothing, and says so")
    func publicRSA() throws {
        let builder = KeySamples.builder(KeySamples.entry("rsa", .rsaPublic(.pem(try KeySamples.pem("rsa-spki")))))
        guard case .opensNothing(_, let reason) = builder.keyring(for: .raw(key: "rsa", providerID: "ns", .rsa(.pkcs1)))
        else {
            Issue.record("not a keyring that opens nothing")
            return
        }
        #expect(reason == "the RSA key \"rsa\" is a public one, which opens nothing")
    }

    static let curves: [(String, String, EllipticCurve)] = [
        ("p256", "ecc-256", .p256), ("p384", "ecc-384", .p384), ("p521", "ecc-521", .p521),
    ]

    @Test("raw ECDH keyrings, static and discovery, on each curve", arguments: curves)
    func rawECDH(file: String, name: String, curve: EllipticCurve) async throws {
        let builder = KeySamples.builder(KeySamples.entry("ecc", try KeySamples.ecc(file)))
        let writing = try RawECDHKeyring(
            keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                senderStaticPrivateKey: ECPrivateKey(pem: KeySamples.pem("ec-\(file)-pkcs8")),
                recipientPublicKey: ECPublicKey(pem: KeySamples.pem("ec-\(file)-spki"))
            ),
            curve: curve
        )
        for schema in [KeyDescription.ECDH.Schema.static, .discovery] {
            let use = builder.keyring(for: .rawECDH(.init(schema: schema, key: "ecc", curve: name)))
            #expect(try await open(use, messageFor: writing) == Self.plaintext)
        }
        let ephemeral = builder.keyring(for: .rawECDH(.init(schema: .ephemeral, key: "ecc", curve: name)))
        #expect(ephemeral.unavailableReason == "the ephemeral ECDH schema only encrypts")
    }

    @Test("an ECDH curve that is not known is not supported; one that is not that of the keys breaks the set")
    func wrongCurve() throws {
        let builder = KeySamples.builder(KeySamples.entry("ecc", try KeySamples.ecc("p256")))
        let unknown = builder.keyring(for: .rawECDH(.init(schema: .static, key: "ecc", curve: "ecc-255")))
        #expect(unknown.unavailableReason == "the curve \"ecc-255\" is not supported")
        for schema in [KeyDescription.ECDH.Schema.static, .discovery] {
            let other = builder.keyring(for: .rawECDH(.init(schema: schema, key: "ecc", curve: "ecc-384")))
            #expect(other.brokenReason?.hasPrefix("key \"ecc\" cannot be used: invalidConfiguration") == true)
        }
    }

    @Test("a hierarchical keyring has the branch key of the entry, with the key-id as its id")
    func hierarchical() async throws {
        let version = "11111111-2222-4333-8444-555555555555"
        let bytes = KeySamples.aesBytes(32)
        let writing = try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore([
                try BranchKeyMaterials(branchKeyID: "the id", version: version, branchKey: SecretBytes(bytes))
            ]),
            branchKeyID: "the id",
            timeToLive: .seconds(60),
            cache: .no
        )
        let builder = KeySamples.builder(
            KeySamples.entry("branch", .staticBranchKey(version: version, branchKey: bytes, beaconKey: nil)),
            KeySamples.entry("bad", .staticBranchKey(version: "1", branchKey: bytes, beaconKey: nil))
        )
        #expect(
            try await open(builder.keyring(for: .awsKMSHierarchy(key: "branch")), messageFor: writing) == Self.plaintext
        )
        #expect(builder.keyring(for: .awsKMSHierarchy(key: "bad")).brokenReason?.hasPrefix("key \"bad\"") == true)
    }

    /// Gives the same byte for ever.
    private struct Constant: RandomSource {
        let byte: UInt8

        func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
            for _ in 0..<count { output.append(byte) }
        }
    }

    @Test("data keys and static materials open whatever encrypted data key the message has")
    func givenDataKeys() async throws {
        let message = try await EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt).encrypt(
            Self.plaintext,
            using: DefaultCMM(keyring: aes(keyName: "unknown")),
            encryptionContext: EncryptionContext(),
            algorithmSuite: .aes256GCMHKDFSHA256,
            frameLength: 4096,
            randomSource: Constant(byte: 7)
        )
        let key = [UInt8](repeating: 7, count: 32)
        let material = StaticMaterial(
            suite: 0x0178,
            encryptionContext: ContextPairs(),
            encryptedDataKeys: [],
            requiredContextKeys: [],
            plaintextDataKey: key
        )
        let empty = StaticMaterial(
            suite: 0x0178,
            encryptionContext: ContextPairs(),
            encryptedDataKeys: [],
            requiredContextKeys: [],
            plaintextDataKey: nil
        )
        let builder = KeySamples.builder(
            KeySamples.entry("data", .dataKey(key)),
            KeySamples.entry("static", .staticMaterial(material)),
            KeySamples.entry("empty", .staticMaterial(empty))
        )
        let sdk = try EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt)
        for description in [KeyDescription.dataKey(key: "data"), .staticMaterial(key: "static")] {
            guard case .usable(let keyring, _) = builder.keyring(for: description) else {
                Issue.record("\(description) is not usable")
                continue
            }
            #expect(try await sdk.decrypt(message.ciphertext, using: keyring).plaintext == Self.plaintext)
        }
        #expect(
            builder.keyring(for: .staticMaterial(key: "empty")).unavailableReason
                == "the static material \"empty\" has no data key"
        )
    }

    static let needingAWS: [KeyDescription] = [
        .awsKMS(key: "kms"), .awsKMSMRK(key: "kms"), .awsKMSRSA(key: "kms", algorithm: "RSAES_OAEP_SHA_1"),
        .awsKMSECDH(.init(schema: .static, key: "kms", curve: "ecc-256")),
        .awsKMSMRKDiscovery(region: "us-west-2", filter: nil),
    ]

    @Test("what only AWS can open is unavailable, and for one reason", arguments: needingAWS)
    func aws(description: KeyDescription) {
        let builder = KeySamples.builder(KeySamples.entry("kms", .awsKMS))
        #expect(builder.keyring(for: description).unavailableReason == "only AWS KMS can open this message")
    }

    static let unsupported: [(KeyDescription, String)] = [
        (
            .caching(underlying: .raw(key: "aes", providerID: "ns", .aes)),
            "caching materials managers are not supported"
        ),
        (.ephemeral(name: "AES.128.."), "the key \"AES.128..\" was thrown away when the message was written"),
        (.unsupported(type: "quantum\n"), "key descriptions of type \"quantum\\u000a\" are not supported"),
        (.raw(key: "new", providerID: "ns", .aes), "keys of type \"quantum\" are not supported"),
        (.multi(generator: nil, children: []), "no keyring is described"),
    ]

    @Test("what is not supported is unavailable, with the reason", arguments: unsupported)
    func isUnavailable(description: KeyDescription, reason: String) {
        let builder = KeySamples.builder(
            KeySamples.entry("aes", KeySamples.aes(32)),
            KeySamples.entry("new", .unsupported(type: "quantum"))
        )
        #expect(builder.keyring(for: description).unavailableReason == reason)
    }

    static let wrong: [(KeyDescription, String)] = [
        (.raw(key: "lost", providerID: "ns", .aes), "the keys manifest has no key \"lost\""),
        (.awsKMS(key: "lost"), "the keys manifest has no key \"lost\""),
        (.raw(key: "malformed", providerID: "ns", .aes), "key \"malformed\": half a key"),
        (.raw(key: "data", providerID: "ns", .aes), "key \"data\" is of type data-key, symmetric is needed"),
        (
            .raw(key: "aes", providerID: "ns", .rsa(.pkcs1)),
            "key \"aes\" is of type symmetric, private or public is needed"
        ),
        (.awsKMSHierarchy(key: "aes"), "key \"aes\" is of type symmetric, static-branch-key is needed"),
        (.dataKey(key: "aes"), "key \"aes\" is of type symmetric, data-key is needed"),
        (
            .rawECDH(.init(schema: .static, key: "aes", curve: "ecc-256")),
            "key \"aes\" is of type symmetric, ecc-private is needed"
        ),
        (.raw(key: "short", providerID: "ns", .aes), "key \"short\" has 15 bytes, an AES key has 16, 24 or 32"),
        (
            .multi(generator: .raw(key: "aes", providerID: "ns", .aes), children: [.dataKey(key: "lost")]),
            "the keys manifest has no key \"lost\""
        ),
    ]

    @Test("a key that is missing, malformed or of another type breaks the set", arguments: wrong)
    func isBroken(description: KeyDescription, reason: String) {
        let builder = KeySamples.builder(
            KeySamples.entry("aes", KeySamples.aes(32)),
            KeySamples.entry("short", KeySamples.aes(15)),
            KeySamples.entry("data", .dataKey([])),
            KeySamples.entry("malformed", .malformed(reason: "half a key"))
        )
        #expect(builder.keyring(for: description).brokenReason == reason)
    }

    @Test("RSA and EC keys that cannot be parsed break the set")
    func unparsableKeys() throws {
        let builder = KeySamples.builder(
            KeySamples.entry("rsa", .rsaPrivate(.pem("-----BEGIN PRIVATE KEY-----"))),
            KeySamples.entry("public", .rsaPublic(.der([0x30]))),
            KeySamples.entry(
                "ecc",
                .eccPrivate(
                    sender: .der([]),
                    recipient: .der([]),
                    senderPublicKey: .der([]),
                    recipientPublicKey: .der([])
                )
            )
        )
        let descriptions: [(String, KeyDescription)] = [
            ("rsa", .raw(key: "rsa", providerID: "ns", .rsa(.pkcs1))),
            ("public", .raw(key: "public", providerID: "ns", .rsa(.pkcs1))),
            ("ecc", .rawECDH(.init(schema: .static, key: "ecc", curve: "ecc-256"))),
            ("ecc", .rawECDH(.init(schema: .discovery, key: "ecc", curve: "ecc-256"))),
        ]
        for (name, description) in descriptions {
            #expect(
                builder.keyring(for: description).brokenReason?.hasPrefix("key \"\(name)\" cannot be used: ") == true
            )
        }
    }

    @Test("a namespace that no raw keyring may have is the test's own invalid identifier")
    func invalidIdentifier() throws {
        let builder = KeySamples.builder(
            KeySamples.entry("aes", KeySamples.aes(32)),
            KeySamples.entry("rsa", .rsaPrivate(.pem(try KeySamples.pem("rsa-pkcs8"))))
        )
        let invalid = [
            KeyDescription.raw(key: "aes", providerID: "aws-kms", .aes),
            .raw(key: "rsa", providerID: "aws-kms", .rsa(.pkcs1)),
        ]
        for description in invalid {
            guard case .invalid(let error) = builder.keyring(for: description) else {
                Issue.record("\(description) is not invalid")
                continue
            }
            #expect(error.code == .invalidConfiguration)
            // Nobody can make a multi-keyring of it either.
            let valid = KeyDescription.raw(key: "aes", providerID: "ns", .aes)
            guard case .invalid = builder.keyring(for: .multi(generator: valid, children: [description])) else {
                Issue.record("a multi-keyring with an invalid child")
                continue
            }
        }
    }

    @Test("traps 7 and 15: of a multi-keyring the keyrings that can be made take part, and what is left out is told")
    func multi() async throws {
        let builder = KeySamples.builder(
            KeySamples.entry("the key", KeySamples.aes(32)),
            KeySamples.entry("other", KeySamples.aes(16), keyID: "another id"),
            KeySamples.entry("kms", .awsKMS),
            KeySamples.entry("public", .rsaPublic(.pem(try KeySamples.pem("rsa-spki"))))
        )
        let other = KeyDescription.raw(key: "other", providerID: "the namespace", .aes)
        let kms = KeyDescription.awsKMS(key: "kms")
        let publicKey = KeyDescription.raw(key: "public", providerID: "ns", .rsa(.pkcs1))
        let use = builder.keyring(
            for: .multi(
                generator: kms,
                children: [publicKey, .multi(generator: nil, children: [kms, other]), Self.rawAES]
            )
        )
        #expect(try await open(use, messageFor: aes(keyName: "the id")) == Self.plaintext)
        guard case .usable(_, let leftOut) = use else { return }
        #expect(leftOut == ["only AWS KMS can open this message"])

        let unusable = builder.keyring(for: .multi(generator: kms, children: [publicKey, kms]))
        #expect(
            unusable.unavailableReason
                == "only AWS KMS can open this message; the RSA key \"public\" is a public one, which opens nothing"
        )
    }

    @Test("materials managers around a keyring do not matter for it")
    func managers() async throws {
        let builder = KeySamples.builder(KeySamples.entry("the key", KeySamples.aes(32)))
        let use = builder.keyring(for: .requiredEncryptionContext(underlying: Self.rawAES, keys: [[0x6B]]))
        #expect(try await open(use, messageFor: aes(keyName: "the id")) == Self.plaintext)
    }
}

extension KeyringUse {
    fileprivate var unavailableReason: String? {
        if case .unavailable(let reason) = self { reason } else { nil }
    }

    fileprivate var brokenReason: String? {
        if case .broken(let reason) = self { reason } else { nil }
    }
}
