import Foundation
import StrictJSON
import TestSupport
import Testing

/// Sets that are written with the keys of the local AWS.
@Suite("esdk vectors encrypt and generate: AWS")
struct WriteWithAWSTests {
    private static let keys = #"""
        {"manifest": {"type": "keys", "version": 3}, "keys": {
          "decryptable": {"type": "aws-kms", "key-id": "arn:aws:kms:us-west-2:658956600833:alias/EncryptDecrypt",
            "encrypt": true, "decrypt": true},
          "encrypt-only": {"type": "aws-kms", "key-id": "arn:aws:kms:us-west-2:658956600833:alias/EncryptOnly",
            "encrypt": true, "decrypt": false}}}
        """#
    private static let decryptable = #"{"type": "aws-kms", "key": "decryptable"}"#
    private static let encryptOnly = #"{"type": "aws-kms", "key": "encrypt-only"}"#

    @Test("a KMS that goes away is one error and exit code 2, and the set that was to be replaced stays")
    func lost() throws {
        let folder = try TemporaryFolder()
        try folder.writePlan([(id: "raw", text: EncryptManifestText.scenario())])
        #expect(try ESDK.run(["vectors", "encrypt", "plan", "-o", "out", "-q"], in: folder).status == 0)
        let manifest = try folder.text("out/decrypt-manifest.json")
        let endpoint = try ScriptedServer(after: 1, .leave)
        defer { endpoint.stop() }
        let kms = (0..<40).map { (id: "kms-\($0)", text: EncryptManifestText.scenario(keys: VectorSetText.kms)) }
        try folder.writePlan([(id: "raw", text: EncryptManifestText.scenario())] + kms)
        let output = try ESDK.run(
            ["vectors", "encrypt", "plan", "-o", "out", "--force", "-q", "--kms-endpoint", endpoint.url],
            in: folder
        )
        #expect(output.status == 2)
        #expect(output.standardError.hasPrefix("esdk: AWS could no longer be reached: KMS GenerateDataKey: "))
        #expect(output.standardError.split(separator: "\n").count == 1)
        #expect(!output.standardOutput.contains("FAILED"))
        #expect(output.standardOutput.hasSuffix("nothing was written\n"))
        #expect(try folder.text("out/decrypt-manifest.json") == manifest)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["out", "plan"])
    }

    @Test(
        "keys that are aliases are written as ARNs, and the set decrypts with them",
        .enabled(if: ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"] != nil),
        arguments: ["encrypt", "generate"]
    )
    func aliases(command: String) throws {
        let endpoint = try #require(ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"])
        let folder = try TemporaryFolder()
        let isGenerate = command == "generate"
        let tests = [("one", Self.decryptable), ("two", Self.decryptable + ", " + Self.encryptOnly)].map { id, keys in
            let scenario = EncryptManifestText.scenario(keys: keys)
            return (id: id, text: isGenerate ? EncryptManifestText.generate(scenario) : scenario)
        }
        try folder.write("plan/plan.json", EncryptManifestText.manifest(tests, isGenerate: isGenerate))
        try folder.write("plan/keys.json", Self.keys)
        let output = try ESDK.run(
            ["vectors", command, "plan/plan.json", "-o", "out", "-q", "--kms-endpoint", endpoint],
            in: folder
        )
        #expect(output.status == 0)
        #expect(output.standardOutput.hasPrefix("2 passed, 0 failed, 0 skipped\n"))
        // The ids of the seeded keys, as in the sets that AWS has published.
        let keys = try StrictJSON.parse(Array(folder.text("out/keys.json").utf8), source: "keys")["keys"]
        let prefix = "arn:aws:kms:us-west-2:658956600833:key/"
        #expect(keys?["decryptable"]?["key-id"]?.string == prefix + "b3537ef1-d8dc-4780-9f5a-55776cbb2f7f")
        #expect(keys?["encrypt-only"]?["key-id"]?.string == prefix + "590fd781-ddde-4036-abec-3e1ab5a5d2ad")
        let decrypted = try ESDK.decrypt("out", "-q", "--kms-endpoint", endpoint, in: folder)
        #expect(
            decrypted
                == ESDK.Output(status: 0, standardOutput: "2 passed, 0 failed, 0 skipped\n", standardError: "")
        )
    }
}
