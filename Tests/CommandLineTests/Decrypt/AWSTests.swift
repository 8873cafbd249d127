import Foundation
import StrictJSON
import TestSupport
import Testing

/// Tests that need AWS KMS, and an AWS that is not there.
@Suite("esdk vectors decrypt: AWS")
struct AWSTests {
    private func run(_ arguments: String...) throws -> ESDK.Output {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("one"), .passing("two")])
        return try ESDK.run(["vectors", "decrypt"] + arguments + ["set"], in: folder)
    }

    @Test("an endpoint where nobody answers is one line on standard error and exit code 2, and no test runs")
    func unreachable() throws {
        // Port 1 of a loopback address that no service binds.
        let output = try run("--kms-endpoint", "http://127.255.255.254:1")
        #expect(output.status == 2)
        #expect(output.standardOutput == "")
        #expect(output.standardError.split(separator: "\n").count == 1)
        #expect(output.standardError.hasPrefix("esdk: KMS DescribeKey: EndpointUnreachable: http://127.255.255.254:1"))
    }

    @Test(
        "an endpoint where somebody else answers, or refuses the credentials, is one line as well, and reports say that nothing ran",
        arguments: [
            (ScriptedServer.Step.answer(status: 404, body: "<html>\nnot here\n</html>"), "HTTP404"),
            (.answer(status: 200, body: "<html></html>"), ""),
            (.answer(status: 200, body: "{}"), "InvalidResponse"), (.answer(status: 500, body: "no"), "HTTP500"),
            (.answer(status: 302, body: ""), "HTTP302"),
            (.refusal("UnknownOperationException"), "UnknownOperationException"),
            (.refusal("ExpiredTokenException"), "ExpiredTokenException"), (.leave, ""),
        ]
    )
    func notKMS(behaviour: ScriptedServer.Step, word: String) throws {
        let endpoint = try ScriptedServer(behaviour)
        defer { endpoint.stop() }
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.kms("one"), .kmsRefusing("two")])
        let output = try ESDK.decrypt(
            "set",
            "--kms-endpoint",
            endpoint.url,
            "--report=json=r.json",
            "--report=tap=r.tap",
            "--report=junit=r.xml",
            in: folder
        )
        #expect(output.status == 2)
        #expect(output.standardOutput == "")
        #expect(output.standardError.split(separator: "\n").count == 1)
        #expect(output.standardError.hasPrefix("esdk: KMS DescribeKey: \(word)"), "\(output.standardError)")
        let report = try StrictJSON.parse(Array(folder.text("r.json").utf8), source: "r.json")
        #expect(report["complete"] == .bool(false))
        #expect(report["total"]?.integer == 0)
        #expect(try folder.text("r.tap").contains("Bail out!"))
        #expect(try folder.text("r.xml").contains("interrupted: 0 of 2 tests ran"))
    }

    @Test(
        "a name that does not resolve is one line",
        arguments: ["http://no-such-host.invalid:1", "https://no-such-host.invalid"]
    )
    func unknownHost(url: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.kms("one")])
        // It is not a loopback endpoint, so credentials are needed.
        let output = try ESDK.shell(
            "AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_CONFIG_FILE=none \"$esdk\" vectors decrypt set --kms-endpoint \(url)",
            in: folder
        )
        #expect(output.status == 2)
        #expect(output.standardOutput == "")
        #expect(output.standardError.split(separator: "\n").count == 1)
        #expect(
            output.standardError.hasPrefix("esdk: KMS DescribeKey: EndpointUnreachable: \(url)"),
            "\(output.standardError)"
        )
    }

    @Test(
        "an endpoint that goes away during the run is one error and no failed test, and what was not tried is not counted",
        arguments: [
            ScriptedServer.Step.leave, .answer(status: 502, body: "<html></html>"), .refusal("ExpiredTokenException"),
        ]
    )
    func lost(behaviour: ScriptedServer.Step) throws {
        // The first answer is that to the probe; each test asks four times, and what is not found is a refusal.
        let endpoint = try ScriptedServer(after: 1 + 4 * 3 + 2, behaviour)
        defer { endpoint.stop() }
        let folder = try TemporaryFolder()
        try folder.writeSet("set", (0..<50).map { .kmsRefusing("refusing-\($0)") } + (0..<50).map { .kms("\($0)") })
        let output = try ESDK.decrypt(
            "set",
            "--kms-endpoint",
            endpoint.url,
            "--jobs=2",
            "--report=json=r.json",
            in: folder
        )
        #expect(output.status == 2)
        let lines = output.standardError.split(separator: "\n").filter { !$0.contains(" tests, ") }
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("esdk: AWS could no longer be reached: KMS Decrypt: ") == true, "\(lines)")
        #expect(!output.standardOutput.contains("FAILED"))
        let report = try StrictJSON.parse(Array(folder.text("r.json").utf8), source: "r.json")
        #expect(report["complete"] == .bool(false))
        #expect(report["passed"]?.integer == report["total"]?.integer)
        #expect((1...3).contains(report["total"]?.integer ?? 0))
    }

    @Test(
        "a key that KMS does not know fails the test that needs it, with what KMS said and a word on whose KMS that was"
    )
    func unknownKey() throws {
        let endpoint = try ScriptedServer(.notFound)
        defer { endpoint.stop() }
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("raw"), .kms("positive"), .kmsRefusing("negative")])
        let output = try ESDK.decrypt("set", "-q", "--kms-endpoint", endpoint.url, in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput.contains("NotFoundException: no such key"))
        #expect(output.standardOutput.contains("The KMS is one on this machine, with its own keys"))
        #expect(output.standardOutput.hasSuffix("2 passed, 1 failed, 0 skipped\n"))
    }

    @Test("branch keys that cannot be put into a key store are used as they are, which is said once")
    func noKeyStore() throws {
        let endpoint = try ScriptedServer(.notFound)
        defer { endpoint.stop() }
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("raw")])
        let branchKeys = ["1", "2"].map { digit in
            """
            "branch-\(digit)": {"type": "static-branch-key", "key-id": "b", "encrypt": true, "decrypt": true,
             "branchKeyVersion": "00000000-0000-4000-8000-00000000000\(digit)",
             "branchKey": "\(String(repeating: "A", count: 43))="},
            """
        }
        let keys = VectorSetText.keys.replacing(
            #""keys": {"#,
            with: #""keys": {"# + branchKeys.joined(),
            maxReplacements: 1
        )
        try folder.write("set/keys.json", keys)
        let output = try ESDK.decrypt("set", "-q", "--kms-endpoint", endpoint.url, in: folder)
        #expect(output.status == 0)
        #expect(output.standardError.hasPrefix("esdk: there is no key store for the branch keys of the manifests"))
        #expect(output.standardError.split(separator: "\n").count == 1)
    }

    @Test("refusals for want of permission skip a test, whatever is expected of it")
    func denied() throws {
        let endpoint = try ScriptedServer(.refusal("AccessDeniedException"))
        defer { endpoint.stop() }
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("raw"), .kms("positive"), .kmsRefusing("negative")])
        let output = try ESDK.decrypt("set", "--kms-endpoint", endpoint.url, in: folder)
        #expect(output.status == 0)
        #expect(output.standardOutput.contains("2 one-shot: the credentials may not use the keys of this message"))
        #expect(output.standardOutput.hasSuffix("1 passed, 0 failed, 2 skipped\n"))
    }

    @Test("AWS without credentials is one line that names every source, and without --aws nobody is asked for any")
    func noCredentials() throws {
        let endpoint = try ScriptedServer(.notFound)
        defer { endpoint.stop() }
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("raw"), .kms("positive"), .kmsRefusing("negative")])
        // Whoever looked for credentials would ask the instance metadata.
        let environment =
            "env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_PROFILE -u AWS_REGION -u AWS_DEFAULT_REGION "
            + "AWS_CONFIG_FILE=none AWS_SHARED_CREDENTIALS_FILE=none AWS_EC2_METADATA_SERVICE_ENDPOINT=\(endpoint.url)"
        let without = try ESDK.shell("\(environment) \"$esdk\" vectors decrypt set", in: folder)
        #expect(without.status == 0)
        #expect(without.standardOutput.contains("  2 only AWS KMS can open this message"))
        #expect(without.standardOutput.hasSuffix("1 passed, 0 failed, 2 skipped\n"))
        #expect(endpoint.requests.count == 0)
        // The region is that of the first key.
        let with = try ESDK.shell(
            "\(environment) AWS_EC2_METADATA_DISABLED=true \"$esdk\" vectors decrypt set --aws",
            in: folder
        )
        #expect(with.status == 2)
        #expect(with.standardOutput == "")
        #expect(with.standardError.hasPrefix("esdk: KMS DescribeKey: NoCredentials: "))
        for source in ["AWS_ACCESS_KEY_ID", "profile", "metadata"] {
            #expect(with.standardError.contains(source), "\(with.standardError)")
        }
    }

    @Test("an endpoint that is no URL is one line as well", arguments: ["localhost", "ftp://localhost", "http://"])
    func badURL(url: String) throws {
        let output = try run("--kms-endpoint", url)
        #expect(output.status == 2)
        #expect(output.standardOutput == "")
        #expect(output.standardError.split(separator: "\n").count == 1)
    }

    @Test("the two ways to choose an AWS exclude each other")
    func both() throws {
        for words in [["--aws", "--kms-endpoint=http://localhost:1"], ["--kms-endpoint=http://localhost:1", "--aws"]] {
            let output = try ESDK.run(["vectors", "decrypt"] + words + ["set"], in: try TemporaryFolder())
            #expect(output.status == 2)
            #expect(output.standardError.contains("cannot be combined with"))
        }
    }

    @Test(
        "a set runs against the local AWS, and a failed test says how to repeat it",
        .enabled(if: ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"] != nil)
    )
    func local() throws {
        let endpoint = try #require(ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"])
        let output = try run("--quiet", "--kms-endpoint", endpoint)
        #expect(output == ESDK.Output(status: 0, standardOutput: "2 passed, 0 failed, 0 skipped\n", standardError: ""))
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.failing("one")])
        let failed = try ESDK.run(["vectors", "decrypt", "--quiet", "--kms-endpoint", endpoint, "set"], in: folder)
        #expect(failed.status == 1)
        #expect(failed.standardOutput.contains("esdk vectors decrypt set --filter one --kms-endpoint \(endpoint)\n"))
    }

    /// A set that has one of two branch keys under an id.
    private func writeSet(_ name: String, branchKeyID: String, byte: UInt8, in folder: TemporaryFolder) throws {
        try folder.writeSet(name, [.passing("one")])
        let material = Data(repeating: byte, count: 32).base64EncodedString()
        let entry =
            #""branch": {"type": "static-branch-key", "key-id": "\#(branchKeyID)", "encrypt": true, "decrypt": true, "#
            + #""branchKeyVersion": "83eec007-5659-4554-bf11-699b90f41ac6", "branchKey": "\#(material)", "#
            + #""beaconKey": "\#(material)"}, "us-west-2": {"#
        let keys = VectorSetText.keys.replacingOccurrences(of: #""us-west-2": {"#, with: entry)
        try folder.write("\(name)/keys.json", keys)
    }

    @Test(
        "branch keys are put into the key store of an endpoint that is named as this machine, and of no other",
        .enabled(if: ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"] != nil)
    )
    func branchKeysAreSeededOnThisMachineOnly() throws {
        let endpoint = try #require(ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"])
        try #require(endpoint.hasPrefix("http://127.0.0.1:"))
        // Leads to the same server, but is not a loopback address.
        let other = endpoint.replacingOccurrences(of: "127.0.0.1", with: "0.0.0.0")
        let folder = try TemporaryFolder()
        let id = "seeded-\(UUID().uuidString)"
        try writeSet("first", branchKeyID: id, byte: 1, in: folder)
        try writeSet("second", branchKeyID: id, byte: 2, in: folder)
        func run(_ set: String, _ endpoint: String) throws -> ESDK.Output {
            try ESDK.shell(
                "unset AWS_PROFILE AWS_ENDPOINT_URL; AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null "
                    + "AWS_REGION=us-west-2 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local "
                    + "\"$esdk\" vectors decrypt \(set) --quiet --kms-endpoint \(endpoint)",
                in: folder
            )
        }
        let passed = ESDK.Output(status: 0, standardOutput: "1 passed, 0 failed, 0 skipped\n", standardError: "")
        #expect(try run("first", other) == passed)
        // The first key is not there, or it would stand in the way of the second one, as that does in its turn.
        #expect(try run("second", endpoint) == passed)
        for name in ["127.0.0.1", "localhost"] {
            let output = try run("first", endpoint.replacingOccurrences(of: "127.0.0.1", with: name))
            #expect(output.status == 0)
            #expect(output.standardError.contains("not in the key store: branchKeyConflict"))
        }
        #expect(try run("first", other) == passed)
    }
}
