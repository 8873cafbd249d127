import Foundation
import Glibc
import StrictJSON
import TestSupport
import Testing

@Suite("esdk vectors encrypt and generate")
struct WriteVectorsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The names in the folder, hidden ones included.
    private func names(_ name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(name)").sorted()
    }

    private func run(_ words: String...) throws -> ESDK.Output { try ESDK.run(["vectors"] + words, in: folder) }

    @Test("An encrypt manifest becomes a set that decrypts")
    func encrypts() throws {
        try folder.writePlan([
            ("one", EncryptManifestText.scenario()), ("two", EncryptManifestText.scenario(keys: VectorSetText.kms)),
        ])
        let output = try run("encrypt", "plan/encrypt.json", "-o", "out")
        #expect(output.status == 0)
        #expect(
            output.standardOutput.hasSuffix(
                "1 passed, 0 failed, 1 skipped\n1 tests written (awses-decrypt v5): 1 must decrypt, 0 must be refused\n"
            )
        )
        #expect(
            try names("out") == ["ciphertexts", "decrypt-manifest.json", "keys.json", "plaintexts", "unsupported.json"]
        )
        #expect(try ESDK.decrypt("out", in: folder).status == 0)
        #expect(try names() == ["out", "plan"])
        #expect(try run("encrypt", "plan/encrypt.json", "-o", "again", "--fail-on-skip").status == 1)
    }

    @Test("A decrypt-generate manifest becomes a set whose tampered messages are refused")
    func generates() throws {
        let scenario = EncryptManifestText.scenario()
        try folder.writePlan(
            [
                ("good", EncryptManifestText.generate(scenario)),
                ("cut", EncryptManifestText.generate(scenario, more: #""tampering": "truncate""#)),
            ],
            isGenerate: true
        )
        let output = try run("generate", "plan", "-o", "out", "-q", "--report", "json=report.json")
        #expect(output.status == 0)
        #expect(try names("out").contains("manifest.json"))
        #expect(try ESDK.decrypt("out", "-q", in: folder).status == 0)
        let report = try StrictJSON.parse(Array(folder.text("report.json").utf8), source: "report")
        #expect(report["total"] == 2)
        #expect(report["passed"] == 2)
    }

    @Test("The same seed gives the same set, however many tests run at the same time")
    func seed() throws {
        try folder.writePlan((0..<20).map { ("test-\($0)", EncryptManifestText.scenario()) })
        for (name, jobs) in [("a", "1"), ("b", "4")] {
            #expect(try run("encrypt", "plan", "-o", name, "--seed=s", "-j", jobs).status == 0)
        }
        #expect(try ESDK.shell("diff -r a b", in: folder).status == 0)
    }

    @Test("A broken test makes the command fail, and is listed with its reason beside the others")
    func brokenTest() throws {
        try folder.writePlan([
            ("good", EncryptManifestText.scenario()),
            ("bad", EncryptManifestText.scenario(context: #"{"aws-crypto-x": ""}"#)),
        ])
        let output = try run("encrypt", "plan/encrypt.json", "-o", "out")
        #expect(output.status == 1)
        #expect(output.standardOutput.contains("FAILED plan/encrypt.json bad\n"))
        #expect(output.standardOutput.contains("repeat: esdk vectors encrypt plan/encrypt.json --filter bad -o DIR\n"))
        #expect(try folder.text("out/unsupported.json").contains("ERROR the encryption context key"))
        #expect(try names("out/ciphertexts") == ["good"])
    }

    @Test("Without a test that can be written nothing is, and the command says so")
    func nothing() throws {
        try folder.writePlan([("kms", EncryptManifestText.scenario(keys: VectorSetText.kms))])
        let output = try run("encrypt", "plan", "-o", "out")
        #expect(output.status == 4)
        #expect(output.standardError.contains("no test could be written"))
        let unselected = try run("encrypt", "plan", "-o", "out", "--filter", "absent")
        #expect(unselected.status == 4)
        #expect(unselected.standardError.contains("no test has an id or description like 'absent'"))
        #expect(try names() == ["plan"])
    }

    @Test("A folder that is not empty is kept, unless a set in it is to be replaced")
    func occupied() throws {
        try folder.writePlan([("t", EncryptManifestText.scenario())])
        #expect(try run("encrypt", "plan", "-o", "out").status == 0)
        let refused = try run("encrypt", "plan", "-o", "out")
        #expect(refused.status == 2)
        #expect(refused.standardError.contains("out: is not empty"))
        #expect(try run("encrypt", "plan", "-o", "out", "--force").status == 0)
        #expect(try run("encrypt", "plan", "-o", "plan", "--force").status == 2)
        #expect(try names("plan") == ["encrypt.json", "keys.json"])
    }

    @Test(
        "Wrong usage, and manifests that cannot be read, end with 2 and write nothing",
        arguments: [
            ["encrypt"], ["encrypt", "plan"], ["encrypt", "-o", "out"], ["encrypt", "plan", "plan", "-o", "out"],
            ["encrypt", "plan", "-o", "out", "--format", "v3"], ["encrypt", "plan", "-o", "out", "--convention", "x"],
            ["encrypt", "absent.json", "-o", "out"], ["encrypt", "plan/keys.json", "-o", "out"],
            ["generate", "plan/encrypt.json", "-o", "out"], ["encrypt", "plan", "-o", "absent/out"],
            ["encrypt", "plan", "-o", "plan/keys.json"], ["encrypt", "plan", "-o", "out", "--report", "json=absent/x"],
        ]
    )
    func usage(words: [String]) throws {
        try folder.writePlan([("t", EncryptManifestText.scenario())])
        let output = try ESDK.run(["vectors"] + words, in: folder)
        #expect(output.status == 2)
        #expect(output.standardOutput.isEmpty)
        #expect(!output.standardError.isEmpty)
        #expect(try names() == ["plan"])
    }

    @Test("A disk without room leaves nothing behind", .enabled(if: canLimitResources))
    func noRoom() throws {
        try folder.writePlan([
            ("small", EncryptManifestText.scenario()), ("large", EncryptManifestText.scenario(plaintext: "large")),
        ])
        // A limit on the size of files stands for the disk.
        let output = try ESDK.shell("ulimit -f 20; $esdk vectors encrypt plan -o out", in: folder)
        #expect(output.status == 2)
        #expect(output.standardError.contains("out/ciphertexts/large: cannot be written: File too large"))
        #expect(try names() == ["plan"])
    }

    @Test("A reader that goes away leaves a whole set, and an error")
    func closedPipe() throws {
        try folder.writePlan([("t", EncryptManifestText.scenario())])
        let line = "{ sleep 0.2; $esdk vectors encrypt plan -o out; echo $? >status; } | true; cat status"
        let output = try ESDK.shell(line, in: folder)
        #expect(output.standardOutput == "2\n")
        #expect(output.standardError.contains("standard output cannot be written: Broken pipe"))
        #expect(try ESDK.decrypt("out", in: folder).status == 0)
    }

    @Test("An interrupted run leaves nothing behind and ends with 3", arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func interrupted(signal: Int32) throws {
        // Close to the most mutated messages that are written, each decrypted before: the signal comes long before the last.
        let scenario = EncryptManifestText.scenario(plaintext: "medium")
        try folder.writePlan(
            [("t", EncryptManifestText.generate(scenario, more: #""tampering": "mutate""#))],
            isGenerate: true
        )
        let words = ["vectors", "generate", "plan", "-o", "out", "-j", "1"].map { Array($0.utf8) }
        let process = try ESDK.start(words: words, in: folder)
        while try names().count < 2 { usleep(1000) }
        process.send(signal)
        let output = try process.finish()
        #expect(output.status == 3)
        #expect(output.standardOutput.contains("interrupted: 0 of 1 tests ran"))
        #expect(try names() == ["plan"])
    }

    @Test("The help tells what is read and written", arguments: ["encrypt", "generate"])
    func help(name: String) throws {
        let output = try run(name, "--help")
        #expect(output.status == 0)
        for word in ["MANIFEST", "--output", "--seed", "--format", "--force", "--jobs", "--filter", "unsupported.json"]
        {
            #expect(output.standardOutput.contains(word), "\(word)")
        }
        #expect(try run("--help").standardOutput.contains(name))
    }
}
