import Glibc
import TestSupport
import Testing

/// What goes to standard error beside results.
@Suite("esdk vectors decrypt: diagnostics")
struct DiagnosticTests {
    @Test("what is odd about a manifest and was tolerated is told once, unless --quiet is given")
    func oddities() throws {
        let folder = try TemporaryFolder()
        var tests: [VectorSetText.Test] = [.passing("a"), .passing("b\n")]
        for index in tests.indices { tests[index].more = "\"note\\n\": 1, " }
        try folder.writeSet("set", tests)
        let output = try ESDK.decrypt("set", in: folder)
        #expect(
            output.standardError == """
                esdk: set/manifest.json: member "note\\u000a" of the test is not known and ignored, 2 times (first in a)
                esdk: 1 of 2 tests, 0 failed
                esdk: 2 of 2 tests, 0 failed

                """
        )
        #expect(try ESDK.decrypt("set", "--quiet", in: folder).standardError == "")
    }

    @Test("of many oddities the first are told, and how many there are more")
    func manyOddities() throws {
        let folder = try TemporaryFolder()
        var test = VectorSetText.Test.passing("a")
        test.more = (0..<12).map { "\"member \($0)\": 1, " }.joined()
        try folder.writeSet("set", [test])
        let lines = try ESDK.decrypt("set", in: folder).standardError.split(separator: "\n")
        #expect(lines.count == 10 + 1 + 1)
        #expect(lines.dropFirst(10).first == "esdk: set/manifest.json: and 2 more of the kind")
    }

    @Test("every diagnostic is one line, whatever a file or filter is called")
    func oneLine() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("a\nset", [.passing("t\u{1B}")])
        let output = try ESDK.decrypt("a\nset", "--filter", "x\n\u{1B}[31m", "-q", in: folder)
        #expect(
            output.standardError
                == "esdk: no test has an id or description like 'x??[31m'\nesdk: no test was selected\n"
        )
    }

    @Test("many tests have ten lines of progress in a pipe")
    func progress() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", (0..<25).map { .passing("\($0)") } + [.failing("x")])
        #expect(
            try ESDK.decrypt("set", in: folder).standardError == """
                esdk: 3 of 26 tests, 0 failed
                esdk: 6 of 26 tests, 0 failed
                esdk: 8 of 26 tests, 0 failed
                esdk: 11 of 26 tests, 0 failed
                esdk: 13 of 26 tests, 0 failed
                esdk: 16 of 26 tests, 0 failed
                esdk: 19 of 26 tests, 0 failed
                esdk: 21 of 26 tests, 0 failed
                esdk: 24 of 26 tests, 0 failed
                esdk: 26 of 26 tests, 1 failed

                """
        )
    }

    private static let script = "/usr/bin/script"

    @Test(
        "a terminal shows a bar, which is gone before anything else is printed; a dumb one shows lines",
        .enabled(if: access(script, X_OK) == 0, "util-linux's script is needed for a terminal")
    )
    func terminal() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", (0..<17).map { .passing("\($0)") })
        let command = "\(Self.script) -qec '\"$esdk\" vectors decrypt set --filter \"?*\"' /dev/null"
        let output = try ESDK.shell("TERM=xterm \(command)", in: folder).standardOutput
        #expect(output.hasPrefix("\r[\(String(repeating: " ", count: 30))] 0 of 17 tests, 0 failed\u{1B}[K\r["))
        #expect(output.contains("] 17 of 17 tests, 0 failed\u{1B}[K\r\u{1B}[Kset (made-up 1.0)\r\n"))
        let dumb = try ESDK.shell("TERM=dumb \(command)", in: folder).standardOutput
        #expect(dumb.hasPrefix("esdk: 2 of 17 tests, 0 failed\r\n"))
        #expect(!dumb.contains("\u{1B}"))
    }
}
