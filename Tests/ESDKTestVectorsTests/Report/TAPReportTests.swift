import Testing

@testable import ESDKTestVectors

@Suite("The TAP report")
struct TAPReportTests {
    private func render(_ report: RunReport) -> String { String(decoding: TAPReport.render(report), as: UTF8.self) }

    @Test("a line for each test, skips with their reason, failures with theirs below")
    func whole() {
        #expect(
            render(.mixed) == """
                TAP version 14
                1..4
                ok 1 - set a
                ok 2 - set b # SKIP only AWS KMS can open this message
                not ok 3 - set c
                # one-shot: refused: x
                not ok 4 - set d
                # ciphertext: set/c: no such file

                """
        )
    }

    @Test("no text of a test makes a directive or a line of its own")
    func escaping() {
        let report = RunReport.of([
            .sample(id: "a # SKIP \\ \u{23}\u{301}", .passed),
            .sample(id: "b\nok 7\r\nok 8\u{2028}\u{1B}", .failed, reason: "x\r\nok 9\n\nok 10\u{85}ok 11"),
            .sample(id: "c", .skipped, reason: "# x\ny"),
        ])
        #expect(
            render(report) == """
                TAP version 14
                1..3
                ok 1 - set a \\# SKIP \\\\ \\\u{23}\u{301}
                not ok 2 - set b?ok 7??ok 8??
                # x
                # ok 9
                # ok 10
                # ok 11
                ok 3 - set c # SKIP \\# x?y

                """
        )
    }

    @Test("what is known to fail is a TODO, whether it failed or not")
    func known() {
        var results = [TestResult.sample(id: "a", .failed), .sample(id: "b", .passed)]
        for index in results.indices { results[index].known = "issue #1" }
        #expect(
            render(.of(results))
                == "TAP version 14\n1..2\nnot ok 1 - set a # TODO issue \\#1\nok 2 - set b # TODO issue \\#1\n"
        )
    }

    @Test("an interrupted run bails out, and a run of no tests says why")
    func ends() {
        #expect(
            render(.of([.sample(id: "a", .passed)], selected: 2))
                == "TAP version 14\n1..2\nok 1 - set a\nBail out! interrupted: 1 of 2 tests ran\n"
        )
        #expect(render(.of([])) == "TAP version 14\n1..0 # SKIP no test was selected\n")
    }
}
