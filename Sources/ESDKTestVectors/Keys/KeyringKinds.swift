import StrictJSON

/// The kinds of keyrings and materials managers that manifests describe, and the reading of their descriptions and keys.
struct KeyringKinds: Sendable {
    /// The kinds in the order in which they are asked.
    let all: [any ReadableKeyringKind.Type]
    /// The kinds by the `type` of their descriptions.
    private let kinds: [String: [any ReadableKeyringKind.Type]]
    /// The types of keys by the `type` of their entries.
    private let keyTypes: [String: any KeyType.Type]

    /// A list of kinds.
    init(_ all: [any ReadableKeyringKind.Type]) {
        self.all = all
        kinds = Dictionary(grouping: all) { $0.type }
        keyTypes = Dictionary(
            all.flatMap { $0.keyTypes }.map { ($0.type, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Reads a key description, or a flat list of them.
    ///
    /// A list of one is that one; a longer one is a multi-keyring with its first element as generator.
    ///
    /// - Parameters:
    ///   - value: an object or an array of objects.
    ///   - what: what it is, for messages.
    /// - Throws: `broken` where members are missing or of the wrong type. What is merely unknown becomes a description that is not
    ///   supported.
    func read(_ value: JSONValue, _ what: String) throws(VectorError) -> KeyDescription {
        guard let elements = value.array else { return try read(ManifestFields(value, what)) }
        guard !elements.isEmpty else { throw .broken("\(what) lists no key") }
        if elements.count == 1 { return try read(ManifestFields(elements[0], "the key description")) }
        let descriptions = try keyrings(elements, in: what)
        return .multi(generator: descriptions[0], children: Array(descriptions.dropFirst()))
    }

    /// Reads one key description.
    func read(_ fields: ManifestFields) throws(VectorError) -> KeyDescription {
        let type = try fields.requiredString("type")
        guard let kinds = kinds[type] else { return .unsupported(type: type) }
        for kind in kinds {
            if let description = try kind.read(fields, among: self) { return description }
        }
        // Kinds that share a type are told apart by their algorithm.
        return .unsupported(type: "\(type) \(try fields.requiredString("encryption-algorithm"))")
    }

    /// Reads the keyrings of a multi-keyring or a list, where a materials manager has no place.
    func keyrings(_ values: [JSONValue], in what: String) throws(VectorError) -> [KeyDescription] {
        var descriptions: [KeyDescription] = []
        for value in values {
            let description = try read(ManifestFields(value, "the key description"))
            guard !description.kind.isMaterialsManager else {
                throw .broken("\(what) has a materials manager among keyrings")
            }
            descriptions.append(description)
        }
        return descriptions
    }

    /// Reads what a key entry holds.
    ///
    /// - Parameters:
    ///   - fields: the entry.
    ///   - bits: the stated length in bits.
    /// - Throws: `broken` where a member is missing or wrong.
    func material(_ fields: ManifestFields, bits: Int?) throws(VectorError) -> KeyMaterial {
        let type = try fields.requiredString("type")
        guard let keyType = keyTypes[type] else { return .unsupported(type: type) }
        return .key(try keyType.init(fields, bits: bits))
    }
}

extension KeyDescription {
    /// A type, algorithm or padding that is not known here.
    package static func unsupported(type: String) -> KeyDescription {
        KeyDescription(Unsupported(type: JSONName(type)))
    }
}

/// A type, algorithm or padding that is not known here.
private struct Unsupported: KeyringKind {
    let type: JSONName

    /// Raw keyrings with an unknown algorithm or padding are passed on.
    var isInFlatLists: Bool { type.text.hasPrefix("raw ") }

    func summary(keys: KeyTable) -> String { "unsupported(\(type.text))" }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        .unavailable(reason: "key descriptions of type \(ManifestText.quoted(type.text)) are not supported")
    }
}
