import ESDKSystem
import ESDKTestVectors
import Glibc

/// Standard output and standard error.
enum Terminal {
    /// Whether standard error is a terminal on which a line can be drawn over.
    static var isErrorTerminal: Bool {
        guard isatty(STDERR_FILENO) == 1, let name = unsafe getenv("TERM") else { return false }
        return unsafe strcmp(name, "dumb") != 0
    }

    /// Takes the descriptors 0 to 2 where the caller has closed them.
    ///
    /// Otherwise the first file that is opened, a report say, would become standard output. What takes its place cannot
    /// be written, as if it were still closed.
    static func reserveStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes results.
    ///
    /// A full disk or a broken device ends the process with exit code 2.
    static func write(_ text: String) {
        if !writeAll(text, to: STDOUT_FILENO) {
            complain("standard output cannot be written: \(unsafe String(cString: strerror(errno)))")
            // Other tests may be running: what exit() would tear down is in use.
            _exit(2)
        }
    }

    /// Writes one diagnostic line, whatever is in the text.
    static func complain(_ text: String) {
        _ = writeAll("esdk: \(TerminalText.oneLine(text))\n", to: STDERR_FILENO)
    }

    /// Writes progress as it is.
    static func progress(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }

    private static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return false }
            offset += written
        }
        return true
    }
}
