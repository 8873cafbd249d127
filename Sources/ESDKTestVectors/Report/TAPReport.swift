internal import ESDKSystem

/// The report in the Test Anything Protocol, version 14.
package enum TAPReport {
    /// The report, ending in a line feed.
    package static func render(_ report: RunReport) -> [UInt8] {
        // A plan of no tests must say why.
        let plan = report.selectedCount == 0 ? "1..0 # SKIP no test was selected" : "1..\(report.selectedCount)"
        var text = "TAP version 14\n\(plan)\n"
        var number = 0
        for set in report.sets {
            for result in set.results {
                number += 1
                let name = escaped("\(set.path) \(result.id)")
                switch result.status {
                case .passed: text += "ok \(number) - \(name)" + todo(result)
                case .skipped: text += "ok \(number) - \(name) # SKIP \(escaped(result.reason ?? ""))\n"
                case .failed:
                    text += "not ok \(number) - \(name)" + todo(result)
                    for line in TerminalText.lines(result.reason ?? "") { text += "# \(line)\n" }
                }
            }
        }
        if let gap = report.gap { text += "Bail out! \(gap)\n" }
        return Array(text.utf8)

        // What is known to fail is a TODO, whose success is told to whoever reads the report.
        func todo(_ result: TestResult) -> String { (result.known.map { " # TODO \(escaped($0))" } ?? "") + "\n" }
    }

    /// A text inside a test line, where `#` would begin a directive.
    private static func escaped(_ text: String) -> String {
        TerminalText.oneLine(text).unicodeScalars.map { $0 == "#" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    }
}
