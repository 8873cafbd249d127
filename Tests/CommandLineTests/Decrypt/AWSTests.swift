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
}
