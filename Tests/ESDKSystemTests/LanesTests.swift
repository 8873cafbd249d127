import Glibc
import Synchronization
import TestSupport
import Testing

@testable import ESDKSystem

/// Batches on several threads.
@Suite("Lanes of work")
struct LanesTests {
    private struct Failure: Error, Equatable {
        let index: Int
    }

    /// Runs lanes that deliver all batches but those that fail.
    private func deliver(
        _ count: Int,
        lanes: Int,
        failing failures: [Int] = [],
        refusing refused: [Int] = []
    ) -> (delivered: [Int], outcome: Result<Int, any Error>) {
        let batches = OrderedBatches(count: count)
        let delivered = InTurn<[Int]>([])
        Lanes.run(lanes) {
            while let batch = batches.take() {
                if failures.contains(batch) { return batches.stop(before: batch, because: Failure(index: batch)) }
                if refused.contains(batch) {
                    batches.stop(before: batch)
                    continue
                }
                batches.deliver(batch) { delivered.value.append(batch) }
            }
        }
        return (delivered.value, Result { try batches.outcome() })
    }

    @Test("Every batch is delivered once and in order", arguments: [1, 2, 3, 8])
    func order(lanes: Int) throws {
        for count in [0, 1, 2, 7, 500] {
            let (delivered, outcome) = deliver(count, lanes: lanes)
            #expect(delivered == Array(0..<count))
            #expect(try outcome.get() == count)
        }
    }

    @Test("A batch that is ready waits for one before it that is not")
    func waiting() {
        let batches = OrderedBatches(count: 2)
        let delivered = InTurn<[Int]>([])
        let isSecondTaken = Atomic(false)
        let isSecondDelivered = Atomic(false)
        Lanes.run(2) {
            while let batch = batches.take() {
                if batch == 1 {
                    isSecondTaken.store(true, ordering: .releasing)
                } else {
                    while !isSecondTaken.load(ordering: .acquiring) { sched_yield() }
                    // Time enough for the second batch, if it did not wait.
                    for _ in 0..<100_000 where !isSecondDelivered.load(ordering: .acquiring) { sched_yield() }
                }
                batches.deliver(batch) {
                    delivered.value.append(batch)
                    if batch == 1 { isSecondDelivered.store(true, ordering: .releasing) }
                }
            }
        }
        #expect(delivered.value == [0, 1])
    }

    @Test("Nothing is delivered from the first batch on that is refused", arguments: [1, 2, 8])
    func refusal(lanes: Int) throws {
        for refused in [[0], [3], [99], [40, 20, 60]] {
            let (delivered, outcome) = deliver(100, lanes: lanes, refusing: refused)
            let first = try #require(refused.min())
            #expect(delivered == Array(0..<first))
            #expect(try outcome.get() == first)
        }
    }

    @Test("The error of the earliest batch counts, and one behind a refusal does not", arguments: [1, 2, 8])
    func failure(lanes: Int) throws {
        let (delivered, outcome) = deliver(100, lanes: lanes, failing: [30])
        #expect(delivered == Array(0..<30))
        #expect(throws: Failure(index: 30)) { try outcome.get() }
        let batches = OrderedBatches(count: 10)
        batches.stop(before: 7, because: Failure(index: 7))
        batches.stop(before: 5, because: Failure(index: 5))
        batches.stop(before: 6, because: Failure(index: 6))
        #expect(throws: Failure(index: 5)) { try batches.outcome() }
        batches.stop(before: 4)
        #expect(try batches.outcome() == 4)
    }

    @Test("What is thrown while a batch is delivered ends the work there", arguments: [1, 4])
    func failingDelivery(lanes: Int) {
        let batches = OrderedBatches(count: 50)
        let delivered = InTurn<[Int]>([])
        Lanes.run(lanes) {
            while let batch = batches.take() {
                batches.deliver(batch) {
                    if batch == 9 { throw Failure(index: 9) }
                    delivered.value.append(batch)
                }
            }
        }
        #expect(delivered.value == Array(0..<9))
        #expect(throws: Failure(index: 9)) { try batches.outcome() }
    }

    @Test("Lanes apart return when all work is done, and end when they are cancelled")
    func apart() async throws {
        let batches = OrderedBatches(count: 1_000_000)
        await Lanes.runApart(3) {
            while let batch = batches.take() {
                batches.deliver(batch) { if batch == 5 { batches.cancel() } }
            }
        }
        #expect(throws: CancellationError.self) { try batches.outcome() }
    }

    @Test("A lane may use the processors that its caller may use, be it all or only some", arguments: [false, true])
    func processors(areRestricted: Bool) throws {
        let seen = try SeparateThread {
            if areRestricted { Processors.allowed?.withoutCurrent?.allow() }
            let seen = Mutex<[Processors?]>([Processors.allowed])
            Lanes.run(3) { seen.withLock { $0.append(Processors.allowed) } }
            return seen.withLock { $0 }
        }.value()
        #expect(seen.count == 4 && !seen.contains(nil))
        #expect(Set(seen).count == 1)
    }
}
