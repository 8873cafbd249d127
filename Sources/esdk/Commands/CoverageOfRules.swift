import ESDKTestVectors

extension Command {
    /// `esdk vectors coverage`: what proves each rule.
    static let vectorCoverage = Command(
        name: "coverage",
        summary: "what proves each rule",
        body: .action(
            Action(
                description:
                    "Shows what proves each rule of a table: the messages of the forged sets at PATH, and the tests whose names begin "
                    + "with the rule's id.",
                operands: .oneOrMore(
                    ArgumentForm(name: "PATH", kind: .path),
                    "a forged set, the folder of its vectors.json"
                ),
                values: { "" },
                options: [
                    OptionSection<String>(
                        "Rules",
                        [
                            .text(
                                "rules",
                                ArgumentForm(name: "FILE", kind: .path),
                                help: "The table of rules, Tests/RULES.md, in the folder of the tests",
                                isRequired: true
                            ) { $0 = $1 }
                        ]
                    )
                ],
                exitCodes: [
                    .success: "every rule has a proof",
                    .failure: "a rule has none",
                    .unusable: "wrong usage, or a file that cannot be read",
                ],
                examples: [
                    ("esdk vectors coverage --rules Tests/RULES.md vectors/forged", "Every rule of this project")
                ]
            ) { table, paths in
                let books = try paths.map { try RuleBook.read("\($0.text())/\(RuleBook.fileName)") }
                let coverage = try RuleCoverage(table: table, books: books)
                Terminal.write(coverage.text)
                return coverage.open.isEmpty ? .success : .failure
            }
        )
    )
}
