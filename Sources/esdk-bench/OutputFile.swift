import Glibc

/// The files that `--json` names.
enum OutputFile {
    /// Writes a text in the place of what is there.
    ///
    /// - Throws: `BenchError`.
    static func write(_ text: String, to path: String) throws(BenchError) {
        guard let file = unsafe fopen(path, "w") else {
            throw BenchError("cannot write \(path): \(unsafe String(cString: strerror(errno)))")
        }
        let isWritten = unsafe fputs(text, file) >= 0
        guard unsafe fclose(file) == 0, isWritten else { throw BenchError("cannot write \(path)") }
    }
}
