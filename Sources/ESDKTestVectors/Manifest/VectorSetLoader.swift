internal import StrictJSON

/// Loads vector sets of every dialect.
package enum VectorSetLoader {
    /// Loads the sets at a path.
    ///
    /// - Parameter path: a manifest, the folder of a set, or a folder whose subfolders are sets; `SetLocator` says how
    ///   it is searched.
    /// - Returns: at least one set, each with at least one test.
    /// - Throws: the first thing that keeps a set from being loaded.
    package static func load(_ path: String) throws(LoadError) -> [VectorSet] {
        var sets: [VectorSet] = []
        var listedCount = 0
        for location in try SetLocator.locate(path) {
            sets += try load(location.file, path: location.path, depth: 0, listedCount: &listedCount)
        }
        return sets
    }

    private static func load(
        _ file: ManifestFile,
        path: String,
        depth: Int,
        listedCount: inout Int
    ) throws(LoadError) -> [VectorSet] {
        let header = try file.knownHeader()
        switch header.kind {
        case .decrypt: return [try DecryptManifestReader.read(file, header: header, path: path)]
        case .legacyCiphertext: return [try LegacyManifestReader.read(file, header: header, path: path)]
        case .commitmentKnownAnswers:
            return [CommitmentKnownAnswerReader.read(file, header: header, path: path)]
        case .meta: return try loadList(file, depth: depth, listedCount: &listedCount)
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
        listedCount: inout Int
    ) throws(LoadError) -> [VectorSet] {
        guard depth < maximumDepth else {
            throw LoadError(
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
            throw LoadError(.malformed, path: file.path, reason: "\(error.reason); correct the file")
        }
        guard !entries.isEmpty else {
            throw LoadError(
                .emptySet,
                path: file.path,
                reason: "the list names no manifest: nothing to decrypt; name another manifest"
            )
        }
        var sets: [VectorSet] = []
        for entry in entries {
            listedCount += 1
            guard listedCount <= maximumListed else {
                throw LoadError(
                    .malformed,
                    path: file.path,
                    reason: "lists name more than \(maximumListed) manifests; name those that are to run"
                )
            }
            let path: String
            do {
                path = try folder.path(of: entry.uri)
            } catch {
                throw LoadError(.notFound, path: error.path, reason: "\(error.reason); \(file.path) names it")
            }
            let listed = try ManifestFile(path: path)
            let header = try listed.knownHeader()
            if let type = entry.type, ManifestKind(type: type) != header.kind {
                throw LoadError(
                    .malformed,
                    path: path,
                    reason: "is \(header.kind) (\(header)), and \(file.path) says \(ManifestText.quoted(type))"
                )
            }
            sets += try load(listed, path: path, depth: depth + 1, listedCount: &listedCount)
        }
        return sets
    }

    private static func listed(_ file: ManifestFile) throws(TestProblem) -> [(uri: VectorURI, type: String?)] {
        guard let tests = try file.fields.array("tests") else { throw file.fields.missing("tests") }
        var entries: [(uri: VectorURI, type: String?)] = []
        for test in tests {
            let fields = try ManifestFields(test, "an entry of the list")
            entries.append((uri: try fields.requiredURI("manifest"), type: try fields.string("type")))
        }
        return entries
    }
}
