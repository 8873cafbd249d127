extension StrictJSON {
    /// Undoes the escapes of a string that was withheld from a tree, where they stand for ASCII.
    ///
    /// - Parameters:
    ///   - text: the string as it stands in a document that was parsed, without its quotation marks.
    ///   - output: takes the string's bytes, at most as many as `text` has.
    /// - Returns: whether all of it was appended; an escape for anything but ASCII ends it early.
    package static func unescapeASCII(_ text: Span<UInt8>, appendingTo output: inout OutputSpan<UInt8>) -> Bool {
        var index = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: "\\") else {
                output.append(text[index])
                index += 1
                continue
            }
            guard index + 1 < text.count else { return false }
            let letter = text[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "u"):
                guard index + 4 <= text.count else { return false }
                var value = 0
                for place in index..<(index + 4) {
                    guard let digit = JSONScanner.hexDigit(text[place]) else { return false }
                    value = value << 4 | Int(digit)
                }
                guard value < 0x80 else { return false }
                output.append(UInt8(value))
                index += 4
            default:
                output.append(unescaped(letter))
            }
        }
        return true
    }

    /// What a letter after a backslash stands for, but for `u`, which digits follow.
    static func unescaped(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "r"): 0x0D
        default: letter
        }
    }
}
