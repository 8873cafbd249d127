import ESDKTestVectors

extension Command {
    /// `esdk vectors materials`: runs vectors of the material providers.
    static let materialsVectors = Command(
        name: "materials",
        summary: "run vectors of keyrings and materials managers, without messages",
        body: .action(
            Action(
                description:
                    "Runs a manifest of the material providers: for awses-mpl-encrypt, materials for encryption are made and recovered "
                    + "from their encrypted data keys; for awses-mpl-decrypt, the encrypted data keys are in the manifest.",
                operands: .one(ArgumentForm(name: "PATH", kind: .path), "the manifest to run, or its folder"),
                values: { VectorOptions(.decrypt) },
                options: [VectorOptions.selection, VectorOptions.aws, VectorOptions.running],
                notes: [
                    "A caching materials manager is asked twice, and has to ask the one below it once where its limits allow that."
                ],
                exitCodes: [
                    .success: "every test met its expectation",
                    .failure: "a test failed",
                    .unusable: "wrong usage, an unreadable manifest or an unreachable AWS",
                    .interrupted: "interrupted",
                    .nothing: "nothing ran: no test was selected, or all were skipped",
                ],
                examples: [("esdk vectors materials encrypt-manifest.json", "Run a manifest")]
            ) { options, operands in
                guard let path = operands.first else { return .unusable }
                return try await run(try path.text(), options)
            }
        )
    )

    private static func run(_ path: String, _ options: VectorOptions) async throws -> ExitCode {
        var options = options
        Interruption.catchSignals()
        let set = try MaterialsSet.load(path)
        for diagnostic in set.diagnostics { Terminal.complain("\(set.manifestPath): \(diagnostic)") }
        try await options.prepareAWS(for: [set.keys])
        let run = MaterialsRun(set, options: options.run)
        for filter in run.idleFilters { Terminal.complain("no test has an id or description like '\(filter)'") }
        let files = try ReportFiles(options.reports, sparing: [set.manifestPath])
        let progress = ProgressLine(total: run.count, isQuiet: options.isQuiet)
        progress.start()
        let report = await run.run { result in progress.advance(failed: result.status == .failed) }
        progress.clear()
        let write = options.isOutputTaken ? Terminal.progress : Terminal.write
        let text = TextReport(command: "materials", options: "", columns: Terminal.wideColumns)
        write(text.summary(report, isQuiet: options.isQuiet))
        let failures = files.write(report)
        for failure in failures { Terminal.complain("\(failure)") }
        guard failures.isEmpty else { return .unusable }
        if let reason = options.run.aws?.lostConnection {
            Terminal.complain("AWS could no longer be reached: \(reason)")
            return .unusable
        }
        return options.exitCode(of: report)
    }
}
