import StrictJSON
import TestSupport
import Testing

/// Which tests run.
@Suite("esdk vectors decrypt: selection")
struct SelectionTests {
    /// The ids of the tests that ran, in their order, from a JSON report.
    private func ids(_ arguments: String..., in folder: TemporaryFolder) throws -> [String] {
        _ = try ESDK.run(["vectors", "decrypt", "set", "--report", "json=report.json"] + arguments, in: folder)
        let report = try StrictJSON.parse(Array(folder.text("report.json").utf8), source: "report.json")
        return try #require(report["tests"]?.array).compactMap { $0["id"]?.string }
    }

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        var described = VectorSetText.Test.passing("eel-1")
        described.description = "a signed [message]"
        try folder.writeSet("set", [.passing("ape-1"), .passing("ape-2"), .passing("bee-1"), described])
        return folder
    }

    @Test("--filter takes a pattern of ids or descriptions, and may be repeated")
    func filters() throws {
        let folder = try folder()
        #expect(try ids(in: folder) == ["ape-1", "ape-2", "bee-1", "eel-1"])
        #expect(try ids("--filter", "ape-*", in: folder) == ["ape-1", "ape-2"])
        #expect(try ids("--filter=*-1", in: folder) == ["ape-1", "bee-1", "eel-1"])
        #expect(try ids("--filter", "???-2", in: folder) == ["ape-2"])
        #expect(try ids("--filter", "[be]*", in: folder) == ["bee-1", "eel-1"])
        #expect(try ids("--filter", "*signed*", in: folder) == ["eel-1"])
        #expect(
            try ids("--filter", "eel-1", "--filter", "ape-2", "--filter", "ape-2", in: folder) == ["ape-2", "eel-1"]
        )
        #expect(try ids("--filter", "ape", in: folder) == ["ape-1", "ape-2"])
        #expect(try ids("--filter", "[message", in: folder) == [])
        #expect(try ids("--exclude", "ape", "--exclude", "*signed*", in: folder) == ["bee-1"])
    }

    @Test("--list prints the tests that would run, and runs none")
    func list() throws {
        let output = try ESDK.decrypt("set", "--list", "--filter", "e-1", "--filter", "eel", in: try folder())
        #expect(
            output
                == ESDK.Output(
                    status: 0,
                    standardOutput: "set  ape-1\nset  bee-1\nset  eel-1  a signed [message]\n",
                    standardError: ""
                )
        )
        #expect(try ESDK.decrypt("set", "--list", "--filter", "dog", in: try folder()).status == 4)
    }

    @Test("--max-failures ends the run")
    func maximumFailures() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", (100..<160).map { .failing("test-\($0)") })
        let output = try ESDK.decrypt("set", "-q", "-j1", "--max-failures", "3", in: folder)
        #expect(output.status == 1)
        #expect(
            output.standardOutput.hasSuffix(
                "stopped by --max-failures: 3 of 60 tests ran\n0 passed, 3 failed, 0 skipped\n"
            )
        )
        #expect(try ESDK.decrypt("set", "-q", "--max-failures", "0", in: folder).status == 2)
    }

    @Test("an id selects its own test alone, even where it reads like a pattern")
    func patternLikeIDs() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("a*"), .passing("ab"), .passing("[x]"), .passing("x"), .passing("\\")])
        #expect(try ids("--filter", "a*", in: folder) == ["a*"])
        #expect(try ids("--filter", "[x]", in: folder) == ["[x]"])
        #expect(try ids("--filter", "\\", in: folder) == ["\\"])
    }

    @Test("an id is told by its bytes, not by canonical equivalence")
    func canonicallyEquivalentIDs() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("\u{e9}"), .passing("e\u{301}")])
        #expect(try ids("--filter", "\u{e9}", in: folder).map { Array($0.utf8) } == [[0xC3, 0xA9]])
        #expect(try ids("--filter", "e\u{301}", in: folder).map { Array($0.utf8) } == [[0x65, 0xCC, 0x81]])
    }

    @Test("a question mark stands for one character, whatever its length in bytes")
    func questionMark() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("\u{10002}-1"), .passing("ab-1")])
        #expect(try ids("--filter", "?-1", in: folder) == ["\u{10002}-1"])
    }

    @Test("the parts of --shard are disjoint and together complete, and in the order of the file")
    func shards() throws {
        let folder = try TemporaryFolder()
        let all = (0..<40).map { "test-\($0)" }
        try folder.writeSet("set", all.map { .passing($0) })
        let parts = try (1...3).map { try ids("--shard", "\($0)/3", in: folder) }
        #expect(parts.flatMap(\.self).sorted() == all.sorted())
        for part in parts {
            #expect(!part.isEmpty)
            #expect(part == all.filter(part.contains))
        }
        #expect(try ids("--shard=1/1", in: folder) == all)
    }

    @Test("where nothing is selected, the filter that matches nothing is named, and the exit code is 4")
    func nothingSelected() throws {
        let folder = try folder()
        let output = try ESDK.decrypt("set", "--filter", "cat-*", "--filter", "dog", in: folder)
        #expect(
            output
                == ESDK.Output(
                    status: 4,
                    standardOutput: """
                          set  total  passed  failed  skipped
                          set      0       0       0        0

                        0 passed, 0 failed, 0 skipped

                        """,
                    standardError: """
                        esdk: no test has an id or description like 'cat-*'
                        esdk: no test has an id or description like 'dog'
                        esdk: no test was selected

                        """
                )
        )
    }

    @Test("a filter that matches nothing is named even where another one matches")
    func idleFilter() throws {
        let output = try ESDK.decrypt("set", "-q", "--filter", "bee-1", "--filter", "dog", in: try folder())
        #expect(output.status == 0)
        #expect(output.standardError == "esdk: no test has an id or description like 'dog'\n")
    }

    @Test("any number of jobs gives the same output and the same report")
    func jobs() throws {
        let folder = try TemporaryFolder()
        let kinds: [(String) -> VectorSetText.Test] = [{ .passing($0) }, { .failing($0) }, { .skipped($0) }]
        try folder.writeSet("set", (0..<60).map { kinds[$0 % 3]("test-\($0)") })
        let outputs = try ["1", "2", "7", "1000"].map { jobs in
            let output = try ESDK.decrypt("set", "--jobs", jobs, "--report", "json=report.json", in: folder)
            let report = try folder.text("report.json").split(separator: "\n").filter {
                !$0.contains("duration_seconds")
            }
            return (output, report)
        }
        for (output, report) in outputs.dropFirst() {
            #expect(output == outputs[0].0)
            #expect(report == outputs[0].1)
        }
        #expect(outputs[0].0.standardOutput.hasSuffix("\n20 passed, 20 failed, 20 skipped\n"))
    }

    @Test("the command that repeats a failure selects that test, with the options that matter")
    func repeating() throws {
        let folder = try TemporaryFolder()
        let id = "it's a `test` $HOME \"x\" *"
        try folder.writeSet("a set", [.failing(id), .failing("it's a `test` $HOME \"x\" more")])
        let policy = "--commitment-policy require-encrypt-allow-decrypt --net-4.0.0-retry-policy"
        let output = try ESDK.shell("\"$esdk\" vectors decrypt 'a set' -q \(policy)", in: folder)
        let command = try #require(
            output.standardOutput.split(separator: "\n").first { $0.hasPrefix("  repeat: esdk ") }
        )
        #expect(command.hasSuffix(policy))
        let again = try ESDK.shell("\"$esdk\" \(command.dropFirst("  repeat: esdk ".count)) -q", in: folder)
        #expect(again.status == 1)
        #expect(again.standardOutput.hasPrefix("FAILED a set \(id)\n"))
        #expect(again.standardOutput.hasSuffix("\n0 passed, 1 failed, 0 skipped\n"))
    }
}
