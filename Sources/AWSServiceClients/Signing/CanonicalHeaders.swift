/// Header fields in the form in which they are signed.
struct CanonicalHeaders {
    /// One line per name, each with a line end.
    let lines: String
    /// The names in order, joined by semicolons.
    let names: String

    /// Puts fields into their canonical form.
    ///
    /// Names in lower case and in order, blanks trimmed and runs of blanks (line ends of folded values among them) made
    /// one, values of one name joined by commas in their order.
    ///
    /// - Parameter fields: the fields to sign.
    init(_ fields: [HTTPField]) {
        let named = fields.enumerated().map { (name: Array($1.name.lowercased().utf8), order: $0, value: $1.value) }
        let ordered = named.sorted { left, right in
            left.name == right.name ? left.order < right.order : left.name.lexicographicallyPrecedes(right.name)
        }
        var lines: [UInt8] = []
        var names: [UInt8] = []
        var previous: [UInt8]?
        for field in ordered {
            if field.name == previous {
                lines[lines.count - 1] = UInt8(ascii: ",")
            } else {
                if previous != nil { names.append(UInt8(ascii: ";")) }
                names += field.name
                lines += field.name
                lines.append(UInt8(ascii: ":"))
            }
            Self.append(squeezed: field.value, to: &lines)
            lines.append(UInt8(ascii: "\n"))
            previous = field.name
        }
        self.lines = String(decoding: lines, as: UTF8.self)
        self.names = String(decoding: names, as: UTF8.self)
    }

    private static func append(squeezed value: String, to output: inout [UInt8]) {
        let start = output.count
        var isAfterBlank = false
        for byte in value.utf8 {
            if byte <= 0x20 {
                isAfterBlank = true
                continue
            }
            if isAfterBlank, output.count > start { output.append(UInt8(ascii: " ")) }
            isAfterBlank = false
            output.append(byte)
        }
    }
}
