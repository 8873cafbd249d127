import ESDKSystem

/// How far the work on files is: one line that is drawn over on a terminal, and a line now and then elsewhere.
final class FileProgress: Sendable {
    private struct State {
        var bytes = 0
        var files = 0
        var failed = 0
        /// When the line was drawn last; nil where there is none.
        var drawn: ContinuousClock.Instant?
        /// When something was shown last.
        var shown: ContinuousClock.Instant
    }

    private let files: Int
    private let bytes: Int?
    private let isShown: Bool
    private let isTerminal = Terminal.isErrorTerminal
    private let began = ContinuousClock.now
    private let state = Guarded(State(shown: .now))

    /// How long the line stays as it is.
    private static let interval = Duration.milliseconds(100)
    /// What takes less time has no progress to show.
    private static let patience = Duration.milliseconds(500)
    /// How often a line is written where there is no terminal.
    private static let pause = Duration.seconds(30)

    /// Progress of work that has not begun.
    ///
    /// - Parameters:
    ///   - files: how many files there are.
    ///   - bytes: how many bytes they have in all; nil where that is not known.
    ///   - isQuiet: whether nothing is shown.
    init(files: Int, bytes: Int?, isQuiet: Bool) {
        self.files = files
        self.bytes = bytes
        isShown = !isQuiet
    }

    func start() {}

    /// Counts bytes that were read.
    func read(_ count: Int) {
        guard isShown else { return }
        state.withLock { state in
            state.bytes += count
            show(&state)
        }
    }

    /// Counts a file that is done.
    func finishFile(failed: Bool) {
        guard isShown else { return }
        state.withLock { state in
            state.files += 1
            if failed { state.failed += 1 }
            show(&state)
        }
    }

    /// Takes the line away before something else is written.
    func clear() {
        state.withLock { state in
            guard state.drawn != nil else { return }
            Terminal.progress("\r\u{1B}[K")
            state.drawn = nil
        }
    }

    private func show(_ state: inout State) {
        let now = ContinuousClock.now
        guard now - state.shown >= (isTerminal ? Self.interval : Self.pause), now - began >= Self.patience else {
            return
        }
        state.shown = now
        let words = Self.words(state.files, of: files, failed: state.failed, state.bytes, of: bytes, after: now - began)
        guard isTerminal else { return Terminal.progress("esdk: \(words.joined(separator: ", "))\n") }
        let columns = FileDescriptor.standardError.terminalColumns ?? 80
        let share = bytes.map { $0 == 0 ? 1 : Double(state.bytes) / Double($0) } ?? Double(state.files) / Double(files)
        Terminal.progress(
            "\r\(Self.line(words, share: files == 1 && bytes == nil ? nil : share, columns: columns))\u{1B}[K"
        )
        state.drawn = now
    }

    // MARK: - Words

    /// What is said, most important first.
    static func words(
        _ files: Int,
        of allFiles: Int,
        failed: Int,
        _ bytes: Int,
        of allBytes: Int?,
        after time: Duration
    ) -> [String] {
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        let rate = Double(bytes) / max(seconds, 0.001)
        var words: [String] = []
        if let allBytes, allBytes > 0, rate > 0 {
            words.append("\(min(99, bytes * 100 / allBytes)) %")
            words.append(duration(Double(max(0, allBytes - bytes)) / rate) + " left")
        } else {
            words.append(Self.bytes(bytes))
        }
        words.append("\(Self.bytes(Int(rate)))/s")
        if allFiles > 1 { words.append("\(count(files)) of \(count(allFiles)) files") }
        if failed > 0 { words.insert("\(count(failed)) failed", at: 1) }
        if let allBytes, allBytes > 0 { words.append("\(Self.bytes(bytes)) of \(Self.bytes(allBytes))") }
        return words
    }

    /// A line that fits so many columns: words are left out from the end, and the bar gets what is left.
    static func line(_ words: [String], share: Double?, columns: Int) -> String {
        var words = words
        // The last column stays free: some terminals break the line after it.
        while words.count > 1, words.joined(separator: "  ").count >= columns { words.removeLast() }
        let text = words.joined(separator: "  ")
        let width = min(30, columns - text.count - 4)
        guard let share, width >= 5 else { return String(text.prefix(max(0, columns - 1))) }
        let filled = Int(Double(width) * min(1, max(0, share)))
        return "[\(String(repeating: "#", count: filled))\(String(repeating: " ", count: width - filled))] \(text)"
    }

    /// A number with commas between groups of three digits.
    static func count(_ number: Int) -> String {
        var digits = Array(String(number))
        for place in stride(from: digits.count - 3, to: number < 0 ? 1 : 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }

    /// So many bytes, in the unit that makes a short number.
    static func bytes(_ number: Int) -> String {
        guard number >= 1024 else { return "\(number) B" }
        var value = Double(number) / 1024
        var units = ["KiB", "MiB", "GiB", "TiB"][...]
        while value >= 1000, units.count > 1 {
            value /= 1024
            units.removeFirst()
        }
        let tenths = Int((value * 10).rounded())
        let text = value < 9.95 ? "\(tenths / 10).\(tenths % 10)" : "\(Int(value.rounded()))"
        return "\(text) \(units.first ?? "")"
    }

    /// So many seconds, in at most two units.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
