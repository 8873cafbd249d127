import AWSEncryptionSDK
import ESDKCrypto
import ESDKSystem
import Glibc
import Synchronization

/// A run of decrypt vectors.
package struct VectorRun: Sendable {
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
        let start = Self.now()
        let cache = KeyCache()
        let runners = sets.map { options.task.runner(of: $0, options: options, cache: cache) }
        let items = selection.items
        let sets = sets
        let aws = options.aws
        let results = OrderedResults { index, result in report(sets[items[index].set], result) }
        let next = Counter()
        let jobs = min(options.jobs, max(items.count, 1))
        // Cancelled, it returns all the same.
        try? await Interruption.cancelling(or: { aws?.lostConnection != nil }) {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<jobs {
                    group.addTask {
                        while !Interruption.hasHappened, aws?.lostConnection == nil {
                            let index = next.take()
                            guard index < items.count else { return }
                            let item = items[index]
                            guard let result = await runners[item.set].run(item.test) else { return }
                            // What failed while AWS went away says nothing about the message.
                            guard result.status == .passed || aws?.lostConnection == nil else { return }
                            results.put(result, at: index)
                        }
                    }
                }
            }
        }
        var bySet: [[TestResult]] = Array(repeating: [], count: sets.count)
        for (index, result) in results.finished() { bySet[items[index].set].append(result) }
        return RunReport(
            sets: zip(sets, bySet).map { SetReport(path: $0.path, producer: $0.producer, results: $1) },
            selectedCount: items.count,
            seconds: Self.now() - start
        )
    }

    /// Seconds on a clock that only goes forward.
    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// What is done with the tests of decrypt sets.
package enum VectorTask: Sendable, Hashable {
    /// Each is decrypted in several ways.
    case decrypt
    /// Each message is rebuilt byte for byte.
    case reproduce

    /// The command that does it, without `esdk vectors`.
    package var command: String {
        switch self {
        case .decrypt: "decrypt"
        case .reproduce: "reproduce"
        }
    }

    func runner(of set: VectorSet, options: RunOptions, cache: KeyCache) -> any TestRunner {
        switch self {
        case .decrypt: DecryptRunner(set: set, options: options, cache: cache)
        case .reproduce: ReproductionRunner(set: set, options: options, cache: cache)
        }
    }
}

/// Runs the tests of one set, any number at the same time.
protocol TestRunner: Sendable {
    /// The result of a test; nil when it was cancelled before there was any.
    func run(_ test: DecryptTest) async -> TestResult?
}

/// Collects results in any order and passes them on in theirs.
final class OrderedResults: Sendable {
    private struct State {
        var results: [Int: TestResult] = [:]
        var reported = 0
    }

    private let state = Guarded(State())
    private let report: @Sendable (Int, TestResult) -> Void

    init(report: @escaping @Sendable (Int, TestResult) -> Void) { self.report = report }

    func put(_ result: TestResult, at index: Int) {
        state.withLock { state in
            state.results[index] = result
            while let next = state.results[state.reported] {
                report(state.reported, next)
                state.reported += 1
            }
        }
    }

    /// All results, by index.
    ///
    /// After an interruption some may be missing.
    func finished() -> [(Int, TestResult)] {
        state.withLock { state in
            let all = state.results.sorted { $0.key < $1.key }
            for (index, result) in all where index >= state.reported { report(index, result) }
            return all.map { ($0.key, $0.value) }
        }
    }
}

/// Hands out 0, 1, 2 … to any number of tasks.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func take() -> Int { value.add(1, ordering: .relaxed).oldValue }
}
