import ESDKTestVectors

extension Command {
    /// `esdk vectors enumerate`: makes an encrypt manifest of a matrix.
    static let enumerateVectors = Command(
        name: "enumerate",
        summary: "make an encrypt manifest of a matrix",
        body: .action(
            Action(
                description:
                    "Writes an encrypt manifest (awses-encrypt, version 5) with the tests of MATRIX: suites, keyrings and frame lengths "
                    + "combined in full; lengths of plaintexts, contexts and what of them a reader supplies so that each meets every "
                    + "other value.",
                operands: .one(ArgumentForm(name: "MATRIX", kind: .path), "the axes, such as manifests/matrix.json"),
                values: EnumerationOptions.init,
                options: [
                    OptionSection<EnumerationOptions>(
                        "Plan to write",
                        [
                            .text(
                                "output",
                                letter: "o",
                                ArgumentForm(name: "DIR", kind: .folder),
                                help: "The folder to write",
                                isRequired: true
                            ) { $0.output = $1 },
                            .flag("force", help: "Replace the plan that is in DIR") { $0.replaces = true },
                        ]
                    )
                ],
                notes: [
                    "DIR gets encrypt-manifest.json, keys.json and left-out.json, which says what is not tested and why; so does the "
                        + "output. Where the matrix asks for it, materials-manifest.json has tests without messages, for `esdk vectors "
                        + "materials`. The same matrix gives the same tests, with ids that follow from what they ask for."
                ],
                exitCodes: [
                    .success: "the plan is written",
                    .unusable: "wrong usage, a matrix that cannot be used, or files that cannot be written",
                ],
                examples: [
                    ("esdk vectors enumerate manifests/matrix.json -o plan", "The matrix of this project"),
                    ("esdk vectors encrypt plan/encrypt-manifest.json -o set", "Its messages"),
                ]
            ) { options, operands in
                guard let path = operands.first else { return .unusable }
                let enumeration = try MatrixEnumeration(TestMatrix.read(path.text()))
                try enumeration.write(to: options.output, replaces: options.replaces)
                Terminal.write(enumeration.summary)
                return .success
            }
        )
    )
}

/// What the options of `esdk vectors enumerate` set.
private struct EnumerationOptions: Sendable {
    var output = ""
    var replaces = false
}
