import ESDKCrypto
import ESDKSystem
import Testing

@testable import ESDKTestVectors

@Suite("Tests that run at the same time")
struct ParallelRunTests {
    private struct Failure: Error {}

    private func run(jobs: Int) -> ParallelRun { ParallelRun(RunOptions(jobs: jobs)) }

    @Test("never more than the number of jobs at once, and each test once")
    func bounded() async {
        let load = Guarded((now: 0, most: 0))
        let results = await run(jobs: 3).results(of: 200, report: { (_, _: TestResult) in }) { index in
            load.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            await Task.yield()
            load.withLock { $0.now -= 1 }
            return .sample(id: "\(index)", .passed)
        }
        #expect(load.withLock(\.most) <= 3)
        #expect(results.map(\.index) == Array(0..<200))
        #expect(results.map(\.result.id) == (0..<200).map(String.init))
    }

    @Test("what one test throws ends the run, and no other one starts")
    func fatal() async {
        let started = Guarded(0)
        await #expect(throws: Failure.self) {
            try await run(jobs: 1).results(of: 10, report: { (_, _: TestResult) in }) { index throws(Failure) in
                started.withLock { $0 += 1 }
                if index == 3 { throw Failure() }
                return .sample(id: "\(index)", .passed)
            }
        }
        #expect(started.withLock(\.self) == 4)
    }

    @Test("what one test throws cancels the others, and what fails for that has no result")
    func cancelled() async {
        let reported = Guarded<[Int]>([])
        let report = { @Sendable (index: Int, _: TestResult) in reported.withLock { $0.append(index) } }
        await #expect(throws: Failure.self) {
            try await run(jobs: 2).results(of: 10, report: report) { index throws(Failure) in
                if index == 1 { throw Failure() }
                // Until it is cancelled.
                try? await Task.sleep(for: .seconds(600))
                return .sample(id: "\(index)", .failed)
            }
        }
        #expect(reported.withLock(\.self) == [])
    }

    @Test("a test without a result is left out")
    func withoutResult() async {
        let results = await run(jobs: 1).results(of: 3, report: { (_, _: TestResult) in }) { index in
            index == 1 ? nil : TestResult.sample(id: "\(index)", .passed)
        }
        // It was cancelled: there is no use in starting others.
        #expect(results.map(\.index) == [0])
    }
}

@Suite("Results in the order of the tests")
struct OrderedResultsTests {
    private func result(_ index: Int) -> TestResult { .sample(id: "\(index)", .passed) }

    private final class Reported: Sendable {
        private let list = Guarded<[String]>([])

        var ids: [String] { list.withLock { $0 } }

        func add(_ index: Int, _ result: TestResult) {
            list.withLock { $0.append("\(index)=\(result.id)") }
        }
    }

    @Test("a result is reported as soon as all before it are")
    func inTurn() {
        let reported = Reported()
        let results = OrderedResults<TestResult> { reported.add($0, $1) }
        results.put(result(1), at: 1)
        #expect(reported.ids == [])
        results.put(result(0), at: 0)
        #expect(reported.ids == ["0=0", "1=1"])
        results.put(result(3), at: 3)
        results.put(result(2), at: 2)
        #expect(reported.ids == ["0=0", "1=1", "2=2", "3=3"])
        #expect(results.finished().map(\.0) == [0, 1, 2, 3])
        #expect(reported.ids.count == 4)
    }

    @Test("at the end of an interrupted run, what is behind a gap is reported as well, in order and once")
    func gaps() {
        let reported = Reported()
        let results = OrderedResults<TestResult> { reported.add($0, $1) }
        for index in [5, 0, 3] { results.put(result(index), at: index) }
        #expect(reported.ids == ["0=0"])
        #expect(results.finished().map(\.0) == [0, 3, 5])
        #expect(reported.ids == ["0=0", "3=3", "5=5"])
    }

    @Test("many tasks at the same time")
    func concurrent() async {
        let reported = Reported()
        let results = OrderedResults<TestResult> { reported.add($0, $1) }
        await withTaskGroup(of: Void.self) { group in
            for first in 0..<8 {
                group.addTask {
                    for index in stride(from: first, to: 2000, by: 8).reversed() {
                        results.put(.sample(id: "\(index)", .passed), at: index)
                    }
                }
            }
        }
        #expect(reported.ids == (0..<2000).map { "\($0)=\($0)" })
    }
}

extension TestResult {
    /// A result for tests of what becomes of results.
    static func sample(
        id: String,
        _ status: TestStatus,
        description: String? = nil,
        suite: String? = nil,
        keyring: String? = nil,
        cases: [CaseResult] = [],
        reason: String? = nil,
        failure: FailureKind? = nil
    ) -> TestResult {
        TestResult(
            id: id,
            description: description,
            status: status,
            suite: suite,
            keyring: keyring,
            cases: cases,
            reason: reason,
            failure: failure
        )
    }
}
