import ESDKCrypto
import StrictJSON

/// The members of an object of a manifest; a member that is `null` counts as absent.
package struct ManifestFields {
    /// The object.
    let object: JSONObject

    /// What the object is, for messages: `the test`, say.
    let what: String

    /// The members of an object.
    ///
    /// - Parameters:
    ///   - value: the value that must be an object.
    ///   - what: what it is, for messages.
    /// - Throws: a failure where it is not an object.
    init(_ value: JSONValue, _ what: String) throws(VectorError) {
        guard let object = value.object else { throw .broken("\(what) is \(value.kind), not an object") }
        self.object = object
        self.what = what
    }

    /// The members of an object that is known to be one.
    init(_ object: JSONObject, _ what: String) {
        self.object = object
        self.what = what
    }

    /// Whether there is such a member, and it is not `null`.
    func has(_ name: String) -> Bool { value(name) != nil }

    /// A member; `nil` where it is absent or `null`.
    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// A string member.
    ///
    /// - Throws: a failure where it is something else.
    func string(_ name: String) throws(VectorError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw wrong(name, value, "a string") }
        return text
    }

    /// A string member that must be there.
    ///
    /// - Throws: a failure where it is absent or something else.
    func requiredString(_ name: String) throws(VectorError) -> String {
        guard let text = try string(name) else { throw missing(name) }
        return text
    }

    /// A string member of which the empty string counts as absent.
    ///
    /// - Throws: a failure where it is something else.
    func nonEmptyString(_ name: String) throws(VectorError) -> String? {
        guard let text = try string(name), !text.isEmpty else { return nil }
        return text
    }

    /// A truth member.
    ///
    /// - Throws: a failure where it is something else.
    func bool(_ name: String) throws(VectorError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let truth = value.bool else { throw wrong(name, value, "true or false") }
        return truth
    }

    /// A member that counts something: an integer without fraction and exponent, from 0 to 2³²−1.
    ///
    /// - Throws: a failure where it is something else.
    func count(_ name: String) throws(VectorError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.integer, let count = UInt32(exactly: number) else {
            throw wrong(name, value, "a plain non-negative integer")
        }
        return Int(count)
    }

    /// An array member.
    ///
    /// - Throws: a failure where it is something else.
    func array(_ name: String) throws(VectorError) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard let elements = value.array else { throw wrong(name, value, "an array") }
        return elements
    }

    /// A member that is an array of strings.
    ///
    /// - Throws: a failure where it is something else.
    func strings(_ name: String) throws(VectorError) -> [String]? {
        guard let elements = try array(name) else { return nil }
        var strings: [String] = []
        for element in elements {
            guard let text = element.string else {
                throw .broken("member \"\(name)\" of \(what) holds \(element.kind), not only strings")
            }
            strings.append(text)
        }
        return strings
    }

    /// An object member.
    ///
    /// - Throws: a failure where it is something else.
    func fields(_ name: String) throws(VectorError) -> ManifestFields? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw wrong(name, value, "an object") }
        return ManifestFields(object, "member \"\(name)\" of \(what)")
    }

    /// A member that is an encryption context.
    ///
    /// - Throws: a failure where it is not an object of strings.
    func context(_ name: String) throws(VectorError) -> ContextPairs? {
        guard let fields = try fields(name) else { return nil }
        var pairs: [ContextPairs.Pair] = []
        for member in fields.object.members {
            guard let text = member.value.string else {
                let key = ManifestText.quoted(member.name)
                throw .broken("member \"\(name)\" of \(what) has \(member.value.kind) as the value of \(key)")
            }
            pairs.append(ContextPairs.Pair(key: Array(member.name.utf8), value: Array(text.utf8)))
        }
        return ContextPairs(pairs)
    }

    /// A member of Base64 text.
    ///
    /// - Throws: a failure where it is something else.
    func base64(_ name: String) throws(VectorError) -> [UInt8]? {
        guard let text = try string(name) else { return nil }
        guard let bytes = Base64.decode(text) else { throw .broken("member \"\(name)\" of \(what) is not Base64") }
        return bytes
    }

    /// A member that names an algorithm suite: up to four hexadecimal digits, with or without `0x`.
    ///
    /// - Throws: a failure where it is something else.
    func suite(_ name: String) throws(VectorError) -> UInt16? {
        guard let text = try string(name) else { return nil }
        var digits = Array(text.utf8)[...]
        if digits.count > 2, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x") {
            digits = digits.dropFirst(2)
        }
        let isHexadecimal = digits.allSatisfy { byte in
            0x30...0x39 ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
        }
        guard 1...4 ~= digits.count, isHexadecimal,
            let suite = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else {
            throw .broken("member \"\(name)\" of \(what) is \(ManifestText.quoted(text)), no algorithm suite")
        }
        return suite
    }

    /// A URI member that must be there.
    ///
    /// - Throws: a problem where it is absent, something else, or names no file of the set.
    func requiredURI(_ name: String) throws(VectorError) -> VectorURI {
        try VectorURI(try requiredString(name))
    }

    /// The problem of a member that must be there.
    func missing(_ name: String) -> VectorError {
        .broken("\(what) has no member \"\(name)\"")
    }

    private func wrong(_ name: String, _ value: JSONValue, _ expected: String) -> VectorError {
        .broken("member \"\(name)\" of \(what) is \(value.kind), not \(expected)")
    }
}

/// An encryption context as a manifest has it: UTF-8 bytes, keys unique by their bytes, in the order of the file.
package struct ContextPairs: Hashable, Sendable {
    /// One pair.
    package struct Pair: Hashable, Sendable {
        /// The key.
        package let key: [UInt8]

        /// The value.
        package let value: [UInt8]

        /// A pair.
        package init(key: [UInt8], value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    /// The pairs.
    package let pairs: [Pair]

    /// A context; the reader has made sure that keys are unique.
    package init(_ pairs: [Pair] = []) {
        self.pairs = pairs
    }

    /// Whether there are no pairs.
    package var isEmpty: Bool { pairs.isEmpty }
}
