import ESDKTestVectors
import StrictJSON

extension Command {
    /// `esdk vectors lint`: what is wrong with a set, without decrypting it.
    static let lintVectors = Command(
        name: "lint",
        summary: "find what is wrong with a set without decrypting it",
        body: .action(
            Action(
                description:
                    "Looks at manifests, keys, messages and plaintexts without decrypting anything: unknown members, keys and suites, "
                    + "sizes that do not fit, files that are missing or unused, tests that are there twice or cannot be.",
                operands: .oneOrMore(ArgumentForm(name: "PATH", kind: .path), "a manifest, or a folder of sets"),
                values: LintOptions.init,
                options: [
                    OptionSection<LintOptions>(
                        "Findings",
                        [
                            .flag("strict", help: "Fail on warnings, too") { $0.isStrict = true },
                            .choice(
                                "severity",
                                "SEVERITY",
                                of: LintFinding.Severity.self,
                                help: "Show findings from this severity up: error, warning, note (default: note)"
                            ) { $0.severity = $1 },
                            .flag("json", help: "Write the findings as JSON") { $0.isJSON = true },
                        ]
                    )
                ],
                notes: [
                    "Each finding is a line FILE:LINE:COLUMN: SEVERITY: what is wrong [CODE]. The codes are explained in "
                        + "Sources/ESDKTestVectors/Documentation.docc/Lint.md.",
                    "Whether a key or a file is used is told where PATH is a folder.",
                ],
                exitCodes: [
                    .success: "nothing is wrong; there may be warnings and notes",
                    .failure: "there is an error, or with --strict a warning",
                    .unusable: "wrong usage, or no manifest",
                ],
                examples: [
                    ("esdk vectors lint vectors/forged", "Look at a set"),
                    ("esdk vectors lint --strict --severity warning plan.json", "In CI"),
                ]
            ) { options, paths in
                let report = try VectorLint.run(try paths.map { try $0.text() })
                if options.isJSON {
                    Terminal.write(
                        String(decoding: try StrictJSON.serialize(report.json, pretty: true), as: UTF8.self) + "\n"
                    )
                } else {
                    Terminal.write(report.text(from: options.severity))
                }
                return report.isFailure(strict: options.isStrict) ? .failure : .success
            }
        )
    )
}

/// What the options of `esdk vectors lint` set.
private struct LintOptions: Sendable {
    var isStrict = false
    var severity = LintFinding.Severity.note
    var isJSON = false
}
