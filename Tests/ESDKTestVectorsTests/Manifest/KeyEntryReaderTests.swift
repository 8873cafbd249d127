import ESDKTestVectors
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Key entries")
struct KeyEntryReaderTests {
    private func entry(_ text: String) throws -> KeyEntry {
        let set = try Fixture.load("\"t\": \(Fixture.test)", keys: Fixture.keys("\"k\": \(text)"))
        return try #require(set.keys["k"])
    }

    @Test("without a key-id the name takes its place")
    func keyID() throws {
        #expect(try entry(#"{"type": "aws-kms"}"#).keyID == "k")
        #expect(try entry(#"{"type": "aws-kms", "key-id": "id"}"#).keyID == "id")
    }

    @Test("zero bits are unstated bits", arguments: ["aws-kms", "symmetric"])
    func zeroBits(type: String) throws {
        let entry = try entry(#"{"type": "\#(type)", "bits": 0, "material": "AAAAAAAAAAAAAAAAAAAAAA=="}"#)
        #expect(entry.bits == nil)
        #expect(entry.material.kind == type)
    }

    @Test("both halves of an elliptic-curve entry are read, PEM as text and the public keys as DER")
    func ecc() throws {
        let entry = try entry(
            #"""
            {"type": "ecc-private", "bits": 256, "encoding": "pem", "sender-material": "-----S",
             "recipient-material": "-----R",
             "public-key-encoding": "base64-der", "sender-material-public-key": "AQ==",
              "recipient-material-public-key": "Ag=="}
            """#
        )
        let keys = try #require(entry.material.key(as: ECCPrivateKeys.self))
        #expect(keys.sender == .pem("-----S"))
        #expect(keys.recipient == .pem("-----R"))
        #expect(keys.senderPublicKey == .der([1]))
        #expect(keys.recipientPublicKey == .der([2]))
        #expect(entry.bits == 256)
    }

    @Test("static material is read whole")
    func staticMaterial() throws {
        let entry = try entry(
            #"""
            {"type": "static-material", "algorithmSuiteId": "0478", "encryptionContext": {"a": "b"},
             "encryptedDataKeys": [{"keyProviderId": "p", "keyProviderInfo": "AQ==", "ciphertext": "Ag=="}],
             "requiredEncryptionContextKeys": ["a"], "plaintextDataKey": "Aw=="}
            """#
        )
        let material = try #require(entry.material.key(as: StaticMaterial.self))
        #expect(material.suite == 0x0478)
        #expect(material.encryptionContext == ContextPairs([.init(key: [0x61], value: [0x62])]))
        #expect(material.encryptedDataKeys.map(\.providerID) == [Array("p".utf8)])
        #expect(material.encryptedDataKeys.map(\.providerInfo) == [[1]])
        #expect(material.encryptedDataKeys.map(\.ciphertext) == [[2]])
        #expect(material.requiredContextKeys == [[0x61]])
        #expect(material.plaintextDataKey == [3])
    }

    @Test("a data key is read like an AES key, of any of the three lengths", arguments: [16, 24, 32])
    func dataKey(length: Int) throws {
        let text = String(repeating: "AAAA", count: length / 3) + ["", "AA==", "AAA="][length % 3]
        let entry = try entry(#"{"type": "data-key", "encoding": "base64", "material": "\#(text)"}"#)
        #expect(entry.material.key(as: DataKey.self)?.bytes == [UInt8](repeating: 0, count: length))
    }

    static let malformedEntries = [
        "5", "{}", #"{"type": 5}"#, #"{"type": "symmetric"}"#, #"{"type": "symmetric", "material": "A"}"#,
        #"{"type": "symmetric", "material": "AAAA"}"#, #"{"type": "symmetric", "material": 5}"#,
        #"{"type": "symmetric", "bits": 256, "material": "AAAAAAAAAAAAAAAAAAAAAA=="}"#,
        #"{"type": "symmetric", "bits": 128.5, "material": "AAAAAAAAAAAAAAAAAAAAAA=="}"#,
        #"{"type": "symmetric", "encoding": "hex", "material": "AAAAAAAAAAAAAAAAAAAAAA=="}"#,
        #"{"type": "symmetric", "material": ["AAAA", 5]}"#, #"{"type": "private"}"#,
        #"{"type": "private", "encoding": "der", "material": "x"}"#,
        #"{"type": "private", "encoding": "base64", "material": "x"}"#,
        #"{"type": "static-branch-key", "key-id": "i", "branchKeyVersion": "v", "branchKey": "AA=="}"#,
        #"""
        {"type": "static-branch-key", "branchKeyVersion": "v",
         "branchKey": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
        """#,
        #"{"type": "static-material"}"#, #"{"type": "aws-kms", "key-id": 5}"#,
        #"{"type": "aws-kms", "encrypt": "yes"}"#,
    ]

    @Test("an entry that cannot be read says why, and fails only the tests that use it", arguments: malformedEntries)
    func malformed(text: String) throws {
        let set = try Fixture.load(
            #""uses": \#(Fixture.described(#"[{"type": "aws-kms", "key": "k"}]"#)), "other": \#(Fixture.test)"#,
            keys: Fixture.keys("\"k\": \(text), \(Fixture.aesKey)")
        )
        guard case .malformed(let reason)? = set.keys["k"]?.material else {
            Issue.record("\(String(describing: set.keys["k"]))")
            return
        }
        #expect(!reason.isEmpty)
        #expect(set.decryptTests.map { $0.problem?.code } == [.broken, nil])
    }
}
