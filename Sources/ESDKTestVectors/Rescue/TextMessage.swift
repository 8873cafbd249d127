import ESDKCrypto

/// A message that was made text of: Base64, hexadecimal digits, a program's text for bytes, or several of these around each other.
package struct TextMessage: Sendable {
    /// The message.
    package let message: [UInt8]
    /// What it was, such as `Base64 text in quotation marks`.
    package let form: String

    /// The deepest nesting of texts in texts.
    private static let mostLayers = 6

    /// Whether an input that starts so may be such a text: no message starts with a printable character.
    package static func mayBe(_ start: [UInt8]) -> Bool { start.first.map { $0 != 1 && $0 != 2 } ?? false }

    /// Decodes a text; nil when what comes of it does not begin as a message does.
    package init?(_ text: [UInt8]) {
        var bytes = text
        var forms: [String] = []
        for _ in 0..<Self.mostLayers {
            guard !Self.isMessage(bytes) else { break }
            guard let (inner, form) = Self.layer(of: bytes) else { return nil }
            bytes = inner
            if !form.isEmpty { forms.append(form) }
        }
        guard Self.isMessage(bytes), !forms.isEmpty else { return nil }
        message = bytes
        // The innermost form first: Base64 text in quotation marks.
        form = forms.reversed().joined(separator: " in ")
    }

    private static func isMessage(_ bytes: [UInt8]) -> Bool {
        [[1, 0x80], [2, 4, 0x78], [2, 5, 0x78]].contains { bytes.starts(with: $0) }
    }

    // MARK: - Layers

    /// What is inside the outermost form of a text, and that form.
    private static func layer(of text: [UInt8]) -> ([UInt8], String)? {
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { return (Array(text.dropFirst(3)), "a text with a byte-order mark") }
        if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF]) { return narrowed(text) }
        let trimmed = trimmed(text)
        if trimmed.count < text.count { return (Array(trimmed), "") }
        for prefix in ["b'", "b\"", "'", "\"", "`"] where isWrapped(trimmed, in: prefix) {
            let inner = trimmed.dropFirst(prefix.utf8.count).dropLast()
            if let bytes = unescaped(inner) {
                return (bytes, prefix.count == 2 ? "Python's text for bytes" : "an escaped string")
            }
            return (Array(inner), "quotation marks")
        }
        if trimmed.starts(with: "data:".utf8), let comma = trimmed.prefix(256).firstIndex(of: UInt8(ascii: ",")) {
            return (Array(trimmed[(comma + 1)...]), "a data URL")
        }
        if let bytes = hexadecimal(trimmed) { return (bytes, "hexadecimal text") }
        if let bytes = unescaped(trimmed) { return (bytes, "escaped text") }
        if let bytes = numbers(trimmed) { return (bytes, "a list of numbers") }
        if let bytes = base64(trimmed) { return (bytes, "Base64 text") }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private static func trimmed(_ text: [UInt8]) -> ArraySlice<UInt8> {
        let rest = text.drop(while: isSpace)
        return rest[..<((rest.lastIndex { !isSpace($0) } ?? rest.startIndex - 1) + 1)]
    }

    private static func isWrapped(_ text: ArraySlice<UInt8>, in prefix: String) -> Bool {
        text.count > prefix.utf8.count && text.starts(with: prefix.utf8) && text.last == prefix.utf8.last
    }

    /// UTF-16 as ASCII.
    private static func narrowed(_ text: [UInt8]) -> ([UInt8], String)? {
        let (low, high) = text[0] == 0xFF ? (0, 1) : (1, 0)
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 2)
        for index in stride(from: 2, to: text.count - 1, by: 2) {
            guard text[index + high] == 0, text[index + low] < 0x80 else { return nil }
            result.append(text[index + low])
        }
        return (result, "a text in UTF-16")
    }

    /// Base64 of either alphabet, with or without padding, in lines or not.
    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var letters: [UInt8] = []
        letters.reserveCapacity(text.count + 3)
        for byte in text where !isSpace(byte) {
            switch byte {
            case UInt8(ascii: "-"): letters.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): letters.append(UInt8(ascii: "/"))
            default: letters.append(byte)
            }
        }
        while letters.last == UInt8(ascii: "=") { letters.removeLast() }
        guard letters.count % 4 != 1 else { return nil }
        letters += Array(repeating: UInt8(ascii: "="), count: (4 - letters.count % 4) % 4)
        return Base64.decode(letters.span)
    }

    /// Hexadecimal digits, in pairs or not, perhaps after a mark.
    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let marks = ["0x", "0X", "x'", "X'"]
        var digits = marks.contains { text.starts(with: $0.utf8) } ? text.dropFirst(2) : text
        if text.dropFirst().first == UInt8(ascii: "'"), digits.last == UInt8(ascii: "'") { digits.removeLast() }
        // PostgreSQL's form.
        if digits.starts(with: "\\x".utf8), digits.dropFirst(4).first != UInt8(ascii: "\\") { digits.removeFirst(2) }
        let pairs = digits.filter { !isSpace($0) && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "-") }
        return Hex.decode(pairs.span)
    }

    /// Text with escapes such as `\x01`, as Python, C and shells write bytes; nil without any, or with one that is not known.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.contains(UInt8(ascii: "\\")) else { return nil }
        let simple: [UInt8: UInt8] = [
            UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09, UInt8(ascii: "a"): 0x07,
            UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "v"): 0x0B, UInt8(ascii: "0"): 0,
            UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "'"): UInt8(ascii: "'"),
            UInt8(ascii: "\""): UInt8(ascii: "\""),
        ]
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let kind = rest.popFirst() else { return nil }
            if kind == UInt8(ascii: "x") || kind == UInt8(ascii: "u") {
                let count = kind == UInt8(ascii: "x") ? 2 : 4
                guard let value = Int(String(decoding: rest.prefix(count), as: UTF8.self), radix: 16), value < 256
                else { return nil }
                result.append(UInt8(value))
                rest = rest.dropFirst(count)
            } else if let value = simple[kind] {
                result.append(value)
            } else {
                return nil
            }
        }
        return result
    }

    /// Numbers between brackets, as JSON and debuggers show bytes; `{"type":"Buffer","data":[…]}` too.
    private static func numbers(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.first == UInt8(ascii: "[") || text.starts(with: "{\"type\"".utf8),
            let start = text.prefix(64).firstIndex(of: UInt8(ascii: "[")),
            let end = text.lastIndex(of: UInt8(ascii: "]")), start < end
        else { return nil }
        var result: [UInt8] = []
        for item in text[(start + 1)..<end].split(whereSeparator: { $0 == UInt8(ascii: ",") || isSpace($0) }) {
            guard item.count <= 4, let value = Int(String(decoding: item, as: UTF8.self)), -128..<256 ~= value else {
                return nil
            }
            // Java's bytes are signed.
            result.append(UInt8(truncatingIfNeeded: value))
        }
        return result
    }
}
