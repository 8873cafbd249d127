import ESDKSystem
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Known failures")
struct KnownFailuresTests {
    private func list(_ entries: String) throws -> KnownFailures {
        let folder = try TemporaryFolder()
        return try KnownFailures(
            SystemPath(folder.write("known.json", "{\"schema\": 1, \"known-failures\": [\(entries)]}"))
        )
    }

    private func outcome(_ entries: String, _ results: [TestResult], all: [String]? = nil, path: String = "v/set")
        throws
        -> KnownFailures.Outcome
    {
        try list(entries).outcome(of: .of(results, path: path), ids: [(path, all ?? results.map(\.id))])
    }

    @Test("a failure on the list is expected, another one is not")
    func failures() throws {
        let entry = #"{"id": "a", "reason": "issue 1"}"#
        #expect(try outcome(entry, [.sample(id: "a", .failed)]).isAsExpected)
        let worse = try outcome(entry, [.sample(id: "a", .failed), .sample(id: "b", .failed)])
        #expect(!worse.isAsExpected)
        #expect(worse.text() == "1 failed as expected, 1 unexpectedly\n")
    }

    @Test("a pass that was known to fail, and an id that no set has, break the list")
    func strict() throws {
        let passed = try outcome(#"{"id": "a", "reason": "r"}"#, [.sample(id: "a", .passed)])
        #expect(!passed.isAsExpected)
        #expect(passed.passed == ["v/set a"])
        let stale = try outcome(#"{"id": "gone", "reason": "r"}"#, [.sample(id: "a", .passed)])
        #expect(!stale.isAsExpected)
        #expect(stale.stale == ["gone"])
    }

    @Test("an entry whose test was not selected, or was skipped, is neither")
    func notRun() throws {
        let entry = #"{"id": "b", "reason": "r"}"#
        #expect(try outcome(entry, [.sample(id: "a", .passed)], all: ["a", "b"]).isAsExpected)
        #expect(try outcome(entry, [.sample(id: "b", .skipped)]).isAsExpected)
    }

    @Test(
        "an entry may name the last parts of a set's path",
        arguments: [("set", true), ("v/set", true), ("et", false)]
    )
    func sets(set: String, isMeant: Bool) throws {
        let list = try list(#"{"id": "a", "set": "\#(set)", "reason": "r", "link": "L"}"#)
        #expect(list.reason(for: "a", in: "/x/v/set") == (isMeant ? "r (L)" : nil))
    }

    @Test(
        "an entry without a reason, and a file that is not a list, are refused",
        arguments: [#"{"id": "a"}"#, #"{"id": "a", "reason": ""}"#, #"{"reason": "r"}"#, "1"]
    )
    func refuses(entry: String) throws {
        #expect(throws: VectorError.self) { try list(entry) }
    }

    @Test("what a run writes is a list that expects the same run")
    func written() throws {
        let report = RunReport.of([.sample(id: "a", .failed, reason: "x\ny"), .sample(id: "b", .passed)])
        let folder = try TemporaryFolder()
        let list = try KnownFailures(SystemPath(folder.write("known.json", KnownFailures.render(report))))
        #expect(list.outcome(of: report, ids: [("set", ["a", "b"])]).isAsExpected)
        #expect(list.reason(for: "a", in: "set")?.hasPrefix("x") == true)
    }
}
