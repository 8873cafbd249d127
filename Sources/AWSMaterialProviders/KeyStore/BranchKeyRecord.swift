import ESDKSystem

// spec: branch-key-store/record-format
/// An item of the key store table (framework/branch-key-store.md, Record Format).
struct BranchKeyRecord: Sendable {
    /// What an item holds, as its sort key says.
    enum Kind: Sendable, Hashable {
        /// A copy of the version that new data keys are wrapped under.
        case active
        /// One version: a UUID in lower-case text.
        case version(String)
        /// The beacon key.
        case beacon

        /// The kind that a value of the attribute `type` names; nil for a value that is not known.
        init?(text: String) {
            switch text {
            case Kind.active.text: self = .active
            case Kind.beacon.text: self = .beacon
            case _ where text.hasPrefix(Attribute.versionPrefix):
                self = .version(String(text.dropFirst(Attribute.versionPrefix.count)))
            default: return nil
            }
        }

        /// The value of the attribute `type`.
        var text: String {
            switch self {
            case .active: "branch:ACTIVE"
            case .version(let version): Attribute.versionPrefix + version
            case .beacon: "beacon:ACTIVE"
            }
        }
    }

    /// The names of the attributes.
    enum Attribute {
        static let branchKeyID: DynamoDB.AttributeName = "branch-key-id"
        static let type: DynamoDB.AttributeName = "type"
        static let version: DynamoDB.AttributeName = "version"
        static let ciphertext: DynamoDB.AttributeName = "enc"
        static let kmsARN: DynamoDB.AttributeName = "kms-arn"
        static let createTime: DynamoDB.AttributeName = "create-time"
        static let hierarchyVersion: DynamoDB.AttributeName = "hierarchy-version"
        /// Only in the encryption context, for the logical name of the key store.
        static let tableName: DynamoDB.AttributeName = "tablename"
        static let customPrefix = Array("aws-crypto-ec:".utf8)
        static let versionPrefix = "branch:version:"
    }

    private static let supportedHierarchyVersion = "1"

    let kind: Kind
    let kmsARN: KMSKeyARN
    /// The branch key or beacon key, encrypted under the KMS key.
    var ciphertext: [UInt8]
    /// Every attribute but the ciphertext, as text.
    private let attributes: [DynamoDB.AttributeName: String]

    /// The record of a new key, whose ciphertext is yet to come.
    ///
    /// - Parameters:
    ///   - version: the version of the active record; nil for the others.
    ///   - customContext: the caller's pairs.
    init(
        branchKeyID: String,
        kind: Kind,
        activeVersion version: String?,
        kmsARN: KMSKeyARN,
        createTime: String,
        customContext: EncryptionContext
    ) {
        self.kind = kind
        self.kmsARN = kmsARN
        ciphertext = []
        var attributes: [DynamoDB.AttributeName: String] = [:]
        for pair in customContext.entries {
            attributes[DynamoDB.AttributeName(bytes: Attribute.customPrefix + pair.keyBytes)] = pair.value
        }
        attributes[Attribute.branchKeyID] = branchKeyID
        attributes[Attribute.type] = kind.text
        attributes[Attribute.version] = version.map { Kind.version($0).text }
        attributes[Attribute.kmsARN] = kmsARN.description
        attributes[Attribute.createTime] = createTime
        attributes[Attribute.hierarchyVersion] = Self.supportedHierarchyVersion
        self.attributes = attributes
    }

