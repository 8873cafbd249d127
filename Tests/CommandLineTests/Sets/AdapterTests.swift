import StrictJSON
import TestSupport
import Testing

@Suite("esdk adapter")
struct AdapterTests {
    /// The lines of a report.
    private func report(_ path: String, in folder: TemporaryFolder) throws -> [JSONValue] {
        try String(decoding: folder.read("\(path)/report.jsonl"), as: UTF8.self).split(separator: "\n").map {
            try StrictJSON.parse(Array($0.utf8), source: "report")
        }
    }

    private func encryptManifest(_ tests: String) -> String {
        #"""
        {"manifest": {"type": "awses-encrypt", "version": 5}, "keys": "file://keys.json", "plaintexts": {"p": 5},
         "tests": {\#(tests)}}
        """#
    }

    private func test(_ id: String, keys: String = VectorSetText.aes, context: String = "{}", suite: String = "0578")
        -> String
    {
        #"""
        "\#(id)": {"encryption-scenario": {"type": "positive-esdk", "description": "d", "plaintext": "p", "algorithmSuiteId": "\#(suite)",
          "frame-size": 128, "encryption-context": \#(context), "encryptKeyDescription": \#(keys), "decryptKeyDescription": \#(keys)}}
        """#
    }

    private func decryptTest(_ id: String, _ ciphertext: String, keys: String = VectorSetText.aes, more: String = "")
        -> String
    {
        #"""
        "\#(id)": {"decryption-scenario": {"type": "positive-esdk", "description": "d", "ciphertext": "file://\#(ciphertext)",
          "result": "file://plaintexts/p", "algorithmSuiteId": "0578", "frame-size": 128, "decryptKeyDescription": \#(keys)\#(more),
          "reproduced-encryption-context": {}}}
        """#
    }

    private func decryptManifest(_ tests: [String]) -> String {
        #"""
        {"manifest": {"type": "awses-decrypt", "version": 5}, "client": {"name": "c", "version": "1"}, "keys": "file://keys.json",
         "tests": {\#(tests.joined(separator: ","))}}
        """#
    }

    @Test("what one writes another reads, each with a report that the contract describes")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        try folder.write("keys.json", VectorSetText.keys)
        try folder.write("plaintexts/p", "hello")
        try folder.write("plan.json", encryptManifest(test("a") + "," + test("b", context: #"{"k": "v"}"#)))
        try folder.makeFolder("out")
        try folder.makeFolder("back")
        let written = try ESDK.run(["adapter", "encrypt", "--manifest", "plan.json", "--out", "out"], in: folder)
        #expect(written.status == 0)
        #expect(written.standardOutput == "")
        let lines = try report("out", in: folder)
        #expect(lines.first?["contract"] == 2)
        #expect(lines.first?["command"] == "encrypt")
        #expect(lines.first?["client"]?["name"] == "esdk")
        #expect(lines.dropFirst().dropLast().map { $0["status"] } == ["done", "done"])
        #expect(lines.last == ["complete": true, "done": 2, "refused": 0, "unsupported": 0])

        try folder.write("set.json", decryptManifest([decryptTest("a", "out/0"), decryptTest("b", "out/1")]))
        let read = try ESDK.run(["adapter", "decrypt", "--manifest", "set.json", "--out", "back"], in: folder)
        #expect(read.status == 0)
        #expect(try report("back", in: folder).last == ["complete": true, "done": 2, "refused": 0, "unsupported": 0])
        #expect(try folder.read("back/0") == Array("hello".utf8))
    }

    @Test("what the library refuses is told from what there is no code for")
    func outcomes() throws {
        let folder = try TemporaryFolder()
        try folder.write("keys.json", VectorSetText.keys)
        try folder.write("plaintexts/p", "hello")
        let made = #"{"type": "made-up"}"#
        let reserved = #"{"aws-crypto-x": "y"}"#
        try folder.write(
            "plan.json",
            encryptManifest(
                [test("a"), test("b", keys: made), test("c", context: reserved), test("d")].joined(separator: ",")
            )
        )
        try folder.makeFolder("out")
        try folder.makeFolder("back")
        _ = try ESDK.run(["adapter", "encrypt", "--manifest", "plan.json", "--out", "out"], in: folder)
        let written = try report("out", in: folder).dropFirst().dropLast()
        #expect(written.map { $0["status"] } == ["done", "unsupported", "refused", "done"])

        var damaged = try folder.read("out/0")
        damaged[damaged.count - 1] ^= 1
        try folder.write("out/damaged", damaged)
        let other = VectorSetText.aes.replacing("aes-256\"", with: "other-256\"")
        try folder.write(
            "set.json",
            decryptManifest([
                decryptTest("a", "out/damaged"), decryptTest("b", "out/0", keys: made),
                decryptTest("c", "out/0", keys: other),
                decryptTest("d", "out/0", more: #", "decryption-method": "streaming-unsigned-only""#),
                decryptTest("e", "out/3"),
            ])
        )
        let read = try ESDK.run(["adapter", "decrypt", "--manifest", "set.json", "--out", "back"], in: folder)
        #expect(read.status == 0)
        let lines = try report("back", in: folder)
        #expect(
            lines.dropFirst().dropLast().map { $0["status"] } == [
                "refused", "unsupported", "refused", "refused", "done",
            ]
        )
        #expect(lines.last == ["complete": true, "done": 1, "refused": 3, "unsupported": 1])
    }

    @Test("a test that cannot be understood, or a file that is missing, ends it without a last line")
    func broken() throws {
        let folder = try TemporaryFolder()
        try folder.write("keys.json", VectorSetText.keys)
        try folder.write("set.json", decryptManifest([decryptTest("a", "absent")]))
        try folder.makeFolder("out")
        let output = try ESDK.run(["adapter", "decrypt", "--manifest", "set.json", "--out", "out"], in: folder)
        #expect(output.status == 2)
        #expect(try report("out", in: folder).count == 1)
    }
}
