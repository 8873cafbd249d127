import Foundation
import Testing

/// Tests that need AWS KMS, and an AWS that is not there.
@Suite("esdk vectors decrypt: AWS")
struct AWSTests {
    private func run(_ arguments: String...) throws -> ESDK.Output {
        let folder = try VectorFixture()
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
            let output = try ESDK.run(["vectors", "decrypt"] + words + ["set"], in: try VectorFixture())
            #expect(output.status == 2)
            #expect(output.standardError.contains("not together with"))
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
        let folder = try VectorFixture()
        try folder.writeSet("set", [.failing("one")])
        let failed = try ESDK.run(["vectors", "decrypt", "--quiet", "--kms-endpoint", endpoint, "set"], in: folder)
        #expect(failed.status == 1)
        #expect(failed.standardOutput.contains("esdk vectors decrypt set --filter one --kms-endpoint \(endpoint)\n"))
    }

    /// A set that has one of two branch keys under an id.
    private func writeSet(_ name: String, branchKeyID: String, byte: UInt8, in folder: VectorFixture) throws {
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
        // Leads to the same server, and is no loopback address.
        let other = endpoint.replacingOccurrences(of: "127.0.0.1", with: "0.0.0.0")
        let folder = try VectorFixture()
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
        // The first key is not there, or the second one would be refused, as the first one is then.
        #expect(try run("second", endpoint) == passed)
        let refused = try run("first", endpoint)
        #expect(refused.status == 2)
        #expect(refused.standardError.contains("branchKeyConflict"))
        #expect(try run("first", endpoint.replacingOccurrences(of: "127.0.0.1", with: "localhost")).status == 2)
        #expect(try run("first", other) == passed)
    }
}
