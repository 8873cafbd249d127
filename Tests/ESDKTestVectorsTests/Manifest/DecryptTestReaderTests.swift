import ESDKTestVectors
import TestSupport
import Testing

@Suite("Tests of decrypt manifests")
struct DecryptTestReaderTests {
    private static let keys = "\"master-keys\": [\(Fixture.aesDescription)]"

    static let brokenTests = [
        #"{"ciphertext": "c", "result": "p"}"#, "{\(keys), \"result\": \"p\"}", "{\(keys), \"ciphertext\": \"c\"}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": {}}", "{\(keys), \"ciphertext\": \"c\", \"result\": 5}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": {\"output\": {}}}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": {\"output\": \"p\"}}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": {\"error\": 5}}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": {\"error\": {\"error-description\": 5}}}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": {\"output\": {\"plaintext\": \"p\"}, \"error\": {}}}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"p\", \"plaintext\": \"p\"}",
        "{\(keys), \"ciphertext\": \"../c\", \"result\": \"p\"}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"/p\"}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"p\", \"encryption-context\": []}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"p\", \"encryption-context\": {\"a\": 1}}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"p\", \"cmm\": 5}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"p\", \"decryption-method\": []}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"p\", \"description\": 5}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"p\", \"algorithm\": \"0x\"}",
        "{\(keys), \"ciphertext\": \"c\", \"result\": \"p\", \"algorithm\": \"00140\"}",
        #"{"decryption-scenario": 5}"#, #"{"decryption-scenario": {}}"#,
        #"""
        {"decryption-scenario": {"type": "negative-esdk", "ciphertext": "c", "result": "p",
         "decryptKeyDescription": \#(Fixture.aesDescription)}}
        """#,
        // What is broken counts before what is not supported.
        "{\(keys), \"ciphertext\": \"c\", \"cmm\": \"Other\"}",
    ]

    @Test("a test with missing or mistyped members fails, with a reason", arguments: brokenTests)
    func broken(text: String) throws {
        let problem = try #require(try Fixture.loadOne(text).problem)
        #expect(problem.code == .broken)
        #expect(!problem.reason.isEmpty)
    }

    static let unsupportedMembers = [
        (#""cmm": "Other""#, #"materials manager "Other" is not known"#),
        (#""decryption-method": "backwards""#, #"decryption method "backwards" is not known"#),
    ]

    @Test("a manager or a method that is not known skips the test", arguments: unsupportedMembers)
    func unsupported(member: String, reason: String) throws {
        let test = try Fixture.loadOne("{\(Self.keys), \"ciphertext\": \"c\", \"result\": \"p\", \(member)}")
        #expect(test.problem?.code == .unsupported)
        #expect(test.problem?.reason == reason)
        #expect(test.keys == .raw(key: "aes", providerID: "ns", .aes))
    }

    @Test("a URI that names no file skips the test")
    func scheme() throws {
        let test = try Fixture.loadOne("{\(Self.keys), \"ciphertext\": \"s3://bucket/key\", \"result\": \"p\"}")
        #expect(test.problem?.code == .unsupported)
    }

    @Test("a version 5 scenario is read whole")
    func scenario() throws {
        let test = try Fixture.loadOne(
            Fixture.scenario(
                #"""
                "decryptKeyDescription": \#(Fixture.aesDescription), "reproduced-encryption-context": {"a": "b"}
                """#
            ),
            version: 5
        )
        #expect(test.description == "d")
        #expect(test.declaredSuite == 0x0478)
        #expect(test.declaredFrameLength == 512)
        let instructions = try test.content.get()
        #expect(instructions.ciphertext == .file(try VectorURI("ciphertexts/c")))
        #expect(instructions.expected == .plaintext(.file(try VectorURI("plaintexts/p"))))
        #expect(instructions.requiredContextKeys.isEmpty)
    }

    @Test("a version 4 test is read whole")
    func flat() throws {
        let test = try Fixture.loadOne(
            "{\(Fixture.files), \(Self.keys), \"cmm\": \"Default\", \"encryption-context\": {\"a\": \"b\"}}",
            version: 4
        )
        let instructions = try test.content.get()
        #expect(instructions.cmm == .default)
        #expect(instructions.requiredContextKeys.isEmpty)
        #expect(instructions.encryptionContext.pairs.count == 1)
    }
}
