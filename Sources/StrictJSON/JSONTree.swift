internal import CJSONC

/// The owner of a json-c tree.
@safe
struct JSONTree: ~Copyable {
    private let root: OpaquePointer?

    /// Parses a document that the scan has accepted.
    ///
    /// - Parameters:
    ///   - document: the value's bytes and nothing around them.
    ///   - source: the document's name, for errors.
    /// - Throws: `library` where json-c refuses it after all, or has no memory.
    init(parsing document: Span<UInt8>, source: String) throws(JSONError) {
        guard let tokener = unsafe json_tokener_new_ex(Int32(StrictJSON.maximumDepth + 2)) else {
            throw Self.failure("json-c has no memory", source: source)
        }
        defer { unsafe json_tokener_free(tokener) }
        unsafe json_tokener_set_flags(tokener, Int32(JSON_TOKENER_STRICT))
        let parsed = unsafe document.withUnsafeBytes { bytes in
            let characters = unsafe bytes.assumingMemoryBound(to: CChar.self)
            var parsed = unsafe json_tokener_parse_ex(tokener, characters.baseAddress, Int32(bytes.count))
            if unsafe json_tokener_get_error(tokener) == json_tokener_continue {
                // Only the terminator tells json-c that a number at the end of its input is over.
                unsafe parsed = json_tokener_parse_ex(tokener, "", 1)
            }
            return unsafe parsed
        }
        let status = unsafe json_tokener_get_error(tokener)
        guard status == json_tokener_success else {
            let text = unsafe String(cString: json_tokener_error_desc(status))
            throw Self.failure("json-c: \(text)", source: source)
        }
        unsafe root = parsed
    }

    /// Takes over a tree.
    ///
    /// - Parameter root: the root; `nil` is `null`.
    init(owning root: OpaquePointer?) {
        unsafe self.root = unsafe root
    }

    deinit {
        _ = unsafe json_object_put(root)
    }

    /// The tree as Swift values.
    ///
    /// - Parameters:
    ///   - names: the document's member names in order.
    ///   - source: the document's name, for errors.
    /// - Throws: `library` where the tree has other members than the document.
    func copy(names: [JSONScan.Name], source: String) throws(JSONError) -> JSONValue {
        var next = 0
        let value = unsafe Self.copy(root, names: names, next: &next)
        guard let value, next == names.count else {
            throw Self.failure("json-c built another tree than the document holds", source: source)
        }
        return value
    }

    /// The tree as text.
    ///
    /// - Parameter pretty: whether on several lines, indented by two spaces.
    func text(pretty: Bool) -> [UInt8]? {
        let flags =
            pretty
            ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE
            : JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE
        var length = 0
        guard let text = unsafe json_object_to_json_string_length(root, Int32(flags), &length) else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: text, count: length)
        return unsafe [UInt8](bytes)
    }

    private static func copy(_ node: OpaquePointer?, names: [JSONScan.Name], next: inout Int) -> JSONValue? {
        switch unsafe json_object_get_type(node) {
        case json_type_null:
            return .null
        case json_type_boolean:
            return unsafe .bool(json_object_get_boolean(node) != 0)
        case json_type_int:
            return unsafe .integer(json_object_get_int64(node))
        case json_type_double:
            return unsafe .number(json_object_get_double(node))
        case json_type_string:
            let length = unsafe json_object_get_string_len(node)
            guard let text = unsafe json_object_get_string(node) else { return nil }
            let bytes = unsafe UnsafeRawBufferPointer(start: text, count: Int(length))
            return unsafe .string(String(decoding: bytes, as: UTF8.self))
        case json_type_array:
            let count = unsafe json_object_array_length(node)
            var elements: [JSONValue] = []
            elements.reserveCapacity(count)
            for index in 0..<count {
                let element = unsafe json_object_array_get_idx(node, index)
                guard let value = unsafe copy(element, names: names, next: &next) else { return nil }
                elements.append(value)
            }
            return .array(elements)
        case json_type_object:
            var members: [JSONObject.Member] = []
            unsafe members.reserveCapacity(Int(json_object_object_length(node)))
            var entry = unsafe json_object_get_object(node)?.pointee.head
            while let current = unsafe entry {
                guard next < names.count else { return nil }
                let name = names[next].text
                next += 1
                let child = unsafe OpaquePointer(lh_entry_v(current))
                guard let value = unsafe copy(child, names: names, next: &next) else { return nil }
                members.append(JSONObject.Member(name: name, value: value))
                unsafe entry = unsafe current.pointee.next
            }
            return .object(JSONObject(unique: members))
        default:
            return nil
        }
    }

    private static func failure(_ reason: String, source: String) -> JSONError {
        JSONError(code: .library, reason: reason, source: source, location: nil)
    }
}
