import AWSMaterialProviders
import ESDKSystem
import Testing

@testable import ESDKTestVectors

@Suite("The report for people")
struct TextReportTests {
    private let report = TextReport(repeating: RunOptions(jobs: 1))

    @Test("tables, reasons, failures and totals")
    func summary() {
        let failures = """
            FAILED set c
              suite 0478, raw aes-256
              one-shot: refused: x
              repeat: esdk vectors decrypt set --filter c

            FAILED set d
              ciphertext: set/c: no such file
              repeat: esdk vectors decrypt set --filter d

            """
        let groups = """
            failed, by reason:
              1 ciphertext: set/c: no such file
                d
              1 one-shot: refused: x
                c

            """
        #expect(
            report.summary(.mixed, isQuiet: false) == """
                set (made-up 1.0)
                  keyring      0478  0578   ?
                  ?               .     .  !1
                  aws-kms         .    ~1   .
                  raw aes-256   1!1     .   .

                marks: N passed, !N failed, ~N skipped, . no test

                skipped, by reason:
                  1 only AWS KMS can open this message

                \(failures)
                \(groups)
                  set  total  passed  failed  skipped
                  set      4       1       2        1

                1 passed, 2 failed, 1 skipped

                """
        )
        #expect(report.summary(.mixed, isQuiet: true) == "\(failures)\n\(groups)\n1 passed, 2 failed, 1 skipped\n")
        let brief = report.summary(.mixed, isQuiet: true, showsFailures: false)
        #expect(brief == "\(groups)\n1 passed, 2 failed, 1 skipped\n")
    }

    @Test("failures whose reasons differ in numbers only are one group, with some of their ids")
    func groups() {
        let results = (0..<5).map { TestResult.sample(id: "t\($0)", .failed, reason: "wrong at offset \($0)") }
        let summary = report.summary(.of(results), isQuiet: true, showsFailures: false)
        #expect(summary.hasPrefix("failed, by reason:\n  5 wrong at offset 0\n    t0, t1, t2 and 2 more\n\n"))
        let single = report.summary(.of([.sample(id: "a", .failed)]), isQuiet: true, showsFailures: false)
        #expect(single == "0 passed, 1 failed, 0 skipped\n")
    }

    @Test(
        "a table is not wider than the terminal: names are cut, and suites left out with a hint",
        arguments: [60, 80, 120]
    )
    func width(columns: Int) {
        let suites = ["0014", "0046", "0078", "0114", "0146", "0178", "0214", "0346", "0378", "0478", "0578"]
        let results = suites.map { suite in
            TestResult.sample(
                id: suite,
                .passed,
                suite: suite,
                keyring: "multi(" + String(repeating: "aws-kms, ", count: 9)
            )
        }
        let text = TextReport(repeating: RunOptions(jobs: 1), columns: columns).summary(.of(results), isQuiet: false)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= columns })
        #expect(text.contains("more suite") == (columns < 90))
    }

    @Test("a run that --max-failures ended says so, and has failed")
    func limit() {
        let report = RunReport(
            sets: RunReport.of([.sample(id: "a", .failed)]).sets,
            selectedCount: 3,
            seconds: 1,
            hasReachedLimit: true
        )
        #expect(report.exitCode(failOnSkip: false) == 1)
        #expect(self.report.summary(report, isQuiet: true).contains("stopped by --max-failures: 1 of 3 tests ran\n"))
    }

    @Test("what was noted on tests that passed, such as the .NET 4.0.0 retry, is counted")
    func notes() {
        let results: [TestResult] = [
            .sample(id: "a", .passed, reason: "net-4.0.0-retry"), .sample(id: "b", .passed),
            .sample(id: "c", .passed, reason: "unsorted-encryption-context"),
            .sample(id: "d", .passed, reason: "net-4.0.0-retry"),
        ]
        let summary = report.summary(.of(results), isQuiet: false)
        #expect(
            summary.contains(
                "\nnoted on tests that passed:\n  2 net-4.0.0-retry\n  1 unsorted-encryption-context\n\n"
            )
        )
        #expect(!report.summary(.of(results), isQuiet: true).contains("noted"))
    }

    @Test("an interrupted run says how far it came")
    func incomplete() {
        for isQuiet in [true, false] {
            let summary = report.summary(.of([.sample(id: "a", .passed)], selected: 3), isQuiet: isQuiet)
            #expect(summary.hasSuffix("interrupted: 1 of 3 tests ran\n1 passed, 0 failed, 0 skipped\n"))
        }
    }

    @Test("options that change the result are in the command that repeats a test, others are not")
    func repeatOptions() {
        var options = RunOptions(jobs: 7)
        options.filters = ["x"]
        options.shard = RunOptions.Shard(index: 1, count: 2)
        options.commitmentPolicy = .requireEncryptRequireDecrypt
        options.allowsNetV4_0_0Retry = true
        let text = TextReport(repeating: options).failure(.sample(id: "t", .failed), in: "set")
        #expect(
            text == """
                FAILED set t
                  repeat: esdk vectors decrypt set --filter t --commitment-policy require-encrypt-require-decrypt \
                --net-4.0.0-retry-policy

                """
        )
    }

    static let texts = [
        ("a\nb\r\nc\u{1B}[2J\u{7F}\u{9B}", "a?b??c?[2J??"), ("\u{2028}\u{2029}\u{202E}\u{2066}", "????"),
        ("\u{e9}\u{301}\u{10002} \u{200D}", "\u{e9}\u{301}\u{10002} \u{200D}"),
    ]

    @Test("nothing in a text breaks a line, drives a terminal or turns the direction of writing", arguments: texts)
    func oneLine(text: String, shown: String) {
        #expect(TerminalText.oneLine(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
        let result = TestResult.sample(id: text, .failed, description: text, keyring: text, reason: text)
        let output = report.failure(result, in: text) + report.summary(.of([result], path: text), isQuiet: false)
        for scalar in output.unicodeScalars where scalar != "\n" {
            #expect(scalar.properties.generalCategory != .control)
        }
        #expect(!output.unicodeScalars.contains("\u{2028}"))
        #expect(!output.unicodeScalars.contains("\u{202E}"))
    }

    static let words = [
        ("abc-1.2_3/4:5", "abc-1.2_3/4:5"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"),
        ("$(x) `y` \"z\"", "'$(x) `y` \"z\"'"),
        ("'\u{301}'", "''\\''\u{301}'\\'''"), ("a\nb'c\\1", "$'a\\012b\\'c\\\\1'"),
        ("\u{2028}1", "$'\\342\\200\\2501'"),
        ("\u{1B}7", "$'\\0337'"), ("\u{e9}", "'\u{e9}'"), ("~", "'~'"), ("*", "'*'"),
    ]

    @Test("a text becomes one word of a shell", arguments: words)
    func shellWord(text: String, word: String) {
        #expect(TerminalText.shellWord(text).unicodeScalars.elementsEqual(word.unicodeScalars))
    }

    @Test("an id with U+0000 is repeated by a pattern, a path with a dash by its folder")
    func specialArguments() {
        let text = report.failure(.sample(id: "a\0*b", .failed), in: "-set")
        #expect(text.hasSuffix("  repeat: esdk vectors decrypt ./-set --filter 'a?\\*b'\n"))
    }

    static let exits: [(RunReport, Bool, Int32)] = [
        (.of([.sample(id: "a", .passed)]), false, 0),
        (.of([.sample(id: "a", .passed), .sample(id: "b", .skipped)]), false, 0),
        (.of([.sample(id: "a", .passed), .sample(id: "b", .skipped)]), true, 1),
        (.of([.sample(id: "a", .passed)]), true, 0),
        (.of([.sample(id: "a", .failed), .sample(id: "b", .skipped)]), false, 1),
        (.of([.sample(id: "a", .failed)], selected: 2), false, 3),
        (.of([.sample(id: "a", .passed)], selected: 2), false, 3),
        (.of([], selected: 2), false, 3),
        (.of([]), false, 4),
        (.of([.sample(id: "a", .skipped)]), false, 4),
    ]

    @Test("exit codes", arguments: exits)
    func exitCode(report: RunReport, failOnSkip: Bool, code: Int32) {
        #expect(report.exitCode(failOnSkip: failOnSkip) == code)
    }
}
