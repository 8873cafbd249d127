import AWSMaterialProviders
import StrictJSON

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
    static func read(_ file: ManifestFile, header: ManifestHeader, path: String) throws(VectorError) -> VectorSet {
        var log = DiagnosticLog()
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "client", "test_cases", "test_keys"])
        let cases: [JSONValue]
        let testKeys: ManifestFields?
        do throws(VectorError) {
            guard let array = try file.fields.array("test_cases") else { throw file.fields.missing("test_cases") }
            cases = array
            testKeys = try file.fields.fields("test_keys")
        } catch {
            throw VectorError(.malformed, path: file.path, reason: "\(error.reason); correct the file")
        }
        guard !cases.isEmpty else {
            throw VectorError(
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
        let content: Result<DecryptInstructions, VectorError>
        do throws(VectorError) {
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

    private static func file(_ name: String, of fields: ManifestFields) throws(VectorError) -> VectorURI {
        guard let member = try fields.fields(name) else { throw fields.missing(name) }
        return try member.requiredURI("filename")
    }
}

/// Turns the `master_keys` and `test_keys` of 2018 into key descriptions and the entries they name.
struct LegacyKeyReader {
    /// The entries that were named so far.
    private(set) var entries: [KeyEntry] = []

    private let testKeys: ManifestFields?
    private var known: Set<JSONName> = []

    /// A reader over the manifest's `test_keys`.
    init(testKeys: ManifestFields?) {
        self.testKeys = testKeys
    }

    /// Reads the keys of a case.
    ///
    /// - Parameters:
    ///   - masterKeys: its `master_keys`.
    ///   - suite: its algorithm suite, which gives the length of an AES key that states none.
    /// - Throws: a failure where members are missing or wrong, or a key is not there.
    mutating func read(_ masterKeys: [JSONValue], suite: UInt16?) throws(VectorError) -> KeyDescription {
        var descriptions: [KeyDescription] = []
        for value in masterKeys {
            descriptions.append(try read(ManifestFields(value, "the master key"), suite: suite))
        }
        guard let first = descriptions.first else { throw .broken("the case lists no master key") }
        return descriptions.count == 1 ? first : .multi(generator: first, children: Array(descriptions.dropFirst()))
    }

    private mutating func read(_ fields: ManifestFields, suite: UInt16?) throws(VectorError) -> KeyDescription {
        let providerID = try fields.requiredString("provider_id")
        switch providerID {
        case "aws-kms":
            let key = try fields.requiredString("key_id")
            let decrypt = try fields.bool("decryptable")
            add(KeyEntry(name: key, keyID: key, encrypt: nil, decrypt: decrypt, bits: nil, material: .awsKMS))
            // Messages name the key, which an alias does not tell: of what it tells, any key will do.
            if decrypt != false, let arn = KMSKeyARN(key), arn.resource == .alias {
                return .awsKMSMRKDiscovery(
                    region: arn.region,
                    filter: .init(partition: arn.partition, accountIDs: [arn.account])
                )
            }
            return .awsKMS(key: key)
        case "static-aws-xcompat", "ephemeral-aws-xcompat":
            let algorithm = try fields.requiredString("encryption_algorithm")
            guard let bits = try fields.count("key_bits") ?? suite.flatMap(Self.dataKeyBits) else {
                throw fields.missing("key_bits")
            }
            let padding = try fields.string("padding_algorithm") ?? ""
            let hash = try fields.string("padding_hash") ?? ""
            // The key name inside the messages; empty parts keep their full stop.
            let name = "\(algorithm).\(bits).\(padding).\(hash)"
            guard providerID == "static-aws-xcompat" else { return .ephemeral(name: name) }
            let wrapping: KeyDescription.RawAlgorithm
            switch (algorithm.lowercased(), padding, hash) {
            case ("aes", _, _): wrapping = .aes
            case ("rsa", "PKCS1", _): wrapping = .rsa(.pkcs1)
            case ("rsa", "OAEP-MGF1", "SHA-1"): wrapping = .rsa(.oaepSHA1)
            case ("rsa", "OAEP-MGF1", "SHA-256"): wrapping = .rsa(.oaepSHA256)
            default: return .unsupported(type: "\(providerID) \(name)")
            }
            let material = try material(algorithm: algorithm, bits: bits)
            add(KeyEntry(name: name, keyID: name, encrypt: nil, decrypt: true, bits: bits, material: material))
            return .raw(key: name, providerID: providerID, wrapping)
        default: return .unsupported(type: providerID)
        }
    }

    private mutating func add(_ entry: KeyEntry) {
        if known.insert(JSONName(entry.name)).inserted { entries.append(entry) }
    }

    private func material(algorithm: String, bits: Int) throws(VectorError) -> KeyMaterial {
        let isAES = algorithm.lowercased() == "aes"
        let family = testKeys?.object.members.first { $0.name.lowercased() == algorithm.lowercased() }
        guard let value = family?.value[String(bits)] else {
            throw .broken("test_keys has no \(algorithm) key of \(bits) bits")
        }
        let fields = try ManifestFields(value, "the test key")
        guard let lines = try fields.strings("key") else { throw fields.missing("key") }
        let text = lines.joined(separator: try fields.string("line_separator") ?? "")
        let encoding = try fields.requiredString("encoding").lowercased()
        switch (isAES, encoding) {
        case (true, "base64"): return .symmetric(try KeyBytes.decode(base64: text, bits: bits))
        case (true, "raw"): return .symmetric(try KeyBytes.check(Array(text.utf8), bits: bits))
        case (false, "raw"): return .rsaPrivate(.der(Array(text.utf8)))
        case (false, _): return .rsaPrivate(try KeyText(text, encoding: encoding))
        default: throw .broken("the test key is encoded as \(ManifestText.quoted(encoding))")
        }
    }

    /// The length of the data keys of the suites that existed in 2018.
    private static func dataKeyBits(_ suite: UInt16) -> Int? {
        switch suite {
        case 0x0014, 0x0114, 0x0214: 128
        case 0x0046, 0x0146, 0x0346: 192
        case 0x0078, 0x0178, 0x0378: 256
        default: nil
        }
    }
}
