import ESDKSystem
import StrictJSON

/// Looks at sets of vectors, plans and keys without decrypting anything.
package struct VectorLint {
    private var findings: [LintFinding] = []
    private var manifests = 0
    private var tests = 0
    private let cache = KeyCache()
    /// Which keys of a keys manifest are used; only for manifests that all stand in folders that were looked at whole.
    private var keyFiles: [String: KeyFile] = [:]
    /// What files of a folder are used.
    private var folders: [String: Set<String>] = [:]
    /// The folder that is being looked at as a whole; nil for a file that was named alone.
    private var wholeFolder: String?

    private struct KeyFile {
        let document: LintDocument
        let table: KeyTable
        var used: Set<JSONName> = []
        var isWhole = true
    }

    private init() {}

    /// Looks at manifests and folders.
    ///
    /// - Parameters:
    ///   - paths: manifests, or folders that hold them at whatever depth. Whether a key or file is used is told for folders only: the
    ///     manifest that uses it may be another one.
    ///   - onFile: called with each manifest before it is read.
    /// - Throws: where a path does not exist, or none of them leads to a manifest.
    package static func run(_ paths: [String], onFile: (String) -> Void = { _ in }) throws(VectorError) -> LintReport {
        var lint = VectorLint()
        for path in paths {
            guard RegularFile.exists(path) else {
                throw VectorError(.notFound, path: path, reason: "no such file or folder; check the path")
            }
            let count = lint.manifests
            if RegularFile.isFolder(path) {
                try lint.checkFolder(path, depth: 0, onFile)
            } else {
                lint.wholeFolder = nil
                onFile(path)
                lint.checkFile(path, isNamed: true)
            }
            guard lint.manifests > count else {
                throw VectorError(
                    .noManifest,
                    path: path,
                    reason: "no manifest in this folder; name a manifest or a set"
                )
            }
        }
        lint.checkUnused()
        return LintReport(findings: lint.sorted(), manifests: lint.manifests, tests: lint.tests)
    }

    private static let maximumDepth = 6

    private mutating func checkFolder(_ path: String, depth: Int, _ onFile: (String) -> Void) throws(VectorError) {
        let names = try RegularFile.names(in: path)
        for name in names where name.hasSuffix(".json") || name == "ciphertext.manifest" {
            let file = "\(path)/\(name)"
            guard !RegularFile.isFolder(file) else { continue }
            wholeFolder = path
            onFile(file)
            checkFile(file, isNamed: false)
        }
        guard depth < Self.maximumDepth else { return }
        // Where messages and plaintexts lie there are no sets.
        let used = folders[path] ?? []
        for name in names where name != "__MACOSX" && RegularFile.isFolder("\(path)/\(name)") {
            guard !used.contains(where: { $0.utf8.starts(with: "\(path)/\(name)/".utf8) }) else { continue }
            try checkFolder("\(path)/\(name)", depth: depth + 1, onFile)
        }
    }

    /// From the top of each file, files in the order in which they were met.
    private func sorted() -> [LintFinding] {
        var order: [String: Int] = [:]
        for finding in findings where order[finding.path] == nil { order[finding.path] = order.count }
        return findings.enumerated().sorted { left, right in
            let (one, other) = (order[left.element.path] ?? 0, order[right.element.path] ?? 0)
            if one != other { return one < other }
            let (place, otherPlace) = (left.element.location?.offset ?? -1, right.element.location?.offset ?? -1)
            return place != otherPlace ? place < otherPlace : left.offset < right.offset
        }.map(\.element)
    }

    // MARK: Files

    private mutating func checkFile(_ path: String, isNamed: Bool) {
        let document: LintDocument
        let file: ManifestFile
        do {
            document = try LintDocument(path: path)
            if document.root["manifest"] == nil {
                if document.root["rules"] != nil { return checkRuleBook(document) }
                // Any JSON may lie here.
                let fields = document.root.value.object.map { ManifestFields($0, "the document") }
                guard isNamed || fields.map(CommitmentKnownAnswerReader.recognises) == true else { return }
            }
            file = try ManifestFile(path: path)
        } catch {
            manifests += 1
            if let error = error as? JSONError {
                note(.notJSON, in: path, at: error.location, error.reason)
            } else {
                note(.notAManifest, in: path, at: nil, (error as? VectorError)?.reason ?? "\(error)")
            }
            return
        }
        manifests += 1
        let header: ManifestHeader
        do throws(VectorError) {
            header = try file.knownHeader()
        } catch {
            let place = document.root["manifest"] ?? document.root
            note(.notAManifest, in: path, at: document.location(of: place), error.reason)
            return
        }
        checkEnvelope(document, header)
        do throws(VectorError) {
            switch header.kind {
            case .decrypt: try checkDecrypt(document, DecryptManifestReader.read(file, header: header, path: path))
            case .legacyCiphertext:
                try checkDecrypt(document, LegacyManifestReader.read(file, header: header, path: path))
            case .commitmentKnownAnswers:
                checkDecrypt(document, CommitmentKnownAnswerReader.read(file, header: header, path: path))
            case .encrypt, .decryptGenerate: try checkEncrypt(document, EncryptSetLoader.load(path, kind: header.kind))
            case .keys: _ = keyFile(path)
            case .materialsEncrypt, .materialsDecrypt: try checkMaterials(document, MaterialsSet.load(path))
            case .meta, .legacyTestCase, .legacyResults: break
            }
        } catch {
            let code: LintFinding.Code =
                switch error.code {
                case .emptySet: .emptySet
                case .keys: .missingKeys
                default: .notAManifest
                }
            let place = code == .missingKeys ? document.root["keys"] : document.root["tests"]
            note(code, in: path, at: document.location(of: place ?? document.root), error.reason)
        }
    }

    private mutating func note(
        _ code: LintFinding.Code,
        in path: String,
        at location: JSONError.Location?,
        _ message: String
    ) {
        findings.append(LintFinding(code, in: path, at: location, message))
    }

    private mutating func checkEnvelope(_ document: LintDocument, _ header: ManifestHeader) {
        let known: Set<String>
        switch header.kind {
        case .decrypt: known = ["manifest", "client", "keys", "tests"]
        case .encrypt, .decryptGenerate: known = ["manifest", "client", "keys", "plaintexts", "tests"]
        case .keys: known = ["manifest", "keys"]
        case .materialsEncrypt: known = ["manifest", "keys", "tests"]
        case .materialsDecrypt: known = ["manifest", "client", "keys", "tests"]
        case .legacyCiphertext: known = ["manifest", "client", "test_cases", "test_keys"]
        default: return
        }
        for (name, member) in document.root.members where !known.contains(name) {
            let text = "member \(ManifestText.quoted(name)) of the manifest is not known, and is ignored"
            note(.unknownMember, in: document.path, at: document.location(of: member), text)
        }
    }

    // MARK: Keys

    /// A keys manifest, which is looked at when it is first met.
    private mutating func keyFile(_ path: String) -> KeyFile? {
        if let known = keyFiles[path] { return known }
        guard let document = try? LintDocument(path: path), let entries = document.root["keys"] else { return nil }
        let table = KeyTable(
            declaredVersion: nil,
            entries: entries.members.map { KeyEntryReader.read(name: $0.name, $0.node.value) },
            path: path
        )
        var found: [LintFinding] = []
        KeyLint(cache: cache).check(table, entries) { code, node, message in
            found.append(LintFinding(code, in: path, at: document.location(of: node), message))
        }
        findings += found
        keyFiles[path] = KeyFile(document: document, table: table)
        return keyFiles[path]
    }

    /// Notes what a manifest uses of its keys.
    private mutating func use(_ descriptions: [KeyDescription], of keys: KeyTable, _ document: LintDocument) {
        guard let path = keys.path else { return }
        if let text = document.root["keys"], let uri = text.value.string.flatMap({ try? VectorURI($0) }) {
            if !path.utf8.reversed().starts(with: uri.relativePath.utf8.reversed()) {
                let message = "there is no such keys manifest; readers may take \(path) instead"
                note(.keysElsewhere, in: document.path, at: document.location(of: text), message)
            }
        } else {
            let message = "the manifest names no keys manifest; readers may take \(path)"
            note(.keysElsewhere, in: document.path, at: document.location(of: document.root), message)
        }
        guard var file = keyFile(path) else { return }
        file.used.formUnion(descriptions.flatMap(\.leaves).compactMap { $0.keyName.map { JSONName($0) } })
        if wholeFolder == nil { file.isWhole = false }
        keyFiles[path] = file
    }

    // MARK: Tests

    private mutating func checkDecrypt(_ document: LintDocument, _ set: VectorSet) {
        let list = document.root.member("tests", "test_cases") ?? document.root
        let nodes = list.value.array == nil ? list.members.map(\.node) : list.elements
        tests += set.decryptTests.count
        var found: [LintFinding] = []
        var lint = TestLint(keys: set.keys, cache: cache) { code, node, message in
            found.append(LintFinding(code, in: document.path, at: document.location(of: node), message))
        }
        for (test, node) in zip(set.decryptTests, nodes) {
            lint.check(test, node, in: set.folder, isManifest: set.header.kind == .decrypt)
        }
        findings += found
        use(set.decryptTests.compactMap(\.keys), of: set.keys, document)
        use(set.files.map(\.description))
    }

    private mutating func checkEncrypt(_ document: LintDocument, _ set: EncryptSet) {
        let nodes = document.root["tests"]?.members.map(\.node) ?? []
        let sizes = document.root["plaintexts"]
        tests += set.tests.count
        var found: [LintFinding] = []
        func report(_ code: LintFinding.Code, _ node: LintNode, _ message: String) {
            found.append(LintFinding(code, in: document.path, at: document.location(of: node), message))
        }
        let lint = TestLint(keys: set.keys, cache: cache) { report($0, $1, $2) }
        var usedPlaintexts: Set<JSONName> = []
        for (test, node) in zip(set.tests, nodes) {
            lint.check(test, node, plaintexts: set.plaintextSizes, isGenerate: set.header.kind == .decryptGenerate)
            if case .success(let instructions) = test.content {
                usedPlaintexts.insert(JSONName(instructions.plaintextName))
            }
        }
        for (name, node) in sizes?.members ?? [] {
            if !usedPlaintexts.contains(JSONName(name)) {
                report(.unusedPlaintext, node, "no test uses plaintext \(ManifestText.quoted(name))")
            }
            guard case .success(let size)? = set.plaintextSizes[JSONName(name)],
                let uri = try? VectorURI("plaintexts/\(name)"), let path = try? set.folder.path(of: uri),
                let status = try? FileStatus(of: SystemPath(path))
            else { continue }
            if status.size != size {
                report(.plaintextSize, node, "\(uri.relativePath) has \(status.size) bytes, not \(size) as stated")
            }
        }
        findings += found
        let descriptions = set.tests.flatMap { test -> [KeyDescription] in
            guard case .success(let instructions) = test.content else { return [] }
            return [instructions.encryptKeys.description, instructions.decryptKeys.description]
        }
        use(descriptions, of: set.keys, document)
        use(set.plaintextNames.map { "\(set.folder.path)/plaintexts/\($0)" })
    }

    private mutating func checkMaterials(_ document: LintDocument, _ set: MaterialsSet) {
        let nodes = document.root["tests"]?.members.map(\.node) ?? []
        tests += set.tests.count
        var found: [LintFinding] = []
        let lint = TestLint(keys: set.keys, cache: cache) { code, node, message in
            found.append(LintFinding(code, in: document.path, at: document.location(of: node), message))
        }
        for (test, node) in zip(set.tests, nodes) { lint.check(test, node) }
        findings += found
        let descriptions = set.tests.flatMap { test -> [KeyDescription] in
            guard case .success(let instructions) = test.content else { return [] }
            return [instructions.encrypt, instructions.decrypt].compactMap(\.self)
        }
        use(descriptions, of: set.keys, document)
    }

    /// Whether the sidecar of a set and its manifest name the same tests.
    private mutating func checkRuleBook(_ document: LintDocument) {
        let book: RuleBook
        do throws(VectorError) {
            book = try RuleBook.read(document.path)
        } catch {
            note(.ruleBook, in: document.path, at: document.location(of: document.root), error.reason)
            return
        }
        let folder = ManifestFile.folderPath(of: document.path)
        let nodes = document.root["tests"]?.members ?? []
        let rules = Set(book.rules.map(\.id))
        let flags = Set(book.flags.map(\.name))
        let ids = Set(book.tests.map { JSONName($0.id) })
        for ((id, test), node) in zip(book.tests, nodes.map(\.node)) {
            func report(_ member: String, _ message: String) {
                let place = document.location(of: node[member] ?? node)
                findings.append(LintFinding(.ruleBook, in: document.path, at: place, message))
            }
            let name = ManifestText.quoted(id)
            if !rules.contains(test.rule) { report("rule", "rule \(test.rule) of test \(name) is not in \"rules\"") }
            for flag in test.flags where !flags.contains(flag) {
                report("flags", "flag \(ManifestText.quoted(flag)) of test \(name) is not explained in \"flags\"")
            }
            if let twin = test.twin, !ids.contains(JSONName(twin)) {
                report("twin", "the twin of test \(name) is not in \"tests\"")
            }
        }
        let sets = SetLocator.usualNames.compactMap { try? ManifestFile(path: "\(folder)/\($0)") }
        var known: Set<JSONName> = []
        for file in sets { try? file.forEachTest { name, _ in known.insert(JSONName(name)) } }
        guard !known.isEmpty else { return }
        for (id, node) in nodes where !known.contains(JSONName(id)) {
            let message = "no manifest next to it has the test \(ManifestText.quoted(id))"
            note(.ruleBook, in: document.path, at: document.location(of: node), message)
        }
    }

    // MARK: What nobody uses

    private mutating func use(_ paths: [String]) {
        guard let wholeFolder else { return }
        folders[wholeFolder, default: []].formUnion(paths)
    }

    private mutating func checkUnused() {
        for (path, file) in keyFiles.sorted(by: { $0.key < $1.key }) where file.isWhole && !file.used.isEmpty {
            for (name, node) in file.document.root["keys"]?.members ?? [] where !file.used.contains(JSONName(name)) {
                let message = "no test uses key \(ManifestText.quoted(name))"
                note(.unusedKey, in: path, at: file.document.location(of: node), message)
            }
        }
        for (folder, used) in folders.sorted(by: { $0.key < $1.key }) {
            let parents = Set(used.map { ManifestFile.folderPath(of: $0) }).subtracting([folder])
            let known = Set(used.compactMap { RegularFile.resolved($0) })
            for parent in parents.sorted() {
                for name in (try? RegularFile.names(in: parent)) ?? [] {
                    let path = "\(parent)/\(name)"
                    guard !RegularFile.isFolder(path), let file = RegularFile.resolved(path), !known.contains(file)
                    else {
                        continue
                    }
                    note(.unusedFile, in: path, at: nil, "no test names this file")
                }
            }
        }
    }
}
