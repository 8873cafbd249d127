internal import StrictJSON

/// JSON in ASCII: indented, with `\u` escapes for everything else, and a line end at the end.
///
/// Some readers of manifests take the encoding of the system for that of the file.
enum ASCIIJSON {
    /// The text of a value.
    ///
    /// - Throws: `JSONError`.
    static func text(of value: JSONValue) throws(JSONError) -> [UInt8] {
        escaped(try StrictJSON.serialize(value, pretty: true)) + [UInt8(ascii: "\n")]
    }

    /// In JSON, characters beyond ASCII stand in strings only.
    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(where: { $0 >= 0x80 }) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 8)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                result.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                for unit in String(Character(scalar)).utf16 {
                    let digits = String(unit, radix: 16)
                    result += Array("\\u".utf8) + Array(String(repeating: "0", count: 4 - digits.count).utf8)
                    result += Array(digits.utf8)
                }
            }
        }
        return result
    }
}
