/// The report in the Test Anything Protocol, version 14.
package enum TAPReport {
    /// The report, ending in a line feed.
    package static func render(_ report: RunReport) -> [UInt8] {
        var text = "TAP version 14\n1..\(report.selectedCount)\n"
        var number = 0
        for set in report.sets {
            for result in set.results {
                number += 1
                let name = escaped("\(set.path) \(result.id)")
                switch result.status {
                case .passed: text += "ok \(number) - \(name)\n"
                case .skipped: text += "ok \(number) - \(name) # SKIP \(escaped(result.reason ?? ""))\n"
                case .failed:
                    text += "not ok \(number) - \(name)\n"
                    for line in (result.reason ?? "").split(separator: "\n") { text += "# \(line)\n" }
                }
            }
        }
        if !report.isComplete { text += "Bail out! interrupted\n" }
        return Array(text.utf8)
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if character == "#" || character == "\\" { result.append("\\") }
            result.append(character.isNewline ? " " : character)
        }
        return result
    }
}
