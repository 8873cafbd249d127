import ESDKTestVectors
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Traps of published manifests, 21 to 42")
struct LaterManifestTrapTests {
    @Test("trap 21: tests that must fail are kept, in every spelling of an error")
    func errors() throws {
        let keys = "\"ciphertext\": \"file://c\", \"master-keys\": [\(Fixture.aesDescription)]"
        let set = try Fixture.load(
            #"""
            "object": {\#(keys), "result": {"error": {"error-description": "why"}}},
            "empty": {\#(keys), "result": {"error": {}}},
            "text": {\#(keys), "result": {"error": "why"}},
            "scenario": {"decryption-scenario": {"type": "positive-esdk", "ciphertext": "file://c",
              "decryptKeyDescription": \#(Fixture.aesDescription), "result": {"error": {"error-description": "why"}}}},
            "scenario-text": {"decryption-scenario": {"type": "negative-esdk", "ciphertext": "file://c",
              "decryptKeyDescription": \#(Fixture.aesDescription), "result": {"error": "why"}}}
            """#
        )
        #expect(
            try set.decryptTests.map { try $0.content.get().expected }
                == [.refusal("why"), .refusal(nil), .refusal("why"), .refusal("why"), .refusal("why")]
        )
    }

    @Test("trap 22: members that are not known are ignored, and named once each")
    func unknownMembers() throws {
        let folder = try TemporaryFolder()
        let test = #"{"x-vendor": 1, \#(Fixture.files), "master-keys": [\#(Fixture.aesDescription)]}"#
        try folder.write(
            "manifest.json",
            #"""
            {"note": "n", "manifest": {"type": "awses-decrypt", "version": 2}, "keys": "file://keys.json",
             "tests": {"a": \#(test), "b": \#(test)}}
            """#
        )
        try folder.write("keys.json", Fixture.keys())
        let set = try #require(try folder.load().first)
        #expect(set.decryptTests.allSatisfy { $0.problem == nil })
        #expect(
            set.diagnostics.map(\.description) == [
                #"member "note" of the manifest is not known and ignored"#,
                #"member "x-vendor" of the test is not known and ignored, 2 times (first in a)"#,
            ]
        )
    }

    @Test("trap 23: a key of a type that is not known is no obstacle, and marks only its own keyring as unusable")
    func unknownKeyType() throws {
        let keys = Fixture.keys(
            #""new": {"type": "post-quantum", "material": {"a": 1}}, "none": 5, \#(Fixture.aesKey)"#
        )
        let set = try Fixture.load(
            #"""
            "aes": \#(Fixture.test),
            "new": \#(Fixture.described(#"[{"type": "aws-kms-hierarchy", "key": "new"}]"#)),
            "broken": \#(Fixture.described(#"[{"type": "aws-kms", "key": "none"}]"#))
            """#,
            keys: keys
        )
        guard case .unsupported("post-quantum")? = set.keys["new"]?.material else {
            Issue.record("\(String(describing: set.keys["new"]))")
            return
        }
        #expect(set.decryptTests.map { $0.problem?.code } == [nil, nil, .broken])
        #expect(set.decryptTests.last?.problem?.reason == #"key "none": the entry is an integer, not an object"#)
    }

    @Test("trap 24: Windows separators in URIs are slashes")
    func windowsSeparators() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "manifest.json",
            Fixture.manifest(
                #"""
                "t": {"ciphertext": "file://ciphertexts\\a\\c",
                 "result": {"output": {"plaintext": "file://plaintexts\\small"}},
                 "master-keys": [\#(Fixture.aesDescription)]}
                """#
            )
        )
        try folder.write("keys.json", Fixture.keys())
        try folder.write("ciphertexts/a/c", [1, 2, 3])
        let set = try #require(try folder.load().first)
        let instructions = try #require(try set.decryptTests.first?.content.get())
        #expect(try set.folder.read(instructions.ciphertext) == [1, 2, 3])
        #expect(instructions.expected == .plaintext(.file(try VectorURI("plaintexts/small"))))
    }

    @Test("trap 25: a byte order mark, CR LF and a missing final line end are accepted")
    func byteOrderMark() throws {
        let folder = try TemporaryFolder()
        let manifest = Fixture.manifest("\n\"t\":\n\(Fixture.test)\n")
        try folder.write("manifest.json", "\u{feff}" + manifest.split(separator: "\n").joined(separator: "\r\n"))
        try folder.write("keys.json", "\u{feff}" + Fixture.keys() + "\r\n")
        #expect(try folder.load().first?.decryptTests.count == 1)
    }

    @Test("trap 26: an archive is to be unpacked first; its top folder, its junk and the case of names are no trouble")
    func archives() throws {
        let folder = try TemporaryFolder()
        let archive = try folder.write("vectors.zip", [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00])
        let error = #expect(throws: VectorError.self) { try VectorSetLoader.load(archive) }
        #expect(error?.reason.contains("unpack it") == true)

        let manifest = Fixture.manifest("\"t\": \(Fixture.test), \"T\": \(Fixture.test)")
        for name in ["top", "__MACOSX"] {
            try folder.write("\(name)/manifest.json", manifest)
            try folder.write("\(name)/keys.json", Fixture.keys())
        }
        let sets = try folder.load()
        #expect(sets.map(\.path) == [folder.path + "/top"])
        #expect(sets.first?.decryptTests.map(\.id) == ["t", "T"])
    }

    @Test(
        "trap 27: the manifest is found by its usual names, then by its type",
        arguments: ["manifest.json", "decrypt-manifest.json", "decrypt_message.json", "any other.json"]
    )
    func names(name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(name, Fixture.manifest("\"t\": \(Fixture.test)"))
        try folder.write("keys.json", Fixture.keys())
        try folder.write("known.json", "{}")
        try folder.write("broken.json", "{")
        let sets = try folder.load()
        #expect(sets.map(\.path) == [folder.path])
        #expect(sets.map(\.manifestPath) == ["\(folder.path)/\(name)"])
    }

    @Test("trap 27: manifest.json comes before the others")
    func precedence() throws {
        let folder = try TemporaryFolder()
        for name in ["a.json", "decrypt-manifest.json", "manifest.json"] {
            try folder.write(name, Fixture.manifest("\"\(name)\": \(Fixture.test)"))
        }
        try folder.write("keys.json", Fixture.keys())
        #expect(try folder.load().map { $0.decryptTests.map(\.id) } == [["manifest.json"]])
    }

    @Test("trap 28: an encrypt manifest beside the decrypt manifest, or in its usual place, is passed over")
    func encryptManifest() throws {
        let encrypt = #"{"manifest": {"type": "awses-encrypt", "version": 5}, "keys": "file://keys.json", "tests": {}}"#
        for name in ["encrypt-manifest.json", "manifest.json"] {
            let folder = try TemporaryFolder()
            try folder.write(name, encrypt)
            try folder.write("decrypt-manifest.json", Fixture.manifest("\"t\": \(Fixture.test)"))
            try folder.write("keys.json", Fixture.keys())
            #expect(try folder.load().map(\.manifestPath) == ["\(folder.path)/decrypt-manifest.json"])
        }
    }

    @Test("trap 29: spellings that only documents have")
    func documentSpellings() throws {
        #expect(ManifestKind(type: "aws-mpl-encrypt") == .materialsEncrypt)
        #expect(ManifestKind(type: "aws-mpl-decrypt") == .materialsDecrypt)
        let caching = #"{"type": "caching-cmm", "underlying": \#(Fixture.aesDescription), "cacheLimitTtlSeconds": 1}"#
        let set = try Fixture.load(
            #"""
            "caching": {"decryption-scenario": {"ciphertext": "c", "result": "p",
             "decryptKeyDescription": \#(caching)}},
            "tampering": {\#(Fixture.files), "master-keys": [\#(Fixture.aesDescription)], "tampering-method": "x"},
            "expected": {"ciphertext": "c", "expectedResult": "p", "master-keys": [\#(Fixture.aesDescription)]},
            "type": {"decryption-scenario": {"type": "negative-decrypt-keyring", "ciphertext": "c",
             "result": {"error": ""},
              "decryptKeyDescription": \#(Fixture.aesDescription)}}
            """#
        )
        #expect(set.decryptTests.map { $0.problem?.code } == [nil, nil, .broken, .unsupported])
        let described = set.decryptTests.first?.keys?.kind as? Caching
        #expect(described?.underlying == .raw(key: "aes", providerID: "ns", .aes))
    }

    @Test("trap 30: a discovery description names no key")
    func discovery() throws {
        func discovery(_ region: String, _ members: String = "") -> String {
            let type = #""type": "aws-kms-mrk-aware-discovery", "default-mrk-region": "\#(region)""#
            return Fixture.described("[{\(type)\(members)}]")
        }
        let whole = #", "aws-kms-discovery-filter": {"partition": "aws", "account-ids": ["1", "2"]}"#
        let half = #", "aws-kms-discovery-filter": {"partition": "aws"}"#
        let set = try Fixture.load(
            #""all": \#(discovery("us-west-2")), "filter": \#(discovery("r", whole)), "half": \#(discovery("r", half))"#
        )
        #expect(set.decryptTests[0].keys == .awsKMSMRKDiscovery(region: "us-west-2", filter: nil))
        #expect(
            set.decryptTests[1].keys
                == .awsKMSMRKDiscovery(region: "r", filter: .init(partition: "aws", accountIDs: ["1", "2"]))
        )
        // A half filter must not turn into none, which would allow more than the manifest says.
        #expect(set.decryptTests[2].problem?.code == .broken)
    }

    @Test("trap 32: the generator is not repeated among the children")
    func generatorOnce() throws {
        let keys = Fixture.keys(#""a": {"type": "aws-kms"}, "b": {"type": "aws-kms"}"#)
        let flat = #"[{"type": "aws-kms", "key": "a"}, {"type": "aws-kms", "key": "b"}]"#
        let tree =
            #"""
            {"type": "multi-keyring", "generator": {"type": "aws-kms", "key": "a"},
             "childKeyrings": [{"type": "aws-kms", "key": "b"}]}
            """#
        let set = try Fixture.load(
            #""flat": \#(Fixture.described(flat)), "tree": \#(Fixture.described(tree))"#,
            keys: keys
        )
        #expect(set.decryptTests.map { $0.keys?.leaves.count } == [2, 2])
        #expect(set.decryptTests[0].keys == set.decryptTests[1].keys)
    }

    @Test("trap 33: a set of 9,000 tests loads in its order, sharing the name of one plaintext")
    func manyTests() throws {
        let ids = (0..<9000).map { "t\($0 * 7 % 9000)" }
        let set = try Fixture.load(ids.map { "\"\($0)\": \(Fixture.test)" }.joined(separator: ","))
        #expect(set.decryptTests.map(\.id) == ids)
        let expected = Set(try set.decryptTests.map { try $0.content.get().expected })
        #expect(expected.count == 1)
    }

    static let keyIDs = [
        "arn:aws:kms:us-west-2:658956600833:alias/EncryptDecrypt", "mrk-80bd8ecdcd4342aebd84b7dc9da498a7", "", "key/",
        ":aws:kms:us-west-2:658956600833:key/mrk-80bd8ecdcd4342aebd84b7dc9da498a7", "arn-not:aws:kms", "not an arn",
    ]

    @Test("trap 34: identifiers of KMS keys are not checked on loading", arguments: keyIDs)
    func malformedARNs(keyID: String) throws {
        let keys = Fixture.keys(
            #""\#(keyID)": {"type": "aws-kms", "encrypt": false, "decrypt": false, "key-id": "\#(keyID)"}"#
        )
        let set = try Fixture.load(
            "\"t\": " + Fixture.described(#"[{"type": "aws-kms-mrk-aware", "key": "\#(keyID)"}]"#),
            keys: keys
        )
        #expect(set.keys[keyID]?.keyID == keyID)
        #expect(set.decryptTests.first?.problem == nil)
    }

    @Test("trap 35: what a test expects is what its manifest says, whatever its folder is called")
    func mislabelled() throws {
        let folder = try TemporaryFolder()
        try folder.write("invalid-Net-4.0.0/manifest.json", Fixture.manifest("\"t\": \(Fixture.test)", version: 4))
        try folder.write("invalid-Net-4.0.0/keys.json", Fixture.keys())
        let instructions = try #require(try folder.load("invalid-Net-4.0.0").first?.decryptTests.first?.content.get())
        #expect(instructions.expected == .plaintext(.file(try VectorURI("plaintexts/p"))))
    }

    @Test("trap 36: ids are opaque: kept as they are, and never a file's name")
    func ids() throws {
        let ids = ["0014-ec_len_2-cmm_Default-9139b84c", "with space/and slash", "", "\u{1d7c1}"]
        let set = try Fixture.load(ids.map { "\"\($0)\": \(Fixture.test)" }.joined(separator: ","))
        #expect(set.decryptTests.map(\.id) == ids)
        for test in set.decryptTests {
            #expect(try test.content.get().ciphertext == .file(VectorURI("ciphertexts/c")))
        }
    }

    @Test(
        "trap 37: sizes are plain integers",
        arguments: ["512.0", "5e2", "-1", "\"512\"", "99999999999999999999", "4294967296"]
    )
    func sizes(size: String) throws {
        let test = try Fixture.loadOne(
            #"{"ciphertext": "c", "result": "p", "frame-size": \#(size), "master-keys": [\#(Fixture.aesDescription)]}"#
        )
        #expect(test.problem?.code == .broken)
        #expect(test.declaredFrameLength == nil)
    }

    @Test("trap 37: a version is a plain integer", arguments: ["2.0", "\"2\"", "null", "-2", "2e0"])
    func versions(version: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "manifest.json",
            #"{"manifest": {"type": "awses-decrypt", "version": \#(version)}, "tests": {}}"#
        )
        #expect(throws: VectorError(.malformed, path: "", reason: "")) { try folder.load() }
    }

    @Test("trap 38: data goes before documents: entries of version 3 in a keys manifest labelled 2")
    func labelledTwo() throws {
        let set = try Fixture.load("\"t\": \(Fixture.test)", keys: Fixture.keys(version: 2))
        #expect(set.decryptTests.first?.problem == nil)
    }

    @Test("trap 40: a list of two keys is kept whole, however many EDKs the message has")
    func twoKeys() throws {
        let keys = Fixture.keys(#""a": {"type": "aws-kms"}, "b": {"type": "aws-kms"}"#, version: 1)
        let test = try Fixture.loadOne(
            #"""
            {"plaintext": "p", "ciphertext": "c", "master-keys": [{"type": "aws-kms", "key": "a"}, {"type": "aws-kms",
             "key": "b"}]}
            """#,
            version: 1,
            keys: keys
        )
        #expect(test.keys?.leaves == [.awsKMS(key: "a"), .awsKMS(key: "b")])
    }

    @Test("trap 42: a static branch key is read whole: id, version, key and beacon key")
    func branchKey() throws {
        let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let keys = Fixture.keys(
            #"""
            "b": {"type": "static-branch-key", "key-id": "id", "branchKeyVersion": "v", "branchKey": "\#(zeros)",
             "beaconKey": "\#(zeros)"}
            """#
        )
        let set = try Fixture.load(
            "\"t\": " + Fixture.described(#"[{"type": "aws-kms-hierarchy", "key": "b"}]"#),
            keys: keys
        )
        let entry = try #require(set.keys["b"])
        let key = try #require(entry.material.key(as: StaticBranchKey.self))
        #expect(entry.keyID == "id")
        #expect(key.version == "v")
        #expect(key.branchKey == [UInt8](repeating: 0, count: 32))
        #expect(key.beaconKey == key.branchKey)
        #expect(set.decryptTests.first?.keys == .awsKMSHierarchy(key: "b"))
    }
}
