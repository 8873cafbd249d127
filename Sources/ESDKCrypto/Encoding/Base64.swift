/// Base 64 with the standard alphabet and padding (RFC 4648, section 4).
package enum Base64 {
    /// Reads Base64 text, strictly: each byte string has one text, and no other is accepted.
    ///
    /// - Parameter text: ASCII characters.
    /// - Returns: the bytes; nil when padding is missing or misplaced, when a character (white space included)
    ///   is not of the alphabet, or when the unused bits of the last character are not zero.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var isValid = false
        bytes.append(addingCapacity: text.count / 4 * 3) { output in
            isValid = decode(text, appendingTo: &output)
        }
        return isValid ? bytes : nil
    }

    /// Reads Base64 text of secret bytes, strictly, and leaves no copy of them behind.
    ///
    /// - Parameter text: ASCII characters.
    /// - Returns: the bytes; nil for anything but the one padded form without white space.
    package static func decodeSecret(_ text: Span<UInt8>) -> SecretBytes? {
        var isValid = false
        let bytes = SecretBytes(count: text.count / 4 * 3) { output in
            isValid = decode(text, appendingTo: &output)
        }
        return isValid ? bytes : nil
    }

    private static func decode(_ text: Span<UInt8>, appendingTo bytes: inout OutputSpan<UInt8>) -> Bool {
        guard text.count.isMultiple(of: 4) else { return false }
        guard text.count > 0 else { return true }
        let padding =
            text[text.count - 1] != UInt8(ascii: "=") ? 0 : text[text.count - 2] != UInt8(ascii: "=") ? 1 : 2
        let values = Base64.values.span
        let whole = text.count - (padding == 0 ? 0 : 4)
        var index = 0
        while index < whole {
            let a = values[Int(text[index])]
            let b = values[Int(text[index + 1])]
            let c = values[Int(text[index + 2])]
            let d = values[Int(text[index + 3])]
            guard (a | b | c | d) & invalid == 0 else { return false }
            bytes.append(a << 2 | b >> 4)
            bytes.append(b << 4 | c >> 2)
            bytes.append(c << 6 | d)
            index += 4
        }
        guard padding > 0 else { return true }
        let a = values[Int(text[whole])]
        let b = values[Int(text[whole + 1])]
        let c = padding == 2 ? 0 : values[Int(text[whole + 2])]
        guard (a | b | c) & invalid == 0 else { return false }
        bytes.append(a << 2 | b >> 4)
        if padding == 2 { return b & 0x0F == 0 }
        bytes.append(b << 4 | c >> 2)
        return c & 0x03 == 0
    }

    /// Reads Base64 text, strictly.
    ///
    /// - Parameter text: the text.
    /// - Returns: the bytes; nil for anything but the one padded form without white space.
    package static func decode(_ text: String) -> [UInt8]? {
        decode(text.utf8.span)
    }

    /// Writes bytes as Base64 text with padding, without line breaks.
    ///
    /// - Parameter bytes: the bytes.
    /// - Returns: four characters for every three bytes or part of three.
    package static func encode(_ bytes: Span<UInt8>) -> String {
        let length = encodedLength(of: bytes.count)
        return unsafe String(unsafeUninitializedCapacity: length) { buffer in
            let slice = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<length])
            var output = unsafe OutputSpan(buffer: slice, initializedCount: 0)
            encode(bytes, appendingTo: &output)
            return unsafe output.finalize(for: slice)
        }
    }

    /// How many characters encode so many bytes.
    ///
    /// - Parameter count: the number of bytes.
    package static func encodedLength(of count: Int) -> Int {
        (count + 2) / 3 * 4
    }

    /// Writes bytes as Base64 text with padding, without line breaks.
    ///
    /// - Parameters:
    ///   - bytes: the bytes.
    ///   - output: takes the characters, for which there must be room.
    package static func encode(_ bytes: Span<UInt8>, appendingTo output: inout OutputSpan<UInt8>) {
        let alphabet = Base64.alphabet.span
        for index in stride(from: 0, to: bytes.count, by: 3) {
            let left = bytes.count - index
            let a = bytes[index]
            let b = left > 1 ? bytes[index + 1] : 0
            let c = left > 2 ? bytes[index + 2] : 0
            output.append(alphabet[Int(a >> 2)])
            output.append(alphabet[Int((a & 0x03) << 4 | b >> 4)])
            output.append(left > 1 ? alphabet[Int((b & 0x0F) << 2 | c >> 6)] : UInt8(ascii: "="))
            output.append(left > 2 ? alphabet[Int(c & 0x3F)] : UInt8(ascii: "="))
        }
    }

    /// Writes bytes as Base64 text with padding, without line breaks.
    ///
    /// - Parameter bytes: the bytes.
    /// - Returns: four characters for every three bytes or part of three.
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes.span)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Marks a byte that is not of the alphabet; no value of six bits has it.
    private static let invalid: UInt8 = 0x80

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}
