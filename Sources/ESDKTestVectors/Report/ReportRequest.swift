/// A report that is to be written to a file, as `--report KIND=FILE` asks for it.
package struct ReportRequest: Sendable, Hashable {
    /// The kinds of reports.
    package enum Kind: String, Sendable, CaseIterable {
        /// JSON, with every case.
        case json
        /// JUnit XML.
        case junit
        /// Test Anything Protocol.
        case tap
    }

    /// The kind.
    package let kind: Kind
    /// The path of the file.
    package let path: String

    /// Reads `KIND=FILE`; nil when the kind is not known or the file is missing.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, let kind = Kind(rawValue: String(parts[0])) else { return nil }
        self.kind = kind
        path = String(parts[1])
    }

    /// The report's bytes.
    ///
    /// - Throws: `JSONError` when a text cannot be written.
    package func render(_ report: RunReport) throws -> [UInt8] {
        switch kind {
        case .json: try JSONReport.render(report)
        case .junit: JUnitReport.render(report)
        case .tap: TAPReport.render(report)
        }
    }
}
