import ESDKCrypto

/// A field in which two messages differ.
package struct MessageDifference: Sendable, Hashable {
    /// The field.
    package let field: MessageField
    /// The first byte that differs, in bytes from the start of the message.
    package let offset: Int
    /// The bytes of the field, from that one on, as they are expected.
    package let expected: [UInt8]
    /// The bytes of the field, from that one on, as they were found.
    package let found: [UInt8]

    /// A difference.
    package init(field: MessageField, offset: Int, expected: [UInt8], found: [UInt8]) {
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found
    }
}

extension MessageDifference: CustomStringConvertible {
    /// The most bytes that a description shows of either side.
    private static let shownCount = 16

    /// Path, offset, expected and found bytes, shortened.
    package var description: String {
        "\(field) differs at \(offset): expected \(Self.hex(expected)), found \(Self.hex(found))"
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        guard !bytes.isEmpty else { return "nothing" }
        return Hex.encode(Array(bytes.prefix(shownCount))) + (bytes.count > shownCount ? "…" : "")
    }
}
