import ESDKTestVectors
import Glibc

extension Command {
    /// `esdk vectors encrypt`: makes a decrypt set of an encrypt manifest.
    static let encryptVectors = Command(
        name: "encrypt",
        summary: "run an encrypt manifest: make a set for other implementations",
        body: .action(
            WriteVectorsCommand.action(
                "encrypt",
                .encrypt,
                description:
                    "Encrypts every scenario of MANIFEST (awses-encrypt), and writes messages, plaintexts, keys and a decrypt "
                    + "manifest for other implementations to DIR.",
                formats:
                    "The default format is v5: decrypt-manifest.json, which can express every keyring. v2 and v4 are written "
                    + "as manifest.json, with only the keys that their tests use."
            )
        )
    )

    /// `esdk vectors generate`: makes a decrypt set of a decrypt-generate manifest.
    static let generateVectors = Command(
        name: "generate",
        summary: "run a decrypt-generate manifest, tampering included",
        body: .action(
            WriteVectorsCommand.action(
                "generate",
                .decryptGenerate,
                description:
                    "Encrypts every scenario of MANIFEST (awses-decrypt-generate), tampers with the messages as it says, and "
                    + "writes them with plaintexts, keys and a decrypt manifest to DIR.",
                formats:
                    "The default format is v4 for a manifest of version 4 and v2 for others: manifest.json, with only the "
                    + "keys that its tests use. v5 is written as decrypt-manifest.json; its tests that must fail have the "
                    + "type negative-esdk and the result of v2, which other implementations do not read."
            )
        )
    )
}

/// What the commands share that make a decrypt set of a manifest.
enum WriteVectorsCommand {
    static func action(_ name: String, _ kind: ManifestKind, description: String, formats: String) -> Action {
        Action(
            description: description,
            operands: .one(ArgumentForm(name: "MANIFEST", kind: .path), "the manifest to run, or its folder"),
            values: Values.init,
            options: [
                Values.set, VectorOptions.selection.of(\.shared), VectorOptions.aws.of(\.shared),
                VectorOptions.running.of(\.shared),
            ],
            notes: [
                formats,
                "A file plaintexts/NAME next to the manifest is used if there is one; other plaintexts are made from their "
                    + "sizes. Before a test is written, it is decrypted, or refused where it must fail. DIR is written whole "
                    + "or not at all.",
                "A test that cannot be written, because it needs AWS KMS or the format cannot express it, is listed with the "
                    + "reason in DIR/unsupported.json and counts as skipped; a broken one counts as failed.",
            ],
            exitCodes: [
                .success: "every test was written or skipped",
                .failure: "a test failed",
                .unusable:
                    "wrong usage, an unreadable manifest, an unreachable AWS, or files that cannot be written",
                .interrupted: "interrupted",
                .nothing: "nothing was written: no test was selected, or all were skipped",
            ],
            examples: [
                ("esdk vectors \(name) plan.json -o set", "Write a set to a new folder"),
                ("esdk vectors \(name) plan.json -o set --force --seed 1", "Replace it with one that can be repeated"),
            ]
        ) { values, operands in
            guard let manifest = operands.first else { return .unusable }
            return try await run(try manifest.text(), kind, name: name, values)
        }
    }

    private static func run(_ path: String, _ kind: ManifestKind, name: String, _ values: Values) async throws
        -> ExitCode
    {
        Interruption.catchSignals()
        // A closed pipe and a limit on file sizes are errors like others, after which nothing half-written may stay.
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGXFSZ, SIG_IGN)
        let set = try EncryptSetLoader.load(path, kind: kind)
        for diagnostic in set.diagnostics { Terminal.complain("\(set.manifestPath): \(diagnostic)") }
        var shared = values.shared
        try await shared.prepareAWS(for: [set.keys])
        let options = values.generation(shared.run)
        let run = GenerationRun(set, options: options)
        for filter in run.idleFilters { Terminal.complain("no test has an id or description like '\(filter)'") }
        let files = try ReportFiles(shared.reports, sparing: [set.manifestPath, set.keysPath])

        let progress = ProgressLine(total: run.count, isQuiet: shared.isQuiet)
        progress.start()
        let report = try await run.run { result in progress.advance(failed: result.status == .failed) }
        progress.clear()
        let failures = files.write(report.tests)
        for failure in failures { Terminal.complain("\(failure)") }
        let text = TextReport(command: name, options: " -o DIR", columns: Terminal.wideColumns)
        let write = shared.isOutputTaken ? Terminal.progress : Terminal.write
        write(text.summary(report.tests, isQuiet: shared.isQuiet) + report.summary)
        guard failures.isEmpty else { return .unusable }
        if let reason = shared.run.aws?.lostConnection {
            Terminal.complain("AWS could no longer be reached: \(reason)")
            return .unusable
        }
        if report.tests.isComplete && !report.isWritten {
            Terminal.complain(run.count == 0 ? "no test was selected" : "no test could be written")
        }
        return shared.exitCode(of: report.tests)
    }

    /// What the options set.
    private struct Values: Sendable {
        var shared = VectorOptions(.decrypt)
        private var output = ""
        private var replacesOutput = false
        private var seed: String?
        private var format: SetFormat?
        private var conventions: Set<WireConvention> = []

        func generation(_ run: RunOptions) -> GenerationOptions {
            var options = GenerationOptions(run: run, output: output)
            options.replacesOutput = replacesOutput
            options.format = format
            options.seed = seed
            options.conventions = conventions
            return options
        }

        static let set = OptionSection<Self>(
            "Set to write",
            [
                .text(
                    "output",
                    letter: "o",
                    ArgumentForm(name: "DIR", kind: .folder),
                    help: "The folder to write",
                    isRequired: true
                ) { $0.output = $1 },
                .flag("force", help: "Replace the set that is in DIR") { $0.replacesOutput = true },
                .choice(
                    "format",
                    "FORMAT",
                    of: SetFormat.self,
                    help: "The set's format: " + SetFormat.allCases.map(\.rawValue).joined(separator: ", ")
                ) { $0.format = $1 },
                .text(
                    "seed",
                    ArgumentForm(name: "TEXT"),
                    help:
                        "Take all randomness from TEXT, so that the same set comes out each time; its keys are not secret"
                ) { $0.seed = $1 },
                .choice(
                    "convention",
                    "NAME",
                    of: WireConvention.self,
                    help:
                        "Write as some other implementation does (repeatable): "
                        + WireConvention.allCases.map(\.rawValue).joined(separator: ", ")
                ) { $0.conventions.insert($1) },
            ]
        )
    }
}
