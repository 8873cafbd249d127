import Glibc

/// Standard error.
enum ErrorOutput {
    /// Writes a text as it is; what cannot be written is lost.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
