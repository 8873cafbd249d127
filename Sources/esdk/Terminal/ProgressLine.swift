import ESDKCrypto
import ESDKSystem

/// How far a run is: one line that is drawn over on a terminal, a line every tenth elsewhere.
final class ProgressLine: Sendable {
    private struct State {
        var done = 0
        var failed = 0
        var shownTenths = 0
        /// When the line was drawn; nil where there is none.
        var drawn: ContinuousClock.Instant?
    }

    private let total: Int
    private let isShown: Bool
    private let isTerminal = Terminal.isErrorTerminal
    private let state = Guarded(State())

    init(total: Int, isQuiet: Bool) {
        self.total = total
        isShown = !isQuiet
    }

    /// How long the drawn line stays as it is: what is drawn more often nobody can read.
    private static let interval = Duration.milliseconds(100)

    /// Shows that the tests are about to run: where they wait for AWS, the first one may take its time.
    func start() {
        guard isShown, isTerminal else { return }
        state.withLock { draw(&$0) }
    }

    /// Counts a test.
    func advance(failed: Bool) {
        guard isShown else { return }
        state.withLock { state in
            state.done += 1
            if failed { state.failed += 1 }
            if isTerminal {
                guard state.done == total || state.drawn.map({ .now - $0 >= Self.interval }) ?? true else { return }
                draw(&state)
            } else if state.done * 10 / total > state.shownTenths {
                state.shownTenths = state.done * 10 / total
                Terminal.progress("esdk: \(text(state))\n")
            }
        }
    }

    private func text(_ state: State) -> String { "\(state.done) of \(total) tests, \(state.failed) failed" }

    private func draw(_ state: inout State) {
        let width = 30
        let filled = total == 0 ? width : state.done * width / total
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
        Terminal.progress("\r[\(bar)] \(text(state))\u{1B}[K")
        state.drawn = .now
    }

    /// Takes the drawn line away before something else is printed.
    func clear() {
        state.withLock { state in
            guard state.drawn != nil else { return }
            Terminal.progress("\r\u{1B}[K")
            state.drawn = nil
        }
    }
}
