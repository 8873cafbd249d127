import ESDKTestVectors

/// A command that runs every test of vector sets and reports on them.
struct VectorRunCommand {
    /// What is done with the tests.
    let task: VectorTask
    /// What stands before the options in the help.
    let summary: String
    /// What the exit code 0 means.
    let success: String

    /// Parses the arguments and runs the command; returns its exit code.
    func run(_ arguments: [String]) async -> Int32 {
        let options = VectorOptions(task)
        let parser = ArgumentParser(
            command: "esdk vectors \(task.command)",
            argumentsHelp: "PATH…",
            summary: summary,
            details: """
                A directory without a manifest of its own is searched one level down.

                Exit codes: 0 \(success), 1 a test failed, 2 wrong usage, an unreadable manifest or an \
                unreachable AWS, 3 interrupted, 4 nothing ran (no test selected, or all skipped).
                """,
            options: options.table
        )
        let paths = parser.parse(arguments, requires: "a PATH is missing: a manifest, or a directory of vectors")
        do {
            return try await run(paths: paths, options)
        } catch {
            Terminal.complain("\(error)")
            return ESDKCommand.usageError
        }
    }

    /// Tells what is odd about a set and was tolerated, such as a keys manifest that is not where it should be.
    private static func note(_ set: VectorSet) {
        let most = 10
        for diagnostic in set.diagnostics.prefix(most) { Terminal.complain("\(set.manifestPath): \(diagnostic)") }
        let others = set.diagnostics.count - most
        if others > 0 { Terminal.complain("\(set.manifestPath): and \(others) more of the kind") }
    }

    private func run(paths: [String], _ options: VectorOptions) async throws -> Int32 {
        // Loading a large set takes a while too.
        Interruption.catchSignals()
        let requested = try RequestedSets(paths)
        for path in requested.repeated { Terminal.complain("\(path): given before under another path; it runs once") }
        let sets = requested.sets
        if !options.isQuiet { for set in sets { Self.note(set) } }
        let selection = TestSelection(sets, options: options.run)
        for filter in selection.idleFilters { Terminal.complain("no test has an id or description like `\(filter)'") }
        let files = try ReportFiles(options.reports)
        do {
            try await options.prepareAWS(for: sets.map(\.keys))
        } catch {
            // Whoever reads the reports is to find that nothing ran, and not an empty file.
            _ = files.write(RunReport(sets: [], selectedCount: selection.count, seconds: 0))
            throw error
        }

        let text = TextReport(repeating: options.run)
        let progress = ProgressLine(total: selection.count, isQuiet: options.isQuiet)
        progress.start()
        let report = await VectorRun(sets, selection: selection, options: options.run).run { set, result in
            if result.status == .failed {
                progress.clear()
                Terminal.write(text.failure(result, in: set.path) + "\n")
            }
            progress.advance(failed: result.status == .failed)
        }
        progress.clear()
        Terminal.write(text.summary(report, isQuiet: options.isQuiet))
        let failures = files.write(report)
        for failure in failures { Terminal.complain("\(failure)") }
        guard failures.isEmpty else { return ESDKCommand.usageError }
        if let reason = options.run.aws?.lostConnection {
            Terminal.complain("AWS could no longer be reached: \(reason)")
            return ESDKCommand.usageError
        }
        if report.isComplete && report.counts.passed + report.counts.failed == 0 {
            Terminal.complain(report.counts.total == 0 ? "no test was selected" : "every test was skipped")
        }
        return report.exitCode(failOnSkip: options.failOnSkip)
    }
}

/// `esdk vectors decrypt`: runs decrypt vectors.
enum DecryptVectorsCommand {
    static let command = VectorRunCommand(
        task: .decrypt,
        summary:
            "Decrypts every test of the vector sets at PATH, a manifest or a directory, in several ways, and says whether "
            + "each met its expectation.",
        success: "every test met its expectation"
    )
}

/// `esdk vectors reproduce`: rebuilds the messages of decrypt vectors.
enum ReproduceVectorsCommand {
    static let command = VectorRunCommand(
        task: .reproduce,
        summary:
            "Rebuilds every message of the vector sets at PATH, a manifest or a directory, that decryption opens, byte for "
            + "byte from what went into it, and its encrypted data keys as well; explains the first difference.",
        success: "every message that was opened came out identical"
    )
}
