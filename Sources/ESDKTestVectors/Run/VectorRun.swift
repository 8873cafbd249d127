import ESDKSystem

/// What a run does with the tests of decrypt sets.
package struct VectorTask: Sendable {
    /// The command that does it, without `esdk vectors`.
    package let command: String
    /// Whether a test may need what the others of its set say.
    package var looksAtOtherTests = false
    /// Makes what runs the tests of one set.
    let runner: @Sendable (VectorSet, RunOptions, KeyCache) -> any TestRunner
}

/// Runs the tests of one set, any number at the same time.
protocol TestRunner: Sendable {
    /// The result of a test; nil when it was cancelled before there was one.
    func run(_ test: DecryptTest) async -> TestResult?
}

/// A run of the tests of decrypt sets.
package struct VectorRun: Sendable {
    /// The most tests of a run that is looked at test by test.
    private static let smallRun = 200

    private let sets: [VectorSet]
    private let selection: TestSelection
    private let options: RunOptions

    /// A run of the selected tests of `sets`.
    package init(_ sets: [VectorSet], selection: TestSelection, options: RunOptions) {
        self.sets = sets
        self.selection = selection
        self.options = options
    }

    /// Runs the tests, several at a time, until all are done, the run is interrupted, or AWS can no longer be reached.
    ///
    /// The last two cancel the tests that are under way, which then have no result.
    ///
    /// - Parameter report: called for each result, in the order of the tests whatever the number of jobs, one call at a
    ///   time.
    /// - Returns: the results in the order of the tests; complete unless the run was interrupted.
    package func run(report: @Sendable @escaping (_ set: VectorSet, _ result: TestResult) -> Void) async -> RunReport {
        let start = ContinuousClock.now
        let cache = KeyCache()
        let failures = FailureLimit(options.maximumFailures)
        var options = options
        options.dissectsEveryMessage = selection.count <= Self.smallRun
        let runners = sets.map { [options] in options.task.runner($0, options, cache) }
        let (sets, items) = (sets, selection.items)
        let results = await ParallelRun(options, isOver: { failures.isReached }).results(
            of: items.count,
            report: { index, result in
                // Results that were on their way when the limit was reached are as good.
                if result.status == .failed { failures.count() }
                report(sets[items[index].set], result)
            }
        ) { index in
            await runners[items[index].set].run(sets[items[index].set].decryptTests[items[index].test])
        }
        var bySet: [[TestResult]] = Array(repeating: [], count: sets.count)
        for (index, result) in results { bySet[items[index].set].append(result) }
        return RunReport(
            sets: zip(sets, bySet).map { SetReport(path: $0.path, producer: $0.producer, results: $1) },
            selectedCount: items.count,
            seconds: (ContinuousClock.now - start) / .seconds(1),
            hasReachedLimit: failures.isReached,
            repetition: options.repetition
        )
    }
}

/// Counts failures up to a number.
private final class FailureLimit: Sendable {
    private let limit: Int?
    private let failures = Guarded(0)

    init(_ limit: Int?) { self.limit = limit }

    func count() { failures.withLock { $0 += 1 } }

    var isReached: Bool { limit.map { limit in failures.withLock { $0 >= limit } } ?? false }
}
