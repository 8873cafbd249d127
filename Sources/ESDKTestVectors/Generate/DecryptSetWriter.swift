import AWSEncryptionSDK
import StrictJSON

/// Writes the files of a set other than its messages: manifest, keys, plaintexts, and the list of tests that could not be written.
struct DecryptSetWriter {
    let format: SetFormat
    /// The set that was encrypted, with the keys as they are written.
    let set: EncryptSet
    let plaintexts: PlaintextStore

    /// Writes the files.
    ///
    /// - Parameters:
    ///   - generated: the tests that were run, in their order.
    ///   - output: the folder of the set.
    /// - Throws: `VectorError`.
    func write(_ generated: [GeneratedTest], to output: OutputFolder) throws(VectorError) {
        let written = generated.filter { $0.status == .passed }
        let manifest: JSONValue = [
            "manifest": ["type": "awses-decrypt", "version": .integer(Int64(format.version))],
            "client": ["name": .string(EncryptionSDK.clientName), "version": .string(EncryptionSDK.version)],
            "keys": "file://keys.json",
            "tests": .object(
                JSONObject(written.flatMap(\.vectors).map { JSONObject.Member(name: $0.id, value: $0.value) })
            ),
        ]
        let used = Set(written.flatMap { (try? $0.test.content.get())?.decryptKeys.keyNames ?? [] })
        let unsupported = generated.filter { $0.status != .passed }.map { generated in
            // The mark that adapters of other implementations use: a broken test is not merely unsupported.
            let mark = generated.status == .failed ? "ERROR " : ""
            return JSONObject.Member(name: generated.test.id, value: .string(mark + (generated.result.reason ?? "")))
        }
        do {
            try output.write(format.manifestName, ASCIIJSON.text(of: manifest))
            let keys = KeysManifestWriter(format: format, set: set).manifest(used: used)
            try output.write("keys.json", ASCIIJSON.text(of: keys))
            try output.write("unsupported.json", ASCIIJSON.text(of: .object(JSONObject(unsupported))))
            try writePlaintexts(of: written, to: output)
        } catch {
            throw error as? VectorError ?? output.error("cannot be written: \(error)")
        }
    }

    /// Writes the plaintexts that a written test names.
    private func writePlaintexts(of written: [GeneratedTest], to output: OutputFolder) throws {
        var names: Set<JSONName> = []
        for generated in written where generated.vectors.contains(where: \.mustDecrypt) {
            let name = try generated.test.content.get().plaintextName
            guard names.insert(JSONName(name)).inserted else { continue }
            try output.write(plaintexts.path(name), try plaintexts.bytes(name))
        }
    }
}

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

/// JSON in ASCII: indented, with `\u` escapes for everything else, and a line end at the end.
///
/// Some readers of manifests take the encoding of the system for that of the file.
enum ASCIIJSON {
    /// The text of a value.
    ///
    /// - Throws: `JSONError`.
    static func text(of value: JSONValue) throws(JSONError) -> [UInt8] {
        escaped(try StrictJSON.serialize(value, pretty: true)) + [UInt8(ascii: "\n")]
    }

    /// In JSON, characters beyond ASCII stand in strings only.
    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(where: { $0 >= 0x80 }) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 8)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                result.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                for unit in String(Character(scalar)).utf16 {
                    let digits = String(unit, radix: 16)
                    result += Array("\\u".utf8) + Array(String(repeating: "0", count: 4 - digits.count).utf8)
                    result += Array(digits.utf8)
                }
            }
        }
        return result
    }
}
