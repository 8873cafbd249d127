import StrictJSON
import TestSupport
import Testing

@Suite("esdk vectors lint, coverage and enumerate")
struct SetCommandTests {
    @Test("lint prints findings as a compiler does, and exits with 1 after an error")
    func lint() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("a"), .failing("b")])
        let output = try ESDK.run(["vectors", "lint", "set/manifest.json"], in: folder)
        #expect(output.status == 1)
        let wanted = "error: the plaintext has 5 bytes, and the message holds 1 [plaintext-size]\n"
        #expect(output.standardOutput.firstMatch(of: #/set/manifest\.json:[0-9]+:[0-9]+: /#) != nil)
        #expect(output.standardOutput.contains(wanted))
        #expect(output.standardOutput.hasSuffix("2 tests in 1 manifests: 1 errors, 0 warnings, 1 notes\n"))
    }

    @Test("a warning fails with --strict alone, and JSON has what the text has")
    func strict() throws {
        let folder = try TemporaryFolder()
        var test = VectorSetText.Test.passing("a")
        test.more = "\"odd\": 1, "
        try folder.writeSet("set", [test])
        #expect(try ESDK.run(["vectors", "lint", "set/manifest.json"], in: folder).status == 0)
        let output = try ESDK.run(["vectors", "lint", "--strict", "--json", "set/manifest.json"], in: folder)
        #expect(output.status == 1)
        let report = try StrictJSON.parse(Array(output.standardOutput.utf8), source: "")
        #expect(report["warnings"] == 1)
        let finding = try #require(report["findings"]?.array?.first)
        #expect(finding["code"] == "unknown-member")
        #expect(finding["severity"] == "warning")
        #expect(finding["file"] == "set/manifest.json")
        #expect(finding["line"]?.integer != nil)
    }

    @Test("a folder without a manifest has nothing to lint")
    func nothing() throws {
        let folder = try TemporaryFolder()
        try folder.write("empty/text", "x")
        let output = try ESDK.run(["vectors", "lint", "empty"], in: folder)
        #expect(output.status == 2)
        #expect(output.standardError.contains("no manifest"))
    }

    @Test("enumerate writes a plan that encrypt takes, and coverage finds no hole in it")
    func enumerate() throws {
        let folder = try TemporaryFolder()
        try folder.write("keys.json", VectorSetText.keys)
        try folder.write(
            "matrix.json",
            #"""
            {"schema": 1, "keys": "file://keys.json", "suites": ["0478", "0014"], "frame-lengths": [0, 128],
             "plaintexts": {"unframed": ["0"], "framed": ["frame"]}, "contexts": {"empty": {"pairs": {}}},
             "keyrings": {"aes": {"encrypt": \#(VectorSetText.aes)}},
             "left-out": [{"suites": ["0014"], "frame-lengths": [0], "reason": "for this test"}]}
            """#
        )
        let output = try ESDK.run(["vectors", "enumerate", "matrix.json", "-o", "plan"], in: folder)
        #expect(output.status == 0)
        #expect(output.standardOutput.hasPrefix("3 tests: 2 suites, 1 keyrings, 2 frame lengths, 1 contexts\n"))
        #expect(output.standardOutput.contains("suites 0014, with frame lengths 0 (1): for this test\n"))
        #expect(try ESDK.run(["vectors", "encrypt", "plan", "-o", "set"], in: folder).status == 0)
        #expect(try ESDK.decrypt("set", in: folder).standardOutput.contains("3 passed, 0 failed, 0 skipped"))
        for path in ["plan/encrypt-manifest.json", "set"] {
            let coverage = try ESDK.run(
                ["vectors", "coverage", path, "--matrix", "matrix.json", "--strict"],
                in: folder
            )
            #expect(coverage.status == 0, "\(coverage.standardOutput)")
        }
        let page = try ESDK.run(["vectors", "coverage", "set", "--format", "html"], in: folder)
        #expect(page.standardOutput.hasPrefix("<!doctype html>"))
        let holes = try ESDK.run(
            ["vectors", "coverage", "set", "--matrix", RepositoryFiles.path("manifests/matrix.json"), "--strict"],
            in: folder
        )
        #expect(holes.status == 1)
    }

    @Test("only what failed before runs again with --rerun", arguments: ["decrypt", "reproduce"])
    func rerun(_ command: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("a"), .failing("b"), .passing("c")])
        _ = try ESDK.run(["vectors", "decrypt", "set", "--report", "json=report.json"], in: folder)
        let again = try ESDK.run(["vectors", command, "set", "--rerun", "report.json", "--list"], in: folder)
        #expect(again.standardOutput == "set  b\n")
        _ = try ESDK.run(["vectors", "decrypt", "set", "--filter", "a", "--report", "json=good.json"], in: folder)
        #expect(try ESDK.run(["vectors", command, "set", "--rerun", "good.json"], in: folder).status == 4)
    }
}
