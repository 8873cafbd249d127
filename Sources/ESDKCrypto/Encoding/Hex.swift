/// Base 16 (RFC 4648, section 8).
package enum Hex {
    /// Writes bytes as lower-case hexadecimal digits.
    ///
    /// - Parameter bytes: the bytes.
    /// - Returns: two digits for each byte.
    package static func encode(_ bytes: Span<UInt8>) -> String {
        unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for index in bytes.indices {
                unsafe buffer[2 * index] = digit(bytes[index] >> 4)
                unsafe buffer[2 * index + 1] = digit(bytes[index] & 0x0F)
            }
            return bytes.count * 2
        }
    }

    /// Writes bytes as lower-case hexadecimal digits.
    ///
    /// - Parameter bytes: the bytes.
    /// - Returns: two digits for each byte.
    package static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes.span)
    }

    /// Writes secret bytes as a line of lower-case hexadecimal digits, and leaves no copy of them behind.
    ///
    /// - Parameter bytes: the bytes.
    /// - Returns: two digits for each byte, and a line feed.
    package static func secretLine(_ bytes: Span<UInt8>) -> SecretBytes {
        SecretBytes(count: 2 * bytes.count + 1) { output in
            for index in bytes.indices {
                output.append(digit(bytes[index] >> 4))
                output.append(digit(bytes[index] & 0x0F))
            }
            output.append(UInt8(ascii: "\n"))
        }
    }

    /// Reads hexadecimal digits of either case.
    ///
    /// - Parameter text: ASCII digits, without separators.
    /// - Returns: the bytes; nil when a character is not a digit or the number of digits is odd.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = value(text[index]), let low = value(text[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Reads hexadecimal digits of either case.
    ///
    /// - Parameter text: digits, without separators.
    /// - Returns: the bytes; nil when a character is not a digit or the number of digits is odd.
    package static func decode(_ text: String) -> [UInt8]? {
        decode(text.utf8.span)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
