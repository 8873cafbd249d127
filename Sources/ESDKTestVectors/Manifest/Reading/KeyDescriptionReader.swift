internal import StrictJSON

/// Reads key descriptions: the elements of `master-keys`, and the recursive descriptions of the Dafny family.
struct KeyDescriptionReader {
    /// Reads a description, or a flat list of them.
    ///
    /// A list of one is that one; a longer one is a multi-keyring with its first element as generator.
    ///
    /// - Parameters:
    ///   - value: an object or an array of objects.
    ///   - what: what it is, for messages.
    /// - Throws: a failure where members are missing or of the wrong type. What is merely not known becomes
    ///   `unsupported`.
    static func read(_ value: JSONValue, _ what: String) throws(TestProblem) -> KeyDescription {
        guard let elements = value.array else { return try read(ManifestFields(value, what)) }
        guard !elements.isEmpty else { throw .broken("\(what) lists no key") }
        if elements.count == 1 { return try read(ManifestFields(elements[0], "the key description")) }
        let descriptions = try keyrings(elements, in: what)
        return .multi(generator: descriptions[0], children: Array(descriptions.dropFirst()))
    }

    private static func read(_ fields: ManifestFields) throws(TestProblem) -> KeyDescription {
        let type = try fields.requiredString("type")
        switch type {
        case "raw": return try raw(fields)
        case "aws-kms": return .awsKMS(key: try fields.requiredString("key"))
        case "aws-kms-mrk-aware": return .awsKMSMRK(key: try fields.requiredString("key"))
        case "aws-kms-mrk-aware-discovery": return try discovery(fields)
        case "aws-kms-rsa":
            return .awsKMSRSA(
                key: try fields.requiredString("key"),
                algorithm: try fields.requiredString("encryption-algorithm")
            )
        case "aws-kms-hierarchy": return .awsKMSHierarchy(key: try fields.requiredString("key"))
        case "raw-ecdh":
            let description = try ecdh(fields)
            guard let description, ["ecc-256", "ecc-384", "ecc-521"].contains(description.curve) else {
                return .unsupported(type: try unsupportedECDH(fields))
            }
            return .rawECDH(description)
        case "aws-kms-ecdh":
            guard let description = try ecdh(fields) else { return .unsupported(type: try unsupportedECDH(fields)) }
            return .awsKMSECDH(description)
        case "static-material-keyring": return .staticMaterial(key: try fields.requiredString("key"))
        case "data-key": return .dataKey(key: try fields.requiredString("key"))
        case "multi-keyring": return try multi(fields)
        case "required-encryption-context-cmm":
            let keys = try fields.strings("requiredEncryptionContextKeys") ?? []
            return .requiredEncryptionContext(underlying: try underlying(fields), keys: keys.map { Array($0.utf8) })
        case "caching-cmm": return .caching(underlying: try underlying(fields))
        default: return .unsupported(type: type)
        }
    }

    private static func raw(_ fields: ManifestFields) throws(TestProblem) -> KeyDescription {
        let key = try fields.requiredString("key")
        let providerID = try fields.requiredString("provider-id")
        let algorithm = try fields.requiredString("encryption-algorithm")
        switch algorithm {
        case "aes": return .raw(key: key, providerID: providerID, .aes)
        case "rsa":
            guard let padding = try fields.nonEmptyString("padding-algorithm") else {
                throw fields.missing("padding-algorithm")
            }
            // With pkcs1 the hash means nothing; some writers put sha1 there, some nothing.
            let hash = try fields.nonEmptyString("padding-hash")
            switch (padding, hash) {
            case ("pkcs1", _): return .raw(key: key, providerID: providerID, .rsa(.pkcs1))
            case ("oaep-mgf1", "sha1"): return .raw(key: key, providerID: providerID, .rsa(.oaepSHA1))
            case ("oaep-mgf1", "sha256"): return .raw(key: key, providerID: providerID, .rsa(.oaepSHA256))
            case ("oaep-mgf1", "sha384"): return .raw(key: key, providerID: providerID, .rsa(.oaepSHA384))
            case ("oaep-mgf1", "sha512"): return .raw(key: key, providerID: providerID, .rsa(.oaepSHA512))
            case ("oaep-mgf1", nil): throw fields.missing("padding-hash")
            default: return .unsupported(type: "raw rsa \(padding) \(hash ?? "")")
            }
        default: return .unsupported(type: "raw \(algorithm)")
        }
    }

    private static func discovery(_ fields: ManifestFields) throws(TestProblem) -> KeyDescription {
        let region = try fields.requiredString("default-mrk-region")
        guard let filter = try fields.fields("aws-kms-discovery-filter") else {
            return .awsKMSMRKDiscovery(region: region, filter: nil)
        }
        guard let accountIDs = try filter.strings("account-ids") else { throw filter.missing("account-ids") }
        let partition = try filter.requiredString("partition")
        return .awsKMSMRKDiscovery(region: region, filter: .init(partition: partition, accountIDs: accountIDs))
    }

    /// The members of an ECDH description; `nil` where its schema is not known.
    private static func ecdh(_ fields: ManifestFields) throws(TestProblem) -> KeyDescription.ECDH? {
        guard let schema = KeyDescription.ECDH.Schema(rawValue: try fields.requiredString("schema")) else { return nil }
        let side = schema == .static ? "sender" : "recipient"
        return KeyDescription.ECDH(
            schema: schema,
            key: try fields.requiredString(side),
            curve: try fields.requiredString("ecc-curve")
        )
    }

    private static func unsupportedECDH(_ fields: ManifestFields) throws(TestProblem) -> String {
        "\(try fields.requiredString("type")) \(try fields.requiredString("schema")) \(try fields.requiredString("ecc-curve"))"
    }

    private static func multi(_ fields: ManifestFields) throws(TestProblem) -> KeyDescription {
        guard let elements = try fields.array("childKeyrings") else { throw fields.missing("childKeyrings") }
        let children = try keyrings(elements, in: fields.what)
        guard let generator = fields.value("generator") else {
            guard !children.isEmpty else { throw .broken("\(fields.what) is a multi-keyring without a keyring") }
            return .multi(generator: nil, children: children)
        }
        return .multi(generator: try keyrings([generator], in: fields.what).first, children: children)
    }

    /// Reads keyrings inside a multi-keyring, where a materials manager has no place.
    private static func keyrings(_ values: [JSONValue], in what: String) throws(TestProblem) -> [KeyDescription] {
        var descriptions: [KeyDescription] = []
        for value in values {
            let description = try read(ManifestFields(value, "the key description"))
            switch description {
            case .requiredEncryptionContext, .caching: throw .broken("\(what) has a materials manager among keyrings")
            default: descriptions.append(description)
            }
        }
        return descriptions
    }

    private static func underlying(_ fields: ManifestFields) throws(TestProblem) -> KeyDescription {
        guard let value = fields.value("underlying") else { throw fields.missing("underlying") }
        return try read(value, "member \"underlying\" of \(fields.what)")
    }
}
