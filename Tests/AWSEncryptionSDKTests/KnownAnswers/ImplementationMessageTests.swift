import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// Messages that the implementations in Python, Java, JavaScript, Rust and Go wrote through their public APIs.
///
/// `implementations.json` names producer and version of each.
@Suite("Known answers: messages of other implementations")
struct ImplementationMessageTests {
    static let file = Result { try VectorFile.load("messages/implementations.json", as: ImplementationMessages.self) }

    @Test("The set covers every suite, keyring and padding, and five producers")
    func coverage() throws {
        let messages = try Self.file.get().messages
        #expect(Set(messages.map(\.suite)) == Set(AlgorithmSuite.all.map(\.idText)))
        let kinds = Set(messages.map(\.keyring.type))
        #expect(kinds == ["aes", "rsa", "ecdh-static", "ecdh-discovery", "hierarchical", "multi"])
        #expect(Set(messages.compactMap(\.keyring.padding)).count == 5)
        #expect(Set(messages.filter { $0.keyring.type.hasPrefix("ecdh") }.map(\.keyring.key)).count == 3)
        #expect(Set(messages.map { $0.producer.split(separator: " ").dropLast().last ?? "" }).count >= 5)
        #expect(messages.contains { $0.requiredKeys != nil })
    }

    @Test(
        "The messages open, however they are read",
        .spec(
            "raw-aes-keyring/ondecrypt.3",
            "raw-aes-keyring/ondecrypt.5",
            "raw-aes-keyring/ondecrypt.6",
            "raw-aes-keyring/ondecrypt.12",
            "raw-aes-keyring/ondecrypt.13",
            "raw-aes-keyring/ondecrypt.14",
            "raw-aes-keyring/ondecrypt.15",
            "raw-aes-keyring/ondecrypt.16",
            "raw-aes-keyring/ondecrypt.17",
            "raw-rsa-keyring/ondecrypt.4",
            "raw-rsa-keyring/ondecrypt.6",
            "raw-ecdh-keyring/data-key-unwrapping",
            "key-agreement-schemas/key-derivation",
            "structures/serialization"
        ),
        arguments: try file.get().messages
    )
    func opens(known: ImplementationMessages.Message) async throws {
        let keys = try Self.file.get().keys
        for keyring in try keys.keyrings(for: known.keyring) {
            let reader = try known.reader(keyring)
            for reading in Reading.all {
                let result = try await reader.read(known.message.bytes, reading)
                #expect(try known.digest.matches(result.plaintext), "\(reading)")
                #expect(result.message.algorithmSuite.idText == known.suite)
                #expect(result.message.diagnostics.isEmpty)
                for (key, value) in known.context { #expect(result.message.encryptionContext[key] == value) }
            }
        }
    }

    @Test("The messages open beside a keyring that cannot open them", arguments: try file.get().messages)
    func opensInCompany(known: ImplementationMessages.Message) async throws {
        let keys = try Self.file.get().keys
        let keyring = try #require(try keys.keyrings(for: known.keyring).first)
        let company = try MultiKeyring(generator: WrappingKey().keyring(), childKeyrings: [keyring])
        let result = try await known.reader(company).read(known.message.bytes, .oneShot)
        #expect(try known.digest.matches(result.plaintext))
        #expect(result.message.dataKeyOrigin?.keyring != (try WrappingKey().keyring().description))
    }

    @Test(
        "Required context that is not supplied refuses its messages",
        arguments: try file.get().messages.filter { $0.requiredKeys != nil }
    )
    func requiredContext(known: ImplementationMessages.Message) async throws {
        let keyring = try #require(try Self.file.get().keys.keyrings(for: known.keyring).first)
        let message = known.message.bytes
        // The data key is bound to the whole context, so that it does not open either.
        await expectRefusal(of: message, by: try Reader(keyring), .noDataKey)
        var missing = try known.reader(keyring)
        missing.context = [:]
        await expectRefusal(of: message, by: missing, .missingRequiredEncryptionContext)
    }
}

/// The contents of `implementations.json`.
struct ImplementationMessages: Decodable, Sendable {
    let keys: Keys
    let messages: [Message]

    struct Message: Decodable, Sendable, CustomTestStringConvertible {
        let producer, description, suite: String
        let keyring: KeyringDescription
        let requiredKeys: [String]?
        let context: [String: String]
        let plaintextLength: Int
        let plaintextSHA256: HexBytes
        let message: Base64Bytes

        var testDescription: String { "\(producer), \(description)" }
        var digest: PlaintextDigest { PlaintextDigest(length: plaintextLength, sha256: plaintextSHA256.bytes) }

