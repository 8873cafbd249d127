internal import CLinux
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
        /// The processors that the thread may use once it runs.
        let processors: Processors?

        init(_ run: @escaping @Sendable () -> Void, _ processors: Processors?) {
            self.run = run
            self.processors = processors
        }
    }

    /// Starts a thread, on another processor than this one where there is another.
    ///
    /// Linux often starts a thread on the processor of its parent although another is idle, and takes some milliseconds to move it: as
    /// long as a message takes. Once it runs the thread may go where its parent may.
    private static func start(_ work: @escaping @Sendable () -> Void) -> pthread_t? {
        let allowed = Processors.allowed
        let box = unsafe Unmanaged.passRetained(Work(work, allowed))
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        allowed?.withoutCurrent?.restrict(&attributes)
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            &attributes,
            { box in
                guard let box = unsafe box else { return nil }
                let work = unsafe Unmanaged<Work>.fromOpaque(box).takeRetainedValue()
                work.processors?.allow()
                work.run()
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

/// A set of processors, as the kernel keeps it for each thread.
struct Processors: Hashable, Sendable {
    private var words: [UInt64]

    private static let byteCount = 1024

    /// Those that the calling thread may use; nil where the kernel counts more than this set has room for.
    static var allowed: Processors? {
        var words = [UInt64](repeating: 0, count: byteCount / 8)
        let status = unsafe words.withUnsafeMutableBytes {
            unsafe sched_getaffinity(0, UInt(byteCount), $0.baseAddress)
        }
        return status == 0 ? Processors(words: words) : nil
    }

    /// The same without the one that the calling thread is on; nil where that is the only one.
    var withoutCurrent: Processors? {
        let current = Int(sched_getcpu())
        guard current >= 0, current < words.count * 64 else { return nil }
        var rest = self
        rest.words[current / 64] &= ~(1 << UInt64(current % 64))
        return rest.words.contains { $0 != 0 } ? rest : nil
    }

    /// Makes a thread that has yet to be created start on one of these.
    func restrict(_ attributes: inout pthread_attr_t) {
        _ = unsafe words.withUnsafeBytes { words in
            unsafe pthread_attr_setaffinity_np(&attributes, UInt(words.count), words.baseAddress)
        }
    }

    /// Lets the calling thread use these and no others.
    func allow() {
        _ = unsafe words.withUnsafeBytes { unsafe sched_setaffinity(0, UInt($0.count), $0.baseAddress) }
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
