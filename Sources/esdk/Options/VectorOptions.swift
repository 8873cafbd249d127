import AWSMaterialProviders
import ESDKTestVectors
import Glibc

/// The options that the commands share which run vector sets.
final class VectorOptions {
    /// How the tests are run.
    private(set) var run: RunOptions
    /// The reports to write.
    private(set) var reports: [ReportRequest] = []
    /// Whether a skipped test makes the command fail.
    private(set) var failOnSkip = false
    /// Whether only failures and totals are printed.
    private(set) var isQuiet = false
    /// Which AWS the tests run against.
    let aws = AWSOptions()
    private var areJobsGiven = false
    /// How many tests run at the same time when most of the time is spent waiting for AWS.
    private static let waitingJobs = 16

    private static let reportKinds = ReportRequest.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    /// Default options.
    init(_ task: VectorTask) {
        run = RunOptions(jobs: sysconf(Int32(_SC_NPROCESSORS_ONLN)), task: task)
    }

    /// Looks for AWS, when an option asks for it, and puts the branch keys of `tables` into its key store.
    ///
    /// - Throws: what makes it pointless to run a single test.
    func prepareAWS(for tables: [KeyTable]) async throws {
        run.aws = try await aws.services(for: tables)
        if run.aws != nil, !areJobsGiven { run.jobs = max(run.jobs, Self.waitingJobs) }
    }

    /// The table for the argument parser; what it parses goes into this object.
    var table: [ArgumentParser.Option] {
        [
            .init(
                name: "jobs",
                letter: "j",
                argument: "N",
                help: "Run N tests at the same time (default: all cores; with AWS \(Self.waitingJobs))"
            ) {
                guard let jobs = $0.flatMap({ Int($0) }), jobs >= 1 else {
                    return "a number of at least 1 is needed"
                }
                self.run.jobs = jobs
                self.areJobsGiven = true
                return nil
            },
            .init(
                name: "filter",
                argument: "GLOB",
                help: "Run only tests whose id or description matches GLOB (may be repeated)"
            ) {
                self.run.filters.append($0 ?? "")
                return nil
            },
            .init(name: "shard", argument: "I/N", help: "Run only part I, from 1, of N parts") {
                let numbers = ($0 ?? "").split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
                guard numbers.count == 2, let index = numbers[0], let count = numbers[1],
                    let shard = RunOptions.Shard(index: index, count: count)
                else { return "I/N is needed, with I from 1 to N" }
                self.run.shard = shard
                return nil
            },
            .init(
                name: "commitment-policy",
                argument: "POLICY",
                help: CommitmentPolicy.allCases.map(\.rawValue).joined(separator: ", ") + " (default: the first)"
            ) {
                guard let policy = $0.flatMap(CommitmentPolicy.init(rawValue:)) else { return "no such policy" }
                self.run.commitmentPolicy = policy
                return nil
            },
            .init(
                name: "net-4.0.0-retry-policy",
                help: "Read messages of ESDK-NET 4.0.0 by its own rules where the specification's refuse them"
            ) { _ in
                self.run.allowsNetV4_0_0Retry = true
                return nil
            },
        ] + aws.options + [
            .init(name: "fail-on-skip", help: "Exit with 1 when a test was skipped") { _ in
                self.failOnSkip = true
                return nil
            },
            .init(
                name: "report",
                argument: "KIND=FILE",
                help: "Write a report; KIND is one of \(Self.reportKinds) (may be repeated)"
            ) {
                guard let request = $0.flatMap(ReportRequest.init) else {
                    return "KIND=FILE is needed, KIND one of \(Self.reportKinds)"
                }
                self.reports.append(request)
                return nil
            },
            .init(name: "quiet", letter: "q", help: "Print only failures and the totals") { _ in
                self.isQuiet = true
                return nil
            },
        ]
    }
}
