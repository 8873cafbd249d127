/// The report as JUnit XML, in the form that Jenkins and its heirs read: a suite per set, a test case per test.
package enum JUnitReport {
    /// The report, ending in a line feed.
    package static func render(_ report: RunReport) -> [UInt8] {
        func attribute(_ name: String, _ value: String) -> String { " \(name)=\"\(XMLText.escaped(value))\"" }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text +=
            "<testsuites" + attribute("name", "esdk vectors decrypt")
            + attributes(report.sets.map(\.results).flatMap(\.self))
        text += attribute("time", "\(report.seconds)") + ">\n"
        for set in report.sets {
            text += "  <testsuite" + attribute("name", set.path) + attributes(set.results) + ">\n"
            for result in set.results {
                text += "    <testcase" + attribute("classname", set.path) + attribute("name", result.id)
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
        return Array((text + "</testsuites>\n").utf8)

        func attributes(_ results: [TestResult]) -> String {
            let counts = Counts(results)
            let errors = results.count { $0.status == .failed && isError($0) }
            return attribute("tests", "\(counts.total)") + attribute("failures", "\(counts.failed - errors)")
                + attribute("errors", "\(errors)") + attribute("skipped", "\(counts.skipped)")
        }
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
