import Foundation
import StrictJSON
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

    @Test(
        "keys that are aliases are written as ARNs, and the set decrypts with them",
        .enabled(if: ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"] != nil),
        arguments: ["encrypt", "generate"]
    )
    func aliases(command: String) throws {
        let endpoint = try #require(ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"])
        let folder = try VectorFixture()
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
        let keys = try StrictJSON.parse(Array(folder.read("out/keys.json").utf8), source: "keys")["keys"]
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
