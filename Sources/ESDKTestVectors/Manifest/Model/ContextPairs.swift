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
