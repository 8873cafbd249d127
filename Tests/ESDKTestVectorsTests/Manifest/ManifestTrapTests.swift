// The traps that published manifests set for a reader, numbered as in the field's notes on them. Those that lie in
// running a test rather than in reading it are tested with the runner and the keyrings: 7 (a refused EDK is not the
// end), 13 and 14 (truncated and flipped messages), 16 (empty plaintexts) and 17 (no vacuous refusal).
// Without a test here:
// - 31 and 41 are about options and keyrings of other programs; there is nothing in a manifest to read.
// - 39 is about decrypt-generate manifests, which are not read yet; a decrypt test names its own keys alone.

import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Traps of published manifests, 1 to 20")
struct ManifestTrapTests {
    @Test("trap 1: a keys manifest is read by the shape of its entries, whatever its version says")
    func keysVersionLies() throws {
        let pem = #""-----BEGIN PRIVATE KEY-----", "MAA=", "-----END PRIVATE KEY-----""#
        let entries = #"""
            "aes": {"type": "symmetric", "bits": 128, "encoding": "base64", "material": ["AAECAwQFBgcICRAREhMUFQ=="]},
            "split": {"type": "symmetric", "bits": 128, "encoding": "base64", "material": ["AAECAwQFBgcI",
             "CRAREhMUFQ=="]},
            "rsa": {"type": "private", "encoding": "pem", "line-separator": "\n", "material": [\#(pem)]},
            "string": {"type": "private", "encoding": "pem", "line-separator": "x", "material": "-----BEGIN"},
            "branch": {"type": "static-branch-key", "key-id": "id", "branchKeyVersion": "v",
                       "branchKey": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
            """#
        for version in 1...4 {
            let set = try Fixture.load("\"t\": \(Fixture.test)", keys: Fixture.keys(entries, version: version))
            #expect(set.keys.declaredVersion == version)
            func key<Key>(_ name: String, _ type: Key.Type) throws -> Key {
                try #require(set.keys[name]?.material.key(as: type), "version \(version): \(set.keys)")
            }
            #expect(try key("aes", SymmetricKey.self).bytes == key("split", SymmetricKey.self).bytes)
            let pem = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----"
            #expect(try key("rsa", RSAPrivateKeyText.self).text == .pem(pem))
            #expect(try key("string", RSAPrivateKeyText.self).text == .pem("-----BEGIN"))
            _ = try key("branch", StaticBranchKey.self)
        }
    }

    @Test(
        "trap 2: members count whatever the version: a version 2 test with those of 3, 4 and 5",
        arguments: [1, 2, 3]
    )
    func laterMembers(version: Int) throws {
        let test = try Fixture.loadOne(
            "{\(Fixture.files), \"master-keys\": [\(Fixture.aesDescription)], \"cmm\": \"RequiredEncryptionContext\", "
                + #""encryption-context": {"k": "v"}, "decryption-method": "streaming-unsigned-only"}"#,
            version: version
        )
        let instructions = try test.content.get()
        #expect(instructions.method == .streamingUnsignedOnly)
        #expect(instructions.cmm == .requiredEncryptionContext)
        #expect(instructions.requiredContextKeys == [Array("k".utf8)])
        let scenario = try Fixture.loadOne(
            Fixture.scenario("\"decryptKeyDescription\": \(Fixture.aesDescription)"),
            version: version
        )
        #expect(try scenario.content.get().keys == .raw(key: "aes", providerID: "ns", .aes))
    }

    @Test("trap 3: null, and an empty padding, count as absent")
    func nulls() throws {
        let test = try Fixture.loadOne(
            #"""
            {"ciphertext": "file://c", "plaintext": null, "result": {"output": {"plaintext": "file://p"},
             "error": null},
             "cmm": null, "decryption-method": null, "encryption-context": null, "description": null,
              "frame-size": null,
             "master-keys": [
               {"type": "raw", "key": "aes", "provider-id": "ns", "encryption-algorithm": "aes",
                "padding-algorithm": ""},
               {"type": "aws-kms-mrk-aware", "key": "kms", "provider-id": null, "encryption-algorithm": null,
                "padding-algorithm": null, "padding-hash": null}]}
            """#,
            keys: Fixture.keys(
                Fixture.aesKey + #", "kms": {"type": "aws-kms", "key-id": "arn", "bits": 0, "encrypt": null}"#
            )
        )
        let instructions = try test.content.get()
        #expect(instructions.cmm == .unspecified)
        #expect(instructions.method == .any)
        #expect(instructions.encryptionContext.isEmpty)
        #expect(instructions.keys.leaves == [.raw(key: "aes", providerID: "ns", .aes), .awsKMSMRK(key: "kms")])
        #expect(test.description == nil)
    }

    static let clients = [
        ("", "unknown"), (#""client": "mpl-dafny","#, "mpl-dafny"),
        (#""client": {"name": "a", "version": "2"},"#, "a 2"),
        (#""client": {"name": "a"},"#, "a"), (#""client": null,"#, "unknown"), (#""client": 5,"#, "unknown"),
    ]

    @Test("trap 4: the client may be an object, a string or missing", arguments: clients)
    func client(member: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", Fixture.manifest("\"t\": \(Fixture.test)", client: member))
        try folder.write("keys.json", Fixture.keys())
        #expect(try folder.load().map(\.producer.description) == [expected])
    }

    static let texts = [
        "aws-raw-vectors-persistant", "aws-raw-vectors-persistent-static ecc-256", "ns-\u{1d7c1}",
        "\u{1d7c1}-nonascii-\u{10002}-aes-256-\u{1d7c1}-with-\u{fffd}", "e\u{301}", "\u{e9}", "",
    ]

    @Test("trap 5: provider ids and key names are kept as they are, byte for byte", arguments: texts)
    func namesAndProviderIDs(text: String) throws {
        // Escaped and raw spellings are both met.
        let escaped = text.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
        for spelling in [text, escaped] {
            let entry =
                #"""
                "\#(spelling)": {"type": "symmetric", "bits": 128, "encoding": "base64",
                 "material": "AAAAAAAAAAAAAAAAAAAAAA=="}
                """#
            let description =
                #"[{"type": "raw", "key": "\#(text)", "provider-id": "\#(spelling)", "encryption-algorithm": "aes"}]"#
            let set = try Fixture.load("\"t\": \(Fixture.described(description))", keys: Fixture.keys(entry))
            // Descriptions are compared byte by byte.
            let keys = try set.decryptTests.first?.content.get().keys
            #expect(keys == .raw(key: text, providerID: text, .aes))
        }
    }

    @Test("trap 5: composed and decomposed key names are two keys")
    func canonicallyEquivalentKeyNames() throws {
        let entries = ["\u{e9}", "e\u{301}"].map { name in
            #""\#(name)": {"type": "aws-kms", "key-id": "\#(name.utf8.count)"}"#
        }.joined(separator: ", ")
        let keys = try Fixture.load("\"t\": \(Fixture.test)", keys: Fixture.keys(entries)).keys
        #expect(keys["\u{e9}"]?.keyID == "2")
        #expect(keys["e\u{301}"]?.keyID == "3")
        #expect(KeyDescription.awsKMS(key: "\u{e9}") != .awsKMS(key: "e\u{301}"))
        #expect(Set([KeyDescription.awsKMS(key: "\u{e9}"), .awsKMS(key: "e\u{301}")]).count == 2)
    }

    @Test("trap 6: a key's name finds it, its key-id goes into the keyring; two names may share one key-id")
    func nameAndKeyID() throws {
        let rsa = #""encoding": "pem", "material": "-----BEGIN", "key-id": "rsa-4096""#
        let set = try Fixture.load(
            "\"t\": \(Fixture.test)",
            keys: Fixture.keys(
                #"""
                "rsa-private": {"type": "private", \#(rsa)}, "rsa-public": {"type": "public", \#(rsa)},
                 \#(Fixture.aesKey)
                """#
            )
        )
        #expect(set.keys["rsa-private"]?.keyID == "rsa-4096")
        #expect(set.keys["rsa-public"]?.keyID == "rsa-4096")
        #expect(set.keys["rsa-4096"] == nil)
    }

    @Test("trap 8: keys that cannot decrypt are no obstacle in a decrypt list")
    func blackholes() throws {
        let keys = Fixture.keys(
            #"""
            "public": {"type": "public", "encrypt": true, "decrypt": false, "encoding": "pem",
             "material": "-----BEGIN"},
            "only": {"type": "aws-kms", "encrypt": true, "decrypt": false, "key-id": "arn"}, \#(Fixture.aesKey)
            """#
        )
        let test = try Fixture.loadOne(
            Fixture.described(
                #"""
                [\#(Fixture.aesDescription), {"type": "aws-kms", "key": "only"}, {"type": "raw", "key": "public",
                  "provider-id": "ns", "encryption-algorithm": "rsa", "padding-algorithm": "pkcs1"}]
                """#
            ),
            keys: keys
        )
        #expect(try test.content.get().keys.leaves.count == 3)
    }

    @Test("trap 9: a duplicate member refuses the file, naming both places")
    func duplicates() throws {
        let folder = try TemporaryFolder()
        try folder.write("keys.json", Fixture.keys())
        try folder.write("manifest.json", Fixture.manifest("\"t\": \(Fixture.test),\n \"\\u0074\": \(Fixture.test)"))
        let error = #expect(throws: VectorError.self) { try folder.load() }
        #expect(error?.code == .notJSON)
        #expect(error?.reason.contains("line 3, column 2: duplicate member \"t\" (first at line 2, column ") == true)
        try folder.write("manifest.json", Fixture.manifest("\"t\": \(Fixture.test)"))
        try folder.write("keys.json", Fixture.keys(Fixture.aesKey + ",\n" + Fixture.aesKey))
        #expect(throws: VectorError(.keys, path: "", reason: "")) { try folder.load() }
    }

    @Test("trap 10: context keys keep U+0000, control characters, quotes and text beyond the BMP, and their spelling")
    func contextKeys() throws {
        let test = try Fixture.loadOne(
            #"""
            {\#(Fixture.files), "master-keys": [\#(Fixture.aesDescription)], "cmm": "RequiredEncryptionContext",
             "encryption-context": {"\u0000\u0001\u0002": "space \" D", "\u0000": "", "a\u0000": "\u0000",
              "\ud835\udfc1": "𝟁",
              "\uf8ff": "\uffff", "\u00e9": "1", "e\u0301": "2"}}
            """#
        )
        let instructions = try test.content.get()
        let expected: [(String, String)] = [
            ("\0\u{1}\u{2}", "space \" D"), ("\0", ""), ("a\0", "\0"), ("\u{1d7c1}", "\u{1d7c1}"),
            ("\u{f8ff}", "\u{ffff}"),
            ("\u{e9}", "1"), ("e\u{301}", "2"),
        ]
        #expect(
            instructions.encryptionContext.pairs
                == expected.map { ContextPairs.Pair(key: Array($0.0.utf8), value: Array($0.1.utf8)) }
        )
        #expect(instructions.requiredContextKeys == expected.map { Array($0.0.utf8) })
        #expect(instructions.suppliedContext == instructions.encryptionContext)
    }

    @Test("trap 11: a context is passed on whichever member states it and whatever the cmm, and {} says nothing")
    func suppliedContext() throws {
        func supplied(_ members: String) throws -> ContextPairs? {
            try Fixture.loadOne(
                "{\(Fixture.files), \"master-keys\": [\(Fixture.aesDescription)], \(members)}",
                version: 4
            )
            .content.get().suppliedContext
        }
        let pair = ContextPairs([.init(key: Array("k".utf8), value: Array("v".utf8))])
        #expect(try supplied(#""cmm": "Default", "encryption-context": {"k": "v"}"#) == pair)
        #expect(try supplied(#""encryption-context": {"k": "v"}"#) == pair)
        #expect(try supplied(#""cmm": "Default", "encryption-context": {}"#) == nil)
        #expect(try supplied(#""cmm": "RequiredEncryptionContext", "encryption-context": {"k": "v"}"#) == pair)
        #expect(try supplied(#""cmm": "RequiredEncryptionContext", "encryption-context": {}"#) == nil)

        func reproduced(_ context: String) throws -> DecryptInstructions {
            try Fixture.loadOne(
                Fixture.scenario(
                    #"""
                    "decryptKeyDescription": \#(Fixture.aesDescription),
                    "reproduced-encryption-context": \#(context)
                    """#
                ),
                version: 5
            ).content.get()
        }
        #expect(try reproduced(#"{"k": "v"}"#).suppliedContext == pair)
        #expect(try reproduced(#"{"k": "v"}"#).requiredContextKeys == [])
        #expect(try reproduced("{}").suppliedContext == nil)
    }

    @Test(
        "trap 12: suite and frame size of a decrypt test are informational",
        arguments: ["0014", "6700", "0xFFFF", "14"]
    )
    func informational(suite: String) throws {
        let test = try Fixture.loadOne(
            #"""
            {"decryption-scenario": {"ciphertext": "file://c", "result": "file://p", "algorithmSuiteId": "\#(suite)",
             "frame-size": 0, "decryptKeyDescription": \#(Fixture.aesDescription)}}
            """#
        )
        #expect(test.problem == nil)
        #expect(test.declaredFrameLength == 0)
        #expect(test.declaredSuite == ["0014": 0x14, "6700": 0x6700, "0xFFFF": 0xFFFF, "14": 0x14][suite])
    }

    @Test("trap 15: a list keeps its order, the first as generator; any one key may be the usable one")
    func order() throws {
        let keys = Fixture.keys(#""a": {"type": "aws-kms"}, "b": {"type": "aws-kms"}, \#(Fixture.aesKey)"#)
        let test = try Fixture.loadOne(
            Fixture.described(
                #"[{"type": "aws-kms", "key": "b"}, \#(Fixture.aesDescription), {"type": "aws-kms", "key": "a"}]"#
            ),
            keys: keys
        )
        let aes = KeyDescription.raw(key: "aes", providerID: "ns", .aes)
        #expect(
            try test.content.get().keys
                == .multi(generator: .awsKMS(key: "b"), children: [aes, .awsKMS(key: "a")])
        )
    }

    @Test("trap 18: version 1 has no result; the plaintext beside the ciphertext is expected")
    func versionOne() throws {
        let test = try Fixture.loadOne(
            #"""
            {"plaintext": "file://plaintexts/p", "ciphertext": "file://c",
             "master-keys": [\#(Fixture.aesDescription)]}
            """#,
            version: 1
        )
        #expect(try test.content.get().expected == .plaintext(.file(VectorURI("file://plaintexts/p"))))
    }

    @Test("trap 19: a test that cannot be read stays in the list and does not take the others with it")
    func brokenTest() throws {
        let set = try Fixture.load(
            #""a": \#(Fixture.test), "b": null, "c": {"ciphertext": 5}, "d": \#(Fixture.test), "e": {}, "f": []"#
        )
        #expect(set.decryptTests.map(\.id) == ["a", "b", "c", "d", "e", "f"])
        #expect(set.decryptTests.map { $0.problem?.code } == [nil, .broken, .broken, nil, .broken, .broken])
    }

    @Test(
        "trap 20: PKCS #1 with and without a hash is one padding",
        arguments: ["", #", "padding-hash": "sha1""#, #", "padding-hash": null"#]
    )
    func pkcs1(hash: String) throws {
        let keys = Fixture.keys(#""rsa": {"type": "private", "encoding": "pem", "material": "-----BEGIN"}"#)
        let description =
            #"""
            [{"type": "raw", "key": "rsa", "provider-id": "ns", "encryption-algorithm": "rsa",
             "padding-algorithm": "pkcs1"\#(hash)}]
            """#
        let test = try Fixture.loadOne(Fixture.described(description), keys: keys)
        #expect(try test.content.get().keys == .raw(key: "rsa", providerID: "ns", .rsa(.pkcs1)))
    }
}
