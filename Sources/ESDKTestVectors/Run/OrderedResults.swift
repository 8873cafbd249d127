import ESDKCrypto
import ESDKSystem

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
