internal import Glibc

/// Questions to the user of a terminal.
package enum TerminalPrompt {
    /// Asks a question, and reads a line that is not shown while it is typed.
    ///
    /// Standard input is read where it is a terminal, the process's own terminal where only standard error is one.
    ///
    /// - Parameter question: ends with a blank.
    /// - Returns: the line, without its end.
    /// - Throws: `SystemError` where there is no terminal, or its end comes first; `CancellationError`.
    package static func ask(_ question: String) async throws -> String {
        let terminal: FileDescriptor
        if FileDescriptor.standardInput.isTerminal {
            terminal = .standardInput
        } else if FileDescriptor.standardError.isTerminal {
            terminal = try .open("/dev/tty", O_RDWR | O_NOCTTY)
        } else {
            throw SystemError(ENOTTY, "ask", nil, "neither standard input nor standard error is a terminal")
        }
        let screen: FileDescriptor = terminal === FileDescriptor.standardInput ? .standardError : terminal
        var settings = termios()
        guard unsafe tcgetattr(terminal.number, &settings) == 0 else { throw SystemError.last("ask") }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(terminal.number, TCSAFLUSH, &silent) == 0 else { throw SystemError.last("ask") }
        defer { _ = unsafe tcsetattr(terminal.number, TCSADRAIN, &settings) }
        try screen.write(question)
        defer { try? screen.write("\n") }
        // In short waits, so that a cancelled task does not hold the terminal.
        while true {
            var wait = pollfd(fd: terminal.number, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&wait, 1, 0) > 0 { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let line = try terminal.read(upTo: 1024)
        guard !line.isEmpty else { throw SystemError(ENODATA, "ask", nil, "the input ended") }
        return String(decoding: line.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }
}
