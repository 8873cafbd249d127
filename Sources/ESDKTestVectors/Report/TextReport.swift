internal import ESDKSystem

/// The report for people.
package struct TextReport: Sendable {
    /// How a test is run again.
    private let repetition: Repetition
    /// How many columns tables may have.
    private let columns: Int

    /// A report on a run.
    ///
    /// - Parameters:
    ///   - command: the command, without `esdk vectors`.
    ///   - options: what stands after path and filter when it is repeated, each option after a space.
    ///   - columns: how many columns tables may have.
    package init(command: String, options: String, columns: Int = 80) {
        self.init(Repetition(command: command, options: options), columns: columns)
    }

    /// A report on a run.
    ///
    /// - Parameters:
    ///   - repetition: how a test is run again.
    ///   - columns: how many columns tables may have.
    init(_ repetition: Repetition, columns: Int = 80) {
        self.repetition = repetition
        self.columns = max(columns, 40)
    }

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

    /// Tables by set, keyring and suite, what was noted on tests that passed, the reasons of skips and of failures, and the
    /// totals.
    ///
    /// - Parameters:
    ///   - isQuiet: only the failures and the last line.
    ///   - showsFailures: whether each failure is shown in full; not where that was done during the run.
    package func summary(_ report: RunReport, isQuiet: Bool, showsFailures: Bool = true) -> String {
        var text = ""
        if !isQuiet {
            for set in report.sets where !set.results.isEmpty { text += table(of: set) + "\n" }
            text += legend(report)
            text += reasons(report, .passed, "noted on tests that passed:")
            text += reasons(report, .skipped, "skipped, by reason:")
        }
        if showsFailures { text += failures(report) }
        text += failureGroups(report)
        if !isQuiet { text += totals(report) }
        if let gap = report.gap { text += gap + "\n" }
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
        return "\(TerminalText.oneLine(set.path)) (\(TerminalText.oneLine("\(set.producer)")))\n" + fitted(rows)
    }

    /// A table that is not wider than the terminal: long names are cut, and suites left out where that is not enough.
    private func fitted(_ rows: [[String]]) -> String {
        let shortestName = 20
        var widths = Self.widths(of: rows)
        func width() -> Int { 2 + widths.reduce(-2) { $0 + $1 + 2 } }
        let named = widths[0]
        var rows = rows
        var leftOut = 0
        while width() - named + min(named, shortestName) > columns, widths.count > 2 {
            leftOut += 1
            widths.removeLast()
        }
        if leftOut > 0 { rows = rows.map { $0.dropLast(leftOut) } }
        let room = max(columns - (width() - named), shortestName)
        rows = rows.map { [TerminalText.fitted($0[0], columns: room)] + $0.dropFirst() }
        let hint = "  and \(leftOut) more \(leftOut == 1 ? "suite" : "suites"); --report json=FILE has every result\n"
        return Self.aligned(rows) + (leftOut > 0 ? hint : "")
    }

    /// What the marks in tables mean; nothing where there are none.
    private func legend(_ report: RunReport) -> String {
        let counts = report.counts
        var marks: [String] = []
        if counts.failed > 0 { marks.append("!N failed") }
        if counts.skipped > 0 { marks.append("~N skipped") }
        return marks.isEmpty ? "" : "marks: N passed, \(marks.joined(separator: ", ")), . no test\n\n"
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

    /// Failures by reason, most frequent first, with some of their ids.
    private func failureGroups(_ report: RunReport) -> String {
        let mostIDs = 3
        // Numbers differ from test to test where the reason does not.
        var groups: [String: (reason: String, ids: [String])] = [:]
        for result in report.sets.flatMap(\.results) where result.status == .failed {
            let reason = TerminalText.lines(result.reason ?? "failed").joined(separator: "; ")
            groups[String(reason.filter { !$0.isNumber }), default: (reason, [])].ids.append(result.id)
        }
        // One failure has said its reason.
        guard groups.values.contains(where: { $0.ids.count > 1 }) || groups.count > 1 else { return "" }
        let sorted = groups.values.sorted { ($1.ids.count, $0.reason) < ($0.ids.count, $1.reason) }
        return "failed, by reason:\n"
            + sorted.map { group in
                let ids = group.ids.prefix(mostIDs).map(TerminalText.oneLine).joined(separator: ", ")
                let others = group.ids.count - mostIDs
                return "  \(group.ids.count) \(group.reason)\n    \(ids)\(others > 0 ? " and \(others) more" : "")\n"
            }.joined() + "\n"
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

    private static func widths(of rows: [[String]]) -> [Int] {
        var widths: [Int] = []
        for row in rows {
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], TerminalText.columns(cell))
            }
        }
        return widths
    }

    /// A table whose first column is aligned to the left and the others to the right.
    private static func aligned(_ rows: [[String]]) -> String {
        let widths = widths(of: rows)
        return rows.map { row in
            var line = "  "
            for (index, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[index] - TerminalText.columns(cell))
                line += index == 0 ? cell + padding : "  " + padding + cell
            }
            return line + "\n"
        }.joined()
    }
}
