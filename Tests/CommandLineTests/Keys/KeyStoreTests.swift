import ESDKSystem
import StrictJSON
import TestSupport
import Testing

@Suite("esdk keystore", .enabled(if: LocalAWS.isRunning, Comment(rawValue: LocalAWS.comment)))
struct KeyStoreTests {
    private static let kms = LocalAWS.multiRegionWest

    private func keystore(_ arguments: String..., in folder: TemporaryFolder) throws -> ESDK.Output {
        try ESDK.run(["keystore"] + arguments + ["--kms-endpoint", #require(LocalAWS.endpoint)], in: folder)
    }

    @Test("A table and a branch key are made, versioned and shown, and messages of both versions open")
    func life() throws {
        let folder = try TemporaryFolder()
        let table = "cli-\(UInt32.random(in: 0...UInt32.max))"
        let made = try keystore("create", table, "--region", "us-west-2", in: folder)
        #expect(made.status == 0, "\(made.standardError)")
        #expect(made.standardOutput.hasSuffix(":table/\(table)\n"))
        let created = try keystore(
            "create-key",
            table,
            "--kms",
            Self.kms,
            "--branch-key",
            "tenant 1",
            "--context",
            "tenant=1",
            in: folder
        )
        #expect(created.status == 0, "\(created.standardError)")
        #expect(created.standardOutput == "tenant 1\n")
        let spelling = created.standardError.dropFirst("--key '".count).dropLast("'\n".count)
        try folder.write("plain", "text")
        let key = ["--key", String(spelling), "--kms-endpoint", try #require(LocalAWS.endpoint)]
        #expect(try ESDK.run(["encrypt", "plain", "-o", "first"] + key, in: folder).status == 0)
        let before = try show(table, in: folder)
        #expect(
            try keystore("version-key", table, "--kms", Self.kms, "--branch-key", "tenant 1", in: folder).status == 0
        )
        let after = try show(table, in: folder)
        #expect(before["versions"]?.array?.count == 1)
        #expect(after["versions"]?.array?.count == 2)
        #expect(after["active_version"]?.string != before["active_version"]?.string)
        #expect(after["encryption_context"]?["tenant"]?.string == "1")
        #expect(try ESDK.run(["decrypt", "first", "-o", "again"] + key, in: folder).status == 0)
        #expect(try folder.read("again") == Array("text".utf8))
        let text = try keystore("show", table, "--branch-key", "tenant 1", "--region", "us-west-2", in: folder)
        #expect(text.standardOutput.contains("(active)"))
        #expect(text.standardOutput.contains(Self.kms))
    }

    private func show(_ table: String, in folder: TemporaryFolder) throws -> JSONValue {
        let output = try keystore(
            "show",
            table,
            "--branch-key",
            "tenant 1",
            "--region",
            "us-west-2",
            "--json",
            in: folder
        )
        #expect(output.status == 0, "\(output.standardError)")
        return try StrictJSON.parse(Array(output.standardOutput.utf8), source: "show")
    }

    @Test("What is not there, and what is there already, is told")
    func failures() throws {
        let folder = try TemporaryFolder()
        let table = "cli-\(UInt32.random(in: 0...UInt32.max))"
        let missing = try keystore("show", table, "--branch-key", "x", "--region", "us-west-2", in: folder)
        #expect(missing.status == 2)
        #expect(try keystore("create", table, "--region", "us-west-2", in: folder).status == 0)
        let unknown = try keystore("show", table, "--branch-key", "x", "--region", "us-west-2", in: folder)
        #expect(unknown.status == 1)
        #expect(unknown.standardError.contains("no branch key"))
        let arguments = ["create-key", table, "--kms", Self.kms, "--branch-key", "x", "--context", "a=b"]
        let endpoint = ["--kms-endpoint", try #require(LocalAWS.endpoint)]
        #expect(try ESDK.run(["keystore"] + arguments + endpoint, in: folder).status == 0)
        #expect(try ESDK.run(["keystore"] + arguments + endpoint, in: folder).status == 1)
        #expect(try keystore("create-key", table, "--kms", Self.kms, "--branch-key", "y", in: folder).status == 2)
        #expect(try keystore("create-key", table, in: folder).standardError.contains("--kms"))
    }
}
