import AWSMaterialProviders
import ESDKSystem
import ESDKTestVectors
import StrictJSON

extension Command {
    /// `esdk keystore`: branch keys in a DynamoDB table.
    static let keyStore = group(
        "keystore",
        "Branch keys in a key store: a DynamoDB table, for hierarchical keyrings",
        [.createKeyStore, .createBranchKey, .versionBranchKey, .showBranchKey]
    )

    private static let createKeyStore = Command(
        name: "create",
        summary: "make the table of a key store",
        body: .action(
            action(
                "Makes the DynamoDB table TABLE for branch keys, unless it is there, and waits until it can be used.",
                operand: table,
                options: [KeyStoreOptions.place],
                success: "the table is there",
                examples: [("esdk keystore create branch-keys --region eu-west-1", "Make a table")]
            ) { options, table in
                let arn = try await options.keyStore(table: table).createKeyStore()
                Terminal.write("\(arn)\n")
            }
        )
    )

    private static let createBranchKey = Command(
        name: "create-key",
        summary: "make a branch key",
        body: .action(
            action(
                "Makes a branch key, and a beacon key, in the key store TABLE, and prints the id of the branch key.",
                operand: table,
                options: [KeyStoreOptions.newKey, KeyStoreOptions.place],
                notes: ["How the branch key is written after --key goes to standard error."],
                success: "the branch key was made",
                examples: [
                    ("esdk keystore create-key branch-keys --kms arn:aws:kms:…", "Make a branch key"),
                    (
                        "esdk keystore create-key branch-keys --kms arn:aws:kms:… --branch-key tenant-1 --context tenant=1",
                        "The same, with an id of your own"
                    ),
                ]
            ) { options, table in
                guard options.branchKeyID == nil || !options.context.isEmpty else {
                    throw UsageError("--branch-key needs --context: a branch key with an id of your own needs a pair")
                }
                let store = try await options.keyStore(table: table)
                let id = try await store.createKey(
                    branchKeyID: options.branchKeyID,
                    encryptionContext: EncryptionContext(uniqueKeysWithValues: options.context)
                )
                Terminal.write("\(TerminalText.oneLine(id))\n")
                Terminal.progress("--key \(TerminalText.shellWord(options.spelling(of: id, in: store)))\n")
            }
        )
    )

    private static let versionBranchKey = Command(
        name: "version-key",
        summary: "make a new version of a branch key",
        body: .action(
            action(
                "Makes a new version of the branch key in the key store TABLE: messages are encrypted under it from now on, older "
                    + "ones can still be read.",
                operand: table,
                options: [KeyStoreOptions.existingKey, KeyStoreOptions.kmsKey, KeyStoreOptions.place],
                success: "the new version is the active one",
                examples: [
                    ("esdk keystore version-key branch-keys --kms arn:aws:kms:… --branch-key ID", "Rotate a branch key")
                ]
            ) { options, table in
                let store = try await options.keyStore(table: table)
                try await store.versionKey(branchKeyID: options.branchKeyID ?? "")
                let listing = try await store.listing(branchKeyID: options.branchKeyID ?? "")
                Terminal.write("\(listing.active?.version ?? "")\n")
            }
        )
    )

    private static let showBranchKey = Command(
        name: "show",
        summary: "show the versions of a branch key, but no key",
        body: .action(
            action(
                "Shows what the key store TABLE holds of a branch key: its versions, the KMS key that they are under, and its "
                    + "encryption context. AWS KMS is not called, and no key is shown.",
                operand: table,
                options: [KeyStoreOptions.existingKey, KeyStoreOptions.shown, KeyStoreOptions.place],
                success: "the branch key is shown",
                examples: [("esdk keystore show branch-keys --branch-key ID", "Show a branch key")]
            ) { options, table in
                let id = options.branchKeyID ?? ""
                let listing = try await options.keyStore(table: table).listing(branchKeyID: id)
                Terminal.write(options.isJSON ? try listing.json(id) : listing.text(id))
            }
        )
    )

    private static let table = Operands.one(ArgumentForm(name: "TABLE"), "the name of a DynamoDB table")

    private static func action(
        _ description: String,
        operand: Operands,
        options: [OptionSection<KeyStoreOptions>],
        notes: [String] = [],
        success: String,
        examples: [(line: String, does: String)],
        run: @escaping @Sendable (KeyStoreOptions, String) async throws -> Void
    ) -> Action {
        Action(
            description: description,
            operands: operand,
            values: KeyStoreOptions.init,
            options: options,
            notes: notes,
            exitCodes: [
                .success: success, .failure: "there is no such branch key, or there is one already",
                .unusable: "wrong usage, or AWS refused or could not be reached",
            ],
            examples: examples
        ) { options, operands in
            do {
                try await run(options, operands.first?.text() ?? "")
                return .success
            } catch let error as EncryptionSDKError {
                Terminal.complain(error.reason, as: "esdk keystore")
                return [.branchKeyNotFound, .branchKeyConflict].contains(error.code) ? .failure : .unusable
            }
        }
    }
}

