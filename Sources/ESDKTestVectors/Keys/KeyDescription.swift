import StrictJSON

/// Which keys a test is decrypted with: an element of `master-keys`, or a key description, of any dialect.
package enum KeyDescription: Sendable {
    /// A raw AES or RSA keyring.
    case raw(key: String, providerID: String, RawAlgorithm)
    /// A KMS keyring for one key.
    case awsKMS(key: String)
    /// A KMS keyring that takes a multi-Region key's replicas for one key.
    case awsKMSMRK(key: String)
    /// A KMS discovery keyring that knows multi-Region keys.
    case awsKMSMRKDiscovery(region: String, filter: DiscoveryFilter?)
    /// A KMS RSA keyring.
    case awsKMSRSA(key: String, algorithm: String)
    /// A hierarchical keyring; its key is a static branch key.
    case awsKMSHierarchy(key: String)
    /// A raw ECDH keyring.
    case rawECDH(ECDH)
    /// A KMS ECDH keyring.
    case awsKMSECDH(ECDH)
    /// A keyring that returns the materials of a key entry.
    case staticMaterial(key: String)
    /// A keyring that accepts any encrypted data key and returns the plaintext data key of a key entry.
    case dataKey(key: String)
    /// Several keyrings; a flat list of several entries has its first as the generator.
    indirect case multi(generator: KeyDescription?, children: [KeyDescription])
    /// A required-encryption-context materials manager; keys as UTF-8 bytes.
    indirect case requiredEncryptionContext(underlying: KeyDescription, keys: [[UInt8]])
    /// A caching materials manager, which no known program reads; not run.
    indirect case caching(underlying: KeyDescription)
    /// A key of 2018 that was thrown away when the message was written: never decryptable.
    case ephemeral(name: String)
    /// A type, algorithm or padding that is not known here.
    case unsupported(type: String)
}

extension KeyDescription {
    /// How a raw keyring wraps.
    package enum RawAlgorithm: Hashable, Sendable {
        /// AES-GCM.
        case aes
        /// RSA.
        case rsa(RSAPadding)
    }

    /// The padding of RSA wrapping.
    package enum RSAPadding: String, Hashable, Sendable {
        /// PKCS #1 version 1.5.
        case pkcs1
        /// OAEP, SHA-1 for message and mask.
        case oaepSHA1 = "oaep-sha1"
        /// OAEP, SHA-256 for message and mask.
        case oaepSHA256 = "oaep-sha256"
        /// OAEP, SHA-384 for message and mask.
        case oaepSHA384 = "oaep-sha384"
        /// OAEP, SHA-512 for message and mask.
        case oaepSHA512 = "oaep-sha512"
    }

    /// Which KMS keys discovery may use.
    package struct DiscoveryFilter: Hashable, Sendable {
        /// The partition.
        package let partition: String

        /// The accounts.
        package let accountIDs: [String]

        /// A filter.
        package init(partition: String, accountIDs: [String]) {
            self.partition = partition
            self.accountIDs = accountIDs
        }
    }

    /// The members of an ECDH description.
    package struct ECDH: Hashable, Sendable {
        /// Who is known beforehand.
        package enum Schema: String, Hashable, Sendable {
            /// Both sides: the entry's sender key agrees with its recipient's public key.
            case `static`
            /// Only the recipient's public key: encrypts, never decrypts.
            case ephemeral
            /// Only the recipient's private key: decrypts.
            case discovery
        }

        /// Who is known beforehand.
        package let schema: Schema

        /// The key entry whose keys are used.
        package let key: String

        /// The curve's name: `ecc-256`, `ecc-384` or `ecc-521` for raw keys, a key entry's name for KMS.
        package let curve: String

        /// A description.
        package init(schema: Schema, key: String, curve: String) {
            self.schema = schema
            self.key = key
            self.curve = curve
        }
    }
}

extension KeyDescription {
    /// The keyring inside any materials managers.
    package var withoutManagers: KeyDescription {
        switch self {
        case .requiredEncryptionContext(let underlying, _): underlying.withoutManagers
        default: self
        }
    }

    /// The context keys that the described materials managers require, outermost first, each once.
    package var requiredContextKeys: [[UInt8]] {
        guard case .requiredEncryptionContext(let underlying, let keys) = self else { return [] }
        var required: [[UInt8]] = []
        for key in keys + underlying.requiredContextKeys where !required.contains(key) { required.append(key) }
        return required
    }

    /// The leaves: keyrings that are not multi-keyrings, in order.
    package var leaves: [KeyDescription] {
        switch self {
        case .multi(let generator, let children): (generator?.leaves ?? []) + children.flatMap(\.leaves)
        case .requiredEncryptionContext(let underlying, _), .caching(let underlying): underlying.leaves
        default: [self]
        }
    }

