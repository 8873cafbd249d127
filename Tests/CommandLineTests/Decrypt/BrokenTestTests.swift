import TestSupport
import Testing

/// Broken tests inside a good manifest, and files that are no messages: that test alone fails.
@Suite("esdk vectors decrypt: broken tests")
struct BrokenTestTests {
    struct Broken: CustomTestStringConvertible {
        let testDescription: String
        let test: VectorSetText.Test
        /// The reason that is shown.
        let reason: String
        var make: @Sendable (TemporaryFolder) throws -> Void = { _ in }
    }

    private static func of(
        ciphertext: String = "file://ciphertexts/unsigned",
        plaintext: String? = "file://plaintexts/A",
        keys: String = VectorSetText.aes,
        more: String = ""
    ) -> VectorSetText.Test {
        VectorSetText.Test(id: "broken", ciphertext: ciphertext, plaintext: plaintext, keys: keys, more: more)
    }

    static let broken = [
        Broken(
            testDescription: "missing ciphertext",
            test: of(ciphertext: "file://ciphertexts/lost"),
            reason: "ciphertext: set/ciphertexts/lost: no such file"
        ),
        Broken(
            testDescription: "missing ciphertext of a must-fail test",
            test: of(ciphertext: "file://ciphertexts/lost", plaintext: nil),
            reason: "ciphertext: set/ciphertexts/lost: no such file"
        ),
        Broken(
            testDescription: "missing ciphertext of a test that would be skipped",
            test: of(ciphertext: "file://ciphertexts/lost", keys: VectorSetText.kms),
            reason: "ciphertext: set/ciphertexts/lost: no such file"
        ),
        Broken(
            testDescription: "a folder instead of a ciphertext",
            test: of(ciphertext: "file://ciphertexts"),
            reason: "ciphertext: set/ciphertexts: is a folder"
        ),
        Broken(
            testDescription: "missing plaintext",
            test: of(plaintext: "file://plaintexts/lost"),
            reason: "plaintext: set/plaintexts/lost: no such file"
        ),
        Broken(
            testDescription: "missing key",
            test: of(keys: #"{"type": "raw", "key": "lost", "provider-id": "x", "encryption-algorithm": "aes"}"#),
            reason: "the keys manifest has no key \"lost\""
        ),
        Broken(
            testDescription: "ciphertext outside",
            test: of(ciphertext: "file://../secret"),
            reason: "URI \"file://../secret\" leaves the set's folder"
        ),
        Broken(
            testDescription: "plaintext outside",
            test: of(plaintext: "file:///etc/hostname"),
            reason: "URI \"file:///etc/hostname\" is absolute: it leaves the set's folder"
        ),
        Broken(
            testDescription: "symbolic link to the outside",
            test: of(ciphertext: "file://ciphertexts/link"),
            reason: "ciphertext: set/ciphertexts/link: a symbolic link leaves the set's folder"
        ) { folder in
            try folder.write("secret", PublishedMessage.unsigned.bytes)
            try folder.link("set/ciphertexts/link", to: "../../secret")
        },
        Broken(
            testDescription: "context that is no object",
            test: of(more: "\"cmm\": \"RequiredEncryptionContext\", \"encryption-context\": [], "),
            reason: "member \"encryption-context\" of the test is an array, not an object"
        ),
    ]

    @Test("a broken test fails and leaves the others alone", arguments: broken)
    func fails(_ broken: Broken) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("before"), broken.test, .passing("behind")])
        try broken.make(folder)
        let output = try ESDK.decrypt("set", "-q", in: folder)
        #expect(output.status == 1)
        #expect(output.standardError == "")
        #expect(output.standardOutput.hasSuffix("\n2 passed, 1 failed, 0 skipped\n"))
        let lines = output.standardOutput.split(separator: "\n").map(String.init)
        #expect(lines.first == "FAILED set broken")
        #expect(lines.contains("  \(broken.reason)"))
        #expect(lines.count { $0.hasPrefix("FAILED") } == 1)
    }

    /// Contents that are no messages, and what is said about each.
    static let strangers: [(String, [UInt8], String)] = [
        (
            "Base64", Array("AgR4uSzhUZ/oAIRv5G56Z6HI1HlQs+lYIOPiE9jtlwCVAjQAGAACAAMBAgMAAyAiRAAEa2V5MQ==\n".utf8),
            "Base64"
        ),
        ("Base64 of version 1", Array("AYAAFAZyX1Ph+Gaq8Br/hRYX5IkAGgACAARrZXkxAAR2YWwx\n".utf8), "Base64"),
        ("JSON", Array("{\"key\": 1}\n".utf8), "JSON"),
        ("gzip", [0x1F, 0x8B, 0x08, 0x00, 0x00], "gzip"),
        ("zip", [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00], "zip"),
        ("PEM", Array("-----BEGIN PRIVATE KEY-----\n".utf8), "PEM"),
        ("empty", [], "empty"),
        ("truncated", Array(PublishedMessage.unsigned.bytes.prefix(100)), "truncatedMessage"),
        ("text", Array("hello\n".utf8), "the byte 104"),
    ]

    @Test("what is no message is refused, and the reason says what it looks like", arguments: strangers)
    func stranger(name: String, bytes: [UInt8], word: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [Self.of(ciphertext: "file://ciphertexts/stranger"), .passing("other")])
        try folder.write("set/ciphertexts/stranger", bytes)
        let output = try ESDK.decrypt("set", "-q", in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput.hasSuffix("\n1 passed, 1 failed, 0 skipped\n"))
        let reason = try #require(output.standardOutput.split(separator: "\n").first { $0.hasPrefix("  one-shot: ") })
        #expect(reason.contains(word), "\(reason)")
    }

    @Test("what is no message meets the expectation of a must-fail test", arguments: strangers)
    func expectedStranger(name: String, bytes: [UInt8], word: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [Self.of(ciphertext: "file://ciphertexts/stranger", plaintext: nil)])
        try folder.write("set/ciphertexts/stranger", bytes)
        let output = try ESDK.decrypt("set", "-q", in: folder)
        #expect(output == ESDK.Output(status: 0, standardOutput: "1 passed, 0 failed, 0 skipped\n", standardError: ""))
    }
}