        func reader(_ keyring: any Keyring) throws -> Reader {
            let context = EncryptionContext(context)
            guard let requiredKeys else { return try Reader(keyring, context: context) }
            let manager = try RequiredEncryptionContextCMM(
                requiredEncryptionContextKeys: requiredKeys,
                underlying: keyring
            )
            return try Reader(manager, context: context)
        }
    }

    struct KeyringDescription: Decodable, Sendable {
        let type: String
        let key, namespace, padding: String?
        let keyrings: [KeyringDescription]?
    }

    /// A key of any kind; what it does not have is nil.
    struct Key: Decodable, Sendable {
        let keyID: String
        let key: Base64Bytes?
        let pem: String?
        let curve: Int?
        let senderPEM, recipientPEM: String?
        let senderPublicKey, recipientPublicKey: Base64Bytes?
        let version: String?
    }

    struct Keys: Decodable, Sendable {
        let entries: [String: Key]

        init(from decoder: any Decoder) throws {
            entries = try decoder.singleValueContainer().decode([String: Key].self)
        }

        private static let paddings: [String: RSAPadding] = [
            "pkcs1": .pkcs1, "oaep-mgf1-sha1": .oaep(.sha1), "oaep-mgf1-sha256": .oaep(.sha256),
            "oaep-mgf1-sha384": .oaep(.sha384), "oaep-mgf1-sha512": .oaep(.sha512),
        ]
        private static let algorithms: [Int: RawAESKeyring.WrappingAlgorithm] = [
            16: .aes128GCM, 24: .aes192GCM, 32: .aes256GCM,
        ]
        private static let curves: [Int: EllipticCurve] = [256: .p256, 384: .p384, 521: .p521]

        /// Every keyring that the description allows: a static ECDH key pair reads in both directions.
        func keyrings(for description: KeyringDescription) throws -> [any Keyring] {
            if let keyrings = description.keyrings {
                let children = try keyrings.map { try #require(try self.keyrings(for: $0).first) }
                return [try MultiKeyring(generator: nil, childKeyrings: children)]
            }
            let key = try #require(entries[description.key ?? ""])
            switch description.type {
            case "aes":
                let bytes = try #require(key.key?.bytes)
                return [
                    try RawAESKeyring(
                        keyNamespace: try #require(description.namespace),
                        keyName: key.keyID,
                        wrappingKey: SecretBytes(bytes),
                        wrappingAlgorithm: try #require(Self.algorithms[bytes.count])
                    )
                ]
            case "rsa":
                return [
                    try RawRSAKeyring(
                        keyNamespace: try #require(description.namespace),
                        keyName: key.keyID,
                        paddingScheme: try #require(Self.paddings[description.padding ?? ""]),
                        privateKey: RSAPrivateKey(pem: try #require(key.pem))
                    )
                ]
            case "hierarchical":
                let materials = try BranchKeyMaterials(
                    branchKeyID: key.keyID,
                    version: try #require(key.version),
                    branchKey: SecretBytes(try #require(key.key?.bytes))
                )
                return [
                    try HierarchicalKeyring(
                        keyStore: FixedBranchKeyStore([materials]),
                        branchKeyID: key.keyID,
                        timeToLive: .seconds(60),
                        cache: .no
                    )
                ]
            default:
                return try ecdhKeyrings(isStatic: description.type == "ecdh-static", key)
            }
        }

        private func ecdhKeyrings(isStatic: Bool, _ key: Key) throws -> [any Keyring] {
            let curve = try #require(Self.curves[key.curve ?? 0])
            let recipient = try ECPrivateKey(pem: try #require(key.recipientPEM))
            let discovery = try RawECDHKeyring(
                keyAgreementScheme: .publicKeyDiscovery(recipientStaticPrivateKey: recipient),
                curve: curve
            )
            guard isStatic else { return [discovery] }
            let sender = try ECPrivateKey(pem: try #require(key.senderPEM))
            let senderPublicKey = try ECPublicKey(der: try #require(key.senderPublicKey?.bytes))
            let recipientPublicKey = try ECPublicKey(der: try #require(key.recipientPublicKey?.bytes))
            #expect(sender.publicKey == senderPublicKey)
            #expect(recipient.publicKey == recipientPublicKey)
            let pairs = [(sender, recipientPublicKey), (recipient, senderPublicKey)]
            let keyrings = try pairs.map { own, other in
                try RawECDHKeyring(
                    keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                        senderStaticPrivateKey: own,
                        recipientPublicKey: other
                    ),
                    curve: curve
                )
            }
            return keyrings + [discovery]
        }
    }
}
