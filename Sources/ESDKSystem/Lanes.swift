internal import Glibc

/// Threads that share the work of one call.
package enum Lanes {
    /// Runs `work` on so many threads at the same time, one of them the caller's, and returns when all have returned.
    ///
    /// Where the system gives fewer threads, there are fewer.
    package static func run(_ count: Int, _ work: @Sendable () -> Void) {
        withoutActuallyEscaping(work) { work in
            let threads = (1..<max(count, 1)).compactMap { _ in start(work) }
            work()
            for thread in threads { pthread_join(thread, nil) }
        }
    }

    /// Runs `work` on so many threads at the same time, none of which belongs to a task, and returns when all have returned.
    package static func runApart(_ count: Int, _ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let everything: @Sendable () -> Void = {
                run(count, work)
                continuation.resume()
            }
            if let thread = start(everything) { pthread_detach(thread) } else { everything() }
        }
    }

    private final class Work {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func start(_ work: @escaping @Sendable () -> Void) -> pthread_t? {
        let box = unsafe Unmanaged.passRetained(Work(work))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            nil,
            { box in
                if let box = unsafe box { unsafe Unmanaged<Work>.fromOpaque(box).takeRetainedValue().run() }
                return nil
            },
            box.toOpaque()
        )
        guard status == 0 else {
            unsafe box.release()
            return nil
        }
        return thread
    }
}

/// Numbered batches of work that lanes take in order, finish in any order, and deliver in order.
///
/// The work ends early before a batch that fails: all batches before it are delivered, and none from it on.
@safe package final class OrderedBatches: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let change: UnsafeMutablePointer<pthread_cond_t>
    /// The next batch to be taken.
    private var next = 0
    /// The next batch to be delivered.
    private var turn = 0
    /// The first batch that is not to be delivered.
    private var end: Int
    private var failure: (index: Int, error: any Error)?

    /// So many batches.
    package init(count: Int) {
        end = count
        unsafe lock = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(lock, nil)
        unsafe change = .allocate(capacity: 1)
        unsafe change.initialize(to: pthread_cond_t())
        unsafe pthread_cond_init(change, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(change)
        unsafe pthread_mutex_destroy(lock)
        unsafe change.deallocate()
        unsafe lock.deallocate()
    }

    private func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return try body()
    }

    /// Takes the next batch; nil when there is none left.
    package func take() -> Int? {
        withLock {
            guard next < end else { return nil }
            defer { next += 1 }
            return next
        }
    }

    /// Ends the work before a batch.
    ///
    /// - Parameters:
    ///   - index: the batch.
    ///   - error: what `outcome` throws, unless an earlier batch ends the work.
    package func stop(before index: Int, because error: (any Error)? = nil) {
        withLock {
            if let error, index < failure?.index ?? .max { failure = (index, error) }
            end = min(end, index)
            unsafe pthread_cond_broadcast(change)
        }
    }

    /// Ends the work as soon as possible.
    package func cancel() { stop(before: withLock { turn }, because: CancellationError()) }

    /// Delivers a batch: waits until all batches before it have been delivered, and runs `body` unless the work has ended before it.
    ///
    /// What `body` throws ends the work before this batch.
    package func deliver(_ index: Int, _ body: () throws -> Void) {
        let isDue = withLock {
            while turn < index && index < end { unsafe pthread_cond_wait(change, lock) }
            return index < end
        }
        guard isDue else { return }
        do { try body() } catch { return stop(before: index, because: error) }
        withLock {
            turn += 1
            unsafe pthread_cond_broadcast(change)
        }
    }

    /// How many batches were finished, all from the first one on; to be asked when all lanes have returned.
    ///
    /// - Throws: why the work ended.
    package func outcome() throws -> Int {
        try withLock {
            if let failure, failure.index <= end { throw failure.error }
            return end
        }
    }
}

/// Something that lanes use in turn.
@safe package final class InTurn<Value: ~Copyable>: @unchecked Sendable {
    /// To be used where batches are delivered, and outside of all lanes, only.
    package var value: Value

    /// Takes a value.
    package init(_ value: consuming sending Value) { self.value = value }
}
