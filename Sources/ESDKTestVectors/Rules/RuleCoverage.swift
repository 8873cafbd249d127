/// What proves each rule of a table: messages of forged sets, and tests whose names begin with its id.
package struct RuleCoverage: Sendable {
    /// A rule and its proofs.
    package struct Row: Sendable, Hashable {
        package let id: String
        /// What is refused.
        package let text: String
        /// Whether a message can break the rule, so that a set must have some.
        package let needsMessages: Bool
        /// How many messages break it, or must be read by it.
        package let messages: Int
        /// The files of tests that are named after it, without their extension.
        package let tests: [String]

        /// Whether something is missing.
        package var isOpen: Bool { tests.isEmpty || needsMessages && messages == 0 }
    }

    /// The rules, in the order of the table.
    package let rows: [Row]

    /// Looks for the proofs.
    ///
    /// - Parameters:
    ///   - path: the table of rules, `Tests/RULES.md`: rows of id, text, files of tests, and `forged` where messages can break the
    ///     rule. The files lie in the folder of the table or below.
    ///   - books: the books of the sets.
    /// - Throws: `VectorError` when a file cannot be read, or the table has no rule.
    package init(table path: String, books: [RuleBook]) throws(VectorError) {
        let text = String(decoding: try RegularFile.read(path, limit: 1 << 20), as: UTF8.self)
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var tests: [String: [String]] = [:]
        for file in try Self.testFiles(in: folder.isEmpty ? "." : folder) {
            let source = String(decoding: try RegularFile.read(file, limit: 1 << 24), as: UTF8.self)
            let name = file.split(separator: "/").last?.dropLast(".swift".count) ?? ""
            for id in Self.idsOfTests(in: source) { tests[id, default: []].append(String(name)) }
        }
        var messages: [String: Int] = [:]
        for test in books.flatMap(\.tests) where test.test.refusal != nil || !test.id.hasSuffix("/twin") {
            messages[test.test.rule, default: 0] += 1
        }
        rows = text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { String($0).trimmingSpaces }
            guard cells.count == 6, cells[1].count == 3, cells[1].last?.isNumber == true else { return nil }
            return Row(
                id: cells[1],
                text: cells[2],
                needsMessages: cells[4] == "forged",
                messages: messages[cells[1]] ?? 0,
                tests: (tests[cells[1]] ?? []).sorted()
            )
        }
        guard !rows.isEmpty else { throw VectorError(.malformed, path: path, reason: "is not a table of rules") }
    }

    /// The files of tests below a folder.
    private static func testFiles(in folder: String) throws(VectorError) -> [String] {
        var files: [String] = []
        for name in try RegularFile.names(in: folder) {
            let path = "\(folder)/\(name)"
            if RegularFile.isFolder(path) {
                files += try testFiles(in: path)
            } else if name.hasSuffix("Tests.swift") {
                files.append(path)
            }
        }
        return files
    }

    /// The ids that names of tests begin with: `"H19: …"`, or two of them, `"P20, P21: …"`.
    private static func idsOfTests(in source: String) -> Set<String> {
        var ids: Set<String> = []
        for match in source.matches(of: /"([HBSPKM][0-9][0-9])(?:, ([HBSPKM][0-9][0-9]))?\b/) {
            ids.insert(String(match.1))
            if let second = match.2 { ids.insert(String(second)) }
        }
        return ids
    }

    /// The rules without a proof.
    package var open: [Row] { rows.filter(\.isOpen) }

    /// The table for people, a line for each rule.
    package var text: String {
        let width = rows.map(\.text.count).max() ?? 0
        var lines = ["id   messages  \("rule".padded(to: width))  tests"]
        for row in rows {
            let messages = row.messages > 0 ? "\(row.messages)" : row.needsMessages ? "NONE" : "–"
            let padding = String(repeating: " ", count: max(0, 8 - messages.count))
            let tests = row.tests.isEmpty ? "NONE" : row.tests.joined(separator: ", ")
            lines.append("\(row.id)  \(padding)\(messages)  \(row.text.padded(to: width))  \(tests)")
        }
        let withMessages = rows.count { $0.messages > 0 }
        lines.append("")
        lines.append(
            "\(rows.count) rules: \(withMessages) by messages and tests, \(rows.count - withMessages) by tests alone, "
                + "\(open.count) without proof"
        )
        return lines.joined(separator: "\n") + "\n"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
