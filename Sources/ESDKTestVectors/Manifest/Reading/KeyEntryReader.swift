internal import StrictJSON

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
        do throws(TestProblem) {
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

    private static func material(_ fields: ManifestFields, bits: Int?) throws(TestProblem) -> KeyMaterial {
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
    private static func text(_ fields: ManifestFields, _ name: String) throws(TestProblem) -> String {
        guard fields.value(name)?.array != nil, let lines = try fields.strings(name) else {
            return try fields.requiredString(name)
        }
        return lines.joined(separator: try fields.string("line-separator") ?? "")
    }

    /// The bytes of an AES key or a data key.
    private static func secret(_ fields: ManifestFields, bits: Int?) throws(TestProblem) -> [UInt8] {
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
    ) throws(TestProblem) -> KeyText {
        let text = try text(fields, name)
        let encoding = try fields.string(encodingName) ?? (text.utf8.first == UInt8(ascii: "-") ? "pem" : "base64-der")
        return try KeyBytes.keyText(text, encoding: encoding)
    }

    private static func staticMaterial(_ fields: ManifestFields) throws(TestProblem) -> StaticMaterial {
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
