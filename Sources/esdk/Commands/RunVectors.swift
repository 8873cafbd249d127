import ESDKSystem
import ESDKTestVectors

extension Command {
    /// `esdk vectors decrypt`: runs decrypt vectors.
    static let decryptVectors = Command(
        name: "decrypt",
        summary: "run decrypt vectors",
        body: .action(
            VectorRunCommand.action(
                .decrypt,
                description:
                    "Decrypts every test of the vector sets at PATH, a manifest or a folder, in several ways, and reports "
                    + "whether each met its expectation.",
                success: "every test met its expectation",
                examples: [
                    ("esdk vectors decrypt vectors", "Run every set in a folder"),
                    (
                        "esdk vectors decrypt SET/manifest.json --filter '*0578*' -j1",
                        "Run some tests of one manifest, one after the other"
                    ),
                    ("esdk vectors decrypt vectors -q --report junit=report.xml", "Write a report for CI"),
                ]
            )
        )
    )

    /// `esdk vectors reproduce`: rebuilds the messages of decrypt vectors.
    static let reproduceVectors = Command(
        name: "reproduce",
        summary: "rebuild their messages byte for byte",
        body: .action(
            VectorRunCommand.action(
                .reproduce,
                description:
                    "Rebuilds every message of the vector sets at PATH, a manifest or a folder, that decryption opens: byte "
                    + "for byte from what went into it, with its encrypted data keys. Explains the first difference.",
                success: "every message that was opened came out identical",
                examples: [
                    ("esdk vectors reproduce vectors", "Rebuild the messages of every set in a folder"),
                    ("esdk vectors reproduce SET --filter ID", "Look at one message"),
                ]
            )
        )
    )
}

/// What the commands share that run every test of vector sets and report on them.
enum VectorRunCommand {
    static func action(
        _ task: VectorTask,
        description: String,
        success: String,
        examples: [(line: String, does: String)]
    ) -> Action {
        Action(
            description: description,
            operands: .oneOrMore(ArgumentForm(name: "PATH", kind: .path), "a manifest, or a folder of vectors"),
            values: { VectorOptions(task) },
            options: [
                VectorOptions.selection, VectorOptions.ending, VectorOptions.expectations, VectorOptions.decryption,
            ]
                + VectorOptions.rules(task)
                + [VectorOptions.aws, VectorOptions.running],
            notes: ["A folder without a manifest is searched one level down."],
            exitCodes: [
                .success: success,
                .failure: "a test failed that --expect does not list, or the list is wrong",
                .unusable: "wrong usage, an unreadable manifest or an unreachable AWS",
                .interrupted: "interrupted",
                .nothing: "nothing ran: no test was selected, or all were skipped",
            ],
            examples: examples
        ) { options, paths in try await run(paths.map { try $0.text() }, options) }
    }

    /// Tells what is odd about a set and was tolerated, such as a keys manifest that is not where it should be.
    private static func note(_ set: VectorSet) {
        let most = 10
        for diagnostic in set.diagnostics.prefix(most) { Terminal.complain("\(set.manifestPath): \(diagnostic)") }
        let others = set.diagnostics.count - most
        if others > 0 { Terminal.complain("\(set.manifestPath): and \(others) more of the kind") }
    }

    static func run(_ paths: [String], _ options: VectorOptions) async throws -> ExitCode {
        var options = options
        // Loading a large set takes a while too.
        Interruption.catchSignals()
        let requested = try RequestedSets(paths, shard: options.loadedShard)
        for path in requested.repeated { Terminal.complain("\(path); it runs once") }
        let sets = requested.sets
        if !options.isQuiet { for set in sets { Self.note(set) } }
        let selection = TestSelection(sets, options: options.run)
        for filter in selection.idleFilters { Terminal.complain("no test has an id or description like '\(filter)'") }
        if options.isList { return list(selection, sets) }
        let files = try ReportFiles(options.reports, of: sets)
        do {
            try await options.prepareAWS(for: sets.map(\.keys))
        } catch {
            // Reports say that nothing ran, rather than being empty files.
            _ = files.write(RunReport(sets: [], selectedCount: selection.count, seconds: 0))
            throw error
        }

        let text = TextReport(repeating: options.run, columns: Terminal.wideColumns)
        let write: @Sendable (String) -> Void = options.isOutputTaken ? Terminal.progress : Terminal.write
        let known = options.knownFailures
        let progress = ProgressLine(total: selection.count, isQuiet: options.isQuiet)
        progress.start()
        let result = await VectorRun(sets, selection: selection, options: options.run).run { set, result in
            if result.status == .failed, known?.reason(for: result.id, in: set.path) == nil {
                progress.clear()
                write(text.failure(result, in: set.path) + "\n")
            }
            progress.advance(failed: result.status == .failed)
        }
        let report = known?.marking(result) ?? result
        progress.clear()
        write(text.summary(report, isQuiet: options.isQuiet, showsFailures: false))
        let failures = files.write(report)
        for failure in failures { Terminal.complain("\(failure)") }
        guard failures.isEmpty else { return .unusable }
        if let reason = options.run.aws?.lostConnection {
            Terminal.complain("AWS could no longer be reached: \(reason)")
            return .unusable
        }
        if report.isComplete && report.counts.passed + report.counts.failed == 0 {
            Terminal.complain(report.counts.total == 0 ? "no test was selected" : "every test was skipped")
        }
        guard let outcome = known?.outcome(of: report, in: sets) else { return options.exitCode(of: report) }
        write(outcome.text())
        return options.exitCode(of: report, outcome)
    }

    private static func list(_ selection: TestSelection, _ sets: [VectorSet]) -> ExitCode {
        for (path, id, description) in selection.names(in: sets) {
            let note = description.map { "  \($0)" } ?? ""
            Terminal.write("\(TerminalText.oneLine("\(path)  \(id)\(note)"))\n")
        }
        guard selection.count == 0 else { return .success }
        Terminal.complain("no test was selected")
        return .nothing
    }
}
