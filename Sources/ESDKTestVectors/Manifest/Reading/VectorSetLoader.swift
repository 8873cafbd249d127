import StrictJSON

/// Loads vector sets of every dialect.
package enum VectorSetLoader {
    /// Loads the sets at a path.
    ///
    /// - Parameters:
    ///   - path: a manifest, the folder of a set, or a folder whose subfolders are sets; `SetLocator` says how it is
    ///     searched.
    ///   - isWanted: whether a test has to be loaded; large sets are then without the others.
    /// - Returns: at least one set, each with at least one test in its manifest.
    /// - Throws: the first thing that keeps a set from being loaded.
    package static func load(
        _ path: String,
        where isWanted: (_ id: String) -> Bool = { _ in true }
    ) throws(VectorError) -> [VectorSet] {
        var sets: [VectorSet] = []
        var listedCount = 0
        for location in try SetLocator.locate(path) {
            sets += try load(location.file, path: location.path, depth: 0, listedCount: &listedCount, isWanted)
        }
        return sets
    }

    private static func load(
        _ file: ManifestFile,
        path: String,
        depth: Int,
        listedCount: inout Int,
        _ isWanted: (_ id: String) -> Bool
    ) throws(VectorError) -> [VectorSet] {
        let header = try file.knownHeader()
        switch header.kind {
        case .decrypt: return [try DecryptManifestReader.read(file, header: header, path: path, where: isWanted)]
        case .legacyCiphertext: return [try LegacyManifestReader.read(file, header: header, path: path)]
        case .commitmentKnownAnswers:
            return [CommitmentKnownAnswerReader.read(file, header: header, path: path)]
        case .meta: return try loadList(file, depth: depth, listedCount: &listedCount, isWanted)
        default: throw SetLocator.nothingToDecrypt(file, header: header)
        }
    }

    /// How deep lists may name lists; no list in the wild names another.
    private static let maximumDepth = 8

    /// How many manifests lists may name in all: lists that name a list many times name very many.
    private static let maximumListed = 1000

    /// Loads what a `meta` manifest lists.
    private static func loadList(
        _ file: ManifestFile,
        depth: Int,
        listedCount: inout Int,
        _ isWanted: (_ id: String) -> Bool
    ) throws(VectorError) -> [VectorSet] {
        guard depth < maximumDepth else {
            throw VectorError(
                .malformed,
                path: file.path,
                reason: "manifests list each other more than \(maximumDepth) deep; correct the file"
            )
        }
        let folder = VectorFolder(file.folderPath)
        let entries: [(uri: VectorURI, type: String?)]
        do {
            entries = try listed(file)
        } catch {
            throw VectorError(.malformed, path: file.path, reason: "\(error.reason); correct the file")
        }
        guard !entries.isEmpty else {
            throw VectorError(
                .emptySet,
                path: file.path,
                reason: "the list names no manifest: nothing to decrypt; name another manifest"
            )
        }
        var sets: [VectorSet] = []
        for entry in entries {
            listedCount += 1
            guard listedCount <= maximumListed else {
                throw VectorError(
                    .malformed,
                    path: file.path,
                    reason: "lists name more than \(maximumListed) manifests; name those that are to run"
                )
            }
            let path: String
            do {
                path = try folder.path(of: entry.uri)
            } catch {
                throw VectorError(.notFound, path: error.path, reason: "\(error.reason); \(file.path) names it")
            }
            let listed = try ManifestFile(path: path)
            let header = try listed.knownHeader()
            if let type = entry.type, ManifestKind(type: type) != header.kind {
                throw VectorError(
                    .malformed,
                    path: path,
                    reason: "is \(header.kind) (\(header)), and \(file.path) says \(ManifestText.quoted(type))"
                )
            }
            sets += try load(listed, path: path, depth: depth + 1, listedCount: &listedCount, isWanted)
        }
        return sets
    }

    private static func listed(_ file: ManifestFile) throws(VectorError) -> [(uri: VectorURI, type: String?)] {
        guard let tests = try file.fields.array("tests") else { throw file.fields.missing("tests") }
        var entries: [(uri: VectorURI, type: String?)] = []
        for test in tests {
            let fields = try ManifestFields(test, "an entry of the list")
            entries.append((uri: try fields.requiredURI("manifest"), type: try fields.string("type")))
        }
        return entries
    }
}

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
    static func locate(_ path: String) throws(VectorError) -> [Location] {
        guard RegularFile.exists(path) else {
            throw VectorError(.notFound, path: path, reason: "no such file or folder; check the path")
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
        throw VectorError(
            .noManifest,
            path: path,
            reason: "no decrypt manifest in this folder or one level down; name a manifest or the folder of a set"
        )
    }

    /// The error for a manifest that is known but holds nothing to decrypt.
    static func nothingToDecrypt(_ file: ManifestFile, header: ManifestHeader) -> VectorError {
        VectorError(
            .nothingToDecrypt,
            path: file.path,
            reason: "is \(header.kind) (\(header)): nothing to decrypt here; name a decrypt manifest (awses-decrypt)"
        )
    }

    /// The sets of one folder.
    private static func search(_ folder: String, others: inout [ManifestFile]) throws(VectorError) -> [Location] {
        let names = try names(in: folder)
        for name in usualNames where names.contains(name) {
            let file = try ManifestFile(path: join(folder, name))
            if try file.knownHeader().kind.isDecryptable { return [Location(path: folder, file: file)] }
            others.append(file)
        }
        var found: [Location] = []
        for name in names where name.hasSuffix(".json") && !usualNames.contains(name) {
            // Any JSON may lie here; what is not a manifest is left alone.
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

    private static func names(in folder: String) throws(VectorError) -> [String] {
        do {
            return try RegularFile.names(in: folder)
        } catch {
            throw VectorError(.unreadable, path: folder, reason: error.reason)
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
