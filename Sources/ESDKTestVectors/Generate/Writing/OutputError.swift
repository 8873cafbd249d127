internal import Glibc

/// Why a set cannot be written; the command ends with exit code 2.
package struct OutputError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path and what is wrong with it, in one line.
    package let description: String

    init(_ path: String, _ reason: String) {
        description = "\(ManifestText.plain(path)): \(reason)"
    }

    /// A failure of the system, by its own words.
    init(_ path: String, _ what: String, errno number: Int32) {
        let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        self.init(path, "\(what): \(text)")
    }
}
