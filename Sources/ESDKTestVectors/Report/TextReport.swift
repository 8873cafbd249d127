internal import ESDKSystem

/// The report for people.
package struct TextReport: Sendable {
    /// How a test is run again.
    private let repetition: Repetition

    /// A report on a run.
    ///
    /// - Parameters:
    ///   - command: the command, without `esdk vectors`.
    ///   - options: what stands after path and filter when it is repeated, each option after a space.
    package init(command: String, options: String) {
        self.init(Repetition(command: command, options: options))
    }

    /// A report on a run.
    ///
    /// - Parameter repetition: how a test is run again.
    init(_ repetition: Repetition) { self.repetition = repetition }

    /// A failed test: where, what, why, and the command that runs it again.
    package func failure(_ result: TestResult, in path: String) -> String {
        let (shownPath, id) = (TerminalText.oneLine(path), TerminalText.oneLine(result.id))
        var lines = ["FAILED \(shownPath) \(id)"]
        if let description = result.description { lines.append("  \(TerminalText.oneLine(description))") }
        let what = [result.suite.map { "suite \($0)" }, result.keyring].compactMap(\.self).joined(separator: ", ")
        if !what.isEmpty { lines.append("  \(TerminalText.oneLine(what))") }
        for line in TerminalText.lines(result.reason ?? "") { lines.append("  \(line)") }
        lines.append("  repeat: \(repetition.commandLine(for: result.id, in: path))")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Tables by set, keyring and suite, what was noted on tests that passed, the reasons of skips, the failures, and
    /// the totals.
    ///
    /// - Parameter isQuiet: only the failures and the last line.
    package func summary(_ report: RunReport, isQuiet: Bool) -> String {
        var text = ""
        if !isQuiet {
            for set in report.sets where !set.results.isEmpty { text += table(of: set) + "\n" }
            text += reasons(report, .passed, "noted on tests that passed:")
            text += reasons(report, .skipped, "skipped, by reason:")
        }
        text += failures(report)
        if !isQuiet { text += totals(report) }
        if !report.isComplete {
            text += "interrupted: \(report.counts.total) of \(report.selectedCount) tests ran\n"
        }
        let counts = report.counts
        return text + "\(counts.passed) passed, \(counts.failed) failed, \(counts.skipped) skipped\n"
    }

    // MARK: - Parts

    /// Keyrings down, suites across.
    ///
    /// A cell is the number of passed tests, then `!` and the failed, then `~` and the skipped.
    private func table(of set: SetReport) -> String {
        let suites = Swift.Set(set.results.map { $0.suite ?? "?" }).sorted()
        var keyrings: [String] = []
        var cells: [String: [String: Counts]] = [:]
        for result in set.results {
            let keyring = result.keyring ?? "?"
            if cells[keyring] == nil { keyrings.append(keyring) }
            cells[keyring, default: [:]][result.suite ?? "?", default: Counts()].add(result.status)
        }
        var rows: [[String]] = [["keyring"] + suites]
        for keyring in keyrings.sorted() {
            rows.append([TerminalText.oneLine(keyring)] + suites.map { cells[keyring]?[$0].map(Self.cell) ?? "." })
        }
        return "\(TerminalText.oneLine(set.path)) (\(TerminalText.oneLine("\(set.producer)")))\n" + Self.aligned(rows)
    }

    private static func cell(_ counts: Counts) -> String {
        var text = counts.passed > 0 ? "\(counts.passed)" : ""
        if counts.failed > 0 { text += "!\(counts.failed)" }
        if counts.skipped > 0 { text += "~\(counts.skipped)" }
        return text
    }

    /// The reasons of all tests that came to `status`, most frequent first.
    private func reasons(_ report: RunReport, _ status: TestStatus, _ title: String) -> String {
        var reasons: [String: Int] = [:]
        for result in report.sets.flatMap(\.results) where result.status == status {
            guard let reason = result.reason else { continue }
            reasons[TerminalText.lines(reason).joined(separator: "; "), default: 0] += 1
        }
        guard !reasons.isEmpty else { return "" }
        let lines = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.value) \($0.key)\n" }
        return "\(title)\n" + lines.joined() + "\n"
    }

    private func failures(_ report: RunReport) -> String {
        let failed = report.sets.flatMap { set in
            set.results.filter { $0.status == .failed }.map { failure($0, in: set.path) }
        }
        return failed.isEmpty ? "" : failed.joined(separator: "\n") + "\n"
    }

    private func totals(_ report: RunReport) -> String {
        func row(_ name: String, _ counts: Counts) -> [String] {
            [name, "\(counts.total)", "\(counts.passed)", "\(counts.failed)", "\(counts.skipped)"]
        }
        var rows = [["set", "total", "passed", "failed", "skipped"]]
        rows += report.sets.map { row(TerminalText.oneLine($0.path), $0.counts) }
        if report.sets.count > 1 { rows.append(row("all sets", report.counts)) }
        return Self.aligned(rows) + "\n"
    }

    // MARK: - Layout

    /// A table whose first column is aligned to the left and the others to the right.
    private static func aligned(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.count)
            }
        }
        return rows.map { row in
            var line = "  "
            for (index, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                line += index == 0 ? cell + padding : "  " + padding + cell
            }
            return line + "\n"
        }.joined()
    }
}
