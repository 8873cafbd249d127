internal import StrictJSON

/// Writes key descriptions in the form that a format has for them.
struct KeyDescriptionWriter {
    let format: SetFormat

    /// The keyring of a description as a flat list, for versions 2 and 4; materials managers around it are left out.
    ///
    /// - Throws: a skip for what the list cannot express.
    func list(_ keys: DescribedKeys) throws(VectorError) -> JSONValue {
        var leaves: [JSONValue] = []
        try collect(Self.withoutManagers(keys.value), into: &leaves, isNested: false)
        return .array(leaves)
    }

    /// A description as one object, for version 5.
    ///
    /// - Parameters:
    ///   - keys: the description.
    ///   - requiredContextKeys: the keys that a materials manager around it is to require; none for no manager but those described.
    func object(_ keys: DescribedKeys, requiredContextKeys: [[UInt8]]) -> JSONValue {
        let keyring = normalized(keys.value)
        guard !requiredContextKeys.isEmpty else { return keyring }
        return [
            "type": "required-encryption-context-cmm",
            "underlying": keyring,
            "requiredEncryptionContextKeys": .array(
                requiredContextKeys.map { .string(String(decoding: $0, as: UTF8.self)) }
            ),
        ]
    }

    private static func withoutManagers(_ value: JSONValue) -> JSONValue {
        guard value["type"]?.string == "required-encryption-context-cmm", let underlying = value["underlying"] else {
            return value
        }
        return withoutManagers(underlying)
    }

    /// The types that the readers of versions 2 and 4 know.
    private static let listTypes: Set<String> = [
        "raw", "aws-kms", "aws-kms-mrk-aware", "aws-kms-mrk-aware-discovery",
    ]

    private func collect(
        _ value: JSONValue,
        into leaves: inout [JSONValue],
        isNested: Bool
    ) throws(VectorError) {
        let type = value["type"]?.string ?? ""
        if let elements = value.array ?? (type == "multi-keyring" ? Self.keyrings(of: value) : nil) {
            guard !isNested else {
                throw .unsupported("a multi-keyring inside another one cannot be expressed in \(format.rawValue)")
            }
            for element in elements { try collect(element, into: &leaves, isNested: true) }
            return
        }
        guard Self.listTypes.contains(type) else {
            throw .unsupported(
                "key descriptions of type \(ManifestText.quoted(type)) cannot be expressed in \(format.rawValue)"
            )
        }
        leaves.append(leaf(value))
    }

    private static func keyrings(of value: JSONValue) -> [JSONValue] {
        [value["generator"]].compactMap(\.self).filter { !$0.isNull } + (value["childKeyrings"]?.array ?? [])
    }

    private func normalized(_ value: JSONValue) -> JSONValue {
        if let elements = value.array {
            guard elements.count != 1 else { return normalized(elements[0]) }
            return [
                "type": "multi-keyring",
                "generator": elements.first.map(normalized) ?? .null,
                "childKeyrings": .array(elements.dropFirst().map(normalized)),
            ]
        }
        guard let object = value.object, let type = object["type"]?.string else { return value }
        switch type {
        case "multi-keyring", "required-encryption-context-cmm", "caching-cmm":
            let members = object.members.filter { !$0.value.isNull }
            return .object(
                JSONObject(
                    members.map { member in
                        switch member.name {
                        case "generator", "underlying":
                            JSONObject.Member(name: member.name, value: normalized(member.value))
                        case "childKeyrings":
                            JSONObject.Member(
                                name: member.name,
                                value: .array((member.value.array ?? []).map(normalized))
                            )
                        default: member
                        }
                    }
                )
            )
        default: return leaf(value)
        }
    }

    /// A leaf without members that say nothing, and with the padding hash that each family of readers expects: with PKCS #1, where
    /// it means nothing, version 5 must have one and the older ones must not.
    private func leaf(_ value: JSONValue) -> JSONValue {
        guard let object = value.object else { return value }
        let isRSA = object["encryption-algorithm"]?.string == "rsa"
        var result = JSONObject(
            object.members.filter { member in
                guard !member.value.isNull else { return false }
                return isRSA || !["padding-algorithm", "padding-hash"].contains(member.name)
            }
        )
        if isRSA, object["padding-algorithm"]?.string == "pkcs1" {
            result["padding-hash"] = format == .v5 ? "sha1" : nil
        }
        return .object(result)
    }
}
