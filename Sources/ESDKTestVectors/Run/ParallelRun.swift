import ESDKSystem
import Synchronization

/// The tests of a command, several at a time, until all are done, the user asks to stop, or AWS can no longer be reached.
struct ParallelRun: Sendable {
    /// How many run at the same time.
    let jobs: Int
    /// What they run against; nil when none needs AWS.
    let aws: AWSServices?

    /// Whether the run is to end for a reason of the caller's.
    private let isEnough: @Sendable () -> Bool

    init(_ options: RunOptions, isOver isEnough: @escaping @Sendable () -> Bool = { false }) {
        jobs = options.jobs
        aws = options.aws
        self.isEnough = isEnough
    }

    /// Whether to start no more tests.
    private var isOver: Bool { Interruption.hasHappened || isUnreachable || isEnough() }

    private var isUnreachable: Bool { aws?.lostConnection != nil }

    /// The results of tests.
    ///
    /// When the run ends early, the tests that are under way are cancelled and have no result.
    ///
    /// - Parameters:
    ///   - count: how many tests there are.
    ///   - report: called for each result, in the order of the tests whatever the number of jobs, one call at a time.
    ///   - work: runs a test; nil when it was cancelled before there was a result. What it throws ends the whole run.
    /// - Returns: the results by the number of their test, in order; some are missing when the run ended early.
    func results<Result: RunResult, Failure: Error>(
        of count: Int,
        report: @escaping @Sendable (Int, Result) -> Void,
        _ work: @escaping @Sendable (Int) async throws(Failure) -> Result?
    ) async throws(Failure) -> [(index: Int, result: Result)] {
        let results = OrderedResults(report: report)
        let next = Counter()
        let failure = try? await cancellingWhenOver { () -> Failure? in
            await withTaskGroup(of: Failure?.self) { group in
                for _ in 0..<min(jobs, max(count, 1)) {
                    group.addTask { await run(count, next, results, work) }
                }
                var first: Failure?
                for await failure in group {
                    guard let failure else { continue }
                    first = first ?? failure
                    group.cancelAll()
                }
                return first
            }
        }
        if let failure { throw failure }
        return results.finished()
    }

    /// Does some work, and cancels it when the run is over.
    ///
    /// - Throws: what it throws; `CancellationError` when it was cancelled.
    func cancellingWhenOver<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await Interruption.cancelling(or: { isUnreachable || isEnough() }, work)
    }

    /// Runs one test after the other until there is none left; returns what ended the run.
    private func run<Result: RunResult, Failure: Error>(
        _ count: Int,
        _ next: Counter,
        _ results: OrderedResults<Result>,
        _ work: @Sendable (Int) async throws(Failure) -> Result?
    ) async -> Failure? {
        while !isOver, !Task.isCancelled {
            let index = next.take()
            guard index < count else { return nil }
            do throws(Failure) {
                guard let result = try await work(index) else { return nil }
                // What failed after it was cancelled, or while AWS went away, says nothing about the test.
                guard result.status == .passed || !(isUnreachable || Task.isCancelled) else { return nil }
                results.put(result, at: index)
            } catch {
                return error
            }
        }
        return nil
    }
}

/// What a parallel run collects for each test.
protocol RunResult: Sendable {
    var status: TestStatus { get }
}

extension TestResult: RunResult {}

/// Collects results in any order and passes them on in theirs.
final class OrderedResults<Result: Sendable>: Sendable {
    private struct State {
        var results: [Int: Result] = [:]
        var reported = 0
    }

    private let state = Guarded(State())
    private let report: @Sendable (Int, Result) -> Void

    init(report: @escaping @Sendable (Int, Result) -> Void) { self.report = report }

    func put(_ result: Result, at index: Int) {
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
    func finished() -> [(index: Int, result: Result)] {
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
