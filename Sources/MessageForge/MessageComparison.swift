import ESDKCrypto

/// Compares messages byte for byte and names the fields that differ.
package enum MessageComparison {
    /// The fields of a message that differ from what is expected, in their order.
    ///
    /// Where the lengths of the two differ, fields after the first difference cannot be told from each other, so only the first is
    /// returned.
    ///
    /// - Parameters:
    ///   - found: the message.
    ///   - layout: where its fields lie.
    ///   - expected: what it is compared with.
    /// - Complexity: O(*n*) in the length of the message.
    package static func differences(
        _ found: [UInt8],
        layout: MessageLayout,
        expected: [UInt8]
    ) -> [MessageDifference] {
        guard found != expected else { return [] }
        if found.count != expected.count {
            let offset = firstDifference(found, expected, in: 0..<min(found.count, expected.count))
            return [difference(at: offset ?? min(found.count, expected.count), found, layout, expected)]
        }
        return layout.entries.compactMap { entry in
            firstDifference(found, expected, in: entry.range.clamped(to: found.indices)).map { offset in
                difference(at: offset, found, layout, expected)
            }
        }
    }

    private static func difference(
        at offset: Int,
        _ found: [UInt8],
        _ layout: MessageLayout,
        _ expected: [UInt8]
    ) -> MessageDifference {
        let entry = layout.entry(at: offset)
        let end = entry?.range.upperBound ?? max(found.count, expected.count)
        func rest(_ bytes: [UInt8]) -> [UInt8] {
            let range = (offset..<max(end, offset)).clamped(to: bytes.indices)
            return Array(bytes[range])
        }
        return MessageDifference(
            field: entry?.field ?? .trailingBytes,
            offset: offset,
            expected: rest(expected),
            found: rest(found)
        )
    }

    private static func firstDifference(_ left: [UInt8], _ right: [UInt8], in range: Range<Int>) -> Int? {
        // Whole slices first: they compare as memory does.
        guard left[range] != right[range] else { return nil }
        return range.first { left[$0] != right[$0] }
    }
}

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