    // spec: branch-key-store/branch-key-materials-from-authenticated-encryption-context
    // spec: branch-key-store/custom-encryption-context-from-authenticated-encryption-context
    /// Reads an item that was asked for by `branchKeyID` and `kind`.
    ///
    /// - Throws: `invalidBranchKeyRecord` when a field is missing, of another type, or not what it must be.
    init(_ item: DynamoDB.Item, branchKeyID: String, kind: Kind) throws(EncryptionSDKError) {
        var attributes: [DynamoDB.AttributeName: String] = [:]
        var ciphertext: [UInt8]?
        for (name, value) in item {
            switch (name, value) {
            case (Attribute.ciphertext, .binary(let bytes)): ciphertext = bytes
            case (Attribute.hierarchyVersion, .number(let text)): attributes[name] = text
            case (Attribute.ciphertext, _), (Attribute.hierarchyVersion, _), (Attribute.tableName, _):
                throw Self.invalid(
                    branchKeyID,
                    "the attribute \(TerminalText.escaped(name.description)) is of another type, or may not be there"
                )
            case (_, .string(let text)): attributes[name] = text
            default:
                throw Self.invalid(branchKeyID, "the attribute \(TerminalText.escaped(name.description)) is not text")
            }
        }
        guard let ciphertext, !ciphertext.isEmpty else {
            throw Self.invalid(branchKeyID, "it has no \(Attribute.ciphertext)")
        }
        func value(_ name: DynamoDB.AttributeName) throws(EncryptionSDKError) -> String {
            guard let value = attributes[name], !value.isEmpty else {
                throw Self.invalid(branchKeyID, "it has no \(name)")
            }
            return value
        }
        guard try value(Attribute.branchKeyID).utf8.elementsEqual(branchKeyID.utf8) else {
            throw Self.invalid(branchKeyID, "it is that of another branch key")
        }
        guard try value(Attribute.type) == kind.text else { throw Self.invalid(branchKeyID, "it is of another type") }
        guard try value(Attribute.hierarchyVersion) == Self.supportedHierarchyVersion else {
            throw Self.invalid(
                branchKeyID,
                "its hierarchy version is not \(Self.supportedHierarchyVersion), which is all that is known here"
            )
        }
        _ = try value(Attribute.createTime)
        guard let kmsARN = KMSKeyARN(try value(Attribute.kmsARN)), kmsARN.resource == .key else {
            throw Self.invalid(branchKeyID, "its \(Attribute.kmsARN) is not the ARN of an AWS KMS key")
        }
        let version = attributes[Attribute.version]
        if kind == .active {
            guard let version, version.hasPrefix(Attribute.versionPrefix) else {
                throw Self.invalid(branchKeyID, "it is the active one and does not name its version")
            }
        } else if version != nil {
            throw Self.invalid(branchKeyID, "it has the attribute \(Attribute.version), which only the active one has")
        }
        self.kind = kind
        self.kmsARN = kmsARN
        self.ciphertext = ciphertext
        self.attributes = attributes
    }

    private static func invalid(_ branchKeyID: String, _ what: String) -> EncryptionSDKError {
        EncryptionSDKError(
            .invalidBranchKeyRecord,
            "the record of the branch key \(TerminalText.quoted(branchKeyID)) cannot be used: \(what)"
        )
    }

    /// The version that the record holds: a UUID as text; nil for a beacon key.
    var version: String? {
        switch kind {
        case .version(let version): version
        case .active: attributes[Attribute.version].map { String($0.dropFirst(Attribute.versionPrefix.count)) }
        case .beacon: nil
        }
    }

    /// When the record was made, as text that sorts by time.
    var createTime: String { attributes[Attribute.createTime] ?? "" }

    /// The caller's pairs.
    var customContext: EncryptionContext {
        let prefix = Attribute.customPrefix
        return EncryptionContext(
            unique: attributes.filter { $0.key.bytes.starts(with: prefix) }.map { name, value in
                EncryptionContext.Entry(
                    keyBytes: Array(name.bytes.dropFirst(prefix.count)),
                    valueBytes: Array(value.utf8)
                )
            },
            ascending: false
        )
    }

    // spec: branch-key-store/encryption-context, branch-key-store/active-encryption-context
    // spec: branch-key-store/decrypt-only-encryption-context, branch-key-store/beacon-key-encryption-context
    // spec: branch-key-store/custom-encryption-context
    /// The encryption context that binds the ciphertext to the record and to the key store.
    func encryptionContext(logicalKeyStoreName: String) -> EncryptionContext {
        var pairs = attributes
        pairs[Attribute.tableName] = logicalKeyStoreName
        return EncryptionContext(
            unique: pairs.map { EncryptionContext.Entry(keyBytes: $0.key.bytes, valueBytes: Array($0.value.utf8)) },
            ascending: false
        )
    }

    /// The item to be written.
    var item: DynamoDB.Item {
        var item = attributes.mapValues { DynamoDB.AttributeValue.string($0) }
        item[Attribute.hierarchyVersion] = .number(attributes[Attribute.hierarchyVersion] ?? "")
        item[Attribute.ciphertext] = .binary(ciphertext)
        return item
    }
}
