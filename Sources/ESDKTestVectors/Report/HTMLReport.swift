import ESDKSystem
package import StrictJSON

/// The report as one HTML page without external parts.
///
/// The report is in the page as JSON; a script shows, filters and opens it. Texts occur once, in a table, and tests refer to them, so that a page
/// of twenty thousand tests stays small.
package enum HTMLReport {
    /// The page, as UTF-8.
    ///
    /// - Throws: when a text cannot be written as JSON, which no text of a manifest can be.
    package static func render(_ report: RunReport) throws(JSONError) -> [UInt8] {
        try page(PackageResources.page_html, script: PackageResources.page_js, data: data(of: report))
    }

    /// A template with style, data and script in it.
    static func page(_ template: [UInt8], script: [UInt8], data: JSONValue) throws(JSONError) -> [UInt8] {
        let data = try StrictJSON.serialize(data, pretty: false)
        // "</script>" and "<!--" would end the element, and no other character of JSON can.
        var safe: [UInt8] = []
        safe.reserveCapacity(data.count)
        for byte in data {
            if byte == UInt8(ascii: "<") { safe += "\\u003c".utf8 } else { safe.append(byte) }
        }
        return filled(template, ["CSS": PackageResources.page_css, "DATA": safe, "SCRIPT": script])
    }

    /// A template with its `{{NAME}}` places filled.
    private static func filled(_ template: [UInt8], _ parts: [String: [UInt8]]) -> [UInt8] {
        let braces = (open: Array("{{".utf8), close: Array("}}".utf8))
        var page: [UInt8] = []
        var rest = template[...]
        while let start = rest.firstRange(of: braces.open),
            let end = rest[start.upperBound...].firstRange(of: braces.close)
        {
            page += rest[..<start.lowerBound]
            page += parts[String(decoding: rest[start.upperBound..<end.lowerBound], as: UTF8.self)] ?? []
            rest = rest[end.upperBound...]
        }
        return page + rest
    }

    /// The order in which a page names results.
    private static let statuses: [TestStatus] = [.failed, .skipped, .passed]

    private static func data(of report: RunReport) -> JSONValue {
        var strings = StringTable()
        var tests: [JSONValue] = []
        for (number, set) in report.sets.enumerated() {
            for result in set.results {
                tests.append(
                    .array([
                        .string(result.id), .integer(Int64(number)), .string(result.status.rawValue),
                        strings.place(of: result.suite), strings.place(of: result.keyring),
                        strings.place(of: result.description), strings.place(of: result.reason),
                        details(of: result, &strings),
                    ])
                )
            }
        }
        let sets = report.sets.map { set -> JSONValue in
            ["path": .string(set.path), "client": .string("\(set.producer)")]
        }
        let seconds = Int(report.seconds.rounded())
        return [
            "about": .string("\(report.client.summary) · \(report.counts.total) tests in \(seconds) s"),
            "gap": report.gap.map(JSONValue.string) ?? .null,
            "repeat": report.repetition.map {
                ["command": .string($0.command), "options": .string($0.options)]
            } ?? .null,
            "sets": .array(sets),
            "strings": .array(strings.texts.map(JSONValue.string)),
            "tests": .array(tests),
        ]
    }

    /// What a test shows when it is opened; passed tests have their cases by number only, and need no more.
    private static func details(of result: TestResult, _ strings: inout StringTable) -> JSONValue {
        var members: [JSONObject.Member] = []
        func add(_ name: String, _ value: JSONValue) { members.append(JSONObject.Member(name: name, value: value)) }
        if result.status != .passed || result.cases.contains(where: { $0.reason != nil }) {
            let cases = result.cases.map { item -> JSONValue in
                [
                    "name": .string(item.name), "status": .string(item.status.rawValue),
                    "reason": .string(item.reason ?? ""),
                ]
            }
            if !cases.isEmpty { add("cases", .array(cases)) }
        }
        if let keys = result.keyDescription { add("keys", strings.place(of: keys)) }
        if let known = result.known { add("known", .string(known)) }
        if !result.message.isEmpty { add("message", .array(result.message.map(\.json))) }
        return members.isEmpty ? .null : .object(JSONObject(members))
    }

    /// Texts by number.
    private struct StringTable {
        private(set) var texts: [String] = []
        private var places: [JSONName: Int] = [:]

        mutating func place(of text: String?) -> JSONValue {
            guard let text else { return .null }
            let name = JSONName(text)
            if let place = places[name] { return .integer(Int64(place)) }
            places[name] = texts.count
            texts.append(text)
            return .integer(Int64(texts.count - 1))
        }
    }
}

/// The report in Markdown, for the summary page of a CI job: totals, sets, and what failed.
package enum MarkdownReport {
    /// More failures are counted, not listed: the summaries of CI services are limited.
    private static let mostFailures = 50

    /// The report, ending in a line feed.
    package static func render(_ report: RunReport) -> [UInt8] {
        let counts = report.counts
        var text = "### AWS Encryption SDK test vectors\n\n"
        text +=
            "**\(counts.passed) passed, \(counts.failed) failed, \(counts.skipped) skipped** – \(cell(report.client.summary))\n\n"
        if let gap = report.gap { text += "> \(cell(gap))\n\n" }
        text += "| set | written by | total | passed | failed | skipped |\n|---|---|--:|--:|--:|--:|\n"
        for set in report.sets {
            let counts = set.counts
            text += "| \(cell(set.path)) | \(cell("\(set.producer)")) | \(counts.total) | \(counts.passed) "
            text += "| \(counts.failed) | \(counts.skipped) |\n"
        }
        let failed = report.sets.flatMap { set in
            set.results.filter { $0.status == .failed || $0.isUnexpected }.map { (set, $0) }
        }
        guard !failed.isEmpty else { return Array(text.utf8) }
        text += "\n| failed test | suite | keyring | reason |\n|---|---|---|---|\n"
        for (set, result) in failed.prefix(mostFailures) {
            let told = TerminalText.lines(result.reason ?? "").first ?? ""
            let reason =
                result.known.map { result.isUnexpected ? "passed, but known to fail: \($0)" : "known: \($0)" } ?? told
            text +=
                "| \(cell("\(set.path) \(result.id)")) | \(cell(result.suite ?? "")) | \(cell(result.keyring ?? "")) "
            text += "| \(cell(reason)) |\n"
        }
        if failed.count > mostFailures { text += "\nand \(failed.count - mostFailures) more\n" }
        return Array(text.utf8)
    }

    /// A text that neither ends a cell nor means anything in Markdown or HTML.
    private static func cell(_ text: String) -> String {
        TerminalText.oneLine(text).unicodeScalars.map { scalar in
            "\\`*_{}[]<>()#!|~&".unicodeScalars.contains(scalar) ? "\\\(scalar)" : String(scalar)
        }.joined()
    }
}
