import Glibc

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