/// What the options of `keystore` say.
struct KeyStoreOptions: Sendable {
    fileprivate var branchKeyID: String?
    fileprivate var context: [(String, String)] = []
    fileprivate var isJSON = false
    private var logicalName: String?
    private var kmsARN: String?
    private var region: String?
    private var sources = KeySources()

    /// The key store of a table.
    fileprivate func keyStore(table: String) async throws -> KeyStore {
        guard !table.isEmpty else { throw UsageError("TABLE is empty") }
        let services = try await AWSAccess(sources).services()
        let arn = try kmsARN.map { try KMSKeyIdentifier($0) }
        let region = region ?? arn?.region
        return try KeyStore(
            tableName: table,
            logicalKeyStoreName: logicalName ?? table,
            kmsConfiguration: kmsARN.map { .kmsKeyARN($0) } ?? .discovery,
            dynamoDBClient: services.dynamoDB(region),
            kmsClient: services.kms.client(forRegion: arn?.region ?? region)
        )
    }

    /// How a branch key is written after `--key`.
    fileprivate func spelling(of id: String, in store: KeyStore) -> String {
        var text = "hierarchical:table=\(store.tableName)"
        if let logicalName { text += ",store=\(logicalName)" }
        text += ",branch-key=\(id),kms=\(kmsARN ?? "ARN")"
        if let region { text += ",region=\(region)" }
        return text
    }

    private static let kmsOption = Option<Self>.text(
        "kms",
        ArgumentForm(name: "ARN"),
        help: "The AWS KMS key that the branch key is under",
        isRequired: true
    ) { $0.kmsARN = $1 }

    fileprivate static let newKey = OptionSection<Self>(
        "Branch key",
        [
            kmsOption,
            .text("branch-key", ArgumentForm(name: "ID"), help: "The id of the branch key (default: a random UUID)") {
                $0.branchKeyID = $1
            },
            .pair("context", help: "A pair that is bound to the branch key (repeatable)") { $0.context.append($1) },
        ]
    )

    fileprivate static let existingKey = OptionSection<Self>(
        "Branch key",
        [
            .text("branch-key", ArgumentForm(name: "ID"), help: "The id of the branch key", isRequired: true) {
                $0.branchKeyID = $1
            }
        ]
    )

    fileprivate static let kmsKey = OptionSection<Self>("AWS KMS key", [kmsOption])

    fileprivate static let shown = OptionSection<Self>(
        "Output",
        [.flag("json", help: "Print JSON") { $0.isJSON = true }]
    )

    fileprivate static let place = OptionSection<Self>(
        "Key store",
        [
            .text(
                "store",
                ArgumentForm(name: "NAME"),
                help: "The logical name of the key store, which is bound to its keys (default: TABLE)"
            ) { $0.logicalName = $1 },
            .text(
                "region",
                ArgumentForm(name: "REGION"),
                help: "The region of the table (default: that of the KMS key, or the configured one)"
            ) { $0.region = $1 },
        ] + KeySources.awsOptions.map { $0.of(\.sources) }
    )
}

extension BranchKeyListing {
    fileprivate func text(_ id: String) -> String {
        var text = "branch key   \(TerminalText.escaped(id))\n"
        for (index, pair) in encryptionContext.entries.enumerated() {
            let label = index == 0 ? "context      " : "             "
            text += "\(label)\(TerminalText.escaped(pair.key)) = \(TerminalText.escaped(pair.value))\n"
        }
        func add(_ label: String, _ item: Item) {
            text += "\n\(label)\n"
            text += "  made       \(TerminalText.oneLine(item.createTime))\n"
            text += "  KMS key    \(TerminalText.oneLine(item.kmsARN))\n"
        }
        for item in versions {
            let isActive = item.version == active?.version
            add("version      \(item.version ?? "")\(isActive ? " (active)" : "")", item)
        }
        if let beacon { add("beacon key", beacon) }
        return text
    }

    fileprivate func json(_ id: String) throws -> String {
        func object(_ members: [(String, JSONValue)]) -> JSONValue {
            .object(JSONObject(members.map { JSONObject.Member(name: $0.0, value: $0.1) }))
        }
        func value(_ item: Item) -> JSONValue {
            object([
                ("version", item.version.map(JSONValue.string) ?? .null), ("create_time", .string(item.createTime)),
                ("kms_arn", .string(item.kmsARN)),
            ])
        }
        let value = object([
            ("branch_key", .string(id)),
            ("encryption_context", object(encryptionContext.entries.map { ($0.key, .string($0.value)) })),
            ("active_version", active?.version.map(JSONValue.string) ?? .null),
            ("versions", .array(versions.map(value))),
            ("beacon_key", beacon.map(value) ?? .null),
        ])
        return String(decoding: try StrictJSON.serialize(value, pretty: true), as: UTF8.self) + "\n"
    }
}
