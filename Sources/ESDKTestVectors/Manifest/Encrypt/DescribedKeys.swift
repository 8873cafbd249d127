internal import StrictJSON

/// A key description and the JSON that it was read from, which a writer passes on.
package struct DescribedKeys: Sendable {
    /// The description.
    package let description: KeyDescription

    /// A description, or a flat list of them.
    let value: JSONValue

    /// The names of the entries of the keys manifest that are used.
    var keyNames: [JSONName] { description.leaves.compactMap(\.keyName).map { JSONName($0) } }

    init(description: KeyDescription, value: JSONValue) {
        self.description = description
        self.value = value
    }
}
