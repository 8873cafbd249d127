import ESDKCrypto
import ESDKSystem
import Testing

@testable import ESDKTestVectors

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
        let results = OrderedResults { reported.add($0, $1) }
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
        let results = OrderedResults { reported.add($0, $1) }
        for index in [5, 0, 3] { results.put(result(index), at: index) }
        #expect(reported.ids == ["0=0"])
        #expect(results.finished().map(\.0) == [0, 3, 5])
        #expect(reported.ids == ["0=0", "3=3", "5=5"])
    }

    @Test("many tasks at the same time")
    func concurrent() async {
        let reported = Reported()
        let results = OrderedResults { reported.add($0, $1) }
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
