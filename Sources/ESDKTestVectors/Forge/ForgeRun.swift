import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import StrictJSON

/// Makes the set of forged messages: for every rule the messages that break it, each with a twin that opens.
///
/// The same seed and keys always give the same files.
package struct ForgeRun: Sendable {
    private let keys: ForgeKeys
    private let rules: [ForgeRule]

    /// A run over all rules.
    ///
    /// - Parameter keys: the keys that the messages are for; rules that need one of another kind are left out.
    package init(keys: ForgeKeys) { self.init(keys: keys, rules: ForgeRules.all) }

    init(keys: ForgeKeys, rules: [ForgeRule]) {
        self.keys = keys
        self.rules = rules
    }

    /// What was written.
    package struct Summary: Sendable, Hashable {
        package let rules: Int
        package let opening: Int
        package let refused: Int
        /// The rules for which there is no key.
        package let leftOut: [String]
    }

    /// Writes the set to a new or empty folder.
    ///
    /// - Throws: `VectorError`; nothing is then left of the set.
    package func write(to path: String) async throws -> Summary {
        let output = try OutputFolder(path, replaces: false, subfolders: ["ciphertexts", "plaintexts"])
        do {
            let set = try await ForgedSet(rules, keys: keys)
            try set.write(to: output)
            try output.commit()
            let opening = set.tests.count { $0.book.refusal == nil }
            return Summary(
                rules: Set(set.tests.map(\.book.rule)).count,
                opening: opening,
                refused: set.tests.count - opening,
                leftOut: set.leftOut
            )
        } catch {
            output.discard()
            throw error
        }
    }
}

/// A message with all that is said about it.
struct ForgedTest: Sendable {
    let id: String
    let book: RuleBook.Test
    let message: [UInt8]
    /// The plaintext, of a message that opens.
    let plaintext: [UInt8]?
    let reader: ForgeReader
    let suite: AlgorithmSuite

    /// The id as the name of a file.
    var fileName: String {
        String(id.dropFirst("forge/".count).map { $0 == "/" ? "." : $0 })
    }
}

/// The tests of all rules.
struct ForgedSet {
    private(set) var tests: [ForgedTest] = []
    private(set) var leftOut: [String] = []
    private let rules: [ForgeRule]
    private let keys: ForgeKeys

    init(_ rules: [ForgeRule], keys: ForgeKeys) async throws {
        self.rules = rules
        self.keys = keys
        for variant in [ForgeVariant].all {
            let id = Self.plainTwin(variant)
            let forgery = try Forgery(variant, keys: keys, label: variant.name)
            try await add(
                forgery,
                id: id,
                rule: "B16",
                done: "Nothing: the message as it should be.",
                flags: [.control]
            )
        }
        for rule in rules {
            for item in rule.cases {
                for variant in item.variants {
                    do {
                        try await add(item, of: rule, variant)
                    } catch let error as VectorError where error.code == .unsupported {
                        if leftOut.last != rule.id { leftOut.append(rule.id) }
                    }
                }
            }
        }
    }

    private static func plainTwin(_ variant: ForgeVariant) -> String { "forge/valid/\(variant.name)" }

    private mutating func add(_ item: ForgeCase, of rule: ForgeRule, _ variant: ForgeVariant) async throws {
        let id = "forge/\(rule.id)/\(variant.name)" + (item.name.isEmpty ? "" : "/\(item.name)")
        var forgery = try Forgery(variant, keys: keys, label: variant.name)
        var twin: String?
        if let base = item.base {
            try base(&forgery)
            let twinID = id + "/twin"
            try await add(forgery, id: twinID, rule: rule.id, done: "Nothing: the twin of \(id).", flags: [.control])
            twin = twinID
        } else if item.refusal != nil {
            twin = Self.plainTwin(variant)
        }
        try item.edit(&forgery)
        var flags = item.flags
        if item.refusal == nil {
            flags.insert(.control, at: 0)
        } else if forgery.alterations.isEmpty {
            flags.append(.sealedAgain)
            if variant.isSigned && forgery.footer == nil && forgery.signedInstead.isEmpty { flags.append(.signedAgain) }
        } else {
            flags.append(.altered)
        }
        try await add(forgery, id: id, rule: rule.id, item, done: item.done, flags: flags, twin: twin)
    }

