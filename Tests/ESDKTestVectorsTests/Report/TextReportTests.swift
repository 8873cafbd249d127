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
        #expect(
            report.summary(.mixed, isQuiet: false) == """
                set (made-up 1.0)
                  keyring      0478  0578   ?
                  ?               .     .  !1
                  aws-kms         .    ~1   .
                  raw aes-256   1!1     .   .

                skipped, by reason:
                  1 only AWS KMS can open this message

                \(failures)
                  set  total  passed  failed  skipped
                  set      4       1       2        1

                1 passed, 2 failed, 1 skipped

                """
        )
        #expect(report.summary(.mixed, isQuiet: true) == "\(failures)\n1 passed, 2 failed, 1 skipped\n")
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
