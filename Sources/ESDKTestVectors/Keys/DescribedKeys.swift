import StrictJSON

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

extension DescribedKeys {
    /// These keys for decryption: where none but RSA public keys are named, the private keys of the same `key-id` are.
    ///
    /// Flat lists serve both directions. Those of the Dafny family name the public entry for encryption, and decrypt with its private
    /// twin. Beside another key, a public one is left alone: such tests have a data key that cannot be opened.
    func namingPrivateKeys(keys: KeyTable) -> DescribedKeys {
        let areAllPublic = description.leaves.allSatisfy { leaf in
            guard let name = leaf.keyName, case .rsaPublic? = keys[name]?.material else { return false }
            return true
        }
        guard areAllPublic else { return self }
        let changed: JSONValue
        if let elements = value.array {
            changed = .array(elements.map { Self.namingPrivateKey($0, keys: keys) })
        } else {
            changed = Self.namingPrivateKey(value, keys: keys)
        }
        guard let description = try? KeyDescriptionReader.read(changed, "the key description") else { return self }
        return DescribedKeys(description: description, value: changed)
    }

    private static func namingPrivateKey(_ value: JSONValue, keys: KeyTable) -> JSONValue {
        guard var object = value.object, let name = object["key"]?.string, let entry = keys[name] else { return value }
        let twin = keys.entries.first { candidate in
            guard case .rsaPrivate = candidate.material else { return false }
            return candidate.keyID.hasSameBytes(as: entry.keyID)
        }
        guard let twin else { return value }
        object["key"] = .string(twin.name)
        return .object(object)
    }
}
