import Synchronization

/// How far a run is: one line that is drawn over on a terminal, a line every tenth elsewhere.
final class ProgressLine: Sendable {
    private struct State {
        var done = 0
        var failed = 0
        var shownTenths = 0
        var isDrawn = false
    }

    private let total: Int
    private let isShown: Bool
    private let isTerminal = Terminal.isErrorTerminal
    private let state = Mutex(State())

    init(total: Int, isQuiet: Bool) {
        self.total = total
        isShown = !isQuiet
    }

    /// Counts a test.
    func advance(failed: Bool) {
        guard isShown else { return }
        state.withLock { state in
            state.done += 1
            if failed { state.failed += 1 }
            let text = "\(state.done) of \(total) tests, \(state.failed) failed"
            if isTerminal {
                guard state.done % 16 == 0 || state.done == total else { return }
                let width = 30
                let filled = total == 0 ? width : state.done * width / total
                let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
                Terminal.progress("\r[\(bar)] \(text)\u{1B}[K")
                state.isDrawn = true
            } else if state.done * 10 / total > state.shownTenths {
                state.shownTenths = state.done * 10 / total
                Terminal.progress("esdk: \(text)\n")
            }
        }
    }

    /// Takes the drawn line away before something else is printed.
    func clear() {
        state.withLock { state in
            guard state.isDrawn else { return }
            Terminal.progress("\r\u{1B}[K")
            state.isDrawn = false
        }
    }
}
