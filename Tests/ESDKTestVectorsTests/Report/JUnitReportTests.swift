import Testing

@testable import ESDKTestVectors

@Suite("The JUnit report")
struct JUnitReportTests {
    private func render(_ report: RunReport) -> String { String(decoding: JUnitReport.render(report), as: UTF8.self) }

    @Test("a suite per set, a case per test; trouble of the set is an error, a wrong result a failure")
    func whole() {
        #expect(
            render(.mixed) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="esdk vectors" tests="4" failures="1" errors="1" skipped="1" time="1.500">
                  <testsuite name="set" tests="4" failures="1" errors="1" skipped="1">
                    <testcase classname="set" name="a"/>
                    <testcase classname="set" name="b">
                      <skipped message="only AWS KMS can open this message"/>
                    </testcase>
                    <testcase classname="set" name="c">
                      <failure type="refused" message="one-shot: refused: x">suite 0478&#10;raw aes-256&#10;one-shot: failed: \
                refused: x</failure>
                    </testcase>
                    <testcase classname="set" name="d">
                      <error type="broken-set" message="ciphertext: set/c: no such file"></error>
                    </testcase>
                  </testsuite>
                </testsuites>

                """
        )
    }

    @Test("an interrupted run has an error that says so")
    func incomplete() {
        #expect(
            render(.of([.sample(id: "a", .passed)], selected: 3, seconds: 0.0004)) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="esdk vectors" tests="2" failures="0" errors="1" skipped="0" time="0.000">
                  <testsuite name="set" tests="1" failures="0" errors="0" skipped="0">
                    <testcase classname="set" name="a"/>
                  </testsuite>
                  <testsuite name="esdk vectors" tests="1" failures="0" errors="1" skipped="0">
                    <testcase classname="esdk vectors" name="every selected test runs">
                      <error type="harness-error" message="interrupted: 1 of 3 tests ran"></error>
                    </testcase>
                  </testsuite>
                </testsuites>

                """
        )
    }

    @Test("a run that --max-failures stopped says so, not that it was interrupted")
    func stopped() {
        let report = RunReport(
            sets: [
                SetReport(path: "set", producer: .init(name: nil, version: nil), results: [.sample(id: "a", .failed)])
            ],
            selectedCount: 3,
            seconds: 1,
            hasReachedLimit: true
        )
        #expect(render(report).contains("message=\"stopped by --max-failures: 1 of 3 tests ran\""))
        let markdown = String(decoding: MarkdownReport.render(report), as: UTF8.self)
        #expect(markdown.contains("> stopped by --max-failures: 1 of 3 tests ran\n"))
    }

    @Test("a known failure is skipped with its reason, and a pass that was known to fail is a failure")
    func known() {
        var failed = TestResult.sample(id: "a", .failed, reason: "refused")
        failed.known = "issue 1"
        var passed = TestResult.sample(id: "b", .passed)
        passed.known = "issue 2"
        let text = render(.of([failed, passed, .sample(id: "c", .failed, reason: "other")]))
        #expect(text.contains("<testsuite name=\"set\" tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"1\">"))
        #expect(text.contains("<skipped message=\"known failure: issue 1; refused\"/>"))
        #expect(text.contains("<failure type=\"unexpected-pass\" message=\"passed, but known to fail: issue 2\"/>"))
    }

    static let texts = [
        ("a & b", "a &amp; b"), ("<a>", "&lt;a&gt;"), ("\"'", "&quot;'"), ("]]>", "]]&gt;"),
        ("\t\n\r", "&#9;&#10;&#13;"),
        ("\r\n", "&#13;&#10;"), ("\0\u{1}\u{B}\u{1F}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        ("\u{FFFE}\u{FFFF}", "\u{FFFD}\u{FFFD}"), ("\u{7F}\u{85}\u{E000}\u{10FFFF}", "\u{7F}\u{85}\u{E000}\u{10FFFF}"),
        ("<\u{338}", "&lt;\u{338}"),
    ]

    @Test("markup is escaped, and what XML 1.0 cannot hold is replaced", arguments: texts)
    func escaping(text: String, escaped: String) {
        #expect(XMLText.escaped(text).unicodeScalars.elementsEqual(escaped.unicodeScalars))
    }
}
