import ESDKTestVectors
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("The commitment known-answer file")
struct CommitmentKnownAnswerReaderTests {
    private static let key = #""decrypted-dek": "AAAAAAAAAAAAAAAAAAAAAA==""#

    private func load(_ tests: String) throws -> VectorSet {
        let folder = try TemporaryFolder()
        try folder.write(
            "commitment-test-vectors.json",
            #"{"title": "T", "date": "2020-09-18", "status": "s", "tests": [\#(tests)]}"#
        )
        return try #require(try folder.load().first)
    }

    @Test("messages, data keys and plaintexts come from the file; ids count from kat-01")
    func reads() throws {
        let set = try load(
            #"""
            {"ciphertext": "AQI=", \#(Self.key), "status": true, "comment": "1. c", "exception": null,
             "plaintext-frames": ["a", "", "\u00e9"], "encryption-context": {"k": "v"}, "keyring-type": "aws-kms"},
            {"ciphertext": "AQI=", \#(Self.key), "status": false, "exception": "Invalid commitment"},
            {"ciphertext": "AQI=", \#(Self.key), "status": false, "plaintext-frames": [], "exception": null}
            """#
        )
        #expect(set.header.kind == .commitmentKnownAnswers)
        #expect(set.producer.description == "T 2020-09-18")
        #expect(set.decryptTests.map(\.id) == ["kat-01", "kat-02", "kat-03"])
        let first = try #require(try set.decryptTests.first?.content.get())
        #expect(first.ciphertext == .inline([1, 2]))
        #expect(first.expected == .plaintext(.inline([0x61, 0xC3, 0xA9])))
        #expect(first.suppliedContext == ContextPairs([.init(key: Array("k".utf8), value: Array("v".utf8))]))
        #expect(set.decryptTests.first?.keys == .dataKey(key: "kat-01"))
        guard set.keys["kat-01"]?.material.key(as: DataKey.self)?.bytes == [UInt8](repeating: 0, count: 16) else {
            Issue.record("\(set.keys)")
            return
        }
        #expect(
            try set.decryptTests.dropFirst().map { try $0.content.get().expected } == [
                .refusal("Invalid commitment"), .refusal(nil),
            ]
        )
    }

    @Test("a broken answer fails alone")
    func broken() throws {
        let good = #"{"ciphertext": "AQI=", \#(Self.key), "status": true, "plaintext-frames": []}"#
        let set = try load(
            [
                good, #"{"ciphertext": "A", \#(Self.key), "status": true, "plaintext-frames": []}"#,
                #"{"ciphertext": "AQI=", "decrypted-dek": "AA==", "status": false}"#,
                #"{"ciphertext": "AQI=", \#(Self.key), "status": true}"#, #"{"ciphertext": "AQI=", \#(Self.key)}"#, "5",
                good,
            ].joined(separator: ",")
        )
        #expect(set.decryptTests.map { $0.problem?.code } == [nil, .broken, .broken, .broken, .broken, .broken, nil])
    }
}
