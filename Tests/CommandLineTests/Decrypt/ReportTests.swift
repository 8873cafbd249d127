import StrictJSON
import TestSupport
import Testing

/// The reports, as the programs that they are for read them.
@Suite("esdk vectors decrypt: reports")
struct ReportTests {
    /// An id that every format has to escape.
    private static let id = "<&\"'\\\u{1}\n\r\u{FFFE}\u{10002}]]># x"

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        var refused = VectorSetText.Test(id: "refused", ciphertext: "file://ciphertexts/damaged-signed", plaintext: nil)
        refused.description = "is refused"
        let broken = VectorSetText.Test(id: "broken", ciphertext: "file://lost", plaintext: "file://plaintexts/A")
        try folder.writeSet("a set", [.passing(Self.id), .failing("failed"), .skipped("skipped"), broken, refused])
        return folder
    }

    @Test("junitparser reads the JUnit report", Python.isThere)
    func junit() throws {
        let folder = try folder()
        #expect(try ESDK.decrypt("a set", "--report", "junit=report.xml", in: folder).status == 1)
        let program = """
            import sys, junitparser
            report = junitparser.JUnitXml.fromfile(sys.argv[1])
            print(report.name, report.tests, report.failures, report.errors, report.skipped, report.time >= 0)
            for suite in report:
                print(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped)
                for case in suite:
                    print(case.classname, ascii(case.name), [(type(r).__name__, r.type, r.message) for r in case.result])
            """
        #expect(
            try Python.run(program, "report.xml", in: folder) == #"""
                esdk vectors 5 1 1 1 True
                a set 5 1 1 1
                a set '<&"\'\\\ufffd\n\r\ufffd\U00010002]]># x' []
                a set 'failed' [('Failure', 'wrong-plaintext', 'one-shot: the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected')]
                a set 'skipped' [('Skipped', None, 'only AWS KMS can open this message')]
                a set 'broken' [('Error', 'broken-set', 'ciphertext: a set/lost: no such file')]
                a set 'refused' []

                """#
        )
    }

    @Test("another JSON parser reads the JSON report, and finds no member twice", Python.isThere)
    func json() throws {
        let folder = try folder()
        #expect(try ESDK.decrypt("a set", "--report", "json=report.json", in: folder).status == 1)
        let program = """
            import json, sys
            def members(pairs):
                assert len(dict(pairs)) == len(pairs), pairs
                return dict(pairs)
            def constant(name):
                raise ValueError(name)
            with open(sys.argv[1], encoding="utf-8") as file:
                report = json.load(file, object_pairs_hook=members, parse_constant=constant)
            print(list(report))
            print(report["schema"], list(report["client"]), report["total"], report["passed"], report["failed"],
                  report["skipped"], report["duration_seconds"] > 0, report["complete"])
            print(report["sets"])
            for test in report["tests"]:
                apart = ("cases", "failure", "message", "key_description")
                print([ascii(test[name]) if name == "id" else test[name] for name in test if name not in apart])
                print([list(case.values()) if test["id"] != "refused" else case["status"] for case in test["cases"]])
            print([test["key_description"][0]["type"] for test in report["tests"]])
            """
        #expect(
            try Python.run(program, "report.json", in: folder) == #"""
                ['schema', 'client', 'sets', 'total', 'passed', 'failed', 'skipped', 'duration_seconds', 'repeat', 'tests', 'selected', 'ended', 'complete']
                1 ['name', 'version', 'libcrypto'] 5 2 2 1 True True
                [{'path': 'a set', 'client': 'made-up 1.0', 'total': 5, 'passed': 2, 'failed': 2, 'skipped': 1}]
                ['\'<&"\\\'\\\\\\x01\\n\\r\\ufffe\\U00010002]]># x\'', 'a set', None, 'passed', '0478', 'raw aes-256', None]
                [['one-shot', 'passed', None], ['stream whole', 'passed', None], ['stream 1-byte', 'passed', None], ['stream random', 'passed', None]]
                ["'failed'", 'a set', None, 'failed', '0478', 'raw aes-256', 'one-shot: the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected']
                [['one-shot', 'failed', 'the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected'], ['stream whole', 'failed', 'the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected'], ['stream 1-byte', 'failed', 'the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected'], ['stream random', 'failed', 'the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected']]
                ["'skipped'", 'a set', None, 'skipped', '0478', 'aws-kms', 'only AWS KMS can open this message']
                []
                ["'broken'", 'a set', None, 'failed', None, 'raw aes-256', 'ciphertext: a set/lost: no such file']
                []
                ["'refused'", 'a set', 'is refused', 'passed', '0578', 'raw aes-256', None]
                ['passed', 'passed', 'passed', 'passed']
                ['raw', 'raw', 'aws-kms', 'raw', 'raw']

                """#
        )
    }

    @Test("the TAP report of a run")
    func tap() throws {
        let folder = try folder()
        #expect(try ESDK.decrypt("a set", "--report", "tap=report.tap", in: folder).status == 1)
        #expect(
            try folder.text("report.tap") == """
                TAP version 14
                1..5
                ok 1 - a set <&"'\\\\???\u{FFFE}\u{10002}]]>\\# x
                not ok 2 - a set failed
                # one-shot: the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected
                ok 3 - a set skipped # SKIP only AWS KMS can open this message
                not ok 4 - a set broken
                # ciphertext: a set/lost: no such file
                ok 5 - a set refused

                """
        )
    }

    @Test("reports of a run of no tests are written as well", arguments: ["json", "junit", "tap"])
    func nothingSelected(kind: String) throws {
        let folder = try folder()
        #expect(try ESDK.decrypt("a set", "--filter=none", "--report", "\(kind)=report", in: folder).status == 4)
        let text = try folder.text("report")
        switch kind {
        case "json":
            let report = try StrictJSON.parse(Array(text.utf8), source: "report")
            #expect(report["tests"] == .array([]))
            #expect(report["complete"] == .bool(true))
        case "junit": #expect(text.contains("<testsuite name=\"a set\" tests=\"0\""))
        default: #expect(text == "TAP version 14\n1..0 # SKIP no test was selected\n")
        }
    }

    @Test("several reports at once, into files that were there before and were longer")
    func several() throws {
        let folder = try folder()
        try folder.write("report.json", String(repeating: "x", count: 100_000))
        let words = [
            "--report=json=report.json", "--report=junit=report.xml", "--report=tap=report.tap",
            "--report=tap=/dev/null",
        ]
        #expect(try ESDK.run(["vectors", "decrypt", "a set"] + words, in: folder).status == 1)
        #expect(try folder.text("report.json").hasSuffix("\n}\n"))
        #expect(!(try folder.text("report.json").contains("x\"x")))
        #expect(try folder.text("report.xml").hasSuffix("</testsuites>\n"))
        #expect(try folder.text("report.tap").hasPrefix("TAP version 14\n"))
    }

    @Test("a report can go to standard output, with the text on standard error", arguments: ["json", "junit", "tap"])
    func standardOutput(kind: String) throws {
        let folder = try folder()
        let output = try ESDK.decrypt("a set", "--report", "\(kind)=-", "--report", "\(kind)=report", in: folder)
        #expect(output.status == 1)
        let lines = output.standardOutput.split(separator: "\n").filter {
            !$0.contains("duration") && !$0.contains("time=")
        }
        let written = try folder.text("report").split(separator: "\n").filter {
            !$0.contains("duration") && !$0.contains("time=")
        }
        #expect(lines == written)
        #expect(output.standardError.contains("FAILED a set "))
        #expect(try ESDK.decrypt("a set", "--report=json=-", "--report=tap=-", in: folder).status == 2)
    }

    @Test("the set is not written to")
    func readOnly() throws {
        let folder = try folder()
        let before = try ESDK.shell("find 'a set' -printf '%p %m %s %T@\\n' | sort", in: folder).standardOutput
        _ = try ESDK.decrypt("a set", in: folder)
        #expect(try ESDK.shell("find 'a set' -printf '%p %m %s %T@\\n' | sort", in: folder).standardOutput == before)
        #expect(before.contains("manifest.json"))
    }
}
