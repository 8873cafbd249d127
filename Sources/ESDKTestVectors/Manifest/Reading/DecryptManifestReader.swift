internal import StrictJSON

/// Reads `awses-decrypt` manifests of versions 1 to 5.
struct DecryptManifestReader {
    /// Reads a set.
    ///
    /// - Parameters:
    ///   - file: the manifest.
    ///   - header: its header.
    ///   - path: the set's path as the user gave it.
    /// - Throws: where the manifest has no tests, or the keys manifest cannot be read.
    static func read(_ file: ManifestFile, header: ManifestHeader, path: String) throws(LoadError) -> VectorSet {
        var log = DiagnosticLog()
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "client", "keys", "tests"])
        let tests = try file.members("tests")
        guard !tests.object.isEmpty else {
            throw LoadError(
                .emptySet,
                path: file.path,
                reason: "the set has no tests: nothing to decrypt; name another manifest"
            )
        }
        let folder = VectorFolder(file.folderPath)
        let keys = try KeysManifestReader.read(for: file, folder: folder, log: &log)
        let reader = DecryptTestReader(keys: keys)
        var decryptTests: [DecryptTest] = []
        decryptTests.reserveCapacity(tests.object.count)
        for member in tests.object.members {
            decryptTests.append(reader.read(id: member.name, member.value, log: &log))
        }
        return VectorSet(
            path: path,
            manifestPath: file.path,
            header: header,
            producer: file.producer,
            folder: folder,
            keys: keys,
            decryptTests: decryptTests,
            diagnostics: log.diagnostics
        )
    }
}
