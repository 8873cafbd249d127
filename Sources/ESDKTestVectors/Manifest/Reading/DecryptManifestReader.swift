import StrictJSON

/// Reads `awses-decrypt` manifests of versions 1 to 5.
struct DecryptManifestReader {
    /// Reads a set.
    ///
    /// - Parameters:
    ///   - file: the manifest.
    ///   - header: its header.
    ///   - path: the set's path as the user gave it.
    ///   - isWanted: whether a test is read; the others do not appear in the set.
    /// - Throws: where the manifest has no tests, or the keys manifest cannot be read.
    static func read(
        _ file: ManifestFile,
        header: ManifestHeader,
        path: String,
        where isWanted: (_ id: String) -> Bool = { _ in true }
    ) throws(VectorError) -> VectorSet {
        var log = DiagnosticLog()
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "client", "keys", "tests"])
        let count = try file.testCount()
        guard count > 0 else {
            throw VectorError(
                .emptySet,
                path: file.path,
                reason: "the set has no tests: nothing to decrypt; name another manifest"
            )
        }
        let folder = VectorFolder(file.folderPath)
        let keys = try KeysManifestReader.read(for: file, folder: folder, log: &log)
        var reader = DecryptTestReader(keys: keys)
        var decryptTests: [DecryptTest] = []
        try file.forEachTest(where: isWanted) { decryptTests.append(reader.read(id: $0, $1, log: &log)) }
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

/// The key descriptions of a manifest: what many tests have in common is kept once.
private struct SharedDescriptions {
    /// How many are kept: where nearly every test has another one there is nothing to share.
    private static let capacity = 4096

    /// What descriptions were read from.
    ///
    /// Several texts may say the same, and of what is not supported only the type is known.
    private var written: [KeyDescription: [JSONValue]] = [:]
    private var count = 0

    /// Reads a description.
    mutating func read(
        _ value: JSONValue
    ) -> (description: Result<KeyDescription, VectorError>, written: WrittenKeys?) {
        let description: KeyDescription
        do {
            description = try KeyringKinds.standard.read(value, "the key description")
        } catch {
            return (.failure(error), WrittenKeys(alone: value))
        }
        let known = written.index(forKey: description).map { written[$0] }
        if let same = known?.value.first(where: { $0 == value }) {
            return (.success(known?.key ?? description), .value(same))
        }
        guard count < Self.capacity, known?.value.count ?? 0 < 16 else {
            return (.success(known?.key ?? description), WrittenKeys(alone: value))
        }
        count += 1
        written[description, default: []].append(value)
        return (.success(known?.key ?? description), .value(value))
    }
}

/// Reads one test of an `awses-decrypt` manifest.
///
/// It goes by the test's shape and not by the manifest's version: version 2 files carry members of 3 and 4.
struct DecryptTestReader {
    /// The keys of the set.
    let keys: KeyTable
    /// What many tests have in common is kept once.
    private var descriptions = SharedDescriptions()
    private var contexts: Set<ContextPairs> = []
    private var files: Set<VectorURI> = []

    init(keys: KeyTable) { self.keys = keys }

    /// Reads a test.
    ///
    /// - Parameters:
    ///   - id: its id.
    ///   - value: its value.
    ///   - log: takes what is odd.
    /// - Returns: the test, with what is wrong with it in its `content`.
    mutating func read(id: String, _ value: JSONValue, log: inout DiagnosticLog) -> DecryptTest {
        let outer = value.object.map { ManifestFields($0, "the test") }
        let scenario = (try? outer?.fields("decryption-scenario")) ?? nil
        noteUnknownMembers(outer: outer, scenario: scenario, id: id, log: &log)
        let informational = scenario ?? outer
        let keys = (informational?.value(Member.keyDescription) ?? informational?.value(Member.masterKeys))
            .map { descriptions.read($0) }
        return DecryptTest(
            id: id,
            description: informational?.value(Member.description)?.string,
            keys: try? keys?.description.get(),
            writtenKeys: keys?.written,
            declaredSuite: try? informational?.suite(Member.suite) ?? informational?.suite(Member.algorithm),
            declaredFrameLength: (try? informational?.count(Member.frameLength)) ?? nil,
            content: content(value, keys?.description)
        )
    }

    /// The equal value that an earlier test has.
    private static func shared<Value: Hashable>(_ value: Value, _ known: inout Set<Value>) -> Value {
        // Where nearly every test has another one there is nothing to share.
        if let index = known.firstIndex(of: value) { return known[index] }
        if known.count < 4096 { known.insert(value) }
        return value
    }

    private mutating func content(
        _ value: JSONValue,
        _ keys: Result<KeyDescription, VectorError>?
    ) -> Result<DecryptInstructions, VectorError> {
        do throws(VectorError) {
            let outer = try ManifestFields(value, "the test")
            if let scenario = try outer.fields("decryption-scenario") {
                return .success(try instructions(scenario, keys, isScenario: true))
            }
            return .success(try instructions(outer, keys, isScenario: false))
        } catch {
            return .failure(error)
        }
    }

