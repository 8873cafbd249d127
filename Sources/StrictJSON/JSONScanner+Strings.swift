extension JSONScanner {
    /// Scans a string from its opening quotation mark to after its closing one.
    ///
    /// - Returns: whether it holds an escape.
    /// - Throws: on a control character, a malformed escape, half a surrogate pair, malformed UTF-8 or the end of input.
    mutating func scanString() throws(JSONError) -> Bool {
        position += 1
        var isEscaped = false
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                try scanEscape()
            case 0x00..<0x20:
                throw error(.syntax, "control character \(StrictJSON.hex(byte)) in a string, not escaped", at: position)
            case 0x20..<0x80:
                position += 1
            default:
                try scanMultibyte(lead: byte)
            }
        }
        throw unexpected("the end of the string")
    }

    private mutating func scanEscape() throws(JSONError) {
        let start = position
        position += 1
        guard position < bytes.count else { throw unexpected("an escape") }
        let letter = bytes[position]
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            let unit = try scanHexDigits()
            switch unit {
            case 0xD800..<0xDC00:
                try scanLowSurrogate(start: start)
            case 0xDC00..<0xE000:
                throw error(.encoding, "half a surrogate pair: a low one alone", at: start)
            default:
                break
            }
        default:
            throw error(.syntax, "an unknown escape in a string", at: start)
        }
    }

    private mutating func scanLowSurrogate(start: Int) throws(JSONError) {
        let reason = "half a surrogate pair: a high one alone"
        for expected in [UInt8(ascii: "\\"), UInt8(ascii: "u")] {
            guard position < bytes.count else { throw unexpected("the other half of a surrogate pair") }
            guard bytes[position] == expected else { throw error(.encoding, reason, at: start) }
            position += 1
        }
        let low = try scanHexDigits()
        guard 0xDC00..<0xE000 ~= low else { throw error(.encoding, reason, at: start) }
    }

    private mutating func scanHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw unexpected("a hexadecimal digit") }
            guard let digit = Self.hexDigit(bytes[position]) else { throw unexpected("a hexadecimal digit") }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Checks one character beyond ASCII: shortest form, no surrogate, not above U+10FFFF (RFC 3629, section 4).
    private mutating func scanMultibyte(lead: UInt8) throws(JSONError) {
        let count: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default: throw error(.encoding, "not UTF-8: byte \(StrictJSON.hex(lead))", at: position)
        }
        for index in 1..<count {
            guard position + index < bytes.count else {
                position = bytes.count
                throw unexpected("the rest of a character")
            }
            let byte = bytes[position + index]
            guard (index == 1 ? second : 0x80...0xBF).contains(byte) else {
                throw error(.encoding, "not UTF-8: byte \(StrictJSON.hex(byte))", at: position + index)
            }
        }
        position += count
    }

    /// The text of a string that has been scanned.
    ///
    /// - Parameters:
    ///   - range: its bytes, quotation marks included.
    ///   - isEscaped: whether it holds an escape.
    func text(of range: Range<Int>, isEscaped: Bool) -> String {
        let inner = bytes.extracting(range.lowerBound + 1..<range.upperBound - 1)
        guard isEscaped else { return inner.text }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(inner.count)
        var place = 0
        while place < inner.count {
            guard inner[place] == UInt8(ascii: "\\") else {
                decoded.append(inner[place])
                place += 1
                continue
            }
            let letter = inner[place + 1]
            place += 2
            switch letter {
            case UInt8(ascii: "u"):
                var scalar = Self.unit(at: place, in: inner)
                place += 4
                if 0xD800..<0xDC00 ~= scalar {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (Self.unit(at: place + 2, in: inner) - 0xDC00)
                    place += 6
                }
                if let scalar = Unicode.Scalar(scalar) { decoded.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
            default: decoded.append(StrictJSON.unescaped(letter))
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func unit(at place: Int, in inner: Span<UInt8>) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | (hexDigit(inner[place + $1]) ?? 0) }
    }

    // MARK: Errors

    /// An error at a place.
    func error(_ code: JSONError.Code, _ reason: String, at offset: Int) -> JSONError {
        JSONError(code: code, reason: reason, source: source, location: .init(offset: offset, in: bytes))
    }

    /// An error at the current position: something else was to come.
    func unexpected(_ expected: String) -> JSONError {
        guard position < bytes.count else {
            return error(.syntax, "the document ends where \(expected) should be", at: bytes.count)
        }
        return error(.syntax, "expected \(expected), found \(found())", at: position)
    }

    private func found() -> String {
        switch bytes[position] {
        case UInt8(ascii: "'"): return "a single quotation mark (strings take double ones)"
        case UInt8(ascii: "/"), UInt8(ascii: "#"): return "a comment (JSON has none)"
        case let byte where 0x21..<0x7F ~= byte:
            var end = position
            while end < bytes.count, end - position < 12, Self.isLetter(bytes[end]) { end += 1 }
            return "'\(bytes.extracting(position..<max(end, position + 1)).text)'"
        case let byte: return "byte \(StrictJSON.hex(byte))"
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
}
