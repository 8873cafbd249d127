import ESDKSystem
import ESDKTestVectors
import Glibc

/// Standard output and standard error.
enum Terminal {
    /// Whether standard error is a terminal on which a line can be drawn over.
    static var isErrorTerminal: Bool {
        FileDescriptor.standardError.canMoveCursor
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
        do throws(SystemError) { try FileDescriptor.standardOutput.write(text) } catch {
            complain("standard output cannot be written: \(error.reason)")
            // Other tests may be running: what exit() would tear down is in use.
            _exit(2)
        }
    }

    /// Writes one diagnostic line, whatever is in the text.
    static func complain(_ text: String) {
        try? FileDescriptor.standardError.write("esdk: \(TerminalText.oneLine(text))\n")
    }

    /// Writes progress as it is.
    static func progress(_ text: String) { try? FileDescriptor.standardError.write(text) }
}
