import AWSMaterialProviders
import StrictJSON

/// Vectors of the material providers: keyrings and materials managers, without messages.
///
/// `awses-mpl-encrypt` asks for materials that are then recovered; `awses-mpl-decrypt` spells out encrypted data keys and what must come of
/// them.
package struct MaterialsSet: Sendable {
    /// The path as the user gave it.
    package let path: String
    package let manifestPath: String
    package let producer: Producer
    package let keys: KeyTable
    /// The tests in the order of the file, those that cannot be run included.
    package let tests: [MaterialsTest]
    /// Oddities that were tolerated, each once.
    package let diagnostics: [ManifestDiagnostic]

    /// Reads a manifest, or the only one of its kind in a folder.
    ///
    /// A file of tests without any header, as the material providers keep one next to their runner, is read as `awses-mpl-encrypt`.
    ///
    /// - Throws: `VectorError` where there is none, or it has no tests.
    package static func load(_ path: String) throws(VectorError) -> MaterialsSet {
        let file = try locate(path)
        let kind = try kind(of: file)
        var log = DiagnosticLog()
        guard try file.testCount() > 0 else {
            throw VectorError(.emptySet, path: file.path, reason: "the manifest has no tests; name another manifest")
        }
        let keys = try KeysManifestReader.read(for: file, folder: VectorFolder(file.folderPath), log: &log)
        let reader = MaterialsTestReader(keys: keys, isEncrypt: kind == .materialsEncrypt)
        var tests: [MaterialsTest] = []
        try file.forEachTest { tests.append(reader.read(id: $0, $1, log: &log)) }
        return MaterialsSet(
            path: path,
            manifestPath: file.path,
            producer: file.producer,
            keys: keys,
            tests: tests,
            diagnostics: log.diagnostics
        )
    }

    private static func locate(_ path: String) throws(VectorError) -> ManifestFile {
        guard RegularFile.isFolder(path) else {
            let file = try ManifestFile(path: path)
            if try kind(of: file) != nil { return file }
            throw VectorError(
                .malformed,
                path: path,
                reason:
                    "is \(try file.knownHeader().kind), not a manifest of the material providers (awses-mpl-encrypt, "
                    + "awses-mpl-decrypt)"
            )
        }
        var found: [ManifestFile] = []
        for name in try RegularFile.names(in: path) where name.hasSuffix(".json") {
            // Any JSON may lie here; what is not a manifest is left alone.
            guard let file = try? ManifestFile(path: "\(path)/\(name)"), case .some(.some) = try? kind(of: file) else {
                continue
            }
            found.append(file)
        }
        guard let file = found.first, found.count == 1 else {
            let what = found.isEmpty ? "no manifest" : "\(found.count) manifests"
            throw VectorError(
                .noManifest,
                path: path,
                reason: "\(what) of the material providers in this folder; name the manifest itself"
            )
        }
        return file
    }

    /// The kind of a manifest; nil for one of another kind.
    private static func kind(of file: ManifestFile) throws(VectorError) -> ManifestKind? {
        guard file.fields.has("manifest") else { return file.hasTests ? .materialsEncrypt : nil }
        let kind = try file.knownHeader().kind
        return kind == .materialsEncrypt || kind == .materialsDecrypt ? kind : nil
    }
}

/// One test of the material providers.
package struct MaterialsTest: Sendable {
    package let id: String
    /// What the manifest says about it; informational.
    package let description: String?
    /// The algorithm suite in hexadecimal, as the manifest has it.
    let suite: String?
    /// The key description of decryption, or of encryption where that is all there is; for reports.
    let keys: KeyDescription?
    /// What to do, or why it cannot be done.
    package let content: Result<MaterialsInstructions, VectorError>
}

/// What a test of the material providers asks for.
package struct MaterialsInstructions: Sendable {
    /// What must come of it.
    enum Expectation: Sendable, Hashable {
        case success
        /// Materials for encryption must not be had.
        case refusedOnEncrypt(String)
        /// They must, and not be recovered.
        case refusedOnDecrypt(String)
    }

    /// What decryption starts from where nothing is encrypted first, and what must come of it.
    struct Given: Sendable {
        let encryptedDataKeys: [EncryptedDataKey]
        let plaintextDataKey: [UInt8]?
        let requiredContextKeys: [String]
    }

    let suite: AlgorithmSuite
    let encryptionContext: EncryptionContext
    let requiredContextKeys: [String]
    let reproducedContext: EncryptionContext
    let maximumPlaintextLength: UInt64?
    /// How the materials are made; nil where they are given.
    let encrypt: KeyDescription?
    /// How they are recovered; nil where they must not even be made.
    let decrypt: KeyDescription?
    let given: Given?
    let expectation: Expectation
}

struct MaterialsTestReader {
    let keys: KeyTable
    let isEncrypt: Bool

    static let members: Set<String> = [
        "type", "description", "algorithmSuiteId", "encryptionContext", "requiredEncryptionContextKeys",
        "reproducedEncryptionContext", "maxPlaintextLength", "encryptKeyDescription", "decryptKeyDescription",
        "keyDescription",
        "errorDescription", "decryptErrorDescription", "encryptedDataKeys", "result",
    ]

