import Glibc
import MaterialProviders
import TestVectors

/// `esdk vectors decrypt`: runs decrypt vectors.
final class DecryptVectorsCommand {
    private var options = RunOptions(jobs: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    private var reports: [ReportRequest] = []
    private var failOnSkip = false
    private var isQuiet = false
    private let aws = AWSOptions()

    func run(_ arguments: [String]) async -> Int32 {
        let paths = parser.parse(arguments, requires: "a PATH is missing: a manifest, or a directory of vectors")
        do {
            return try await run(paths: paths)
        } catch {
            Terminal.complain("\(error)")
            return ESDKCommand.usageError
        }
    }

    private func run(paths: [String]) async throws -> Int32 {
        // Loading a large set takes a while too.
        Interruption.catchSignals()
        let requested = try RequestedSets(paths)
        for path in requested.repeated { Terminal.complain("\(path): given before under another path; it runs once") }
        let sets = requested.sets
        let selection = TestSelection(sets, options: options)
        for filter in selection.idleFilters { Terminal.complain("no test has an id or description like `\(filter)'") }
        let files = try ReportFiles(reports)
        options.aws = try await aws.services(for: sets)

        let text = TextReport(repeating: options)
        let progress = ProgressLine(total: selection.count, isQuiet: isQuiet)
        let report = await VectorRun(sets, selection: selection, options: options).run { set, result in
            if result.status == .failed {
                progress.clear()
                Terminal.write(text.failure(result, in: set.path) + "\n")
            }
            progress.advance(failed: result.status == .failed)
        }
        progress.clear()
        Terminal.write(text.summary(report, isQuiet: isQuiet))
        let failures = files.write(report)
        for failure in failures { Terminal.complain("\(failure)") }
        guard failures.isEmpty else { return ESDKCommand.usageError }
        if let reason = options.aws?.lostConnection {
            Terminal.complain("AWS could no longer be reached: \(reason)")
            return ESDKCommand.usageError
        }
        if report.isComplete && report.counts.passed + report.counts.failed == 0 {
            Terminal.complain(report.counts.total == 0 ? "no test was selected" : "every test was skipped")
        }
        return report.exitCode(failOnSkip: failOnSkip)
    }

    private static let reportKinds = ReportRequest.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    private var parser: ArgumentParser {
        ArgumentParser(
            command: "esdk vectors decrypt",
            argumentsHelp: "PATH…",
            summary:
                "Decrypts every test of the vector sets at PATH, a manifest or a directory, in several ways, and says whether "
                + "each met its expectation.",
            details: """
                A directory without a manifest of its own is searched one level down.

                Exit codes: 0 every test met its expectation, 1 a test failed, 2 wrong usage, an unreadable manifest or an \
                unreachable AWS, 3 interrupted, \
                4 nothing ran (no test selected, or all skipped).
                """,
            options: [
                .init(
                    name: "jobs",
                    letter: "j",
                    argument: "N",
                    help: "Run N tests at the same time (default: all cores)"
                ) {
                    guard let jobs = $0.flatMap({ Int($0) }), jobs >= 1 else {
                        return "a number of at least 1 is needed"
                    }
                    self.options.jobs = jobs
                    return nil
                },
                .init(
                    name: "filter",
                    argument: "GLOB",
                    help: "Run only tests whose id or description matches GLOB (may be repeated)"
                ) {
                    self.options.filters.append($0 ?? "")
                    return nil
                },
                .init(name: "shard", argument: "I/N", help: "Run only part I, from 1, of N parts") {
                    let numbers = ($0 ?? "").split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
                    guard numbers.count == 2, let index = numbers[0], let count = numbers[1],
                        let shard = RunOptions.Shard(index: index, count: count)
                    else { return "I/N is needed, with I from 1 to N" }
                    self.options.shard = shard
                    return nil
                },
                .init(
                    name: "commitment-policy",
                    argument: "POLICY",
                    help: CommitmentPolicy.allCases.map(\.rawValue).joined(separator: ", ") + " (default: the first)"
                ) {
                    guard let policy = $0.flatMap(CommitmentPolicy.init(rawValue:)) else { return "no such policy" }
                    self.options.commitmentPolicy = policy
                    return nil
                },
                .init(
                    name: "net-4.0.0-retry-policy",
                    help: "Read messages of ESDK-NET 4.0.0 by its own rules where the specification's refuse them"
                ) { _ in
                    self.options.allowsNetV4_0_0Retry = true
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
        )
    }
}