    /// The name of the key entry that a leaf uses, if it uses one.
    package var keyName: String? {
        switch self {
        case .raw(let key, _, _), .awsKMS(let key), .awsKMSMRK(let key), .awsKMSRSA(let key, _),
            .awsKMSHierarchy(let key), .staticMaterial(let key), .dataKey(let key):
            key
        case .rawECDH(let description), .awsKMSECDH(let description): description.key
        default: nil
        }
    }

    /// The description in short, as reports have it: `raw aes-256`, `multi(raw rsa oaep-sha256, aws-kms)`.
    ///
    /// - Parameter keys: the keys of the set, which know the length of an AES key.
    package func summary(keys: KeyTable) -> String {
        switch self {
        case .raw(let key, _, .aes):
            if case .symmetric(let bytes)? = keys[key]?.material { "raw aes-\(bytes.count * 8)" } else { "raw aes" }
        case .raw(_, _, .rsa(let padding)): "raw rsa \(padding.rawValue)"
        case .awsKMS: "aws-kms"
        case .awsKMSMRK: "aws-kms-mrk-aware"
        case .awsKMSMRKDiscovery: "aws-kms-mrk-aware-discovery"
        case .awsKMSRSA(_, let algorithm): "aws-kms-rsa \(algorithm)"
        case .awsKMSHierarchy: "aws-kms-hierarchy"
        case .rawECDH(let description): "raw-ecdh \(description.schema.rawValue) \(description.curve)"
        case .awsKMSECDH(let description): "aws-kms-ecdh \(description.schema.rawValue) \(description.curve)"
        case .staticMaterial: "static-material"
        case .dataKey: "data-key"
        case .multi(let generator, let children):
            "multi(\(([generator].compactMap(\.self) + children).map { $0.summary(keys: keys) }.joined(separator: ", ")))"
        case .requiredEncryptionContext(let underlying, _): "required-context(\(underlying.summary(keys: keys)))"
        case .caching(let underlying): "caching(\(underlying.summary(keys: keys)))"
        case .ephemeral: "ephemeral"
        case .unsupported(let type): "unsupported(\(type))"
        }
    }
}

extension KeyDescription: Hashable {
    /// Whether two descriptions are the same, texts compared by their UTF-8 bytes.
    package static func == (left: KeyDescription, right: KeyDescription) -> Bool {
        left.identity == right.identity
    }

    /// Hashes the identity.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(identity)
    }

    /// Bytes that differ where descriptions differ.
    ///
    /// Derived equality would merge key names that are canonically equivalent.
    private var identity: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        func add(_ tag: UInt8, _ texts: String...) {
            bytes.append(tag)
            for text in texts { add(Array(text.utf8)) }
        }
        func add(_ field: [UInt8]) {
            bytes.append(contentsOf: Self.count(field.count))
            bytes.append(contentsOf: field)
        }
        switch self {
        case .raw(let key, let providerID, .aes): add(1, key, providerID)
        case .raw(let key, let providerID, .rsa(let padding)): add(2, key, providerID, padding.rawValue)
        case .awsKMS(let key): add(3, key)
        case .awsKMSMRK(let key): add(4, key)
        case .awsKMSMRKDiscovery(let region, nil): add(5, region)
        case .awsKMSMRKDiscovery(let region, let filter?):
            add(6, region, filter.partition)
            bytes.append(contentsOf: Self.count(filter.accountIDs.count))
            for account in filter.accountIDs { add(Array(account.utf8)) }
        case .awsKMSRSA(let key, let algorithm): add(7, key, algorithm)
        case .awsKMSHierarchy(let key): add(8, key)
        case .rawECDH(let description): add(9, description.schema.rawValue, description.key, description.curve)
        case .awsKMSECDH(let description): add(10, description.schema.rawValue, description.key, description.curve)
        case .staticMaterial(let key): add(11, key)
        case .dataKey(let key): add(12, key)
        case .multi(let generator, let children):
            bytes.append(generator == nil ? 13 : 14)
            generator?.append(to: &bytes)
            bytes.append(contentsOf: Self.count(children.count))
            for child in children { child.append(to: &bytes) }
        case .requiredEncryptionContext(let underlying, let keys):
            bytes.append(15)
            underlying.append(to: &bytes)
            bytes.append(contentsOf: Self.count(keys.count))
            for key in keys { add(key) }
        case .caching(let underlying):
            bytes.append(16)
            underlying.append(to: &bytes)
        case .ephemeral(let name): add(17, name)
        case .unsupported(let type): add(18, type)
        }
    }

    private static func count(_ count: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }
}