    private mutating func add(
        _ forgery: Forgery,
        id: String,
        rule: String,
        _ item: ForgeCase? = nil,
        done: String,
        flags: [ForgeFlag],
        twin: String? = nil
    ) async throws {
        let sealed = try await forgery.sealed()
        let parts = forgery.parts.map(\.plaintext)
        let released: [UInt8] =
            switch item?.refusal?.release ?? .all {
            case .nothing: []
            case .frames(let count): Array(parts.prefix(count).joined())
            case .beforeLast: Array(parts.dropLast().joined())
            case .all: forgery.message.plaintext
            }
        tests.append(
            ForgedTest(
                id: id,
                book: RuleBook.Test(
                    rule: rule,
                    level: item?.level ?? .must,
                    refusal: item?.refusal.map { RuleBook.Refusal(stage: $0.stage, code: $0.code.name) },
                    releasable: try RuleBook.Prefix(released),
                    done: done,
                    flags: (flags + (sealed.bytes.count > 32_000 ? [.large] : [])).map(\.rawValue),
                    twin: twin,
                    body: sealed.body,
                    footer: sealed.footer
                ),
                message: sealed.bytes,
                plaintext: item?.refusal == nil ? forgery.message.plaintext : nil,
                reader: forgery.reader,
                suite: forgery.message.algorithmSuite
            )
        )
    }
}

// MARK: - Files

extension ForgedSet {
    /// Writes all files of the set.
    func write(to output: OutputFolder) throws {
        var names: [[UInt8]: String] = [:]
        for plaintext in tests.compactMap(\.plaintext) where names[plaintext] == nil {
            let name = names.isEmpty ? "usual" : "other-\(names.count)"
            names[plaintext] = name
            try output.write("plaintexts/\(name)", plaintext)
        }
        for test in tests { try output.write("ciphertexts/\(test.fileName)", test.message) }
        let flat = tests.filter(\.isFlat)
        try write(manifest(.v2, flat.map { ($0.id, flatTest($0, names)) }), to: "manifest.json", output)
        try write(
            manifest(.v5, tests.filter(\.isScenario).map { ($0.id, scenario($0, names)) }),
            to: SetFormat.v5.manifestName,
            output
        )
        try write(
            ["manifest": ["type": "keys", "version": 3], "keys": .object(keys.entries)],
            to: "keys.json",
            output
        )
        try write(book.json, to: RuleBook.fileName, output)
        try output.write(RuleBook.schemaFileName, Array(RuleBook.schema.utf8))
        let digests = try tests.map { test in
            "\(Hex.encode(try Digest.hash(.sha256, of: test.message.span)))  \(test.id)\n"
        }
        try output.write("vectors.lock", Array(digests.joined().utf8))
    }

    private func write(_ value: JSONValue, to name: String, _ output: OutputFolder) throws {
        try output.write(name, ASCIIJSON.text(of: value))
    }

    private var book: RuleBook {
        let used = Set(tests.flatMap(\.book.flags))
        return RuleBook(
            seed: keys.seed,
            rules: rules.filter { rule in tests.contains { $0.book.rule == rule.id } }
                .map { ($0.id, RuleBook.Rule(text: $0.text, specification: $0.specification)) },
            flags: ForgeFlag.allCases.filter { used.contains($0.rawValue) }.map { ($0.rawValue, $0.meaning) },
            tests: tests.map { ($0.id, $0.book) }
        )
    }

