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
