import Glibc
import Synchronization

/// Whether the user has asked the run to stop (Ctrl-C).
package enum Interruption {
    private static let isRequested = Atomic<Bool>(false)

    /// Whether the run is to stop after the tests that it is at.
    package static var hasHappened: Bool { isRequested.load(ordering: .relaxed) }

    /// From now on the first SIGINT or SIGTERM asks the run to stop; a second one ends the process at once.
    package static func catchSignals() {
        // A first access initialises the flag, which a signal handler must not do.
        isRequested.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            _ = signal(number) { number in
                Interruption.isRequested.store(true, ordering: .relaxed)
                _ = signal(number, SIG_DFL)
            }
        }
    }
}