    /// What is broken is looked for before what is merely not supported, so that the former is reported.
    private mutating func instructions(
        _ fields: ManifestFields,
        _ keys: Result<KeyDescription, VectorError>?,
        isScenario: Bool
    ) throws(VectorError) -> DecryptInstructions {
        _ = try fields.string(Member.description)
        _ = try fields.suite(Member.suite)
        _ = try fields.suite(Member.algorithm)
        _ = try fields.count(Member.frameLength)
        guard let keyDescription = try keys?.get() else {
            throw fields.missing(isScenario ? Member.keyDescription : Member.masterKeys)
        }
        try keyDescription.check(keys: self.keys)
        let reproduced = try fields.context(Member.reproducedContext)
        let stated = try fields.context(Member.context)
        let ciphertext = try fields.requiredURI(Member.ciphertext)
        var expected = try Self.expected(fields)
        if case .plaintext(.file(let uri)) = expected { expected = .plaintext(.file(Self.shared(uri, &files))) }
        let cmm = try fields.cmmSelection()
        let method = try fields.decryptionMethod()
        try Self.checkType(fields, expected: expected)
        return DecryptInstructions(
            ciphertext: .file(ciphertext),
            keys: keyDescription,
            method: method,
            cmm: cmm,
            encryptionContext: Self.shared(reproduced ?? stated ?? ContextPairs(), &contexts),
            expected: expected
        )
    }

    // MARK: Members

    fileprivate enum Member {
        static let description = "description"
        static let ciphertext = "ciphertext"
        static let plaintext = "plaintext"
        static let result = "result"
        static let masterKeys = "master-keys"
        static let keyDescription = "decryptKeyDescription"
        static let context = "encryption-context"
        static let reproducedContext = "reproduced-encryption-context"
        static let suite = "algorithmSuiteId"
        static let algorithm = "algorithm"
        static let frameLength = "frame-size"
        static let type = "type"

        static let all: Set<String> = [
            description, ciphertext, plaintext, result, masterKeys, keyDescription, ManifestFields.Choice.method,
            ManifestFields.Choice.cmm, context, reproducedContext, suite, algorithm, frameLength, type,
        ]
    }

    private func noteUnknownMembers(
        outer: ManifestFields?,
        scenario: ManifestFields?,
        id: String,
        log: inout DiagnosticLog
    ) {
        guard let outer else { return }
        if let scenario {
            log.noteUnknownMembers(of: outer, known: ["decryption-scenario"], at: id)
            log.noteUnknownMembers(of: scenario, known: Member.all, at: id)
        } else {
            log.noteUnknownMembers(of: outer, known: Member.all, at: id)
        }
    }

    private static func expected(_ fields: ManifestFields) throws(VectorError) -> ExpectedResult {
        guard let result = fields.value(Member.result) else {
            // Version 1 knows successes only, and names the plaintext next to the ciphertext.
            guard fields.has(Member.plaintext) else { throw fields.missing(Member.result) }
            return .plaintext(.file(try fields.requiredURI(Member.plaintext)))
        }
        guard !fields.has(Member.plaintext) else {
            throw .broken("\(fields.what) has both a \"result\" and a \"plaintext\"")
        }
        if let text = result.string { return .plaintext(.file(try VectorURI(text))) }
        let outcome = try ManifestFields(result, "member \"result\" of \(fields.what)")
        switch (outcome.value("output"), outcome.value("error")) {
        case (let output?, nil):
            return .plaintext(.file(try ManifestFields(output, "the expected output").requiredURI(Member.plaintext)))
        case (nil, let error?):
            if let text = error.string { return .refusal(text) }
            return .refusal(try ManifestFields(error, "the expected error").string("error-description"))
        case (nil, nil): throw .broken("\(outcome.what) has neither \"output\" nor \"error\"")
        case (_?, _?): throw .broken("\(outcome.what) has both \"output\" and \"error\"")
        }
    }

    /// Checks the type of a scenario; only `positive-esdk` is ever written, and the result says what is expected.
    private static func checkType(_ fields: ManifestFields, expected: ExpectedResult) throws(VectorError) {
        switch (try fields.string(Member.type), expected) {
        case (nil, _), ("positive-esdk", _), ("negative-esdk", .refusal): return
        case ("negative-esdk", .plaintext): throw .broken("\(fields.what) is negative, yet names a plaintext")
        case (let type?, _): throw .unsupported("test type \(ManifestText.quoted(type)) is not known")
        }
    }
}

extension DecryptTestReader {
    /// The members that a test, or its scenario, may have.
    static var knownMembers: Set<String> { Member.all }
}