    private func manifest(_ format: SetFormat, _ tests: [(String, JSONValue)]) -> JSONValue {
        [
            "manifest": ["type": "awses-decrypt", "version": .integer(Int64(format.version))],
            "client": ["name": .string(EncryptionSDK.clientName), "version": .string(EncryptionSDK.version)],
            "keys": "file://keys.json",
            "tests": .object(JSONObject(tests.map { .init(name: $0.0, value: $0.1) })),
        ]
    }

    private func flatTest(_ test: ForgedTest, _ names: [[UInt8]: String]) -> JSONValue {
        var object: JSONObject = [
            "description": .string(test.book.done),
            "ciphertext": .string("file://ciphertexts/\(test.fileName)"),
            "master-keys": [keyDescription(test.reader)],
        ]
        if test.reader.isUnsignedOnly { object["decryption-method"] = "streaming-unsigned-only" }
        object["result"] = test.plaintext.map { ["output": ["plaintext": plaintextURI($0, names)]] } ?? refusal(test)
        return .object(object)
    }

    private func scenario(_ test: ForgedTest, _ names: [[UInt8]: String]) -> JSONValue {
        var description = keyDescription(test.reader)
        if !test.reader.requiredKeys.isEmpty {
            description = [
                "type": "required-encryption-context-cmm", "underlying": description,
                "requiredEncryptionContextKeys": .array(test.reader.requiredKeys.map(JSONValue.string)),
            ]
        }
        let context = test.reader.context.map { JSONObject.Member(name: $0.key, value: .string($0.value)) }
        return [
            "decryption-scenario": [
                "type": test.plaintext == nil ? "negative-esdk" : "positive-esdk",
                "description": .string(test.book.done),
                "ciphertext": .string("file://ciphertexts/\(test.fileName)"),
                "result": test.plaintext.map { plaintextURI($0, names) } ?? refusal(test),
                "algorithmSuiteId": .string(test.suite.idText),
                "decryptKeyDescription": description,
                "reproduced-encryption-context": .object(JSONObject(context)),
            ]
        ]
    }

    private func plaintextURI(_ plaintext: [UInt8], _ names: [[UInt8]: String]) -> JSONValue {
        .string("file://plaintexts/" + (names[plaintext] ?? ""))
    }

    private func refusal(_ test: ForgedTest) -> JSONValue {
        ["error": ["error-description": .string("\(test.book.rule): \(test.book.refusal?.code ?? "")")]]
    }

    private func keyDescription(_ reader: ForgeReader) -> JSONValue {
        let namespace = JSONValue.string(ForgeKeys.namespace)
        switch reader.key {
        case .aes:
            return [
                "type": "raw", "key": .string(keys.aes.name), "provider-id": namespace, "encryption-algorithm": "aes",
            ]
        case .rsa(let padding):
            var object: JSONObject = [
                "type": "raw", "key": .string(keys.rsa?.name ?? ""), "provider-id": namespace,
                "encryption-algorithm": "rsa",
            ]
            switch padding {
            case .pkcs1: object["padding-algorithm"] = "pkcs1"
            case .oaep(let hash):
                object["padding-algorithm"] = "oaep-mgf1"
                object["padding-hash"] = .string("\(hash)")
            }
            return .object(object)
        case .ecdh:
            return [
                "type": "raw-ecdh", "ecc-curve": "ecc-256", "schema": "discovery",
                "recipient": .string(keys.ecdh?.name ?? ""),
                "recipient-public-key": "recipient-material-public-key", "provider-id": "raw-ecdh",
                "sender": "discovery", "sender-public-key": "discovery",
            ]
        }
    }
}

extension ForgedTest {
    /// Whether a manifest of version 2 can express it.
    var isFlat: Bool { reader.context.isEmpty && reader.key != .ecdh }

    /// Whether a manifest of version 5 can express it.
    var isScenario: Bool { !reader.isUnsignedOnly }
}
