internal import Glibc

/// Texts from messages, manifests and services, made fit for terminals and shells.
package enum TerminalText {
    /// A text on one line.
    ///
    /// What would break the line, drive a terminal or turn the direction of writing is shown as `?`.
    package static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isUnfit($0) ? "?" : $0 }))
    }

    /// A text on one line, from which the original can be told.
    ///
    /// What would break the line, drive a terminal or turn the direction of writing is shown as `\u{1B}`, a backslash
    /// as two.
    package static func escaped(_ text: String) -> String {
        if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 && $0 != UInt8(ascii: "\\") }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\\" {
                result += "\\\\"
            } else if isUnfit(scalar) {
                result += escape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A text that was put together of others, such as the reason of an error, on one line.
    ///
    /// What would break the line, drive a terminal or turn the direction of writing is shown as `\u{1B}`; all else stays,
    /// so that parts that were escaped before are not escaped twice.
    package static func harmless(_ text: String) -> String {
        if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) || !text.unicodeScalars.contains(where: isUnfit) { return text }
        return text.unicodeScalars.map { isUnfit($0) ? escape($0) : String($0) }.joined()
    }

    /// A text in quotation marks, escaped as ``escaped(_:)`` does it, quotation marks included.
    package static func quoted(_ text: String) -> String {
        let marks = escaped(text).split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(marks.joined(separator: "\\\""))\""
    }

    /// The lines of a text, each fit for a terminal.
    package static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { oneLine(String($0)) }
    }

    /// A text as one word for a shell, and on one line.
    package static func shellWord(_ text: String) -> String {
        if text.unicodeScalars.contains(where: isUnfit) {
            return "$'" + text.unicodeScalars.map(ansiQuoted).joined() + "'"
        }
        if !text.isEmpty, text.utf8.allSatisfy(isPlain) { return text }
        // By scalars: a combining mark after a quotation mark would make another character of it.
        return "'" + text.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
    }

    /// How many columns of a terminal a text takes.
    package static func columns(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns($1) }
    }

    /// As much of a text as fits into so many columns, with `…` at its end where something was left out.
    package static func fitted(_ text: String, columns limit: Int) -> String {
        guard columns(text) > limit else { return text }
        var width = 0
        let start = text.unicodeScalars.prefix { scalar in
            width += columns(scalar)
            return width < limit
        }
        return String(start) + (limit > 0 ? "…" : "")
    }

    private static func columns(_ scalar: UnicodeScalar) -> Int {
        if scalar.value < 0x7F { return scalar.value < 0x20 ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // East Asian wide characters and emoji.
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    private static func escape(_ scalar: UnicodeScalar) -> String {
        "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }

    private static func isUnfit(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: 0x202A...0x202E ~= scalar.value || 0x2066...0x2069 ~= scalar.value
        default: false
        }
    }

    /// A character inside `$'…'`; octal digits are always three, so that a digit after them is not taken for one of
    /// theirs.
    private static func ansiQuoted(_ scalar: UnicodeScalar) -> String {
        if scalar == "'" || scalar == "\\" { return "\\\(scalar)" }
        guard isUnfit(scalar) else { return String(scalar) }
        return String(scalar).utf8.map { byte in
            let digits = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }.joined()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "/"), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

extension FileDescriptor {
    /// How a text stands out on a terminal.
    package enum TextStyle: String, Sendable {
        case bold = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    /// Whether it leads to a terminal.
    package var isTerminal: Bool { isatty(number) == 1 }

    /// Whether it leads to a terminal that understands control sequences.
    package var canMoveCursor: Bool { isTerminal && Environment.text("TERM").map { $0 != "dumb" } == true }

    /// Whether coloured text is welcome: on a terminal, unless `NO_COLOR` has a value.
    package var showsColors: Bool { canMoveCursor && (Environment.text("NO_COLOR") ?? "").isEmpty }

    /// How many columns the terminal has; nil where that is not known.
    package var terminalColumns: Int? {
        var size = winsize()
        guard unsafe ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// A text in a style, where colours are welcome.
    package func styled(_ text: String, _ style: TextStyle) -> String {
        showsColors ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}
