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
        var values: [String: [String]] = [:]
        for field in fields {
            values[field.name.lowercased(), default: []].append(Self.squeezed(field.value))
        }
        let order = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        lines = order.map { "\($0):\(values[$0, default: []].joined(separator: ","))\n" }.joined()
        names = order.joined(separator: ";")
    }

    private static func squeezed(_ value: String) -> String {
        value.unicodeScalars.split { $0.value <= 0x20 }.map { String($0) }.joined(separator: " ")
    }
}
