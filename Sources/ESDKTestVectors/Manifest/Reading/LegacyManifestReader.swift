internal import StrictJSON

/// Reads the `ciphertext` manifest of 2018: a list of cases without ids, and the keys in the same file.
///
/// Its paths are relative to the folder above `manifests`. A case's id is the name of its ciphertext's file.
struct LegacyManifestReader {
    private var keyReader: LegacyKeyReader

    /// Reads a set.
    ///
    /// - Parameters:
    ///   - file: the manifest.
    ///   - header: its header.
    ///   - path: the set's path as the user gave it.
    /// - Throws: where the manifest has no cases.
    static func read(_ file: ManifestFile, header: ManifestHeader, path: String) throws(LoadError) -> VectorSet {
        var log = DiagnosticLog()
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "client", "test_cases", "test_keys"])
        let cases: [JSONValue]
        let testKeys: ManifestFields?
        do throws(TestProblem) {
            guard let array = try file.fields.array("test_cases") else { throw file.fields.missing("test_cases") }
            cases = array
            testKeys = try file.fields.fields("test_keys")
        } catch {
            throw LoadError(.malformed, path: file.path, reason: "\(error.reason); correct the file")
        }
        guard !cases.isEmpty else {
            throw LoadError(
                .emptySet,
                path: file.path,
                reason: "the set has no cases: nothing to decrypt; name another manifest"
            )
        }
        var reader = LegacyManifestReader(keyReader: LegacyKeyReader(testKeys: testKeys))
        var tests: [DecryptTest] = []
        tests.reserveCapacity(cases.count)
        for (index, value) in cases.enumerated() {
            tests.append(reader.read(value, index: index, log: &log))
        }
        return VectorSet(
            path: path,
            manifestPath: file.path,
            header: header,
            producer: file.producer,
            folder: VectorFolder(rootPath(of: file.folderPath)),
            keys: KeyTable(declaredVersion: nil, entries: reader.keyReader.entries),
            decryptTests: tests,
            diagnostics: log.diagnostics
        )
    }

    /// The folder above `manifests`; the manifest's own where it lies elsewhere.
    private static func rootPath(of folder: String) -> String {
        guard let resolved = RegularFile.resolved(folder), resolved.utf8.reversed().starts(with: "stsefinam/".utf8)
        else { return folder }
        if folder == "manifests" { return "." }
        guard folder.utf8.reversed().starts(with: "stsefinam/".utf8) else { return folder + "/.." }
        let root = ManifestFile.folderPath(of: folder)
        return root
    }

    private mutating func read(_ value: JSONValue, index: Int, log: inout DiagnosticLog) -> DecryptTest {
        let path = value["ciphertext"]?["filename"]?.string
        let name = path.flatMap { $0.split(separator: "/").last.map(String.init) }
        let id = name ?? "case-\(index + 1)"
        let informational = value.object.map { ManifestFields($0, "the case") }
        if let informational { log.noteUnknownMembers(of: informational, known: Self.members, at: id) }
        let suite = (try? informational?.suite("algorithm")) ?? nil
        var keys: KeyDescription?
        let content: Result<DecryptInstructions, TestProblem>
        do throws(TestProblem) {
            let fields = try ManifestFields(value, "the case")
            _ = try fields.string("description")
            _ = try fields.suite("algorithm")
            guard let masterKeys = try fields.array("master_keys") else { throw fields.missing("master_keys") }
            let description = try keyReader.read(masterKeys, suite: suite)
            keys = description
            content = .success(
                DecryptInstructions(
                    ciphertext: .file(try Self.file("ciphertext", of: fields)),
                    keys: description,
                    expected: .plaintext(.file(try Self.file("plaintext", of: fields)))
                )
            )
        } catch {
            content = .failure(error)
        }
        return DecryptTest(
            id: id,
            description: value["description"]?.string,
            keys: keys,
            declaredSuite: suite,
            declaredFrameLength: nil,
            content: content
        )
    }

    private static let members: Set<String> = ["algorithm", "plaintext", "ciphertext", "master_keys", "description"]

    private static func file(_ name: String, of fields: ManifestFields) throws(TestProblem) -> VectorURI {
        guard let member = try fields.fields(name) else { throw fields.missing(name) }
        return try member.requiredURI("filename")
    }
}
