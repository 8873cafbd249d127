/// Checks that a document is JSON (RFC 8259) before json-c sees it, and takes down its member names.
///
/// json-c, even in its strict mode, accepts duplicate members, single-quoted strings, NaN, raw control characters, half
/// surrogate pairs and malformed UTF-8, saturates wide integers and cuts names at U+0000. One pass, linear in the
/// document's length, with names of an object compared by hash once there are many.
struct JSONScanner: ~Escapable {
    let bytes: Span<UInt8>
    let source: String
    var position = 0
    var scan = JSONScan()

    /// The members of the outermost object whose strings are withheld from the tree.
    private let withheldNames: Set<JSONName>

    /// Indices into `scan.names` of the members of the objects that are open, innermost last.
    private var openNames: [Int] = []

    /// Prepares the scan of a document.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - source: its name, for errors.
    ///   - withheldNames: the members of the outermost object whose strings are withheld from the tree.
    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, source: String, withholding withheldNames: Set<JSONName> = []) {
        self.bytes = bytes
        self.source = source
        self.withheldNames = withheldNames
    }

    /// Scans the whole document.
    ///
    /// - Throws: what is wrong first.
    mutating func run() throws(JSONError) {
        position = StrictJSON.lengthOfByteOrderMark(bytes)
        skipWhitespace()
        let start = position
        try scanValue(depth: 0)
        scan.value = start..<position
        skipWhitespace()
        if position < bytes.count {
            throw unexpected("the end of the document")
        }
    }

    private mutating func scanValue(depth: Int) throws(JSONError) {
        guard position < bytes.count else { throw unexpected("a value") }
        let first = bytes[position]
        switch first {
        case UInt8(ascii: "{"): try scanObject(depth: depth + 1)
        case UInt8(ascii: "["): try scanArray(depth: depth + 1)
        case UInt8(ascii: "\""): _ = try scanString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try scanNumber()
        case UInt8(ascii: "t"): try scanWord("true")
        case UInt8(ascii: "f"): try scanWord("false")
        case UInt8(ascii: "n"): try scanWord("null")
        default: throw unexpected("a value")
        }
    }

    // MARK: Arrays and objects

    private mutating func scanArray(depth: Int) throws(JSONError) {
        try open(depth: depth)
        if close(UInt8(ascii: "]")) { return }
        while true {
            try scanValue(depth: depth)
            skipWhitespace()
            if close(UInt8(ascii: "]")) { return }
            try scanComma(before: UInt8(ascii: "]"))
        }
    }

    private mutating func scanObject(depth: Int) throws(JSONError) {
        try open(depth: depth)
        let firstOpen = openNames.count
        var places: [JSONName: Int] = [:]
        defer { openNames.removeSubrange(firstOpen...) }
        if close(UInt8(ascii: "}")) { return }
        while true {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw unexpected("a member name in quotation marks")
            }
            let start = position
            let isEscaped = try scanString()
            let name = JSONScan.Name(text: text(of: start..<position, isEscaped: isEscaped), range: start..<position)
            try refuseDuplicate(name, firstOpen: firstOpen, places: &places)
            skipWhitespace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
                throw unexpected("':' after the member name")
            }
            position += 1
            skipWhitespace()
            let valueStart = position
            try scanValue(depth: depth)
            if depth == 1, !withheldNames.isEmpty, bytes[valueStart] == UInt8(ascii: "\"") {
                let name = JSONName(name.text)
                if withheldNames.contains(name) { scan.withheld[name] = valueStart..<position }
            }
            skipWhitespace()
            if close(UInt8(ascii: "}")) { return }
            try scanComma(before: UInt8(ascii: "}"))
        }
    }

    private mutating func open(depth: Int) throws(JSONError) {
        guard depth <= StrictJSON.maximumDepth else {
            throw error(
                .tooDeep,
                "arrays and objects are nested more than \(StrictJSON.maximumDepth) deep",
                at: position
            )
        }
        position += 1
        skipWhitespace()
    }

    private mutating func close(_ bracket: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == bracket else { return false }
        position += 1
        return true
    }

    private mutating func scanComma(before bracket: UInt8) throws(JSONError) {
        let bracketText = Character(UnicodeScalar(bracket))
        guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else {
            throw unexpected("',' or '\(bracketText)'")
        }
        let comma = position
        position += 1
        skipWhitespace()
        if position < bytes.count, bytes[position] == bracket {
            throw error(.syntax, "a comma before '\(bracketText)'", at: comma)
        }
    }

    /// Below this many members a look along the names is quicker than hashing them.
    private static let hashedFrom = 8

    private mutating func refuseDuplicate(
        _ name: JSONScan.Name,
        firstOpen: Int,
        places: inout [JSONName: Int]
    ) throws(JSONError) {
        let index = scan.names.count
        var earlier: Int?
        if openNames.count - firstOpen < Self.hashedFrom {
            for open in openNames[firstOpen...] where scan.names[open].text.hasSameBytes(as: name.text) {
                earlier = open
            }
        } else {
            if places.isEmpty {
                for open in openNames[firstOpen...] { places[JSONName(scan.names[open].text)] = open }
            }
            earlier = places.updateValue(index, forKey: JSONName(name.text))
        }
        if let earlier {
            let first = JSONError.Location(offset: scan.names[earlier].range.lowerBound, in: bytes)
            throw error(
                .duplicateMember,
                "duplicate member \(StrictJSON.quoted(name.text)) "
                    + "(first at line \(first.line), column \(first.column))",
                at: name.range.lowerBound
            )
        }
        scan.names.append(name)
        openNames.append(index)
        if name.text.utf8.contains(0) { scan.hasNameWithNUL = true }
    }

    // MARK: Words and numbers

    private mutating func scanWord(_ word: StaticString) throws(JSONError) {
        let text = word.description
        var end = position
        for byte in text.utf8 {
            guard end < bytes.count else {
                position = end
                throw unexpected("'\(text)'")
            }
            guard bytes[end] == byte else { throw error(.syntax, "expected '\(text)'", at: position) }
            end += 1
        }
        if end < bytes.count, Self.isWordByte(bytes[end]) {
            throw error(.syntax, "expected '\(text)'", at: position)
        }
        position = end
    }

    private mutating func scanNumber() throws(JSONError) {
        let start = position
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let integerStart = position
        try scanDigits("a digit")
        if bytes[integerStart] == UInt8(ascii: "0"), position - integerStart > 1 {
            throw error(.syntax, "a number with a leading zero", at: start)
        }
        var isInteger = true
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try scanDigits("a digit after the decimal point")
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try scanDigits("a digit of the exponent")
        }
        if position < bytes.count, Self.isWordByte(bytes[position]) || bytes[position] == UInt8(ascii: ".") {
            throw unexpected("the end of the number")
        }
        if isInteger {
            // 18 digits always fit; only longer literals need the look.
            if position - integerStart > 18, Int64(text(start..<position)) == nil {
                scan.wideIntegerEnds.append(position)
                try refuseInfinite(start..<position)
            }
        } else {
            try refuseInfinite(start..<position)
        }
    }

    private func refuseInfinite(_ range: Range<Int>) throws(JSONError) {
        guard let value = Double(text(range)), value.isFinite else {
            throw error(.numberRange, "a number too large for a 64-bit floating-point value", at: range.lowerBound)
        }
    }

    private mutating func scanDigits(_ expected: String) throws(JSONError) {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        if position == start { throw unexpected(expected) }
    }

    // MARK: Bits

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }

    /// The ASCII text of a range.
    private func text(_ range: Range<Int>) -> String {
        bytes.extracting(range).text
    }
}
