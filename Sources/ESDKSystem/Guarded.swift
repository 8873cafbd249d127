internal import Glibc

/// A value behind a lock of the system's.
///
/// `Mutex` would do, but takes its lock out of the thread sanitizer's sight whenever it has to wait; what goes from one
/// thread to another here is to be checked by that sanitizer.
@safe package final class Guarded<Value>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    /// A value that nothing else refers to.
    ///
    /// - Parameter value: the value.
    package init(_ value: sending Value) {
        unsafe lock = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(lock, nil)
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    /// Gives a closure the value, alone.
    ///
    /// - Parameter body: must not come back here.
    /// - Returns: what `body` returned.
    /// - Throws: what `body` throws.
    package func withLock<Result, Failure>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}

extension Guarded: CustomReflectable {
    /// A mirror that shows nothing: to look at the value without the lock would be a race.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
