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
    /// The members of the outermost object whose objects are left out of the tree.
    private let deferredNames: Set<JSONName>

    /// Indices into `scan.names` of the members of the objects that are open, innermost last.
    private var openNames: [Int] = []

    /// Prepares the scan of a document.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - source: its name, for errors.
    ///   - withheldNames: the members of the outermost object whose strings are withheld from the tree.
    ///   - deferredNames: the members of the outermost object whose objects are left out of the tree.
    @_lifetime(copy bytes)
    init(
        _ bytes: Span<UInt8>,
        source: String,
        withholding withheldNames: Set<JSONName> = [],
        deferring deferredNames: Set<JSONName> = []
    ) {
        self.bytes = bytes
        self.source = source
        self.withheldNames = withheldNames
        self.deferredNames = deferredNames
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
        case UInt8(ascii: "{"): _ = try scanObject(depth: depth + 1)
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

    /// Scans an object.
    ///
    /// - Parameters:
    ///   - depth: how deep it is nested, from 1.
    ///   - isDeferred: whether its members are to be read later, so that nothing is noted of their values.
    /// - Returns: how many members it has.
    private mutating func scanObject(depth: Int, isDeferred: Bool = false) throws(JSONError) -> Int {
        var count = 0
        try open(depth: depth)
        let firstOpen = openNames.count
        var places: [JSONName: Int] = [:]
        defer { openNames.removeSubrange(firstOpen...) }
        if close(UInt8(ascii: "}")) { return 0 }
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
            let mark = scan.mark
            if depth == 1, !deferredNames.isEmpty, deferredNames.contains(JSONName(name.text)),
                position < bytes.count, bytes[position] == UInt8(ascii: "{")
            {
                let count = try scanObject(depth: depth + 1, isDeferred: true)
                scan.forget(since: mark)
                scan.deferred[JSONName(name.text)] = JSONMembers(range: valueStart..<position, count: count)
            } else {
                try scanValue(depth: depth)
                if isDeferred { scan.forget(since: mark) }
            }
            count += 1
            if depth == 1, !withheldNames.isEmpty, bytes[valueStart] == UInt8(ascii: "\"") {
                let name = JSONName(name.text)
                if withheldNames.contains(name) { scan.withheld[name] = valueStart..<position }
            }
            skipWhitespace()
            if close(UInt8(ascii: "}")) { return count }
            try scanComma(before: UInt8(ascii: "}"))
        }
    }

    /// Scans the next member of an object that is all of the document and has been found right.
    ///
    /// - Returns: its name, and what is to be kept of its value; nil after the last one.
    mutating func nextMember() throws(JSONError) -> (name: String, value: JSONScan)? {
        if position == 0 {
            try open(depth: 1)
        } else {
            skipWhitespace()
            if position < bytes.count, bytes[position] != UInt8(ascii: "}") {
                try scanComma(before: UInt8(ascii: "}"))
            }
        }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        let start = position
        let isEscaped = try scanString()
        let name = text(of: start..<position, isEscaped: isEscaped)
        skipWhitespace()
        position += 1
        skipWhitespace()
        scan = JSONScan()
        openNames = []
        let valueStart = position
        try scanValue(depth: 1)
        scan.value = valueStart..<position
        return (name, scan)
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

/// An object of a document that is read member by member.
package struct JSONMembers: Sendable {
    /// Where it stands in the document, braces included.
    package let range: Range<Int>
    /// How many members it has.
    package let count: Int
}

/// What the scan of a document keeps for the passes after it.
struct JSONScan {
    /// A member name as met in the document.
    struct Name {
        /// The name, unescaped.
        let text: String
        /// Its bytes in the document, quotation marks included.
        let range: Range<Int>
    }

    /// Every member name, in the order of the document.
    var names: [Name] = []

    /// Whether a name holds U+0000, at which json-c would cut it.
    var hasNameWithNUL = false

    /// Where integer literals end that do not fit 64 bits, at which json-c would saturate.
    var wideIntegerEnds: [Int] = []

    /// The members of the outermost object that are withheld from the tree, with the range of each one's string,
    /// quotation marks included.
    var withheld: [JSONName: Range<Int>] = [:]

    /// The members of the outermost object that are left out of the tree, to be read member by member.
    var deferred: [JSONName: JSONMembers] = [:]

    /// The bytes of the value, without what surrounds it.
    var value: Range<Int> = 0..<0

    /// How much has been noted.
    var mark: (names: Int, hasNameWithNUL: Bool, wideIntegerEnds: Int) {
        (names.count, hasNameWithNUL, wideIntegerEnds.count)
    }

    /// Drops what was noted later.
    mutating func forget(since mark: (names: Int, hasNameWithNUL: Bool, wideIntegerEnds: Int)) {
        names.removeSubrange(mark.names...)
        hasNameWithNUL = mark.hasNameWithNUL
        wideIntegerEnds.removeSubrange(mark.wideIntegerEnds...)
    }

    /// Whether json-c would read something else than the document says, or something that it must not see.
    var needsRewriting: Bool {
        hasNameWithNUL || !wideIntegerEnds.isEmpty || !withheld.isEmpty || !deferred.isEmpty
    }
}

extension Span<UInt8> {
    /// The bytes as an array.
    var copied: [UInt8] {
        unsafe withUnsafeBufferPointer { buffer in unsafe [UInt8](buffer) }
    }

    /// The bytes as text; they are UTF-8.
    var text: String {
        unsafe withUnsafeBufferPointer { buffer in unsafe String(decoding: buffer, as: UTF8.self) }
    }
}
