import ESDKTestVectors
import Glibc

/// A command that makes a decrypt set of a manifest.
struct WriteVectorsCommand {
    /// The command's name, without `esdk vectors`.
    let name: String
    /// What kind of manifest it runs.
    let kind: ManifestKind
    /// What stands before the options in the help.
    let summary: String
    /// What is said about the format in the help.
    let formats: String

    /// Parses the arguments and runs the command; returns its exit code.
    func run(_ arguments: [String]) async -> Int32 {
        let shared = VectorOptions(.decrypt)
        let own = Options()
        let sharedNames = ["jobs", "filter", "shard", "kms-endpoint", "aws", "fail-on-skip", "report", "quiet"]
        let parser = ArgumentParser(
            command: "esdk vectors \(name)",
            argumentsHelp: "MANIFEST",
            summary: summary,
            details: """
                \(formats) Files plaintexts/NAME beside the manifest are used where there are any; other plaintexts are made \
                from their sizes. Every test that must decrypt is decrypted, and every other one refused, before it is \
                written. DIR is written whole or not at all.

                A test that cannot be written, such as one that needs AWS KMS where there is none, or that the format cannot express, is listed \
                with the reason in DIR/unsupported.json and counts as skipped; a broken one counts as failed.

                Exit codes: 0 every test was written or skipped, 1 a test failed, 2 wrong usage, an unreadable manifest, an \
                unreachable AWS, or files that cannot be written, 3 interrupted, 4 nothing was written (no test selected, or all skipped).
                """,
            options: own.table + shared.table.filter { sharedNames.contains($0.name) }
        )
        let paths = parser.parse(arguments, requires: "a MANIFEST is missing")
        guard paths.count == 1, let path = paths.first else {
            Terminal.complain("one MANIFEST is needed, not \(paths.count)")
            return ESDKCommand.usageError
        }
        guard let output = own.output else {
            Terminal.complain("the folder to write is missing: -o DIR")
            return ESDKCommand.usageError
        }
        var options = GenerationOptions(run: shared.run, output: output)
        options.replacesOutput = own.replacesOutput
        options.format = own.format
        options.seed = own.seed
        options.conventions = own.conventions
        do {
            return try await run(path, options: options, shared: shared)
        } catch {
            Terminal.complain("\(error)")
            return ESDKCommand.usageError
        }
    }

    private func run(_ path: String, options: GenerationOptions, shared: VectorOptions) async throws -> Int32 {
        Interruption.catchSignals()
        // A closed pipe and a limit on file sizes are errors like others, after which nothing half-written may stay.
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGXFSZ, SIG_IGN)
        let set = try EncryptSetLoader.load(path, kind: kind)
        for diagnostic in set.diagnostics { Terminal.complain("\(set.manifestPath): \(diagnostic)") }
        try await shared.prepareAWS(for: [set.keys])
        var options = options
        options.run = shared.run
        let run = GenerationRun(set, options: options)
        for filter in run.idleFilters { Terminal.complain("no test has an id or description like `\(filter)'") }
        let files = try ReportFiles(shared.reports)

        let progress = ProgressLine(total: run.count, isQuiet: shared.isQuiet)
        progress.start()
        let report = try await run.run { failed in progress.advance(failed: failed) }
        progress.clear()
        let failures = files.write(report.tests)
        for failure in failures { Terminal.complain("\(failure)") }
        let text = TextReport(command: name, options: " -o DIR")
        Terminal.write(text.summary(report.tests, isQuiet: shared.isQuiet) + report.summary)
        guard failures.isEmpty else { return ESDKCommand.usageError }
        if let reason = shared.run.aws?.lostConnection {
            Terminal.complain("AWS could no longer be reached: \(reason)")
            return ESDKCommand.usageError
        }
        if report.tests.isComplete && !report.isWritten {
            Terminal.complain(run.count == 0 ? "no test was selected" : "no test could be written")
        }
        return report.tests.exitCode(failOnSkip: shared.failOnSkip)
    }

    /// The options that the other commands do not have.
    private final class Options {
        var output: String?
        var replacesOutput = false
        var seed: String?
        var format: SetFormat?
        var conventions: Set<WireConvention> = []

        var table: [ArgumentParser.Option] {
            let formats = SetFormat.allCases.map(\.rawValue).joined(separator: ", ")
            let conventions = WireConvention.allCases.map(\.rawValue).joined(separator: ", ")
            return [
                .init(name: "output", letter: "o", argument: "DIR", help: "The folder to write") {
                    self.output = $0
                    return nil
                },
                .init(name: "force", help: "Replace the set that lies in DIR") { _ in
                    self.replacesOutput = true
                    return nil
                },
                .init(name: "format", argument: "FORMAT", help: "The format of the set: \(formats)") {
                    guard let format = $0.flatMap(SetFormat.init(rawValue:)) else { return "\(formats) are known" }
                    self.format = format
                    return nil
                },
                .init(
                    name: "seed",
                    argument: "TEXT",
                    help:
                        "Take all randomness from TEXT, so that the same set comes out each time; its keys are no secrets"
                ) {
                    self.seed = $0
                    return nil
                },
                .init(
                    name: "convention",
                    argument: "NAME",
                    help: "Write as some other implementation does: \(conventions) (may be repeated)"
                ) {
                    guard let convention = $0.flatMap(WireConvention.init(rawValue:)) else {
                        return "\(conventions) are known"
                    }
                    self.conventions.insert(convention)
                    return nil
                },
            ]
        }
    }
}

/// `esdk vectors encrypt`: makes a decrypt set of an encrypt manifest.
enum EncryptVectorsCommand {
    static let command = WriteVectorsCommand(
        name: "encrypt",
        kind: .encrypt,
        summary:
            "Encrypts every scenario of MANIFEST (awses-encrypt), and writes messages, plaintexts, keys and a decrypt manifest "
            + "for other implementations to DIR.",
        formats:
            "The format is v5 unless another one is chosen: decrypt-manifest.json, which can express every keyring. v2 and v4 "
            + "are written as manifest.json, with the keys that their tests use."
    )
}

/// `esdk vectors generate`: makes a decrypt set of a decrypt-generate manifest.
enum GenerateVectorsCommand {
    static let command = WriteVectorsCommand(
        name: "generate",
        kind: .decryptGenerate,
        summary:
            "Encrypts every scenario of MANIFEST (awses-decrypt-generate), tampers with the messages as it says, and writes "
            + "them with plaintexts, keys and a decrypt manifest to DIR.",
        formats:
            "The format is v4 for a manifest of version 4, and v2 for others: manifest.json, with the keys that its tests use. "
            + "v5 is written as decrypt-manifest.json; tests that must fail have the type negative-esdk and the result of v2 "
            + "there, which other implementations do not read."
    )
}
