internal import StrictJSON

/// Writes the keys manifest of a set.
struct KeysManifestWriter {
    let format: SetFormat
    let set: EncryptSet

    /// The manifest.
    ///
    /// Versions 2 and 4 get only what their readers need: a key of a type that they do not know would make them refuse the set.
    ///
    /// - Parameter used: the names of the keys that the written tests use.
    func manifest(used: Set<JSONName>) -> JSONValue {
        var entries = JSONObject()
        for member in set.keySource.members {
            guard var entry = member.value.object else { continue }
            if format != .v5 {
                guard used.contains(JSONName(member.name)) else { continue }
                entry = JSONObject(entry.members.filter { Self.plainMembers.contains($0.name) })
                if entry["key-id"]?.string == nil { entry["key-id"] = .string(member.name) }
                if entry["encrypt"]?.bool == nil { entry["encrypt"] = true }
                if entry["decrypt"]?.bool == nil { entry["decrypt"] = entry["type"] == "public" ? false : true }
            }
            entries[member.name] = .object(Self.joiningLines(entry))
        }
        let declared = set.keys.declaredVersion ?? 3
        return [
            "manifest": ["type": "keys", "version": .integer(format == .v5 && declared > 1 ? Int64(declared) : 3)],
            "keys": .object(entries),
        ]
    }

    /// The members of the four types of keys that every reader knows.
    private static let plainMembers: Set<String> = [
        "type", "key-id", "encrypt", "decrypt", "algorithm", "bits", "encoding", "material", "line-separator",
    ]

    /// Joins the lines of a key, which early manifests list.
    private static func joiningLines(_ entry: JSONObject) -> JSONObject {
        var result = entry
        let separator = entry["line-separator"]?.string ?? ""
        for member in entry.members {
            if member.name.hasSuffix("material"), let lines = member.value.array {
                result[member.name] = .string(lines.compactMap(\.string).joined(separator: separator))
            } else if member.value.isNull {
                result[member.name] = nil
            }
        }
        result["line-separator"] = nil
        return result
    }
}
