/// The report as JUnit XML, in the form that Jenkins and its heirs read: a suite per set, a test case per test.
package enum JUnitReport {
    /// The report, ending in a line feed.
    ///
    /// A run that was interrupted, or ended by failures, has one more suite, with an error: readers of JUnit know no other sign that
    /// tests are missing. A failure that is known is skipped, with its reason; a test that passed and is known to fail is a failure.
    package static func render(_ report: RunReport) -> [UInt8] {
        func attribute(_ name: String, _ value: String) -> String { " \(name)=\"\(XMLText.escaped(value))\"" }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let gap = report.gap.map { [missing($0)] } ?? []
        let all = report.sets.flatMap(\.results) + gap
        text += "<testsuites" + attribute("name", suiteName) + attributes(all)
        text += attribute("time", decimal(report.seconds)) + ">\n"
        for set in report.sets { append(set.results, named: set.path) }
        if !gap.isEmpty { append(gap, named: suiteName) }
        return Array((text + "</testsuites>\n").utf8)

        func append(_ results: [TestResult], named name: String) {
            text += "  <testsuite" + attribute("name", name) + attributes(results) + ">\n"
            for result in results {
                text += "    <testcase" + attribute("classname", name) + attribute("name", result.id)
                let reason = result.reason ?? ""
                switch result.status {
                case .passed:
                    guard let known = result.known else {
                        text += "/>\n"
                        break
                    }
                    text += ">\n      <failure" + attribute("type", "unexpected-pass")
                    text += attribute("message", "passed, but known to fail: \(known)") + "/>\n    </testcase>\n"
                case .failed where result.known != nil:
                    let message = "known failure: \(result.known ?? ""); \(reason)"
                    text += ">\n      <skipped" + attribute("message", message) + "/>\n    </testcase>\n"
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
            let unexpected = results.filter(\.isUnexpected)
            let errors = unexpected.count(where: isError)
            let skipped = results.count { $0.status == .skipped || $0.status == .failed && !$0.isUnexpected }
            return attribute("tests", "\(results.count)") + attribute("failures", "\(unexpected.count - errors)")
                + attribute("errors", "\(errors)") + attribute("skipped", "\(skipped)")
        }
    }

    private static let suiteName = "esdk vectors"

    private static func missing(_ reason: String) -> TestResult {
        TestResult(
            id: "every selected test runs",
            description: nil,
            status: .failed,
            suite: nil,
            keyring: nil,
            cases: [],
            reason: reason,
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
