internal import StrictJSON

/// Finds and reads the keys manifest of a set.
struct KeysManifestReader {
    /// Reads the keys manifest that an entry manifest names, or the `keys.json` beside it.
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
    ) throws(LoadError) -> KeyTable {
        try readWithSource(for: manifest, folder: folder, log: &log).keys
    }

    /// As `read`, with the entries as they stand in the file: a writer passes them on.
    static func readWithSource(
        for manifest: ManifestFile,
        folder: VectorFolder,
        log: inout DiagnosticLog
    ) throws(LoadError) -> (keys: KeyTable, source: JSONObject) {
        let path = try path(for: manifest, folder: folder, log: &log)
        let file: ManifestFile
        let header: ManifestHeader
        do {
            file = try ManifestFile(path: path)
            header = try file.knownHeader()
        } catch {
            throw LoadError(.keys, path: error.path, reason: "keys manifest: \(error.reason)")
        }
        guard header.kind == .keys else {
            let reason = "\(header.kind) (\(header)) where the keys manifest should be"
            throw LoadError(.keys, path: path, reason: "\(reason); correct the \"keys\" member of \(manifest.path)")
        }
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "keys"])
        let entries: ManifestFields?
        do {
            entries = try file.fields.fields("keys")
        } catch {
            throw LoadError(.keys, path: path, reason: "keys manifest: \(error.reason); correct the file")
        }
        guard let entries else {
            throw LoadError(.keys, path: path, reason: "keys manifest without a \"keys\" member; correct the file")
        }
        let keys = KeyTable(
            declaredVersion: header.version,
            entries: entries.object.members.map { KeyEntryReader.read(name: $0.name, $0.value) }
        )
        return (keys, entries.object)
    }

    private static func path(
        for manifest: ManifestFile,
        folder: VectorFolder,
        log: inout DiagnosticLog
    ) throws(LoadError) -> String {
        let usual = "keys.json"
        let text: String?
        let beside: String?
        do {
            text = try manifest.fields.string("keys")
            beside = try? folder.path(of: VectorURI(usual))
        } catch {
            throw LoadError(.keys, path: manifest.path, reason: "\(error.reason); correct the file")
        }
        guard let text else {
            guard let beside else {
                throw LoadError(
                    .keys,
                    path: manifest.path,
                    reason: "no \"keys\" member names the keys manifest, and no \(usual) lies beside it"
                )
            }
            log.note("the manifest names no keys manifest; \(usual) beside it is taken")
            return beside
        }
        let uri: VectorURI
        do {
            uri = try VectorURI(text)
        } catch {
            throw LoadError(.keys, path: manifest.path, reason: "keys manifest: \(error.reason); correct the file")
        }
        do {
            return try folder.path(of: uri)
        } catch {
            if error.code == .missing, let beside {
                log.note("keys manifest \(ManifestText.quoted(text)) is missing; \(usual) beside the manifest is taken")
                return beside
            }
            throw LoadError(
                .keys,
                path: error.path,
                reason: "keys manifest: \(error.reason); \(manifest.path) names it"
            )
        }
    }
}
