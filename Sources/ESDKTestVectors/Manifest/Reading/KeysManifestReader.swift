import StrictJSON

/// Finds and reads the keys manifest of a set.
struct KeysManifestReader {
    /// Reads the keys manifest that an entry manifest names, or the `keys.json` in its folder.
    ///
    /// - Parameters:
    ///   - manifest: the entry manifest.
    ///   - folder: the folder of the set.
    ///   - log: takes what is odd.
    /// - Throws: where there is none, or it cannot be read.
    static func read(
        for manifest: ManifestFile,
        folder: VectorFolder,
        log: inout DiagnosticLog
    ) throws(VectorError) -> KeyTable {
        try readWithSource(for: manifest, folder: folder, log: &log).keys
    }

    /// As `read`, with the entries as they stand in the file: a writer passes them on.
    static func readWithSource(
        for manifest: ManifestFile,
        folder: VectorFolder,
        log: inout DiagnosticLog
    ) throws(VectorError) -> (keys: KeyTable, source: JSONObject, path: String) {
        let path = try path(for: manifest, folder: folder, log: &log)
        let file: ManifestFile
        let header: ManifestHeader
        do {
            file = try ManifestFile(path: path)
            header = try file.knownHeader()
        } catch {
            throw VectorError(.keys, path: error.path, reason: "keys manifest: \(error.reason)")
        }
        guard header.kind == .keys else {
            let reason = "\(header.kind) (\(header)) where the keys manifest should be"
            throw VectorError(.keys, path: path, reason: "\(reason); correct the \"keys\" member of \(manifest.path)")
        }
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "keys"])
        let entries: ManifestFields?
        do {
            entries = try file.fields.fields("keys")
        } catch {
            throw VectorError(.keys, path: path, reason: "keys manifest: \(error.reason); correct the file")
        }
        guard let entries else {
            throw VectorError(.keys, path: path, reason: "keys manifest without a \"keys\" member; correct the file")
        }
        let keys = KeyTable(
            declaredVersion: header.version,
            entries: entries.object.members.map { KeyEntryReader.read(name: $0.name, $0.value) },
            path: path
        )
        return (keys, entries.object, path)
    }

    private static func path(
        for manifest: ManifestFile,
        folder: VectorFolder,
        log: inout DiagnosticLog
    ) throws(VectorError) -> String {
        let usual = "keys.json"
        let text: String?
        let usualPath: String?
        do {
            text = try manifest.fields.string("keys")
            usualPath = try? folder.path(of: VectorURI(usual))
        } catch {
            throw VectorError(.keys, path: manifest.path, reason: "\(error.reason); correct the file")
        }
        guard let text else {
            guard let usualPath else {
                throw VectorError(
                    .keys,
                    path: manifest.path,
                    reason: "no \"keys\" member names the keys manifest, and there is no \(usual) in its folder"
                )
            }
            log.note("the manifest names no keys manifest; \(usual) in its folder is used")
            return usualPath
        }
        let uri: VectorURI
        do {
            uri = try VectorURI(text)
        } catch {
            throw VectorError(.keys, path: manifest.path, reason: "keys manifest: \(error.reason); correct the file")
        }
        do {
            return try folder.path(of: uri)
        } catch {
            if error.code == .notFound, let usualPath {
                log.note(
                    "keys manifest \(ManifestText.quoted(text)) is missing; \(usual) in the manifest's folder is used"
                )
                return usualPath
            }
            throw VectorError(
                .keys,
                path: error.path,
                reason: "keys manifest: \(error.reason); \(manifest.path) names it"
            )
        }
    }
}

/// Reads the entries of a keys manifest; each by its own shape, since the version number says little about it.
struct KeyEntryReader {
    /// Reads an entry.
    ///
    /// One that cannot be read becomes `malformed`, and fails only the tests that use it.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its value.
    static func read(name: String, _ value: JSONValue) -> KeyEntry {
        do throws(VectorError) {
            let fields = try ManifestFields(value, "the entry")
            let bits = try fields.count("bits").flatMap { $0 == 0 ? nil : $0 }
            let encrypt = try fields.bool("encrypt")
            let decrypt = try fields.bool("decrypt")
            let keyID = try fields.string("key-id")
            return KeyEntry(
                name: name,
                keyID: keyID ?? name,
                encrypt: encrypt,
                decrypt: decrypt,
                bits: bits,
                material: try KeyringKinds.standard.material(fields, bits: bits)
            )
        } catch {
            return KeyEntry(
                name: name,
                keyID: value["key-id"]?.string ?? name,
                encrypt: nil,
                decrypt: nil,
                bits: nil,
                material: .malformed(reason: error.reason)
            )
        }
    }
}
