import ESDKTestVectors
import StrictJSON

extension Command {
    /// `esdk vectors coverage`: what the tests of sets and plans cover, or what proves each rule.
    static let vectorCoverage = Command(
        name: "coverage",
        summary: "what a set covers, and what it lacks",
        body: .action(
            Action(
                description:
                    "Counts the tests at PATH by suite, keyring, framing and shape of the encryption context, and tells what a matrix has "
                    + "and they lack. With --rules it tells instead what proves each rule: messages of the forged sets at PATH, and tests "
                    + "whose names begin with the rule's id.",
                operands: .oneOrMore(ArgumentForm(name: "PATH", kind: .path), "a manifest or a folder of sets"),
                values: CoverageOptions.init,
                options: [
                    OptionSection<CoverageOptions>(
                        "Coverage",
                        [
                            .text(
                                "matrix",
                                ArgumentForm(name: "FILE", kind: .path),
                                help: "What there should be, such as manifests/matrix.json"
                            ) { $0.matrix = $1 },
                            .flag("strict", help: "Exit with 1 where the matrix has what no test has") {
                                $0.isStrict = true
                            },
                            .choice(
                                "format",
                                "FORMAT",
                                of: CoverageFormat.self,
                                help: "text (the default), json or html"
                            ) {
                                $0.format = $1
                            },
                        ]
                    ),
                    OptionSection<CoverageOptions>(
                        "Rules",
                        [
                            .text(
                                "rules",
                                ArgumentForm(name: "FILE", kind: .path),
                                help: "The table of rules, Tests/RULES.md, in the folder of the tests"
                            ) { $0.rules = $1 }
                        ]
                    ),
                ],
                exitCodes: [
                    .success: "the table was printed; with --rules: every rule has a proof",
                    .failure: "with --strict: there is a hole; with --rules: a rule has no proof",
                    .unusable: "wrong usage, or a file that cannot be read",
                ],
                examples: [
                    ("esdk vectors coverage vectors --matrix manifests/matrix.json", "What our sets lack"),
                    ("esdk vectors coverage plan.json --format html >coverage.html", "A page"),
                    ("esdk vectors coverage --rules Tests/RULES.md vectors/forged", "Every rule of this project"),
                ]
            ) { options, paths in try run(options, try paths.map { try $0.text() }) }
        )
    )

    private static func run(_ options: CoverageOptions, _ paths: [String]) throws -> ExitCode {
        if let table = options.rules {
            let books = try paths.map { try RuleBook.read("\($0)/\(RuleBook.fileName)") }
            let coverage = try RuleCoverage(table: table, books: books)
            Terminal.write(coverage.text)
            return coverage.open.isEmpty ? .success : .failure
        }
        var coverage = SetCoverage()
        for path in paths { try coverage.add(path) }
        let wanted = try options.matrix.map { try SetCoverage(of: TestMatrix.read($0)) }
        let report = CoverageReport(coverage, against: wanted)
        switch options.format {
        case .text: Terminal.write(report.text)
        case .html: Terminal.write(report.html)
        case .json:
            Terminal.write(String(decoding: try StrictJSON.serialize(report.json, pretty: true), as: UTF8.self) + "\n")
        }
        return options.isStrict && !report.holes.isEmpty ? .failure : .success
    }
}

private enum CoverageFormat: String, CaseIterable, Sendable {
    case text, json, html
}

/// What the options of `esdk vectors coverage` set.
private struct CoverageOptions: Sendable {
    var matrix: String?
    var rules: String?
    var isStrict = false
    var format = CoverageFormat.text
}
