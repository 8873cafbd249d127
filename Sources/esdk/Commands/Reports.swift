import ESDKSystem
import ESDKTestVectors

extension Command {
    /// `esdk report`: what is done with reports of earlier runs.
    static let report = Command.group(
        "report",
        "reports of earlier runs: pages, shards, regressions",
        [.reportHTML, .reportMerge, .reportCompare]
    )

    /// `esdk report html`: a page made of JSON reports.
    private static let reportHTML = Command(
        name: "html",
        summary: "make a page of JSON reports",
        body: .action(
            Action(
                description:
                    "Makes one HTML page of the JSON reports of a run and its shards, or of the matrix.json of an interoperability run. "
                    + "The page needs nothing but itself: open it, mail it, keep it as an artefact.",
                operands: .oneOrMore(storedReport, "a JSON report, or one matrix.json"),
                values: { ReportOutput() },
                options: [ReportOutput.section("PAGE", isRequired: true)],
                exitCodes: codes("the page is written"),
                examples: [
                    ("esdk report html report.json -o report.html", "Look at a run"),
                    ("esdk report html matrix.json -o matrix.html", "See who reads what the others write"),
                ]
            ) { output, paths in
                if paths.count == 1, let page = try MatrixPage.render(SystemPath(bytes: paths[0].bytes)) {
                    try output.write(page, sparing: paths)
                    return .success
                }
                try output.write(try merged(paths), as: "html", sparing: paths)
                return .success
            }
        )
    )

    /// `esdk report merge`: one report of shards.
    private static let reportMerge = Command(
        name: "merge",
        summary: "make one report of the reports of shards",
        body: .action(
            Action(
                description:
                    "Merges JSON reports of the parts of a run, such as its shards, and exits as the whole run would have. A test that "
                    + "occurs in two of them is an error.",
                operands: .oneOrMore(storedReport, "a JSON report"),
                values: { ReportOutput() },
                options: [ReportOutput.section("FILE", isRequired: false)],
                exitCodes: [
                    .success: "every test met its expectation", .failure: "a test failed",
                    .unusable: "wrong usage, or a file that cannot be read or written",
                    .interrupted: "a part was interrupted", .nothing: "nothing ran",
                ],
                examples: [
                    ("esdk report merge shard-*.json -o report.json", "Merge the shards of an array job"),
                    ("esdk report merge shard-*.json --report junit=report.xml", "Write another kind of report"),
                ]
            ) { output, paths in
                let report = try merged(paths)
                try output.write(report, as: "json", sparing: paths)
                let counts = report.counts
                let write = output.isStandardOutputTaken ? Terminal.progress : Terminal.write
                write("\(counts.passed) passed, \(counts.failed) failed, \(counts.skipped) skipped\n")
                return ExitCode(rawValue: report.exitCode(failOnSkip: false)) ?? .failure
            }
        )
    )

    /// `esdk report compare`: regressions between two runs.
    private static let reportCompare = Command(
        name: "compare",
        summary: "tell regressions between two reports",
        body: .action(
            Action(
                description:
                    "Compares two JSON reports test by test: what no longer passes, what is fixed, what is new, what is gone.",
                operands: .oneOrMore(ArgumentForm(name: "OLD NEW", kind: .path), "two JSON reports"),
                values: { () },
                options: [],
                exitCodes: [
                    .success: "no regression", .failure: "a test that passed no longer does, or a new one fails",
                    .unusable: "wrong usage, or a file that cannot be read",
                ],
                examples: [("esdk report compare main.json branch.json", "What did the branch break?")]
            ) { _, paths in
                guard paths.count == 2 else { throw UsageError("two reports are needed: OLD NEW") }
                let reports = try paths.map { try StoredReport.read(SystemPath(bytes: $0.bytes)) }
                let comparison = ReportComparison(reports[0], reports[1])
                Terminal.write(comparison.text())
                return comparison.regressions.isEmpty ? .success : .failure
            }
        )
    )

    private static let storedReport = ArgumentForm(name: "REPORT", kind: .path)

    private static func codes(_ success: String) -> [ExitCode: String] {
        [.success: success, .unusable: "wrong usage, or a file that cannot be read or written"]
    }

    private static func merged(_ paths: [Word]) throws -> RunReport {
        try RunReport(merging: paths.map { try StoredReport.read(SystemPath(bytes: $0.bytes)) })
    }
}

/// Where a report goes that is made of others.
private struct ReportOutput: Sendable {
    private var path: String?
    private var others: [ReportRequest] = []

    /// Whether a report goes to standard output, and text so to standard error.
    var isStandardOutputTaken: Bool { path == "-" || others.contains(where: \.isStandardOutput) }

    static func section(_ argument: String, isRequired: Bool) -> OptionSection<Self> {
        OptionSection(
            "Output",
            [
                .text(
                    "output",
                    letter: "o",
                    ArgumentForm(name: argument, kind: .path),
                    help: "Write it to \(argument)",
                    isRequired: isRequired
                ) { $0.path = $1 },
                VectorOptions.reportOption { $0.others.append($1) },
            ]
        )
    }

    /// Writes a page to the place that `-o` names.
    func write(_ page: [UInt8], sparing inputs: [Word]) throws {
        guard others.isEmpty else { throw UsageError("--report writes reports of tests, not of a matrix") }
        guard let path else { throw UsageError("-o PAGE is missing") }
        let empty = RunReport(sets: [], selectedCount: 0, seconds: 0)
        let files = try ReportFiles(
            [ReportRequest(page: page, path: path)],
            sparing: inputs.map { String(decoding: $0.bytes, as: UTF8.self) }
        )
        for failure in files.write(empty) { throw failure }
    }

    /// Writes the report, over none of the files that it is made of.
    ///
    /// - Parameters:
    ///   - report: the report.
    ///   - kind: the kind of the file that `-o` names.
    ///   - inputs: what it is made of.
    func write(_ report: RunReport, as kind: String, sparing inputs: [Word]) throws {
        let requests = path.flatMap { ReportRequest("\(kind)=\($0)") }.map { [$0] } ?? []
        let files = try ReportFiles(
            requests + others,
            sparing: inputs.map { String(decoding: $0.bytes, as: UTF8.self) }
        )
        for failure in files.write(report) { throw failure }
    }
}
