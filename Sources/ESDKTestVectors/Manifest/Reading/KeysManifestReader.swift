import ESDKCrypto
import StrictJSON

/// Finds and reads the keys manifest of a set.
struct KeysManifestReader {
    /// Reads the keys manifest that an entry manifest names, or the `keys.json` beside it.
    ///
    /// - Parameters:
    ///   - manifest: the entry manifest.
    ///   - folder: the folder of the set.
    ///   - log: takes what is odd.
    /// - Throws: where there is none, or it cannot be read.
    static func read(
        for manifest: ManifestFile,
        folder: VectorFolder,
        log: inout DiagnosticLog
    ) throws(VectorError) -> KeyTable {
        try readWithSource(for: manifest, folder: folder, log: &log).keys
    }

    /// As `read`, with the entries as they stand in the file: a writer passes them on.
    static func readWithSource(
        for manifest: ManifestFile,
        folder: VectorFolder,
        log: inout DiagnosticLog
    ) throws(VectorError) -> (keys: KeyTable, source: JSONObject, path: String) {
        let path = try path(for: manifest, folder: folder, log: &log)
        let file: ManifestFile
        let header: ManifestHeader
        do {
            file = try ManifestFile(path: path)
            header = try file.knownHeader()
        } catch {
            throw VectorError(.keys, path: error.path, reason: "keys manifest: \(error.reason)")
        }
        guard header.kind == .keys else {
            let reason = "\(header.kind) (\(header)) where the keys manifest should be"
            throw VectorError(.keys, path: path, reason: "\(reason); correct the \"keys\" member of \(manifest.path)")
        }
        log.noteUnknownMembers(of: file.fields, known: ["manifest", "keys"])
        let entries: ManifestFields?
        do {
            entries = try file.fields.fields("keys")
        } catch {
            throw VectorError(.keys, path: path, reason: "keys manifest: \(error.reason); correct the file")
        }
        guard let entries else {
            throw VectorError(.keys, path: path, reason: "keys manifest without a \"keys\" member; correct the file")
        }
        let keys = KeyTable(
            declaredVersion: header.version,
            entries: entries.object.members.map { KeyEntryReader.read(name: $0.name, $0.value) }
        )
        return (keys, entries.object, path)
    }

    private static func path(
        for manifest: ManifestFile,
        folder: VectorFolder,
        log: inout DiagnosticLog
    ) throws(VectorError) -> String {
        let usual = "keys.json"
        let text: String?
        let beside: String?
        do {
            text = try manifest.fields.string("keys")
            beside = try? folder.path(of: VectorURI(usual))
        } catch {
            throw VectorError(.keys, path: manifest.path, reason: "\(error.reason); correct the file")
        }
        guard let text else {
            guard let beside else {
                throw VectorError(
                    .keys,
                    path: manifest.path,
                    reason: "no \"keys\" member names the keys manifest, and no \(usual) lies beside it"
                )
            }
            log.note("the manifest names no keys manifest; \(usual) beside it is taken")
            return beside
        }
        let uri: VectorURI
        do {
            uri = try VectorURI(text)
        } catch {
            throw VectorError(.keys, path: manifest.path, reason: "keys manifest: \(error.reason); correct the file")
        }
        do {
            return try folder.path(of: uri)
        } catch {
            if error.code == .notFound, let beside {
                log.note("keys manifest \(ManifestText.quoted(text)) is missing; \(usual) beside the manifest is taken")
                return beside
            }
            throw VectorError(
                .keys,
                path: error.path,
                reason: "keys manifest: \(error.reason); \(manifest.path) names it"
            )
        }
    }
}

/// Reads the entries of a keys manifest; each by its own shape, since the version number says little about it.
struct KeyEntryReader {
    /// Reads an entry.
    ///
    /// One that cannot be read becomes `malformed`, and fails only the tests that use it.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its value.
    static func read(name: String, _ value: JSONValue) -> KeyEntry {
        do throws(VectorError) {
            let fields = try ManifestFields(value, "the entry")
            let bits = try fields.count("bits").flatMap { $0 == 0 ? nil : $0 }
            let encrypt = try fields.bool("encrypt")
            let decrypt = try fields.bool("decrypt")
            let keyID = try fields.string("key-id")
            return KeyEntry(
                name: name,
                keyID: keyID ?? name,
                encrypt: encrypt,
                decrypt: decrypt,
                bits: bits,
                material: try material(fields, bits: bits)
            )
        } catch {
            return KeyEntry(
                name: name,
                keyID: value["key-id"]?.string ?? name,
                encrypt: nil,
                decrypt: nil,
                bits: nil,
                material: .malformed(reason: error.reason)
            )
        }
    }

