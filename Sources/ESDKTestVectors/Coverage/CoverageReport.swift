package import StrictJSON

/// What a set covers, as a report: text, JSON and a page.
package struct CoverageReport: Sendable {
    private let coverage: SetCoverage
    /// What a matrix has and the set lacks; nil where no matrix was given.
    private let wanted: SetCoverage?
    package let holes: [SetCoverage.Cell]

    /// A report.
    ///
    /// - Parameter wanted: what the set should cover, if anything.
    package init(_ coverage: SetCoverage, against wanted: SetCoverage? = nil) {
        self.coverage = coverage
        self.wanted = wanted
        holes = wanted.map { coverage.holes(against: $0) } ?? []
    }

    /// A table of counts.
    private struct Table {
        let title: String
        let columns: [String]
        let rows: [(name: String, counts: [Int])]
    }

    private var tables: [Table] {
        let suites = Set(coverage.suites).union(wanted?.suites ?? []).sorted()
        let keyrings = Set(coverage.keyrings).union(wanted?.keyrings ?? []).sorted()
        let framings = SetCoverage.Framing.allCases
        let shapes = SetCoverage.ContextShape.allCases
        return [
            Table(
                title: "keyring",
                columns: suites + ["not framed", "< 4096", "4096", "> 4096"],
                rows: keyrings.map { keyring in
                    (
                        keyring,
                        suites.map { coverage.count(suite: $0, keyring: keyring) }
                            + framings.map { coverage.count(keyring: keyring, framing: $0) }
                    )
                }
            ),
            Table(
                title: "framing",
                columns: suites,
                rows: framings.map { framing in
                    (framing.rawValue, suites.map { coverage.count(suite: $0, framing: framing) })
                }
            ),
            Table(
                title: "context",
                columns: suites + ["not framed", "< 4096", "4096", "> 4096"],
                rows: shapes.map { shape in
                    (
                        shape.rawValue,
                        suites.map { coverage.cells[.init(suite: $0, shape: shape)] ?? 0 }
                            + framings.map { coverage.cells[.init(framing: $0, shape: shape)] ?? 0 }
                    )
                }
            ),
        ]
    }

    private var summary: String {
        var text = "\(coverage.tests) tests: \(coverage.suites.count) suites, \(coverage.keyrings.count) keyrings"
        if coverage.unread > 0 { text += "; \(coverage.unread) could not be read" }
        guard let wanted else { return text }
        let met = wanted.cells.count - holes.count
        return text + "; \(met) of \(wanted.cells.count) combinations of the matrix, \(holes.count) holes"
    }

    // MARK: Text

    private static let listedHoles = 40

    /// The tables and the first holes.
    package var text: String {
        var lines: [String] = []
        for table in tables {
            let width = (table.rows.map(\.name.count) + [table.title.count]).max() ?? 0
            let widths = table.columns.indices.map { column in
                max(table.columns[column].count, table.rows.map { Self.cell($0.counts[column]).count }.max() ?? 0)
            }
            lines.append(
                table.title.padded(to: width) + zip(table.columns, widths).map { "  " + $0.leading($1) }.joined()
            )
            for row in table.rows {
                let counts = zip(row.counts, widths).map { "  " + Self.cell($0).leading($1) }.joined()
                lines.append(row.name.padded(to: width) + counts)
            }
            lines.append("")
        }
        for hole in holes.prefix(Self.listedHoles) { lines.append("hole: \(hole)") }
        if holes.count > Self.listedHoles {
            lines.append("and \(holes.count - Self.listedHoles) more holes, which JSON lists")
        }
        if !holes.isEmpty { lines.append("") }
        return (lines + [summary]).joined(separator: "\n") + "\n"
    }

    private static func cell(_ count: Int) -> String { count == 0 ? "–" : "\(count)" }

    // MARK: JSON

    /// All combinations with their counts, and all holes.
    package var json: JSONValue {
        func object(_ cell: SetCoverage.Cell, _ count: Int?) -> JSONValue {
            var object = JSONObject()
            object["suite"] = cell.suite.map(JSONValue.string)
            object["keyring"] = cell.keyring.map(JSONValue.string)
            object["framing"] = cell.framing.map { .string($0.rawValue) }
            object["context"] = cell.shape.map { .string($0.rawValue) }
            object["tests"] = count.map { .integer(Int64($0)) }
            return .object(object)
        }
        let cells = coverage.cells.sorted { "\($0.key)" < "\($1.key)" }
        var root: JSONObject = [
            "schema": 1,
            "tests": .integer(Int64(coverage.tests)),
            "unread": .integer(Int64(coverage.unread)),
            "cells": .array(cells.map { object($0.key, $0.value) }),
        ]
        if let wanted {
            root["wanted"] = .integer(Int64(wanted.cells.count))
            root["holes"] = .array(holes.map { object($0, nil) })
        }
        return .object(root)
    }

    // MARK: Page

    /// A page without external parts.
    package var html: String {
        var body = "<h1>What the tests cover</h1>\n<p>\(Self.escaped(summary))</p>\n"
        for table in tables {
            body += "<table>\n<caption>By \(table.title)</caption>\n<tr><th scope=\"col\">\(table.title)</th>"
            body += table.columns.map { "<th scope=\"col\">\(Self.escaped($0))</th>" }.joined() + "</tr>\n"
            for row in table.rows {
                body += "<tr><th scope=\"row\">\(Self.escaped(row.name))</th>"
                body += row.counts.map { $0 == 0 ? "<td class=\"none\">–</td>" : "<td>\($0)</td>" }.joined() + "</tr>\n"
            }
            body += "</table>\n"
        }
        if !holes.isEmpty {
            body += "<h2>Holes</h2>\n<ul>\n"
            body += holes.map { "<li>\(Self.escaped("\($0)"))</li>\n" }.joined() + "</ul>\n"
        }
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>What the tests cover</title>
            <style>
            :root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif }
            body { margin: 2rem; overflow-x: auto }
            table { border-collapse: collapse; margin: 1.5rem 0 }
            caption { text-align: left; font-weight: 600; padding-bottom: .3rem }
            th, td { padding: .15rem .5rem; border: 1px solid #8886; text-align: right }
            th:first-child { text-align: left; font-weight: 400 }
            td { background: light-dark(#dff3df, #1d3d24) }
            .none { background: light-dark(#f8dada, #4a2023) }
            </style>
            <body>
            \(body)</body>
            </html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
    fileprivate func leading(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
