internal import StrictJSON

/// The entries of a keys manifest in their order, found by name; names are told apart by their UTF-8 bytes.
package struct KeyTable: Sendable {
    /// The version that the keys manifest states; it says little about the shape of its entries.
    package let declaredVersion: Int?

    /// The entries.
    package let entries: [KeyEntry]

    private let places: [JSONName: Int]

    /// A table; of entries with one name the first counts.
    package init(declaredVersion: Int?, entries: [KeyEntry]) {
        self.declaredVersion = declaredVersion
        self.entries = entries
        places = Dictionary(
            entries.enumerated().map { (JSONName($0.element.name), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The entry of this name, which is not its `key-id`.
    package subscript(name: String) -> KeyEntry? {
        places[JSONName(name)].map { entries[$0] }
    }
}
