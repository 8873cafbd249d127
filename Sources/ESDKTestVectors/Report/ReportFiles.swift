import ESDKSystem
import Glibc

/// A report and the file that it goes to, as `--report KIND=FILE` names them.
package struct ReportRequest: Sendable {
    /// A kind of report.
    package struct Kind: Sendable, CaseIterable {
        /// Its name on the command line.
        package let rawValue: String
        /// Makes the bytes of a report.
        let render: @Sendable (RunReport) throws -> [UInt8]

        /// All kinds.
        package static let allCases: [Kind] = [
            Kind(rawValue: "json", render: JSONReport.render),
            Kind(rawValue: "junit", render: JUnitReport.render),
            Kind(rawValue: "tap", render: TAPReport.render),
            Kind(rawValue: "html", render: HTMLReport.render),
            Kind(rawValue: "markdown", render: MarkdownReport.render),
        ]
    }

    /// The kind.
    package let kind: Kind
    /// The path of the file; `-` is standard output.
    package let path: String
    /// Whether it goes to standard output, which is then not free for anything else.
    package var isStandardOutput: Bool { path == "-" }
    /// Whether there is a file already, which then must not be one of the sets'.
    package var replacesFile: Bool { (try? FileStatus(of: SystemPath(path)))?.kind == .regular }

    /// Reads `KIND=FILE`; nil when the kind is not known or the file is missing.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty,
            let kind = Kind.allCases.first(where: { $0.rawValue.utf8.elementsEqual(parts[0].utf8) })
        else { return nil }
        self.kind = kind
        path = String(parts[1])
    }

    /// A page that is made already.
    ///
    /// - Parameters:
    ///   - page: the page.
    ///   - path: the path of the file.
    package init(page: [UInt8], path: String) {
        kind = Kind(rawValue: "html") { _ in page }
        self.path = path
    }

    /// What failed, as a list for `--expect`.
    ///
    /// - Parameter path: the path of the file.
    package init(knownFailuresAt path: String) {
        kind = Kind(rawValue: "known failures", render: KnownFailures.render)
        self.path = path
    }
}

/// The files of all reports of a run, opened before it, so that a wrong path is found at once.
package struct ReportFiles {
    /// Why a report cannot be written, in one line.
    package struct Failure: Error, CustomStringConvertible {
        /// The path, and why.
        package let description: String

        fileprivate init(_ request: ReportRequest, _ reason: String) {
            description = "\(SystemPath(request.path)): \(reason)"
        }
    }

    private let files: [(request: ReportRequest, file: FileDescriptor)]

    /// Creates or empties the files.
    ///
    /// - Parameters:
    ///   - requests: the reports and their files.
    ///   - inputs: the paths of files that are read, which no report may replace.
    ///   - sets: vector sets, whose manifests, keys and other files no report may replace.
    /// - Throws: when a file cannot be opened, is read, or would get two reports.
    package init(
        _ requests: [ReportRequest],
        sparing inputs: [String] = [],
        of sets: [VectorSet] = []
    ) throws(Failure) {
        var taken: [FileStatus.Identity: String] = [:]
        func spare(_ path: SystemPath, _ reason: String) {
            guard let status = try? FileStatus(of: path) else { return }
            taken[status.identity] = reason
        }
        for input in inputs { spare(SystemPath(input), "is an input of this command") }
        // Sets are large, and most reports are new files.
        if requests.contains(where: \.replacesFile) {
            for set in sets {
                for file in set.files { spare(file, "belongs to the set \(ManifestText.plain(set.path))") }
            }
        }
        var files: [(ReportRequest, FileDescriptor)] = []
        for request in requests { files.append((request, try Self.open(request, &taken))) }
        self.files = files
    }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - request: the report and its file.
    ///   - taken: the files that no report may go to, and why.
    private static func open(
        _ request: ReportRequest,
        _ taken: inout [FileStatus.Identity: String]
    ) throws(Failure) -> FileDescriptor {
        let name = request.kind.rawValue
        let file: FileDescriptor
        if request.isStandardOutput { return .standardOutput }
        do { file = try FileDescriptor.open(SystemPath(request.path), O_WRONLY | O_CREAT | O_NOCTTY) } catch {
            throw Failure(request, "cannot be opened for the \(name) report: \(error.reason)")
        }
        // A device or a pipe takes one report after the other.
        guard let status = try? file.status(), status.kind == .regular else { return file }
        if let reason = taken[status.identity] { throw Failure(request, "\(reason); name another one") }
        taken[status.identity] = "the \(name) report goes to this file already"
        do { try file.truncate() } catch { throw Failure(request, "cannot be emptied: \(error.reason)") }
        return file
    }

    /// Writes the report to every file, whether or not others can be written.
    ///
    /// - Returns: why files could not be written.
    package func write(_ report: RunReport) -> [Failure] {
        var failures: [Failure] = []
        for (request, file) in files {
            do {
                // A span of the call's result itself breaks the compiler of Swift 6.3.1.
                let bytes = try request.kind.render(report)
                try file.writeAll(bytes.span)
            } catch {
                failures.append(Failure(request, "cannot be written: \((error as? SystemError)?.reason ?? "\(error)")"))
            }
        }
        return failures
    }
}
