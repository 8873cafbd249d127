/// One header field.
public struct HTTPField: Sendable {
    /// The name; names compare without regard to case.
    public let name: String
    /// The value, without blanks around it.
    public let value: String

    /// A field.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its value.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPField {
    /// Whether the field has this name, in whatever case.
    ///
    /// - Parameter name: the name in lower case, of ASCII characters.
    package func isNamed(_ name: String) -> Bool {
        self.name.utf8.count == name.utf8.count
            && zip(self.name.utf8, name.utf8).allSatisfy { byte, wanted in
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 == wanted : byte == wanted
            }
    }
}

extension [HTTPField] {
    /// The value of the first field of this name, in whatever case it was sent.
    ///
    /// - Parameter name: the name in lower case.
    func first(named name: String) -> String? {
        first { $0.isNamed(name) }?.value
    }
}
