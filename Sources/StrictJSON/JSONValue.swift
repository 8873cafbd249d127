/// A JSON value.
package enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other finite number.
    case number(Double)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)
}

extension JSONValue: Equatable {
    /// Whether two values are the same: strings by their UTF-8 bytes, objects in order, and 1 is not 1.0.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONValue {
    /// Whether this is `null`.
    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The truth value, if this is one.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer, if this is one.
    package var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number as a floating-point value, if this is a number of any kind.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The text, if this is a string.
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements, if this is an array.
    package var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, if this is an object.
    package var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of this name, if this is an object that has it.
    ///
    /// - Parameter name: the member's name, compared by UTF-8 bytes.
    package subscript(name: String) -> JSONValue? {
        object?[name]
    }

    /// What this is, in words for an error: `a string`, `null` and so on.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// A string literal.
    package init(stringLiteral value: String) {
        self = .string(value)
    }

    /// An integer literal.
    package init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    /// A truth literal.
    package init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// An array literal.
    package init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }

    /// An object literal; a later member of the same name replaces an earlier one's value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONObject.Member(name: $0.0, value: $0.1) }))
    }
}

/// A member name that compares and hashes by its UTF-8 bytes.
///
/// Swift's `String` equality is canonical equivalence, under which a composed and a decomposed spelling are one name;
/// in JSON, and in an encryption context, they are two.
package struct JSONName: Sendable {
    /// The name as text.
    package let text: String

    /// Wraps a name.
    ///
    /// - Parameter text: the name, already unescaped.
    package init(_ text: String) {
        self.text = text
    }
}

extension JSONName: Hashable {
    /// Whether two names have the same UTF-8 bytes.
    package static func == (left: JSONName, right: JSONName) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    /// Hashes the UTF-8 bytes.
    package func hash(into hasher: inout Hasher) {
        let hashed: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        if hashed == nil {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}

extension String {
    /// Whether both texts are the same UTF-8 bytes, which is stricter than `==`.
    ///
    /// - Parameter other: the text to compare with.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}

/// The members of a JSON object, in the order of the document, with constant-time lookup by name.
///
/// Names are unique and told apart by their UTF-8 bytes.
package struct JSONObject: Sendable {
    /// One member.
    package struct Member: Sendable {
        /// The name, unescaped; it may hold U+0000.
        package let name: String

        /// The value.
        package var value: JSONValue

        /// Pairs a name with a value.
        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The members in order.
    package private(set) var members: [Member]

    /// Where each name lies in `members`; empty while a look along the members is quicker.
    private var places: [JSONName: Int]

    private static let indexedFrom = 9

    /// An object without members.
    package init() {
        members = []
        places = [:]
    }

    /// An object of these members; a later member of the same name replaces an earlier one's value.
    ///
    /// - Parameter members: the members in order.
    package init(_ members: [Member]) {
        self.init()
        self.members.reserveCapacity(members.count)
        for member in members {
            self[member.name] = member.value
        }
    }

    /// An object of members whose names are known to differ: the parser has checked them.
    init(unique members: [Member]) {
        self.members = members
        places = [:]
        if members.count >= Self.indexedFrom { indexAll() }
    }

    /// The number of members.
    package var count: Int { members.count }

    /// Whether there are no members.
    package var isEmpty: Bool { members.isEmpty }

    /// The names in order.
    package var names: [String] { members.map(\.name) }

    /// The value of the member with exactly these UTF-8 bytes as its name.
    ///
    /// Setting an existing member keeps its place; setting a new one appends it; setting `nil` removes it.
    package subscript(name: String) -> JSONValue? {
        get {
            place(of: name).map { members[$0].value }
        }
        set {
            switch (place(of: name), newValue) {
            case (let place?, let value?):
                members[place].value = value
            case (let place?, nil):
                members.remove(at: place)
                places = [:]
                if members.count >= Self.indexedFrom { indexAll() }
            case (nil, let value?):
                members.append(Member(name: name, value: value))
                if places.isEmpty {
                    if members.count >= Self.indexedFrom { indexAll() }
                } else {
                    places[JSONName(name)] = members.count - 1
                }
            case (nil, nil):
                break
            }
        }
    }

    private func place(of name: String) -> Int? {
        if places.isEmpty {
            return members.firstIndex { $0.name.hasSameBytes(as: name) }
        }
        return places[JSONName(name)]
    }

    private mutating func indexAll() {
        places.reserveCapacity(members.count)
        for (place, member) in members.enumerated() {
            places[JSONName(member.name)] = place
        }
    }
}

extension JSONObject: Equatable {
    /// Whether both objects have the same members in the same order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { $0.name.hasSameBytes(as: $1.name) && $0.value == $1.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object written as a literal; a later member of the same name replaces an earlier one's value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements.map { Member(name: $0.0, value: $0.1) })
    }
}
