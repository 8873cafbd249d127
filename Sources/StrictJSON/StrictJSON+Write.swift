internal import CJSONC

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