extension KeyDescription {
    /// Checks that the keys which this description names are there and of a fitting type.
    ///
    /// An entry of a type that is not known fits everywhere: its keyring is merely not usable.
    ///
    /// - Parameter keys: the keys of the set.
    /// - Throws: a failure for a name that is not there, an entry that cannot be read and one of another type.
    func check(keys: KeyTable) throws(VectorError) {
        for leaf in leaves {
            guard let name = leaf.keyName else { continue }
            let quoted = ManifestText.quoted(name)
            guard let entry = keys[name] else { throw .broken("the keys manifest has no key \(quoted)") }
            switch entry.material {
            case .malformed(let reason): throw .broken("key \(quoted): \(reason)")
            case .unsupported: continue
            default: break
            }
            guard leaf.accepts(entry.material) else {
                throw .broken(
                    "key \(quoted) is of type \(entry.material.kind), which \(leaf.summary(keys: keys)) cannot use"
                )
            }
        }
    }

    private func accepts(_ material: KeyMaterial) -> Bool {
        switch (self, material) {
        case (.raw(_, _, .aes), .symmetric), (.raw(_, _, .rsa), .rsaPrivate), (.raw(_, _, .rsa), .rsaPublic),
            (.awsKMS, .awsKMS), (.awsKMSMRK, .awsKMS), (.awsKMSRSA, .awsKMSRSA),
            (.awsKMSHierarchy, .staticBranchKey), (.rawECDH, .eccPrivate), (.awsKMSECDH, .awsKMSECDH),
            (.staticMaterial, .staticMaterial), (.dataKey, .dataKey):
            true
        default:
            false
        }
    }
}

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
    static func read(_ value: JSONValue, _ what: String) throws(VectorError) -> KeyDescription {
        guard let elements = value.array else { return try read(ManifestFields(value, what)) }
        guard !elements.isEmpty else { throw .broken("\(what) lists no key") }
        if elements.count == 1 { return try read(ManifestFields(elements[0], "the key description")) }
        let descriptions = try keyrings(elements, in: what)
        return .multi(generator: descriptions[0], children: Array(descriptions.dropFirst()))
    }

    private static func read(_ fields: ManifestFields) throws(VectorError) -> KeyDescription {
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

    private static func raw(_ fields: ManifestFields) throws(VectorError) -> KeyDescription {
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

    private static func discovery(_ fields: ManifestFields) throws(VectorError) -> KeyDescription {
        let region = try fields.requiredString("default-mrk-region")
        guard let filter = try fields.fields("aws-kms-discovery-filter") else {
            return .awsKMSMRKDiscovery(region: region, filter: nil)
        }
        guard let accountIDs = try filter.strings("account-ids") else { throw filter.missing("account-ids") }
        let partition = try filter.requiredString("partition")
        return .awsKMSMRKDiscovery(region: region, filter: .init(partition: partition, accountIDs: accountIDs))
    }

    /// The members of an ECDH description; `nil` where its schema is not known.
    private static func ecdh(_ fields: ManifestFields) throws(VectorError) -> KeyDescription.ECDH? {
        guard let schema = KeyDescription.ECDH.Schema(rawValue: try fields.requiredString("schema")) else { return nil }
        let side = schema == .static ? "sender" : "recipient"
        return KeyDescription.ECDH(
            schema: schema,
            key: try fields.requiredString(side),
            curve: try fields.requiredString("ecc-curve")
        )
    }

    private static func unsupportedECDH(_ fields: ManifestFields) throws(VectorError) -> String {
        "\(try fields.requiredString("type")) \(try fields.requiredString("schema")) \(try fields.requiredString("ecc-curve"))"
    }

    private static func multi(_ fields: ManifestFields) throws(VectorError) -> KeyDescription {
        guard let elements = try fields.array("childKeyrings") else { throw fields.missing("childKeyrings") }
        let children = try keyrings(elements, in: fields.what)
        guard let generator = fields.value("generator") else {
            guard !children.isEmpty else { throw .broken("\(fields.what) is a multi-keyring without a keyring") }
            return .multi(generator: nil, children: children)
        }
        return .multi(generator: try keyrings([generator], in: fields.what).first, children: children)
    }

    /// Reads keyrings inside a multi-keyring, where a materials manager has no place.
    private static func keyrings(_ values: [JSONValue], in what: String) throws(VectorError) -> [KeyDescription] {
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

    private static func underlying(_ fields: ManifestFields) throws(VectorError) -> KeyDescription {
        guard let value = fields.value("underlying") else { throw fields.missing("underlying") }
        return try read(value, "member \"underlying\" of \(fields.what)")
    }
}
