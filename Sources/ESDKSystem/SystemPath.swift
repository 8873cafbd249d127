internal import Glibc

/// A path as the operating system has it: bytes, in no particular encoding.
///
/// File names on Linux need not be UTF-8. A path made of such bytes opens the file that it names; its description shows
/// what cannot be printed as an escape.
public struct SystemPath: Hashable, Sendable {
    /// The bytes of the path, without a zero byte at the end.
    public let bytes: [UInt8]

    /// A path of the given bytes.
    ///
    /// - Parameter bytes: the path, in whatever encoding the file system uses.
    public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// The path that a text spells in UTF-8.
    ///
    /// - Parameter text: the path.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The path as text; nil when its bytes are not UTF-8.
    public var string: String? { String(validating: bytes, as: UTF8.self) }
}

extension SystemPath: ExpressibleByStringLiteral {
    /// The path that a literal spells.
    public init(stringLiteral value: String) { self.init(value) }
}

extension SystemPath: CustomStringConvertible {
    /// The path for people: control characters and bytes that are not UTF-8 are escaped.
    public var description: String {
        if let string { return TerminalText.escaped(string) }
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            // The longest prefix of one to four bytes that is a character, or one byte that is not.
            let length = (1...4).first { $0 <= rest.count && String(validating: rest.prefix($0), as: UTF8.self) != nil }
            if let length {
                text += TerminalText.escaped(String(decoding: rest.prefix(length), as: UTF8.self))
            } else {
                text += "\\x" + String(first >> 4, radix: 16) + String(first & 15, radix: 16)
            }
            rest = rest.dropFirst(length ?? 1)
        }
        return text
    }
}

extension SystemPath {
    private static let slash = UInt8(ascii: "/")

    /// Whether the path starts at the root.
    package var isAbsolute: Bool { bytes.first == Self.slash }

    /// The part after the last slash, where slashes at the end do not count; `/` for the root.
    package var lastComponent: SystemPath {
        let trimmed = withoutSlashesAtEnd
        guard let slash = trimmed.lastIndex(of: Self.slash), trimmed.count > 1 else {
            return SystemPath(bytes: trimmed)
        }
        return SystemPath(bytes: trimmed[(slash + 1)...])
    }

    /// The folder that the path lies in: `.` for a bare name, `/` for the root.
    package var parent: SystemPath {
        let trimmed = withoutSlashesAtEnd
        guard let slash = trimmed.lastIndex(of: Self.slash) else { return "." }
        let folder = SystemPath(bytes: trimmed[..<slash]).withoutSlashesAtEnd
        return folder.isEmpty ? "/" : SystemPath(bytes: folder)
    }

    /// The path of something in this folder; an absolute path stays what it is.
    package func appending(_ other: SystemPath) -> SystemPath {
        if other.isAbsolute || bytes.isEmpty { return other }
        return SystemPath(bytes: bytes.last == Self.slash ? bytes + other.bytes : bytes + [Self.slash] + other.bytes)
    }

    private var withoutSlashesAtEnd: ArraySlice<UInt8> {
        var trimmed = bytes[...]
        while trimmed.count > 1, trimmed.last == Self.slash { trimmed.removeLast() }
        return trimmed
    }

    /// The path as C has it.
    ///
    /// - Parameter operation: what it is for, for the error.
    /// - Throws: for a path that holds a zero byte, which C would take for its end.
    package func cString(to operation: String) throws(SystemError) -> [CChar] {
        guard !bytes.contains(0) else {
            throw SystemError(EINVAL, operation, self, "a path cannot hold a zero byte")
        }
        return bytes.map { CChar(bitPattern: $0) } + [0]
    }
}
