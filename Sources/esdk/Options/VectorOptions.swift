import AWSMaterialProviders
import ESDKTestVectors
import Glibc

/// The options that the commands share which run vector sets.
struct VectorOptions: Sendable {
    /// How the tests are run.
    private(set) var run: RunOptions
    /// The reports to write.
    private(set) var reports: [ReportRequest] = []
    /// Whether a skipped test makes the command fail.
    private(set) var failOnSkip = false
    /// Whether the tests are listed, and not run.
    private(set) var isList = false
    /// Whether a report goes to standard output, and text so to standard error.
    var isOutputTaken: Bool { reports.contains(where: \.isStandardOutput) }
    /// The tests that are known to fail.
    private(set) var knownFailures: KnownFailures?
    /// Whether only failures and totals are printed.
    private(set) var isQuiet = false
    /// Which AWS the tests run against.
    private var aws = AWSOptions()
    private var areJobsGiven = false
    /// How many tests run at the same time when most of the time is spent waiting for AWS.
    private static let waitingJobs = 16

    /// The part of the tests that is enough to load; nil where the others are looked at, too.
    var loadedShard: RunOptions.Shard? {
        let looksAtOthers =
            run.task.looksAtOtherTests || !run.filters.isEmpty || !run.exclusions.isEmpty || knownFailures != nil
            || reports.contains(where: \.replacesFile)
        return looksAtOthers ? nil : run.shard
    }

    /// Default options.
    init(_ task: VectorTask) {
        run = RunOptions(jobs: sysconf(Int32(_SC_NPROCESSORS_ONLN)), task: task)
    }

    /// Looks for AWS, when an option asks for it, and puts the branch keys of `tables` into its key store.
    ///
    /// - Throws: what makes it pointless to run a single test.
    mutating func prepareAWS(for tables: [KeyTable]) async throws {
        run.aws = try await aws.services(for: tables)
        if run.aws != nil, !areJobsGiven { run.jobs = max(run.jobs, Self.waitingJobs) }
    }

    /// The exit code after a run; says so where skipped tests decide it.
    func exitCode(of report: RunReport) -> ExitCode {
        let code = report.exitCode(failOnSkip: failOnSkip)
        if code != report.exitCode(failOnSkip: false) {
            let skipped = report.counts.skipped
            Terminal.complain("--fail-on-skip: \(skipped) \(skipped == 1 ? "test was" : "tests were") skipped")
        }
        return ExitCode(rawValue: code) ?? .failure
    }

    /// The exit code after a run that was held against a list of known failures.
    func exitCode(of report: RunReport, _ outcome: KnownFailures.Outcome) -> ExitCode {
        let code = exitCode(of: report)
        guard code == .failure || code == .success else { return code }
        guard outcome.isAsExpected else { return .failure }
        return failOnSkip && report.counts.skipped > 0 ? .failure : .success
    }

    static let selection = OptionSection<Self>(
        "Selecting tests",
        [
            .text(
                "filter",
                ArgumentForm(name: "GLOB"),
                help: "Run only tests whose id or description matches GLOB, or has it as a part (repeatable)"
            ) { $0.run.filters.append($1) },
            .text(
                "exclude",
                ArgumentForm(name: "GLOB"),
                help: "Leave out tests whose id or description matches GLOB, or has it as a part (repeatable)"
            ) { $0.run.exclusions.append($1) },
            .text("shard", ArgumentForm(name: "I/N"), help: "Run only part I, from 1, of N parts") { values, text in
                let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
                guard numbers.count == 2, let index = numbers[0], let count = numbers[1],
                    let shard = RunOptions.Shard(index: index, count: count)
                else { throw UsageError("I/N is needed, with I from 1 to N") }
                values.run.shard = shard
            },
            .path(
                "rerun",
                ArgumentForm(name: "REPORT", kind: .path),
                help: "Run only what failed in REPORT, a JSON report of an earlier run over the same paths"
            ) { $0.run.rerun = FailedTests(try StoredReport.read($1)) },
        ]
    )

