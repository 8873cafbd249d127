import StrictJSON

/// The version of the decrypt manifest that is written.
package enum SetFormat: String, Sendable, Hashable, CaseIterable {
    /// What the handlers of Python, Java, JavaScript and C++ read: raw and KMS keys in flat lists.
    case v2
    /// What the handlers of .NET and Python read: version 2 with materials managers and encryption contexts.
    case v4
    /// What the Dafny family and C read: every keyring.
    case v5

    /// The manifest's version.
    package var version: Int {
        switch self {
        case .v2: 2
        case .v4: 4
        case .v5: 5
        }
    }

    /// The manifest's name; that of versions 2 and 4 is built into readers.
    package var manifestName: String { self == .v5 ? "decrypt-manifest.json" : "manifest.json" }
}

/// A key description and the JSON that it was read from, which a writer passes on.
package struct DescribedKeys: Sendable {
    /// The description.
    package let description: KeyDescription

    /// An object, or a flat list of them.
    let value: JSONValue

    /// The names of the entries of the keys manifest that are used.
    var keyNames: [JSONName] { description.leaves.compactMap(\.keyName).map { JSONName($0) } }

    init(description: KeyDescription, value: JSONValue) {
        self.description = description
        self.value = value
    }

    /// The keyring as a flat list, for versions 2 and 4; materials managers around it are left out.
    ///
    /// - Parameter format: the format, which the error names.
    /// - Throws: `unsupported` for what the list cannot express.
    func list(in format: SetFormat) throws(VectorError) -> JSONValue {
        .array(try description.flat(value, in: format))
    }

    /// The description as one object, for version 5.
    ///
    /// - Parameter requiredContextKeys: the context keys, as UTF-8 bytes, that a materials manager around it requires besides those
    ///   that are described; empty for no further manager.
    func object(requiredContextKeys: [[UInt8]]) -> JSONValue {
        let keyring = description.written(value, in: .v5)
        guard !requiredContextKeys.isEmpty else { return keyring }
        return [
            "type": "required-encryption-context-cmm",
            "underlying": keyring,
            "requiredEncryptionContextKeys": .array(
                requiredContextKeys.map { .string(String(decoding: $0, as: UTF8.self)) }
            ),
        ]
    }
}

extension KeyDescription {
    /// The description in the form that readers of a format expect.
    ///
    /// - Parameters:
    ///   - value: what it was read from: an object, or a list, of which one element stands for itself.
    ///   - format: the format.
    func written(_ value: JSONValue, in format: SetFormat) -> JSONValue {
        if let elements = value.array, elements.count == 1 { return written(elements[0], in: format) }
        return kind.written(value, in: format)
    }

    /// The keyring as the elements of a flat list.
    ///
    /// - Throws: `unsupported` for what the list cannot express.
    func flat(_ value: JSONValue, in format: SetFormat) throws(VectorError) -> [JSONValue] {
        if let elements = value.array, elements.count == 1 { return try flat(elements[0], in: format) }
        return try kind.flat(value, in: format)
    }
}
