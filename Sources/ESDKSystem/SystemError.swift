internal import Glibc

/// What the operating system refused to do.
///
/// Two errors are equal when their numbers are.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number of the error, as in `errno`.
    public let number: Int32
    /// What was to be done, such as `open`: a verb that follows "cannot".
    public let operation: String
    /// The file that it was to be done with, where there is one.
    public let path: SystemPath?
    /// Why it was refused, in the words of the system or in clearer ones.
    public let reason: String

    /// An error.
    ///
    /// - Parameters:
    ///   - number: the number, as in `errno`.
    ///   - operation: what was to be done: a verb that follows "cannot".
    ///   - path: the file that it was to be done with.
    ///   - reason: why it was refused; nil for the words of the system.
    package init(_ number: Int32, _ operation: String, _ path: SystemPath? = nil, _ reason: String? = nil) {
        self.number = number
        self.operation = operation
        self.path = path
        self.reason = reason.map(TerminalText.harmless) ?? Self.words(for: number)
    }

    /// What the last call of the C library left in `errno`.
    package static func last(_ operation: String, _ path: SystemPath? = nil) -> SystemError {
        SystemError(errno, operation, path)
    }

    /// The system's words for an error, such as `No such file or directory`.
    package static func words(for number: Int32) -> String {
        // Thread-safe: glibc answers from constants, or from memory of the calling thread.
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }

    /// What was refused and why, in one line: `cannot open notes.txt: Permission denied`.
    public var description: String {
        "cannot \(operation)\(path.map { " \($0)" } ?? ""): \(reason)"
    }

    /// Whether the file, or a folder on the way to it, does not exist.
    public var isMissingFile: Bool { number == ENOENT || number == ENOTDIR }

    /// Whether something is in the way of a file that is to be made: a file of its name, or a symbolic link.
    package var isAboutExistingFile: Bool { number == EEXIST || number == ELOOP }

    /// Equality of the numbers.
    public static func == (left: Self, right: Self) -> Bool { left.number == right.number }

    /// Hashes the number, in keeping with equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// Calls the C library again as long as a signal interrupts it.
///
/// - Parameter call: a call that answers less than zero when it fails.
/// - Returns: its answer; after a failure `errno` says why.
@inline(__always)
func uninterrupted<Answer: SignedInteger>(_ call: () -> Answer) -> Answer {
    while true {
        let answer = call()
        if answer >= 0 || errno != EINTR { return answer }
    }
}
