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
    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return body(&value)
    }
}