    /// Options of commands that run the tests of decrypt sets.
    static let ending = OptionSection<Self>(
        "Listing and ending",
        [
            .flag("list", help: "Print the tests that would run, and run none") { $0.isList = true },
            .number("max-failures", "N", in: 1...Int.max, help: "Run no more tests when N have failed") {
                $0.run.maximumFailures = $1
            },
        ]
    )

    /// For commands that run the tests of decrypt sets.
    static let expectations = OptionSection<Self>(
        "Known failures",
        [
            .path(
                "expect",
                ArgumentForm(name: "FILE", kind: .path),
                help:
                    "Exit with 0 when the tests fail that FILE lists, each with its reason, and no others; a listed test that "
                    + "passes, or that no set has, is a failure"
            ) { $0.knownFailures = try KnownFailures($1) },
            .text(
                "write-expect",
                ArgumentForm(name: "FILE", kind: .path),
                help: "Write what failed to FILE, as a list for --expect"
            ) { values, path in
                guard !path.isEmpty else { throw UsageError("a path is needed") }
                values.reports.append(ReportRequest(knownFailuresAt: path))
            },
        ]
    )

    static let decryption = OptionSection<Self>(
        "Decrypting",
        [
            .choice(
                "commitment-policy",
                "POLICY",
                of: CommitmentPolicy.self,
                help: CommitmentPolicy.allCases.map(\.rawValue).joined(separator: ", ") + " (default: the first)"
            ) { $0.run.commitmentPolicy = $1 },
            .flag(
                "net-4.0.0-retry-policy",
                help:
                    "Read messages of ESDK-NET 4.0.0 by that version's own rules where the specification rejects them"
            ) { $0.run.allowsNetV4_0_0Retry = true },
        ]
    )

    /// For `esdk vectors decrypt` and `reproduce`.
    static func rules(_ task: VectorTask) -> [OptionSection<Self>] {
        let help: String? =
            switch task.command {
            case "decrypt":
                "Compare step, fault and released plaintext of every test with FILE, the vectors.json of a forged set"
            case "reproduce":
                "Pass over data keys that were damaged on purpose by FILE, the vectors.json of a forged set"
            default: nil
            }
        guard let help else { return [] }
        return [
            OptionSection(
                "Judging",
                [
                    .text("rules", ArgumentForm(name: "FILE", kind: .path), help: help) {
                        $0.run.rules = try RuleBook.read($1)
                    }
                ]
            )
        ]
    }

    static let aws = AWSOptions.section.of(\Self.aws)

    static let running = OptionSection<Self>(
        "Running and reporting",
        [
            .text(
                "jobs",
                letter: "j",
                ArgumentForm(name: "N"),
                help: "Run N tests at the same time (default: the number of cores; with AWS at least \(waitingJobs))"
            ) { values, text in
                guard let jobs = Int(text), jobs >= 1 else { throw UsageError("a number of at least 1 is needed") }
                values.run.jobs = jobs
                values.areJobsGiven = true
            },
            .flag("fail-on-skip", help: "Exit with 1 when a test was skipped") { $0.failOnSkip = true },
            reportOption { values, request in
                guard !request.isStandardOutput || !values.isOutputTaken else {
                    throw UsageError("only one report can go to standard output")
                }
                values.reports.append(request)
            },
            .flag("quiet", letter: "q", help: "Print only failures and totals") { $0.isQuiet = true },
        ]
    )

    /// The option `--report`, for commands that write reports.
    ///
    /// - Parameter add: adds a request to the command's values.
    static func reportOption<Values>(
        _ add: @escaping @Sendable (inout Values, ReportRequest) throws -> Void
    ) -> Option<Values> {
        .text(
            "report",
            ArgumentForm(name: "KIND=FILE"),
            help: "Write a report, to standard output for -; KIND is one of \(reportKinds) (repeatable)"
        ) { values, text in
            guard let request = ReportRequest(text) else {
                throw UsageError("KIND=FILE is needed, KIND one of \(reportKinds)")
            }
            try add(&values, request)
        }
    }

    private static let reportKinds = ReportRequest.Kind.allCases.map(\.rawValue).joined(separator: ", ")
}
