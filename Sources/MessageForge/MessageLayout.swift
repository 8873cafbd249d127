/// Where the fields of a message lie: from its start to its end, without gaps.
package struct MessageLayout: Sendable {
    /// A field and its bytes, counted from the start of the message.
    package struct Entry: Sendable, Hashable {
        /// The field.
        package let field: MessageField
        /// Its bytes; may be none.
        package let range: Range<Int>

        /// A field and its bytes.
        package init(field: MessageField, range: Range<Int>) {
            self.field = field
            self.range = range
        }
    }

    /// The fields in the order of the message.
    package private(set) var entries: [Entry] = []

    /// The layout of an empty message.
    package init() {}

    /// The length of the message in bytes.
    package var length: Int { entries.last?.range.upperBound ?? 0 }

    /// Adds a field of `count` bytes at the end.
    mutating func append(_ field: MessageField, count: Int) {
        entries.append(Entry(field: field, range: length..<length + count))
    }

    /// The field that the byte at `offset` belongs to; nil after the end.
    ///
    /// - Complexity: O(log *n*) in the number of fields.
    package func entry(at offset: Int) -> Entry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low < entries.count ? entries[low] : nil
    }

    /// The bytes of a field; nil when the message has no such field.
    ///
    /// - Complexity: O(*n*) in the number of fields.
    package func range(of field: MessageField) -> Range<Int>? {
        entries.first { $0.field == field }?.range
    }
}
