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
