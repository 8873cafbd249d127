/// The report as JUnit XML, in the form that Jenkins and its heirs read: a suite per set, a test case per test.
package enum JUnitReport {
    /// The report, ending in a line feed.
    ///
    /// A run that was interrupted has one more suite, with an error: readers of JUnit know no other sign that tests are
    /// missing.
    package static func render(_ report: RunReport) -> [UInt8] {
        func attribute(_ name: String, _ value: String) -> String { " \(name)=\"\(XMLText.escaped(value))\"" }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let all = report.sets.flatMap(\.results) + (report.isComplete ? [] : [interruption(of: report)])
        text += "<testsuites" + attribute("name", suiteName) + attributes(all)
        text += attribute("time", decimal(report.seconds)) + ">\n"
        for set in report.sets { append(set.results, named: set.path) }
        if !report.isComplete { append([interruption(of: report)], named: suiteName) }
        return Array((text + "</testsuites>\n").utf8)

        func append(_ results: [TestResult], named name: String) {
            text += "  <testsuite" + attribute("name", name) + attributes(results) + ">\n"
            for result in results {
                text += "    <testcase" + attribute("classname", name) + attribute("name", result.id)
                let reason = result.reason ?? ""
                switch result.status {
                case .passed:
                    text += "/>\n"
                case .skipped:
                    text += ">\n      <skipped" + attribute("message", reason) + "/>\n    </testcase>\n"
                case .failed:
                    // An error is trouble of the set or the harness; a failure is a wrong result.
                    let element = isError(result) ? "error" : "failure"
                    text += ">\n      <\(element)" + attribute("type", result.failure?.rawValue ?? "failed")
                    text +=
                        attribute("message", reason)
                        + ">\(XMLText.escaped(details(result)))</\(element)>\n    </testcase>\n"
                }
            }
            text += "  </testsuite>\n"
        }

        func attributes(_ results: [TestResult]) -> String {
            let counts = Counts(results)
            let errors = results.count { $0.status == .failed && isError($0) }
            return attribute("tests", "\(counts.total)") + attribute("failures", "\(counts.failed - errors)")
                + attribute("errors", "\(errors)") + attribute("skipped", "\(counts.skipped)")
        }
    }

    private static let suiteName = "esdk vectors"

    private static func interruption(of report: RunReport) -> TestResult {
        TestResult(
            id: "every selected test runs",
            description: nil,
            status: .failed,
            suite: nil,
            keyring: nil,
            cases: [],
            reason: "interrupted: \(report.counts.total) of \(report.selectedCount) tests ran",
            failure: .harnessError
        )
    }

    /// Seconds as a decimal fraction without an exponent.
    private static func decimal(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        let fraction = "\(milliseconds % 1000)"
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    private static func isError(_ result: TestResult) -> Bool {
        result.failure == .brokenSet || result.failure == .harnessError
    }

    private static func details(_ result: TestResult) -> String {
        let lines = [result.description, result.suite.map { "suite \($0)" }, result.keyring].compactMap(\.self)
        return (lines + result.cases.map { "\($0.name): \($0.status.rawValue)\($0.reason.map { ": \($0)" } ?? "")" })
            .joined(separator: "\n")
    }
}

/// Texts in XML.
enum XMLText {
    /// A text fit for an attribute or an element: what XML 1.0 cannot hold at all becomes U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            case "\r": result += "&#13;"
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
