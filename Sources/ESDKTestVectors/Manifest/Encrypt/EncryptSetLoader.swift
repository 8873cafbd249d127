internal import StrictJSON

/// Loads manifests that say what to encrypt: `awses-encrypt` of versions 1, 2, 4 and 5, and `awses-decrypt-generate` of versions 1, 2
/// and 4.
package enum EncryptSetLoader {
    /// Loads a manifest.
    ///
    /// - Parameters:
    ///   - path: the manifest, or a folder in which exactly one manifest is of the wanted kind.
    ///   - kind: `encrypt` or `decryptGenerate`.
    /// - Returns: a set with at least one test.
    /// - Throws: the first thing that keeps the manifest or its keys from being read.
    package static func load(_ path: String, kind: ManifestKind) throws(LoadError) -> EncryptSet {
        let file = try locate(path, kind: kind)
        let header = try file.knownHeader()
        guard header.kind == kind else { throw wrongKind(file, header: header, wanted: kind) }
        var log = DiagnosticLog()
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "client", "keys", "plaintexts", "tests"])
        let tests = try file.members("tests")
        let plaintexts = try file.members("plaintexts")
        guard !tests.object.isEmpty else {
            throw LoadError(
                .emptySet,
                path: file.path,
                reason: "the manifest has no tests: nothing to encrypt; name another manifest"
            )
        }
        let folder = VectorFolder(file.folderPath)
        let keys = try KeysManifestReader.readWithSource(for: file, folder: folder, log: &log)
        let reader = EncryptTestReader(keys: keys.keys, isGenerate: kind == .decryptGenerate)
        var read: [EncryptTest] = []
        read.reserveCapacity(tests.object.count)
        for member in tests.object.members { read.append(reader.read(id: member.name, member.value, log: &log)) }
        return EncryptSet(
            manifestPath: file.path,
            header: header,
            folder: folder,
            keys: keys.keys,
            keySource: keys.source,
            plaintextNames: plaintexts.object.names,
            plaintextSizes: sizes(plaintexts),
            tests: read,
            diagnostics: log.diagnostics
        )
    }

    private static func sizes(_ fields: ManifestFields) -> [JSONName: Result<Int, TestProblem>] {
        var sizes: [JSONName: Result<Int, TestProblem>] = [:]
        for name in fields.object.names {
            do throws(TestProblem) {
                guard let size = try fields.count(name) else { throw fields.missing(name) }
                sizes[JSONName(name)] = .success(size)
            } catch {
                sizes[JSONName(name)] = .failure(error)
            }
        }
        return sizes
    }

    private static func locate(_ path: String, kind: ManifestKind) throws(LoadError) -> ManifestFile {
        guard RegularFile.isFolder(path) else { return try ManifestFile(path: path) }
        let names: [String]
        do {
            names = try RegularFile.names(in: path)
        } catch {
            throw LoadError(.unreadable, path: path, reason: error.reason)
        }
        var found: [ManifestFile] = []
        for name in names where name.hasSuffix(".json") {
            // Any JSON may lie here; what is not a manifest is none of our business.
            guard let file = try? ManifestFile(path: "\(path)/\(name)"),
                let header = try? file.header.get(), header.kind == kind
            else { continue }
            found.append(file)
        }
        guard let file = found.first, found.count == 1 else {
            let reason =
                found.isEmpty
                ? "no \(kind.noun) in this folder" : "\(found.count) manifests of this kind in this folder"
            throw LoadError(.noManifest, path: path, reason: "\(reason); name the manifest itself")
        }
        return file
    }

    private static func wrongKind(_ file: ManifestFile, header: ManifestHeader, wanted: ManifestKind) -> LoadError {
        let advice =
            switch header.kind {
            case .encrypt: "use `esdk vectors encrypt'"
            case .decryptGenerate: "use `esdk vectors generate'"
            default: "name an \(wanted.noun)"
            }
        return LoadError(
            .nothingToEncrypt,
            path: file.path,
            reason: "is \(header.kind) (\(header)), not an \(wanted.noun); \(advice)"
        )
    }
}

extension ManifestKind {
    /// What `EncryptSetLoader` loads, by its type.
    fileprivate var noun: String { self == .encrypt ? "awses-encrypt manifest" : "awses-decrypt-generate manifest" }
}
