import Glibc

/// A report and the file that it goes to, as `--report KIND=FILE` names them.
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

/// The files of all reports of a run, opened before it.
package final class ReportFiles {
    private final class Opened {
        let file: ReportFile

        init(_ file: consuming ReportFile) { self.file = file }
    }

    private let files: [Opened]

    /// Creates or empties the files.
    ///
    /// - Throws: when one cannot be opened, or two reports would go to one file.
    package init(_ requests: [ReportRequest]) throws(ReportFile.Failure) {
        var files: [Opened] = []
        for request in requests {
            let file = try ReportFile(request)
            if let other = files.first(where: { $0.file.isSame(as: file) }) {
                throw ReportFile.Failure(request.path, takenBy: other.file.kind)
            }
            files.append(Opened(file))
        }
        self.files = files
    }

    /// Writes the report to every file, whether or not others can be written.
    ///
    /// - Returns: why files could not be written.
    package func write(_ report: RunReport) -> [ReportFile.Failure] {
        var failures: [ReportFile.Failure] = []
        for opened in files {
            do { try opened.file.write(report) } catch { failures.append(error) }
        }
        return failures
    }
}

/// A file for a report: opened before a run, so that a wrong path is found at once and not after it.
package struct ReportFile: ~Copyable {
    private let request: ReportRequest
    private let descriptor: Int32

    /// Why a report cannot be written, in one line.
    package struct Failure: Error, CustomStringConvertible {
        /// The path and the system's word for why.
        package let description: String

        fileprivate init(_ path: String, _ what: String) {
            description = "\(path): \(what): \(unsafe String(cString: strerror(errno)))"
        }

        init(_ path: String, takenBy kind: ReportRequest.Kind) {
            description = "\(path): the \(kind.rawValue) report goes to this file already; name another one"
        }

        fileprivate init(_ path: String, error: any Error) { description = "\(path): cannot be written: \(error)" }
    }

    /// Creates or empties the file.
    ///
    /// - Throws: when it cannot be opened.
    package init(_ request: ReportRequest) throws(Failure) {
        let opened = unsafe open(request.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard opened >= 0 else {
            throw Failure(request.path, "cannot be opened for the \(request.kind.rawValue) report")
        }
        self.request = request
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// The kind of report.
    var kind: ReportRequest.Kind { request.kind }

    /// Whether both write to one regular file; a device or a pipe takes one report after the other.
    borrowing func isSame(as other: borrowing ReportFile) -> Bool {
        var (mine, theirs) = (stat(), stat())
        guard unsafe fstat(descriptor, &mine) == 0, unsafe fstat(other.descriptor, &theirs) == 0 else { return false }
        return mine.st_mode & S_IFMT == S_IFREG && mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino
    }

    /// Writes the report.
    ///
    /// - Throws: when it cannot be written, such as to a full disk.
    package borrowing func write(_ report: RunReport) throws(Failure) {
        let bytes: [UInt8]
        do { bytes = try request.render(report) } catch { throw Failure(request.path, error: error) }
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Failure(request.path, "cannot be written") }
            offset += written
        }
    }
}
