/// Finds the entry manifests below a path.
struct SetLocator {
    /// A manifest and the path by which the user knows its set.
    struct Location {
        /// The set's path: as given, with what was found below it added.
        let path: String
        /// The manifest, already read.
        let file: ManifestFile
    }

    /// The names that are looked for first, in this order.
    static let usualNames = ["manifest.json", "decrypt-manifest.json", "decrypt_message.json"]

    /// Finds the sets at a path.
    ///
    /// A file is taken as the manifest. A folder is searched for its usual names, then for any JSON file that is a
    /// decrypt manifest, then for the manifest of 2018; without any, its subfolders are searched, one level down.
    ///
    /// - Parameter path: a file or folder.
    /// - Returns: at least one location, sorted by the names of the folders.
    /// - Throws: where there is nothing, or a manifest that is to be taken cannot be.
    static func locate(_ path: String) throws(LoadError) -> [Location] {
        guard RegularFile.exists(path) else {
            throw LoadError(.notFound, path: path, reason: "no such file or folder; check the path")
        }
        guard RegularFile.isFolder(path) else { return [Location(path: path, file: try ManifestFile(path: path))] }
        var others: [ManifestFile] = []
        let own = try search(path, others: &others)
        if !own.isEmpty { return own }
        var found: [Location] = []
        var ignored: [ManifestFile] = []
        for name in try names(in: path) where name != "__MACOSX" && RegularFile.isFolder(join(path, name)) {
            found += try search(join(path, name), others: &ignored)
        }
        if !found.isEmpty { return found }
        if let other = others.first { throw nothingToDecrypt(other, header: try other.knownHeader()) }
        throw LoadError(
            .noManifest,
            path: path,
            reason: "no decrypt manifest in this folder or one level down; name a manifest or the folder of a set"
        )
    }

    /// The error for a manifest that is known but holds nothing to decrypt.
    static func nothingToDecrypt(_ file: ManifestFile, header: ManifestHeader) -> LoadError {
        LoadError(
            .nothingToDecrypt,
            path: file.path,
            reason: "is \(header.kind) (\(header)): nothing to decrypt here; name a decrypt manifest (awses-decrypt)"
        )
    }

    /// The sets of one folder.
    private static func search(_ folder: String, others: inout [ManifestFile]) throws(LoadError) -> [Location] {
        let names = try names(in: folder)
        for name in usualNames where names.contains(name) {
            let file = try ManifestFile(path: join(folder, name))
            if try file.knownHeader().kind.isDecryptable { return [Location(path: folder, file: file)] }
            others.append(file)
        }
        var found: [Location] = []
        for name in names where name.hasSuffix(".json") && !usualNames.contains(name) {
            // Any JSON may lie here; what is not a manifest is none of our business.
            guard let file = try? ManifestFile(path: join(folder, name)), let header = try? file.header.get() else {
                continue
            }
            if header.kind.isDecryptable {
                found.append(Location(path: file.path, file: file))
            } else {
                others.append(file)
            }
        }
        if found.count == 1 { return [Location(path: folder, file: found[0].file)] }
        if !found.isEmpty { return found }
        for name in ["manifests/ciphertext.manifest", "ciphertext.manifest"] {
            let path = join(folder, name)
            if RegularFile.exists(path) { return [Location(path: folder, file: try ManifestFile(path: path))] }
        }
        return []
    }

    private static func names(in folder: String) throws(LoadError) -> [String] {
        do {
            return try RegularFile.names(in: folder)
        } catch {
            throw LoadError(.unreadable, path: folder, reason: error.reason)
        }
    }

    /// Joins a folder and a name, without a second slash where the user typed one.
    private static func join(_ folder: String, _ name: String) -> String {
        var bytes = Array(folder.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        let trimmed = String(decoding: bytes, as: UTF8.self)
        return trimmed == "/" ? "/" + name : "\(trimmed)/\(name)"
    }
}
