import Dispatch
import ESDKSystem
import Foundation

/// Work that blocks, on a thread outside the cooperative pool: one that waits there for a peer could keep the peer from ever running.
package final class SeparateThread<Value: Sendable>: Sendable {
    private struct Unfinished: Error {}

    private let result = Guarded<Result<Value, any Error>>(.failure(Unfinished()))
    private let finished = DispatchSemaphore(value: 0)

    /// Starts `body` at once.
    package init(_ body: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread { [result, finished] in
            let outcome = Result { try body() }
            result.withLock { $0 = outcome }
            finished.signal()
        }
    }

    /// What `body` returned, once it has.
    ///
    /// - Throws: what `body` threw.
    package func value() throws -> Value {
        finished.wait()
        return try result.withLock { $0 }.get()
    }
}
