/// JSON exactly as RFC 8259 has it: reading refuses whatever two readers might take differently.
///
/// A scan of our own checks the document; json-c then builds the tree, which is copied into Swift values and freed at
/// once (its reference counts are not atomic, so no tree crosses a task).
package enum StrictJSON {
    /// How deep arrays and objects may be nested.
    package static let maximumDepth = 64

    /// The largest document, in bytes: json-c counts in 32 bits.
    package static let maximumLength = Int(Int32.max) - 1

    /// Parses a document.
    ///
    /// Refused, among the rest of what RFC 8259 excludes: duplicate members (after unescaping), half surrogate pairs,
    /// malformed UTF-8, trailing commas, comments, NaN, trailing bytes, numbers a double cannot hold and nesting beyond
    /// `maximumDepth`. A UTF-8 byte order mark and any line ends are accepted. Time is linear in the length.
    ///
    /// - Parameters:
    ///   - bytes: the document, in UTF-8.
    ///   - source: its name, which errors carry.
    /// - Returns: the value; members keep their order, and names may hold U+0000.
    /// - Throws: the first thing that is wrong, with its place.
    package static func parse(_ bytes: Span<UInt8>, source: String) throws(JSONError) -> JSONValue {
        try parse(bytes, source: source, withholding: []).value
    }

    /// Parses a document, but for strings that no copy is to be made of.
    ///
    /// json-c never sees them, and no text is made of them: whoever holds the document finds them in there.
    ///
    /// - Parameters:
    ///   - bytes: the document, in UTF-8.
    ///   - source: its name, which errors carry.
    ///   - names: the members of the outermost object that are withheld where they are strings.
    /// - Returns: the value, with empty strings for those that are withheld; and where in the document each of these
    ///   stands, without its quotation marks and with its escapes.
    /// - Throws: the first thing that is wrong, with its place.
    package static func parse(
        _ bytes: Span<UInt8>,
        source: String,
        withholding names: Set<JSONName>
    ) throws(JSONError) -> (value: JSONValue, withheld: [JSONName: Range<Int>]) {
        guard bytes.count <= maximumLength else {
            throw JSONError(
                code: .tooLarge,
                reason: "\(bytes.count) bytes are more than the \(maximumLength) that can be read",
                source: source,
                location: nil
            )
        }
        var scanner = JSONScanner(bytes, source: source, withholding: names)
        try scanner.run()
        let scan = scanner.scan
        let withheld = scan.withheld.mapValues { $0.dropFirst().dropLast() }
        if scan.needsRewriting {
            let rewritten = rewrite(bytes, scan: scan)
            return (try copy(rewritten.span, scan: scan, source: source), withheld)
        }
        return (try copy(bytes.extracting(scan.value), scan: scan, source: source), withheld)
    }

    /// Parses a document held in an array.
    ///
    /// - Parameters:
    ///   - bytes: the document, in UTF-8.
    ///   - source: its name, which errors carry.
    /// - Returns: the value.
    /// - Throws: the first thing that is wrong, with its place.
    package static func parse(_ bytes: [UInt8], source: String) throws(JSONError) -> JSONValue {
        try parse(bytes.span, source: source)
    }

    private static func copy(
        _ document: Span<UInt8>,
        scan: JSONScan,
        source: String
    ) throws(JSONError) -> JSONValue {
        let tree = try JSONTree(parsing: document, source: source)
        return try tree.copy(names: scan.names, source: source)
    }

    /// The document with names as ordinals and wide integers as doubles: what json-c reads without loss, since the
    /// names come from the scan.
    ///
    /// Strings that are withheld are empty.
    private static func rewrite(_ bytes: Span<UInt8>, scan: JSONScan) -> [UInt8] {
        var replacements: [(range: Range<Int>, text: String)] = scan.wideIntegerEnds.map { ($0..<$0, ".0") }
        replacements += scan.withheld.values.map { ($0, "\"\"") }
        if scan.hasNameWithNUL {
            replacements += scan.names.enumerated().map { ($1.range, "\"\($0)\"") }
        }
        replacements.sort { $0.range.lowerBound < $1.range.lowerBound }
        var output: [UInt8] = []
        output.reserveCapacity(scan.value.count)
        var copied = scan.value.lowerBound
        for replacement in replacements {
            output.append(contentsOf: bytes.extracting(copied..<replacement.range.lowerBound).copied)
            output.append(contentsOf: replacement.text.utf8)
            copied = replacement.range.upperBound
        }
        output.append(contentsOf: bytes.extracting(copied..<scan.value.upperBound).copied)
        return output
    }

    static func lengthOfByteOrderMark(_ bytes: Span<UInt8>) -> Int {
        bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    }

    static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "0x" + (digits.utf8.count == 1 ? "0" : "") + digits
    }

    /// A text in quotation marks for a message: control characters as escapes, and cut where it is long.
    ///
    /// - Parameter text: any text.
    /// - Returns: one printable line.
    package static func quoted(_ text: String) -> String {
        var output = "\""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == 80 {
                output += "…"
                break
            }
            count += 1
            switch scalar {
            case "\"", "\\":
                output += "\\"
                output.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value || 0x2028...0x202E ~= scalar.value:
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default:
                output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
