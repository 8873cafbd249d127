import StrictJSON
import TestSupport
import Testing

@Suite("esdk report")
struct ReportCommandTests {
    /// A JSON report of tests with these ids and results.
    private func report(_ tests: [(id: String, status: String)]) -> String {
        let entries = tests.map { test in
            """
            {"id": "\(test.id)", "set": "s", "description": null, "status": "\(test.status)", "suite": "0478", "keyring": "k",
             "cases": [], "reason": null, "failure": null}
            """
        }
        return """
            {"schema": 1, "client": {"name": "n", "version": "1", "libcrypto": "l"}, "sets": [{"path": "s", "client": "p"}],
             "duration_seconds": 1.5, "repeat": null, "tests": [\(entries.joined(separator: ","))], "complete": true}
            """
    }

    @Test("shards of a run merge into the report of the whole, with its exit code")
    func merge() throws {
        let folder = try TemporaryFolder()
        try folder.write("1.json", report([("a", "passed")]))
        try folder.write("2.json", report([("b", "failed"), ("c", "skipped")]))
        let output = try ESDK.run(["report", "merge", "1.json", "2.json", "-o", "all.json"], in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput == "1 passed, 1 failed, 1 skipped\n")
        let all = try StrictJSON.parse(folder.read("all.json"), source: "all.json")
        #expect(all["total"] == .integer(3))
        #expect(all["complete"] == .bool(true))
    }

    @Test("a shard given twice is an error, not a better count")
    func twice() throws {
        let folder = try TemporaryFolder()
        try folder.write("1.json", report([("a", "passed")]))
        let output = try ESDK.run(["report", "merge", "1.json", "1.json"], in: folder)
        #expect(output.status == 2)
        #expect(output.standardError.contains("test a of s has two results"))
    }

    @Test("a regression has exit code 1 and is named; none has 0")
    func compare() throws {
        let folder = try TemporaryFolder()
        try folder.write("old.json", report([("a", "passed"), ("b", "failed")]))
        try folder.write("new.json", report([("a", "failed"), ("b", "passed")]))
        let worse = try ESDK.run(["report", "compare", "old.json", "new.json"], in: folder)
        #expect(worse.status == 1)
        #expect(worse.standardOutput.contains("passed → failed  s a"))
        #expect(try ESDK.run(["report", "compare", "old.json", "old.json"], in: folder).status == 0)
        #expect(try ESDK.run(["report", "compare", "old.json"], in: folder).status == 2)
    }

    @Test("a page is written, and never over a report that it is made of")
    func html() throws {
        let folder = try TemporaryFolder()
        try folder.write("1.json", report([("a", "passed")]))
        #expect(try ESDK.run(["report", "html", "1.json", "-o", "page.html"], in: folder).status == 0)
        #expect(try folder.text("page.html").hasPrefix("<!DOCTYPE html>"))
        let refused = try ESDK.run(["report", "html", "1.json", "-o", "1.json"], in: folder)
        #expect(refused.status == 2)
        #expect(refused.standardError.contains("is an input of this command"))
        #expect(try folder.text("1.json").hasPrefix("{"))
    }
}

@Suite("esdk vectors decrypt: known failures")
struct ExpectTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("good"), .failing("bad")])
        return folder
    }

    @Test("a list that a run writes makes the same run succeed, and its failures short")
    func writesAndExpects() throws {
        let folder = try folder()
        #expect(try ESDK.decrypt("set", "--write-expect", "known.json", in: folder).status == 1)
        let output = try ESDK.decrypt("set", "--expect", "known.json", in: folder)
        #expect(output.status == 0)
        #expect(output.standardOutput.hasSuffix("1 failed as expected, 0 unexpectedly\n"))
        #expect(!output.standardOutput.contains("FAILED"))
    }

    @Test("a new failure, a listed test that passes and an id of no set each have exit code 1")
    func strict() throws {
        let folder = try folder()
        for (entries, status) in [
            ("", 1), (#"{"id": "bad", "reason": "r"}"#, 0),
            (#"{"id": "bad", "reason": "r"}, {"id": "good", "reason": "r"}"#, 1),
            (#"{"id": "bad", "reason": "r"}, {"id": "gone", "reason": "r"}"#, 1),
        ] as [(String, Int32)] {
            try folder.write("known.json", "{\"schema\": 1, \"known-failures\": [\(entries)]}")
            #expect(try ESDK.decrypt("set", "--expect", "known.json", in: folder).status == status, "\(entries)")
        }
        try folder.write("known.json", "{}")
        #expect(try ESDK.decrypt("set", "--expect", "known.json", in: folder).status == 2)
    }
}