    func read(id: String, _ value: JSONValue, log: inout DiagnosticLog) -> MaterialsTest {
        let fields = value.object.map { ManifestFields($0, "the test") }
        if let fields { log.noteUnknownMembers(of: fields, known: Self.members, at: id) }
        let content: Result<MaterialsInstructions, VectorError>
        do throws(VectorError) {
            let fields = try ManifestFields(value, "the test")
            content = .success(try isEncrypt ? encryption(fields) : decryption(fields))
        } catch {
            content = .failure(error)
        }
        let keys = ["decryptKeyDescription", "keyDescription"].lazy.compactMap { fields?.value($0) }.first
        return MaterialsTest(
            id: id,
            description: fields?.value("description")?.string,
            suite: fields?.value("algorithmSuiteId")?.string,
            keys: keys.flatMap { try? KeyringKinds.standard.read($0, "the key description") },
            content: content
        )
    }

    private func encryption(_ fields: ManifestFields) throws(VectorError) -> MaterialsInstructions {
        let expectation: MaterialsInstructions.Expectation
        switch try fields.requiredString("type") {
        case "positive-keyring": expectation = .success
        case "negative-encrypt-keyring": expectation = .refusedOnEncrypt(try fields.requiredString("errorDescription"))
        case "negative-decrypt-keyring":
            expectation = .refusedOnDecrypt(try fields.requiredString("decryptErrorDescription"))
        case let type: throw .unsupported("test type \(ManifestText.quoted(type)) is not known")
        }
        var encrypt: KeyDescription
        var decrypt: KeyDescription?
        if case .refusedOnEncrypt = expectation {
            encrypt = try description(fields, "keyDescription")
        } else {
            encrypt = try description(fields, "encryptKeyDescription")
            decrypt = try description(fields, "decryptKeyDescription")
        }
        return try instructions(fields, encrypt: encrypt, decrypt: decrypt, given: nil, expectation)
    }

    private func decryption(_ fields: ManifestFields) throws(VectorError) -> MaterialsInstructions {
        let isPositive: Bool
        switch try fields.requiredString("type") {
        case "positive-keyring": isPositive = true
        case "negative-keyring": isPositive = false
        case let type: throw .unsupported("test type \(ManifestText.quoted(type)) is not known")
        }
        guard let elements = try fields.array("encryptedDataKeys") else { throw fields.missing("encryptedDataKeys") }
        var encryptedDataKeys: [EncryptedDataKey] = []
        for element in elements { encryptedDataKeys.append(try EncryptedDataKey(element)) }
        let result = try fields.fields("result")
        guard isPositive == (result != nil) else { throw fields.missing(isPositive ? "result" : "errorDescription") }
        if result?.has("symmetricSigningKey") == true {
            throw .unsupported("symmetric signing keys are not part of messages")
        }
        return try instructions(
            fields,
            encrypt: nil,
            decrypt: try description(fields, "keyDescription"),
            given: MaterialsInstructions.Given(
                encryptedDataKeys: encryptedDataKeys,
                plaintextDataKey: try result?.base64("plaintextDataKey"),
                requiredContextKeys: try result?.strings("requiredEncryptionContextKeys") ?? []
            ),
            isPositive ? .success : .refusedOnDecrypt(try fields.requiredString("errorDescription"))
        )
    }

    private func instructions(
        _ fields: ManifestFields,
        encrypt: KeyDescription?,
        decrypt: KeyDescription?,
        given: MaterialsInstructions.Given?,
        _ expectation: MaterialsInstructions.Expectation
    ) throws(VectorError) -> MaterialsInstructions {
        guard let id = try fields.suite("algorithmSuiteId") else { throw fields.missing("algorithmSuiteId") }
        let suite: AlgorithmSuite
        do throws(EncryptionSDKError) { suite = try AlgorithmSuite(id: id) } catch {
            throw error.code == .algorithmSuiteNotForMessages ? .unsupported(error.reason) : .broken(error.reason)
        }
        return MaterialsInstructions(
            suite: suite,
            encryptionContext: try context(fields, "encryptionContext"),
            requiredContextKeys: try fields.strings("requiredEncryptionContextKeys") ?? [],
            reproducedContext: try context(fields, "reproducedEncryptionContext"),
            maximumPlaintextLength: try fields.count("maxPlaintextLength").map(UInt64.init),
            encrypt: encrypt,
            decrypt: decrypt,
            given: given,
            expectation: expectation
        )
    }

    private func description(_ fields: ManifestFields, _ name: String) throws(VectorError) -> KeyDescription {
        guard let value = fields.value(name) else { throw fields.missing(name) }
        let description = try KeyringKinds.standard.read(value, "member \"\(name)\" of \(fields.what)")
        try description.check(keys: keys)
        return description
    }

    private func context(_ fields: ManifestFields, _ name: String) throws(VectorError) -> EncryptionContext {
        try EncryptionContext(fields.context(name) ?? ContextPairs())
    }
}

extension EncryptionContext {
    init(_ pairs: ContextPairs) throws(VectorError) {
        do throws(EncryptionSDKError) {
            try self.init(entries: pairs.pairs.map { Entry(keyBytes: $0.key, valueBytes: $0.value) })
        } catch {
            throw .broken("encryption context: \(error)")
        }
    }
}

extension EncryptedDataKey {
    /// Reads the form that manifests of the material providers have.
    fileprivate init(_ value: JSONValue) throws(VectorError) {
        let fields = try ManifestFields(value, "an encrypted data key")
        guard let info = try fields.base64("keyProviderInfo") else { throw fields.missing("keyProviderInfo") }
        guard let ciphertext = try fields.base64("ciphertext") else { throw fields.missing("ciphertext") }
        self.init(
            keyProviderID: Array(try fields.requiredString("keyProviderId").utf8),
            keyProviderInfo: info,
            ciphertext: ciphertext
        )
    }
}
