import ESDKSystem
import Glibc

/// Standard output and standard error.
enum Terminal {
    /// Whether standard error is a terminal on which a line can be drawn over.
    static var isErrorTerminal: Bool { FileDescriptor.standardError.canMoveCursor }

    /// Takes the descriptors 0 to 2 where the caller has closed them.
    ///
    /// Otherwise the first file that is opened, a report say, would become standard output. What takes its place cannot
    /// be written, as if it were still closed.
    static func reserveStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes results.
    ///
    /// A full disk or a broken device ends the process with exit code 2.
    static func write(_ text: String) {
        do {
            try FileDescriptor.standardOutput.write(text)
        } catch {
            complain("standard output cannot be written: \(SystemError.words(for: error.number))")
            // Other tests may be running: what exit() would tear down is in use.
            _exit(ExitCode.unusable.rawValue)
        }
    }

    /// Writes one diagnostic line, whatever is in the text, behind the command that it comes from.
    static func complain(_ text: String, as command: String? = "esdk") {
        progress((command.map { $0 + ": " } ?? "") + TerminalText.oneLine(text) + "\n")
    }

    /// Writes progress as it is.
    static func progress(_ text: String) {
        // There is nowhere to say that standard error cannot be written.
        try? FileDescriptor.standardError.write(text)
    }

    /// How many columns text for standard output should have: those of the terminal, at most 80.
    static var outputColumns: Int { min(80, FileDescriptor.standardOutput.terminalColumns ?? 80) }

    /// How many columns a table for standard output may have: those of the terminal, at most 120.
    static var wideColumns: Int { min(120, FileDescriptor.standardOutput.terminalColumns ?? 80) }
}

/// The exit codes of every command.
enum ExitCode: Int32, Sendable, CaseIterable {
    /// All went as expected.
    case success = 0
    /// A test failed, or a message does not open.
    case failure = 1
    /// Wrong usage, input that cannot be read, output that cannot be written.
    case unusable = 2
    case interrupted = 3
    /// Nothing ran.
    case nothing = 4
}

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

    /// How long the drawn line stays as it is: what is drawn more often cannot be read.
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
        // Read anew for each line: windows change their size. A line that is longer than the window cannot be drawn over.
        let columns = FileDescriptor.standardError.terminalColumns ?? 80
        let text = TerminalText.fitted(text(state), columns: columns - 1)
        let width = min(30, columns - text.count - 4)
        let filled = total == 0 ? width : state.done * width / total
        let bar =
            width < 3
            ? "" : "[" + String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled) + "] "
        Terminal.progress("\r\(bar)\(text)\u{1B}[K")
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
