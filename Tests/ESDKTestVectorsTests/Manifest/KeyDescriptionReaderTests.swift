import ESDKTestVectors
import TestSupport
import Testing

@Suite("Key descriptions")
struct KeyDescriptionReaderTests {
    static let keys = Fixture.keys(
        #"""
        "rsa": {"type": "private", "encoding": "pem", "material": "-----BEGIN"}, "kms": {"type": "aws-kms"},
        "ecc": {"type": "ecc-private", "bits": 256, "encoding": "pem", "sender-material": "-----BEGIN",
          "recipient-material": "-----BEGIN", "public-key-encoding": "base64-der",
          "sender-material-public-key": "AA==", "recipient-material-public-key": "AA=="},
        "kms-ecc": {"type": "aws-kms-ecdh", "encoding": "base64-der", "sender-material": "arn",
         "recipient-material": "arn",
          "sender-material-public-key": "AA==", "recipient-material-public-key": "AA=="},
        "kms-rsa": {"type": "aws-kms-rsa", "encoding": "pem", "material": "-----BEGIN"},
        "static": {"type": "static-material", "algorithmSuiteId": "0014", "encryptionContext": {}},
        "data": {"type": "data-key", "material": "AAAAAAAAAAAAAAAAAAAAAA=="}, \#(Fixture.aesKey)
        """#
    )

    static func rsa(_ padding: String) -> String {
        #"{"type": "raw", "key": "rsa", "provider-id": "ns", "encryption-algorithm": "rsa", \#(padding)}"#
    }

    static func ecdh(_ type: String, _ schema: String, _ key: String, curve: String) -> String {
        let sender = schema == "static" ? key : schema
        return #"""
            {"type": "\#(type)", "provider-id": "ignored", "schema": "\#(schema)", "sender": "\#(sender)",
             "recipient": "\#(key)",
             "sender-public-key": "label", "recipient-public-key": "label", "ecc-curve": "\#(curve)"}
            """#
    }

    static let aes = KeyDescription.raw(key: "aes", providerID: "ns", .aes)
    static let oaep = #""padding-algorithm": "oaep-mgf1""#

    static let readable: [(String, KeyDescription, String)] = [
        (Fixture.aesDescription, aes, "raw aes-128"),
        (rsa(#""padding-algorithm": "pkcs1""#), .raw(key: "rsa", providerID: "ns", .rsa(.pkcs1)), "raw rsa pkcs1"),
        (
            rsa(oaep + #", "padding-hash": "sha1""#), .raw(key: "rsa", providerID: "ns", .rsa(.oaepSHA1)),
            "raw rsa oaep-sha1"
        ),
        (
            rsa(oaep + #", "padding-hash": "sha256""#), .raw(key: "rsa", providerID: "ns", .rsa(.oaepSHA256)),
            "raw rsa oaep-sha256"
        ),
        (
            rsa(oaep + #", "padding-hash": "sha384""#), .raw(key: "rsa", providerID: "ns", .rsa(.oaepSHA384)),
            "raw rsa oaep-sha384"
        ),
        (
            rsa(oaep + #", "padding-hash": "sha512""#), .raw(key: "rsa", providerID: "ns", .rsa(.oaepSHA512)),
            "raw rsa oaep-sha512"
        ),
        (#"{"type": "aws-kms", "key": "kms"}"#, .awsKMS(key: "kms"), "aws-kms"),
        (#"{"type": "aws-kms-mrk-aware", "key": "kms"}"#, .awsKMSMRK(key: "kms"), "aws-kms-mrk-aware"),
        (
            #"{"type": "aws-kms-rsa", "key": "kms-rsa", "encryption-algorithm": "RSAES_OAEP_SHA_1"}"#,
            .awsKMSRSA(key: "kms-rsa", algorithm: "RSAES_OAEP_SHA_1"), "aws-kms-rsa RSAES_OAEP_SHA_1"
        ),
        (
            ecdh("raw-ecdh", "static", "ecc", curve: "ecc-256"),
            .rawECDH(.init(schema: .static, key: "ecc", curve: "ecc-256")), "raw-ecdh static ecc-256"
        ),
        (
            ecdh("raw-ecdh", "discovery", "ecc", curve: "ecc-521"),
            .rawECDH(.init(schema: .discovery, key: "ecc", curve: "ecc-521")), "raw-ecdh discovery ecc-521"
        ),
        (
            ecdh("raw-ecdh", "ephemeral", "ecc", curve: "ecc-384"),
            .rawECDH(.init(schema: .ephemeral, key: "ecc", curve: "ecc-384")), "raw-ecdh ephemeral ecc-384"
        ),
        (
            ecdh("aws-kms-ecdh", "discovery", "kms-ecc", curve: "us-west-2-256-ecc"),
            .awsKMSECDH(.init(schema: .discovery, key: "kms-ecc", curve: "us-west-2-256-ecc")),
            "aws-kms-ecdh discovery us-west-2-256-ecc"
        ),
        (#"{"type": "static-material-keyring", "key": "static"}"#, .staticMaterial(key: "static"), "static-material"),
        (#"{"type": "data-key", "key": "data", "original-type": "zero"}"#, .dataKey(key: "data"), "data-key"),
        (
            #"{"type": "multi-keyring", "childKeyrings": [\#(Fixture.aesDescription)]}"#,
            .multi(generator: nil, children: [aes]), "multi(raw aes-128)"
        ),
        (
            #"{"type": "multi-keyring", "generator": \#(Fixture.aesDescription), "childKeyrings": []}"#,
            .multi(generator: aes, children: []), "multi(raw aes-128)"
        ),
        (
            #"""
            {"type": "multi-keyring", "generator": {"type": "aws-kms", "key": "kms"},
             "childKeyrings": [{"type": "multi-keyring", "childKeyrings": [\#(Fixture.aesDescription)]}]}
            """#,
            .multi(generator: .awsKMS(key: "kms"), children: [.multi(generator: nil, children: [aes])]),
            "multi(aws-kms, multi(raw aes-128))"
        ),
        ("[\(Fixture.aesDescription)]", aes, "raw aes-128"),
        (
            #"""
            {"type": "required-encryption-context-cmm", "underlying": \#(Fixture.aesDescription),
             "requiredEncryptionContextKeys": ["a", "\u0000"]}
            """#,
            .requiredEncryptionContext(underlying: aes, keys: [[0x61], [0]]), "required-context(raw aes-128)"
        ),
        // Unknown to us is not broken: whether the test can still run is decided with its other keyrings.
        (#"{"type": "aws-kms-quantum"}"#, .unsupported(type: "aws-kms-quantum"), "unsupported(aws-kms-quantum)"),
        (
            rsa(oaep + #", "padding-hash": "sha3-256""#), .unsupported(type: "raw rsa oaep-mgf1 sha3-256"),
            "unsupported(raw rsa oaep-mgf1 sha3-256)"
        ),
        (
            #"{"type": "raw", "key": "aes", "provider-id": "ns", "encryption-algorithm": "chacha20"}"#,
            .unsupported(type: "raw chacha20"), "unsupported(raw chacha20)"
        ),
        (
            ecdh("raw-ecdh", "static", "ecc", curve: "ecc-192"), .unsupported(type: "raw-ecdh static ecc-192"),
            "unsupported(raw-ecdh static ecc-192)"
        ),
    ]

    @Test("read in master-keys and in a scenario alike, and told in short", arguments: readable)
    func reads(text: String, expected: KeyDescription, summary: String) throws {
        for version in [2, 5] {
            let test =
                version == 2
                ? Fixture.described(text) : Fixture.scenario("\"decryptKeyDescription\": \(text)")
            let set = try Fixture.load("\"t\": \(test)", version: version, keys: Self.keys)
            #expect(set.decryptTests.first?.keys == expected)
            #expect(set.decryptTests.first?.problem == nil)
            #expect(set.decryptTests.first?.keys?.summary(keys: set.keys) == summary)
        }
    }

    static let broken = [
        "[]", "5", "[5]", "{}", #"{"type": 5}"#, #"{"type": "aws-kms"}"#, #"{"type": "aws-kms", "key": 5}"#,
        #"{"type": "aws-kms", "key": "absent"}"#, #"{"type": "aws-kms", "key": "aes"}"#,
        #"{"type": "raw", "key": "aes", "encryption-algorithm": "aes"}"#,
        #"{"type": "raw", "key": "aes", "provider-id": "ns"}"#,
        #"{"type": "raw", "key": "rsa", "provider-id": "ns", "encryption-algorithm": "aes"}"#,
        rsa(#""padding-algorithm": null"#), rsa(oaep), rsa(#""padding-algorithm": 5"#),
        ecdh("raw-ecdh", "static", "kms-ecc", curve: "ecc-256"),
        #"{"type": "raw-ecdh", "schema": "static", "sender": "ecc"}"#,
        #"{"type": "multi-keyring"}"#, #"{"type": "multi-keyring", "childKeyrings": []}"#,
        #"""
        {"type": "multi-keyring", "childKeyrings": [{"type": "required-encryption-context-cmm",
         "underlying": \#(Fixture.aesDescription)}]}
        """#,
        #"{"type": "required-encryption-context-cmm"}"#,
        #"""
        {"type": "required-encryption-context-cmm", "underlying": \#(Fixture.aesDescription),
         "requiredEncryptionContextKeys": [1]}
        """#,
        #"{"type": "required-encryption-context-cmm", "underlying": {"type": "aws-kms", "key": "absent"}}"#,
        #"{"type": "aws-kms-mrk-aware-discovery"}"#,
        #"[\#(Fixture.aesDescription), {"type": "caching-cmm", "underlying": \#(Fixture.aesDescription)}]"#,
    ]

    @Test("broken descriptions, and keys that are missing or do not fit, fail the test", arguments: broken)
    func refuses(text: String) throws {
        let test = try Fixture.loadOne(Fixture.described(text), keys: Self.keys)
        #expect(test.problem?.code == .broken)
    }

    @Test("a materials manager is taken apart: the keyring in it, and the keys it requires, each once")
    func managers() throws {
        let text = #"""
            {"type": "required-encryption-context-cmm", "requiredEncryptionContextKeys": ["a", "b"], "underlying":
              {"type": "required-encryption-context-cmm", "requiredEncryptionContextKeys": ["b", "c"], "underlying":
                \#(Fixture.aesDescription)}}
            """#
        let test = try Fixture.loadOne(
            Fixture.scenario(
                #"""
                "decryptKeyDescription": \#(text), "reproduced-encryption-context": {"a": "1", "b": "2", "c": "3",
                 "d": "4"}
                """#
            ),
            version: 5
        )
        let instructions = try test.content.get()
        #expect(instructions.keyring == Self.aes)
        #expect(instructions.requiredContextKeys == [Array("a".utf8), Array("b".utf8), Array("c".utf8)])
        #expect(instructions.suppliedContext?.pairs.count == 4)
    }

    @Test("descriptions that differ in any member are different")
    func identity() {
        let descriptions: [KeyDescription] =
            Self.readable.map(\.1) + [
                .multi(generator: nil, children: [Self.aes, Self.aes]),
                .multi(generator: Self.aes, children: [Self.aes]),
                .raw(key: "aesn", providerID: "s", .aes), .raw(key: "aes", providerID: "n", .aes),
                .awsKMSMRKDiscovery(region: "r", filter: nil),
                .awsKMSMRKDiscovery(region: "r", filter: .init(partition: "aws", accountIDs: [])),
                .awsKMSMRKDiscovery(region: "r", filter: .init(partition: "aws", accountIDs: ["12"])),
                .awsKMSMRKDiscovery(region: "r", filter: .init(partition: "aws", accountIDs: ["1", "2"])),
                .requiredEncryptionContext(underlying: Self.aes, keys: []), .caching(underlying: Self.aes),
            ]
        // The list of readable ones holds raw AES twice: alone, and as a flat list of one.
        #expect(Set(descriptions).count == descriptions.count - 1)
    }
}
