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
