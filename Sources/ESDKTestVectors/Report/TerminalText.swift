/// Texts from manifests and messages, for terminals and shells.
package enum TerminalText {
    /// A text on one line.
    ///
    /// What would break the line, drive a terminal or turn the direction of writing is shown as `?`.
    package static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isUnfit($0) ? "?" : $0 }))
    }

    /// The lines of a text, each fit for a terminal.
    static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { oneLine(String($0)) }
    }

    /// A text as one word for a shell, and on one line.
    static func shellWord(_ text: String) -> String {
        if text.unicodeScalars.contains(where: isUnfit) {
            return "$'" + text.unicodeScalars.map(ansiQuoted).joined() + "'"
        }
        if !text.isEmpty, text.utf8.allSatisfy(isPlain) { return text }
        // By scalars: a combining mark after a quotation mark would make another character of it.
        return "'" + text.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
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