    private static func material(_ fields: ManifestFields, bits: Int?) throws(VectorError) -> KeyMaterial {
        let type = try fields.requiredString("type")
        switch type {
        case "aws-kms": return .awsKMS
        case "symmetric": return .symmetric(try secret(fields, bits: bits))
        case "data-key": return .dataKey(try secret(fields, bits: bits))
        case "private": return .rsaPrivate(try keyText(fields, "material", encodedAs: "encoding"))
        case "public": return .rsaPublic(try keyText(fields, "material", encodedAs: "encoding"))
        case "aws-kms-rsa": return .awsKMSRSA(publicKey: try keyText(fields, "material", encodedAs: "encoding"))
        case "ecc-private":
            return .eccPrivate(
                sender: try keyText(fields, "sender-material", encodedAs: "encoding"),
                recipient: try keyText(fields, "recipient-material", encodedAs: "encoding"),
                senderPublicKey: try keyText(fields, "sender-material-public-key", encodedAs: "public-key-encoding"),
                recipientPublicKey: try keyText(
                    fields,
                    "recipient-material-public-key",
                    encodedAs: "public-key-encoding"
                )
            )
        case "aws-kms-ecdh":
            return .awsKMSECDH(
                senderARN: try fields.requiredString("sender-material"),
                recipientARN: try fields.requiredString("recipient-material"),
                senderPublicKey: try keyText(fields, "sender-material-public-key", encodedAs: "encoding"),
                recipientPublicKey: try keyText(fields, "recipient-material-public-key", encodedAs: "encoding")
            )
        case "static-branch-key":
            guard fields.has("key-id") else { throw fields.missing("key-id") }
            guard let branchKey = try fields.base64("branchKey") else { throw fields.missing("branchKey") }
            guard branchKey.count == 32 else { throw .broken("the branch key has \(branchKey.count) bytes, not 32") }
            return .staticBranchKey(
                version: try fields.requiredString("branchKeyVersion"),
                branchKey: branchKey,
                beaconKey: try fields.base64("beaconKey")
            )
        case "static-material": return .staticMaterial(try staticMaterial(fields))
        default: return .unsupported(type: type)
        }
    }

    /// The text of `material`: a string, or in early manifests strings to be joined with `line-separator`.
    private static func text(_ fields: ManifestFields, _ name: String) throws(VectorError) -> String {
        guard fields.value(name)?.array != nil, let lines = try fields.strings(name) else {
            return try fields.requiredString(name)
        }
        return lines.joined(separator: try fields.string("line-separator") ?? "")
    }

    /// The bytes of an AES key or a data key.
    private static func secret(_ fields: ManifestFields, bits: Int?) throws(VectorError) -> [UInt8] {
        let encoding = try fields.string("encoding") ?? "base64"
        guard encoding == "base64" else {
            throw .broken("the key is encoded as \(ManifestText.quoted(encoding)), not base64")
        }
        return try KeyBytes.decode(base64: text(fields, "material"), bits: bits)
    }

    private static func keyText(
        _ fields: ManifestFields,
        _ name: String,
        encodedAs encodingName: String
    ) throws(VectorError) -> KeyText {
        let text = try text(fields, name)
        let encoding = try fields.string(encodingName) ?? (text.utf8.first == UInt8(ascii: "-") ? "pem" : "base64-der")
        return try KeyBytes.keyText(text, encoding: encoding)
    }

    private static func staticMaterial(_ fields: ManifestFields) throws(VectorError) -> StaticMaterial {
        guard let suite = try fields.suite("algorithmSuiteId") else { throw fields.missing("algorithmSuiteId") }
        var encryptedDataKeys: [StaticMaterial.EncryptedDataKey] = []
        for element in try fields.array("encryptedDataKeys") ?? [] {
            let key = try ManifestFields(element, "an encrypted data key")
            guard let info = try key.base64("keyProviderInfo") else { throw key.missing("keyProviderInfo") }
            guard let ciphertext = try key.base64("ciphertext") else { throw key.missing("ciphertext") }
            encryptedDataKeys.append(
                StaticMaterial.EncryptedDataKey(
                    providerID: Array(try key.requiredString("keyProviderId").utf8),
                    providerInfo: info,
                    ciphertext: ciphertext
                )
            )
        }
        return StaticMaterial(
            suite: suite,
            encryptionContext: try fields.context("encryptionContext") ?? ContextPairs(),
            encryptedDataKeys: encryptedDataKeys,
            requiredContextKeys: (try fields.strings("requiredEncryptionContextKeys") ?? []).map { Array($0.utf8) },
            plaintextDataKey: try fields.base64("plaintextDataKey")
        )
    }
}

/// The encodings of keys in manifests.
enum KeyBytes {
    /// Decodes the bytes of an AES key or a data key.
    ///
    /// - Parameters:
    ///   - base64: Base64 text.
    ///   - bits: the stated length in bits, which must then be right.
    /// - Throws: a failure where it is not Base64, of another length than stated, or no AES key's length.
    static func decode(base64: String, bits: Int?) throws(VectorError) -> [UInt8] {
        guard let bytes = Base64.decode(base64) else { throw .broken("the key is not Base64") }
        return try check(bytes, bits: bits)
    }

    /// Checks the length of an AES key or a data key.
    ///
    /// - Throws: a failure where it is of another length than stated, or no AES key's length.
    static func check(_ bytes: [UInt8], bits: Int?) throws(VectorError) -> [UInt8] {
        if let bits, bytes.count * 8 != bits {
            throw .broken("the key has \(bytes.count * 8) bits, not \(bits) as stated")
        }
        guard [16, 24, 32].contains(bytes.count) else {
            throw .broken("the key has \(bytes.count) bytes, not 16, 24 or 32")
        }
        return bytes
    }

    /// An asymmetric key as it is encoded, not yet parsed.
    ///
    /// - Parameters:
    ///   - text: PEM, or Base64 of DER.
    ///   - encoding: `pem`, `base64` or `base64-der`.
    /// - Throws: a failure for another encoding, and where it is not Base64.
    static func keyText(_ text: String, encoding: String) throws(VectorError) -> KeyText {
        switch encoding {
        case "pem": return .pem(text)
        case "base64", "base64-der":
            guard let bytes = Base64.decode(text) else { throw .broken("the key is not Base64") }
            return .der(bytes)
        default: throw .broken("the key is encoded as \(ManifestText.quoted(encoding)), not pem or base64-der")
        }
    }
}
