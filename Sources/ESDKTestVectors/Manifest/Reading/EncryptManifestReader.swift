import AWSMaterialProviders
import StrictJSON

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
    package static func load(_ path: String, kind: ManifestKind) throws(VectorError) -> EncryptSet {
        let file = try locate(path, kind: kind)
        let header = try file.knownHeader()
        guard header.kind == kind else { throw wrongKind(file, header: header, wanted: kind) }
        var log = DiagnosticLog()
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "client", "keys", "plaintexts", "tests"])
        let count = try file.testCount()
        let plaintexts = try file.members("plaintexts")
        guard count > 0 else {
            throw VectorError(
                .emptySet,
                path: file.path,
                reason: "the manifest has no tests: nothing to encrypt; name another manifest"
            )
        }
        let folder = VectorFolder(file.folderPath)
        let keys = try KeysManifestReader.readWithSource(for: file, folder: folder, log: &log)
        let reader = EncryptTestReader(keys: keys.keys, isGenerate: kind == .decryptGenerate)
        var read: [EncryptTest] = []
        read.reserveCapacity(count)
        try file.forEachTest { read.append(reader.read(id: $0, $1, log: &log)) }
        return EncryptSet(
            manifestPath: file.path,
            header: header,
            folder: folder,
            keys: keys.keys,
            keysPath: keys.path,
            keySource: keys.source,
            plaintextNames: plaintexts.object.names,
            plaintextSizes: sizes(plaintexts),
            tests: read,
            diagnostics: log.diagnostics
        )
    }

    private static func sizes(_ fields: ManifestFields) -> [JSONName: Result<Int, VectorError>] {
        var sizes: [JSONName: Result<Int, VectorError>] = [:]
        for name in fields.object.names {
            do throws(VectorError) {
                guard let size = try fields.count(name) else { throw fields.missing(name) }
                sizes[JSONName(name)] = .success(size)
            } catch {
                sizes[JSONName(name)] = .failure(error)
            }
        }
        return sizes
    }

    private static func locate(_ path: String, kind: ManifestKind) throws(VectorError) -> ManifestFile {
        guard RegularFile.isFolder(path) else { return try ManifestFile(path: path) }
        let names: [String]
        do {
            names = try RegularFile.names(in: path)
        } catch {
            throw VectorError(.unreadable, path: path, reason: error.reason)
        }
        var found: [ManifestFile] = []
        for name in names where name.hasSuffix(".json") {
            // Any JSON may lie here; what is not a manifest is left alone.
            guard let file = try? ManifestFile(path: "\(path)/\(name)"),
                let header = try? file.header.get(), header.kind == kind
            else { continue }
            found.append(file)
        }
        guard let file = found.first, found.count == 1 else {
            let reason =
                found.isEmpty
                ? "no \(kind.noun) in this folder" : "\(found.count) manifests of this kind in this folder"
            throw VectorError(.noManifest, path: path, reason: "\(reason); name the manifest itself")
        }
        return file
    }

    private static func wrongKind(_ file: ManifestFile, header: ManifestHeader, wanted: ManifestKind) -> VectorError {
        let advice =
            switch header.kind {
            case .encrypt: "use `esdk vectors encrypt'"
            case .decryptGenerate: "use `esdk vectors generate'"
            default: "name an \(wanted.noun)"
            }
        return VectorError(
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

/// Reads one test of an encrypt or decrypt-generate manifest.
///
/// It goes by the test's shape and not by the manifest's version, which says no more.
struct EncryptTestReader {
    /// The keys of the set.
    let keys: KeyTable
    /// Whether the manifest is a decrypt-generate one, whose tests may tamper.
    let isGenerate: Bool

    /// Reads a test.
    ///
    /// - Parameters:
    ///   - id: its id.
    ///   - value: its value.
    ///   - log: takes what is odd.
    /// - Returns: the test, with what is wrong with it in its `content`.
    func read(id: String, _ value: JSONValue, log: inout DiagnosticLog) -> EncryptTest {
        let outer = value.object.map { ManifestFields($0, "the test") }
        let scenario = (try? outer?.fields(Member.scenario)) ?? nil
        noteUnknownMembers(outer: outer, scenario: scenario, id: id, log: &log)
        let content: Result<EncryptInstructions, VectorError>
        do throws(VectorError) {
            content = .success(try instructions(ManifestFields(value, "the test")))
        } catch {
            content = .failure(error)
        }
        let description =
            scenario?.value(Member.description)?.string ?? outer?.value(Member.description)?.string
        return EncryptTest(id: id, description: description, content: content)
    }

    fileprivate enum Member {
        static let scenario = "encryption-scenario"
        static let description = "description"
        static let plaintext = "plaintext"
        static let algorithm = "algorithm"
        static let suite = "algorithmSuiteId"
        static let frameLength = "frame-size"
        static let context = "encryption-context"
        static let reproducedContext = "reproduced-encryption-context"
        static let masterKeys = "master-keys"
        static let encryptKeys = "encryptKeyDescription"
        static let decryptKeys = "decryptKeyDescription"
        static let type = "type"
        static let tampering = "tampering"
        static let decryptMasterKeys = "decryption-master-keys"
        static let result = "result"

        static let ofScenario: Set<String> = [
            description, plaintext, algorithm, suite, frameLength, context, reproducedContext, masterKeys, encryptKeys,
            decryptKeys, ManifestFields.Choice.cmm, type,
        ]
        static let ofGenerate: Set<String> = [
            scenario, description, tampering, decryptMasterKeys, ManifestFields.Choice.method, result,
        ]
    }

    private func noteUnknownMembers(
        outer: ManifestFields?,
        scenario: ManifestFields?,
        id: String,
        log: inout DiagnosticLog
    ) {
        guard let outer else { return }
        let own = isGenerate ? Member.ofGenerate : [Member.scenario]
        guard let scenario else {
            log.noteUnknownMembers(of: outer, known: own.union(Member.ofScenario), at: id)
            return
        }
        log.noteUnknownMembers(of: outer, known: own, at: id)
        log.noteUnknownMembers(of: scenario, known: Member.ofScenario, at: id)
    }

    /// What is broken is looked for before what is merely not supported, so that the former is reported.
    private func instructions(_ outer: ManifestFields) throws(VectorError) -> EncryptInstructions {
        let fields: ManifestFields
        if let scenario = try outer.fields(Member.scenario) {
            fields = scenario
        } else if isGenerate {
            throw outer.missing(Member.scenario)
        } else {
            fields = outer
        }
        let plaintextName = try fields.requiredString(Member.plaintext)
        let suiteName = fields.has(Member.suite) ? Member.suite : Member.algorithm
        guard let suiteID = try fields.suite(suiteName) else {
            throw fields.missing(fields.has(Member.masterKeys) ? Member.algorithm : Member.suite)
        }
        let frameLength = try fields.count(Member.frameLength) ?? Self.defaultFrameLength
        let context = try fields.context(Member.context) ?? ContextPairs()
        let reproduced = try fields.context(Member.reproducedContext)
        let (encryptKeys, decryptKeys) = try keyDescriptions(fields, outer: outer)
        let tampering = isGenerate ? outer.value(Member.tampering) : nil
        let refusal = isGenerate ? try Self.refusal(outer) : nil

        if let type = try fields.string(Member.type), type != "positive-esdk" {
            throw .unsupported("test type \(ManifestText.quoted(type)) is not known")
        }
        return EncryptInstructions(
            plaintextName: plaintextName,
            suite: try Self.suite(suiteID),
            frameLength: frameLength,
            encryptionContext: context,
            reproducedContext: reproduced,
            cmm: try fields.cmmSelection(),
            encryptKeys: encryptKeys,
            decryptKeys: decryptKeys,
            tampering: try tampering.map(Self.tampering) ?? .none,
            method: isGenerate ? try outer.decryptionMethod() : .any,
            refusal: refusal
        )
    }

    /// The frame length where a test states none: that of every client but C's.
    private static let defaultFrameLength = 4096

    // MARK: Members

    private func keyDescriptions(
        _ fields: ManifestFields,
        outer: ManifestFields
    ) throws(VectorError) -> (encrypt: DescribedKeys, decrypt: DescribedKeys) {
        let isFlat = fields.has(Member.masterKeys)
        let encryptName = isFlat ? Member.masterKeys : Member.encryptKeys
        guard let encryptKeys = try described(fields, encryptName) else { throw fields.missing(encryptName) }
        if isGenerate, let decryptKeys = try described(outer, Member.decryptMasterKeys) {
            return (encryptKeys, decryptKeys)
        }
        if isFlat { return (encryptKeys, encryptKeys.namingPrivateKeys(keys: keys)) }
        guard let decryptKeys = try described(fields, Member.decryptKeys) else {
            throw fields.missing(Member.decryptKeys)
        }
        return (encryptKeys, decryptKeys)
    }

    private func described(_ fields: ManifestFields, _ name: String) throws(VectorError) -> DescribedKeys? {
        guard let value = fields.value(name) else { return nil }
        let description = try KeyringKinds.standard.read(value, "member \"\(name)\" of \(fields.what)")
        try description.check(keys: keys)
        return DescribedKeys(description: description, value: value)
    }

    private static func suite(_ id: UInt16) throws(VectorError) -> AlgorithmSuite {
        do {
            return try AlgorithmSuite(id: id)
        } catch  where error.code == .algorithmSuiteNotForMessages {
            throw .unsupported(error.reason)
        } catch {
            throw .broken(error.reason)
        }
    }

    private static func tampering(_ value: JSONValue) throws(VectorError) -> Tampering {
        switch value.string {
        case "truncate": return .truncate
        case "mutate": return .mutate
        case "half-sign": return .halfSign
        case let name?: throw .unsupported("tampering \(ManifestText.quoted(name)) is not known")
        case nil: break
        }
        let fields = try ManifestFields(value, "member \"tampering\" of the test")
        let name = "change-edk-provider-info"
        guard let texts = try fields.strings(name), fields.object.count == 1 else {
            throw .unsupported("a tampering of members \(fields.object.names.joined(separator: ", ")) is not known")
        }
        guard !texts.isEmpty else { throw .broken("member \"\(name)\" of \(fields.what) lists nothing") }
        return .changeProviderInfo(texts.map { Array($0.utf8) })
    }

    /// The description of the error that the test expects.
    private static func refusal(_ fields: ManifestFields) throws(VectorError) -> String? {
        guard let value = fields.value(Member.result) else { return nil }
        let result = try ManifestFields(value, "member \"result\" of \(fields.what)")
        switch (result.value("output"), result.value("error")) {
        case (nil, let error?):
            return try ManifestFields(error, "the expected error").string("error-description") ?? "must be refused"
        case (_?, nil):
            throw .unsupported("a result of \"output\" names a file that is only to be made; leave the result out")
        case (nil, nil): throw .broken("\(result.what) has neither \"output\" nor \"error\"")
        case (_?, _?): throw .broken("\(result.what) has both \"output\" and \"error\"")
        }
    }
}

extension EncryptTestReader {
    /// The members that the scenario of a test may have, and those around it.
    static var knownMembers: (scenario: Set<String>, generate: Set<String>) { (Member.ofScenario, Member.ofGenerate) }
}
