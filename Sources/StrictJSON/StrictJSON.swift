internal import CJSONC

/// JSON exactly as RFC 8259 has it: reading refuses whatever two readers might take differently.
///
/// A scan of our own checks the document; json-c then builds the tree, which is copied into Swift values and freed at
/// once (its reference counts are not atomic, so no tree crosses a task).
package enum StrictJSON {
    /// The json-c that this process runs with, such as `json-c 0.16`.
    package static var libraryVersion: String { unsafe "json-c " + String(cString: json_c_version()) }

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
    /// json-c never sees them, and no text is made of them: the caller, who holds the document, finds them there.
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
        let scan = try scanned(bytes, source: source, withholding: names)
        return (try value(in: bytes, scan: scan, source: source), scan.withheld.mapValues { $0.dropFirst().dropLast() })
    }

    /// Parses a document, but for objects that are too large for a tree and are read with ``forEachMember(of:in:source:_:)``.
    ///
    /// They are checked like the rest of the document.
    ///
    /// - Parameters:
    ///   - bytes: the document, in UTF-8.
    ///   - source: its name, which errors carry.
    ///   - names: the members of the outermost object that are left out where they are objects.
    /// - Returns: the value, with empty objects for those that are left out; and where each of these stands.
    /// - Throws: the first thing that is wrong, with its place.
    package static func parse(
        _ bytes: [UInt8],
        source: String,
        deferring names: Set<JSONName>
    ) throws(JSONError) -> (value: JSONValue, deferred: [JSONName: JSONMembers]) {
        let scan = try scanned(bytes.span, source: source, deferring: names)
        return (try value(in: bytes.span, scan: scan, source: source), scan.deferred)
    }

    /// Hands on the members of an object that was left out, one tree at a time.
    ///
    /// - Parameters:
    ///   - members: where the object stands.
    ///   - bytes: the document, which has been parsed.
    ///   - source: its name, which errors carry.
    ///   - isWanted: whether a member of a name is handed on.
    ///   - body: gets the name and the value of each member, in their order.
    /// - Throws: `library` when json-c refuses a value.
    package static func forEachMember(
        of members: JSONMembers,
        in bytes: [UInt8],
        source: String,
        where isWanted: (_ name: String) -> Bool = { _ in true },
        _ body: (_ name: String, _ value: JSONValue) -> Void
    ) throws(JSONError) {
        let object = bytes.span.extracting(members.range)
        var scanner = JSONScanner(object, source: source)
        while let (name, scan) = try scanner.nextMember() {
            guard isWanted(name) else { continue }
            body(name, try value(in: object, scan: scan, source: source))
        }
    }

    private static func scanned(
        _ bytes: Span<UInt8>,
        source: String,
        withholding withheldNames: Set<JSONName> = [],
        deferring deferredNames: Set<JSONName> = []
    ) throws(JSONError) -> JSONScan {
        guard bytes.count <= maximumLength else {
            throw JSONError(
                code: .tooLarge,
                reason: "\(bytes.count) bytes are more than the \(maximumLength) that can be read",
                source: source,
                location: nil
            )
        }
        var scanner = JSONScanner(bytes, source: source, withholding: withheldNames, deferring: deferredNames)
        try scanner.run()
        return scanner.scan
    }

    private static func value(in bytes: Span<UInt8>, scan: JSONScan, source: String) throws(JSONError) -> JSONValue {
        if scan.needsRewriting {
            let rewritten = rewrite(bytes, scan: scan)
            return try copy(rewritten.span, scan: scan, source: source)
        }
        return try copy(bytes.extracting(scan.value), scan: scan, source: source)
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
        replacements += scan.deferred.values.map { ($0.range, "{}") }
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

extension StrictJSON {
    /// Undoes the escapes of a string that was withheld from a tree, where they stand for ASCII.
    ///
    /// - Parameters:
    ///   - text: the string as a parsed document has it, without its quotation marks.
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

extension StrictJSON {
    /// Writes a value as JSON text in UTF-8, members in their order, so that equal values give equal bytes.
    ///
    /// Slashes are not escaped. Doubles are written with the fewest digits that read back as the same value. json-c ends
    /// member names at U+0000; where one holds it, json-c writes ordinals and the names are put in afterwards.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - pretty: whether on several lines, indented by two spaces; a final line end is not written.
    /// - Returns: the text's bytes.
    /// - Throws: `unwritable` for a number that is not finite, `library` where json-c fails.
    package static func serialize(_ value: JSONValue, pretty: Bool) throws(JSONError) -> [UInt8] {
        var names: [String] = []
        var hasNUL = false
        collectNames(of: value, into: &names, hasNUL: &hasNUL)
        var next = 0
        let tree = try unsafe JSONTree(owning: node(for: value, ordinals: hasNUL, next: &next))
        guard let text = tree.text(pretty: pretty) else { throw noMemory() }
        guard hasNUL else { return text }
        var scanner = JSONScanner(text.span, source: "written JSON")
        try scanner.run()
        guard scanner.scan.names.count == names.count else { throw noMemory() }
        var output: [UInt8] = []
        var copied = 0
        for (ordinal, name) in zip(scanner.scan.names, names) {
            output.append(contentsOf: text[copied..<ordinal.range.lowerBound])
            output.append(contentsOf: try serialize(.string(name), pretty: false))
            copied = ordinal.range.upperBound
        }
        output.append(contentsOf: text[copied...])
        return output
    }

    private static func collectNames(of value: JSONValue, into names: inout [String], hasNUL: inout Bool) {
        switch value {
        case .array(let elements):
            for element in elements { collectNames(of: element, into: &names, hasNUL: &hasNUL) }
        case .object(let object):
            for member in object.members {
                if member.name.utf8.contains(0) { hasNUL = true }
                names.append(member.name)
                collectNames(of: member.value, into: &names, hasNUL: &hasNUL)
            }
        default:
            break
        }
    }

    /// A new json-c node, which the caller owns; `nil` is json-c's `null`.
    private static func node(
        for value: JSONValue,
        ordinals: Bool,
        next: inout Int
    ) throws(JSONError) -> OpaquePointer? {
        switch value {
        case .null:
            return nil
        case .bool(let value):
            return try unsafe made(json_object_new_boolean(value ? 1 : 0))
        case .integer(let value):
            return try unsafe made(json_object_new_int64(value))
        case .number(let value):
            guard value.isFinite else {
                throw JSONError(
                    code: .unwritable,
                    reason: "\(value) is not a JSON number",
                    source: "written JSON",
                    location: nil
                )
            }
            return try unsafe made(json_object_new_double_s(value, value.description))
        case .string(let text):
            return try unsafe made(stringNode(text))
        case .array(let elements):
            let array = try unsafe made(json_object_new_array())
            for element in elements {
                do throws(JSONError) {
                    let child = try unsafe node(for: element, ordinals: ordinals, next: &next)
                    guard unsafe json_object_array_add(array, child) == 0 else {
                        _ = unsafe json_object_put(child)
                        throw noMemory()
                    }
                } catch {
                    _ = unsafe json_object_put(array)
                    throw error
                }
            }
            return unsafe array
        case .object(let members):
            let object = try unsafe made(json_object_new_object())
            for member in members.members {
                do throws(JSONError) {
                    let name = ordinals ? String(next) : member.name
                    next += 1
                    let child = try unsafe node(for: member.value, ordinals: ordinals, next: &next)
                    guard unsafe json_object_object_add(object, name, child) == 0 else {
                        _ = unsafe json_object_put(child)
                        throw noMemory()
                    }
                } catch {
                    _ = unsafe json_object_put(object)
                    throw error
                }
            }
            return unsafe object
        }
    }

    private static func stringNode(_ text: String) throws(JSONError) -> OpaquePointer? {
        let bytes = [UInt8](text.utf8)
        guard bytes.count <= maximumLength else {
            throw JSONError(
                code: .tooLarge,
                reason: "a string of \(bytes.count) bytes",
                source: "written JSON",
                location: nil
            )
        }
        return unsafe bytes.withUnsafeBytes { bytes in
            // The buffer of an empty array may have no address, which json-c would read from.
            guard let start = bytes.baseAddress, bytes.count > 0 else {
                return unsafe json_object_new_string_len("", 0)
            }
            return unsafe json_object_new_string_len(start.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        }
    }

    private static func made(_ node: OpaquePointer?) throws(JSONError) -> OpaquePointer {
        guard let node = unsafe node else { throw noMemory() }
        return unsafe node
    }

    private static func noMemory() -> JSONError {
        JSONError(code: .library, reason: "json-c has no memory", source: "written JSON", location: nil)
    }
}
