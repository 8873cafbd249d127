package import AWSMaterialProviders
package import ESDKCrypto
package import StrictJSON

/// What a set says about its tests beyond the manifest, in `vectors.json` next to it: the rule that each test is about, which step of
/// decryption refuses it and how, and what a stream may have released by then.
///
/// The form follows that of the Wycheproof project: flags are explained once, and the number of tests shows a file that was cut off.
package struct RuleBook: Sendable {
    /// The name of the file.
    package static let fileName = "vectors.json"
    /// The name of its JSON schema.
    package static let schemaFileName = "vectors.schema.json"

    /// The text that all randomness of the set follows from.
    package let seed: String
    /// The rules, by id.
    package let rules: [(id: String, rule: Rule)]
    /// What each flag means, by its name.
    package let flags: [(name: String, meaning: String)]
    /// The tests, by the ids of the manifest.
    package let tests: [(id: String, test: Test)]
    /// The file that it was read from; nil for a book that was made here.
    package private(set) var path: String?

    private let places: [JSONName: Int]

    /// A book.
    package init(
        seed: String,
        rules: [(id: String, rule: Rule)],
        flags: [(name: String, meaning: String)],
        tests: [(id: String, test: Test)]
    ) {
        self.seed = seed
        self.rules = rules
        self.flags = flags
        self.tests = tests
        places = Dictionary(
            tests.enumerated().map { (JSONName($0.element.id), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// What the book says about the test of an id.
    package subscript(id: String) -> Test? { places[JSONName(id)].map { tests[$0].test } }

    /// A rule.
    package struct Rule: Sendable, Hashable {
        /// What must be refused; for a control, what must be read.
        package let text: String
        /// The statements of the specification, as `FILE/SECTION.N`; all of a section without the number.
        package let specification: [String]
    }

    /// How strict the specification is.
    package enum Level: String, Sendable, Hashable, CaseIterable {
        /// It demands the result.
        case must = "MUST"
        /// It recommends the result, or is less clear than the rule.
        case should = "SHOULD"
    }

    /// A step of decryption, in the order of the specification (client-apis/decrypt.md, Behavior).
    package enum Stage: String, Sendable, Hashable, CaseIterable {
        /// The header is parsed.
        case header
        /// The decryption materials are obtained: policy, context, public key, data key.
        case materials
        /// The key commitment is compared.
        case commitment
        /// The tag of the header is verified.
        case headerTag = "header tag"
        /// The body is decrypted, frame by frame.
        case body
        /// The footer is read and its signature verified.
        case signature
        /// The message must end here.
        case end
    }

    /// What is known of a test.
    package struct Test: Sendable, Hashable {
        /// The id of the rule.
        package let rule: String
        /// How strict the specification is about it.
        package let level: Level
        /// Which step refuses it, with which code; nil for a message that must open.
        package let refusal: Refusal?
        /// What a stream that releases each frame as soon as it is verified has released in the end: no reader may release more.
        package let releasable: Prefix
        /// What was done to the message.
        package let done: String
        /// Flags.
        package let flags: [String]
        /// The test of the same message without the fault, which must open; nil for such a one.
        package let twin: String?
        /// Where the body begins, in bytes from the start of the message.
        package let body: Int
        /// Where the body ends.
        package let footer: Int

        /// Whether encrypted data keys were damaged after they were wrapped: the flag `wrapped-again`.
        package var hasDamagedDataKeys: Bool { flags.contains("wrapped-again") }
    }

    /// How a message is refused.
    package struct Refusal: Sendable, Hashable {
        /// The step.
        package let stage: Stage
        /// The code, in the words of this project.
        package let code: String
    }

    /// The beginning of a plaintext.
    package struct Prefix: Sendable, Hashable {
        /// How many bytes.
        package let length: Int
        /// Their SHA-256.
        package let sha256: [UInt8]

        /// The whole of `bytes`.
        package init(_ bytes: [UInt8]) throws(CryptoError) {
            length = bytes.count
            sha256 = try Digest.hash(.sha256, of: bytes.span)
        }

        init(length: Int, sha256: [UInt8]) {
            self.length = length
            self.sha256 = sha256
        }
    }
}

// MARK: - Comparing

extension RuleBook.Test {
    /// What does not go by the book; nil when everything does.
    ///
    /// - Parameters:
    ///   - errors: the errors of all ways to decrypt; none for a message that opened.
    ///   - released: what a stream had released in the end.
    package func problem(errors: [EncryptionSDKError], released: [UInt8]) -> String? {
        // Where a limit ends a stream, what else is wrong with the message is not seen.
        for error in errors where error.category != .limit {
            guard let refusal else { return "refused: \(error)" }
            guard error.code.name == refusal.code else {
                return "refused as \(error.code.name), \(refusal.code) is expected: \(error)"
            }
            let stage = stage(of: error)
            guard stage == refusal.stage else {
                return "refused at the stage \(stage.rawValue), \(refusal.stage.rawValue) is expected: \(error)"
            }
        }
        guard let prefix = try? RuleBook.Prefix(released) else {
            return "the digest of what was released cannot be made"
        }
        guard prefix == releasable else {
            return released.count == releasable.length
                ? "a stream released \(released.count) bytes that are not those of the message"
                : "a stream released \(released.count) bytes, \(releasable.length) may be"
        }
        return nil
    }

    /// The step that an error stems from.
    private func stage(of error: EncryptionSDKError) -> RuleBook.Stage {
        switch error.code {
        case .headerTagMismatch: return .headerTag
        case .trailingBytes: return .end
        case .missingPublicKey, .unexpectedPublicKey, .invalidPublicKey: return .materials
        default: break
        }
        switch error.category {
        case .commitment: return .commitment
        case .noDataKey, .policy: return .materials
        case .signature: return .signature
        default: break
        }
        if error.place?.frame != nil { return .body }
        guard let offset = error.place?.offset else { return .header }
        return offset < body ? .header : offset < footer ? .body : .signature
    }
}

// MARK: - JSON

extension RuleBook {
    /// The version of the schema.
    private static let version: Int64 = 1

    /// The book as JSON.
    package var json: JSONValue {
        [
            "$schema": .string(Self.schemaFileName),
            "schema": .integer(Self.version),
            "seed": .string(seed),
            "numberOfTests": .integer(Int64(tests.count)),
            "flags": .object(JSONObject(flags.map { .init(name: $0.name, value: .string($0.meaning)) })),
            "rules": .object(
                JSONObject(
                    rules.map { id, rule in
                        .init(
                            name: id,
                            value: [
                                "text": .string(rule.text),
                                "specification": .array(rule.specification.map(JSONValue.string)),
                            ]
                        )
                    }
                )
            ),
            "tests": .object(JSONObject(tests.map { .init(name: $0.id, value: Self.json(of: $0.test)) })),
        ]
    }

    private static func json(of test: Test) -> JSONValue {
        var object: JSONObject = [
            "rule": .string(test.rule), "level": .string(test.level.rawValue),
            "result": test.refusal == nil ? "opens" : "refused",
        ]
        if let refusal = test.refusal {
            object["stage"] = .string(refusal.stage.rawValue)
            object["code"] = .string(refusal.code)
        }
        object["releasable"] = [
            "length": .integer(Int64(test.releasable.length)), "sha256": .string(Hex.encode(test.releasable.sha256)),
        ]
        object["done"] = .string(test.done)
        object["flags"] = .array(test.flags.map(JSONValue.string))
        if let twin = test.twin { object["twin"] = .string(twin) }
        object["body"] = .integer(Int64(test.body))
        object["footer"] = .integer(Int64(test.footer))
        return .object(object)
    }

    /// Reads a book.
    ///
    /// - Parameter path: the file.
    /// - Throws: `VectorError` for a file that cannot be read or does not have the form of a book.
    package static func read(_ path: String) throws(VectorError) -> RuleBook {
        let text = try RegularFile.read(path, limit: StrictJSON.maximumLength)
        do {
            var book = try RuleBook(ManifestFields(try StrictJSON.parse(text, source: path), "the book of rules"))
            book.path = path
            return book
        } catch let error as VectorError {
            throw VectorError(.malformed, path: path, reason: error.reason)
        } catch {
            throw VectorError(.notJSON, path: path, reason: "\(error)")
        }
    }

    private init(_ fields: ManifestFields) throws(VectorError) {
        guard try fields.count("schema") == Int(Self.version) else {
            throw .broken("\(fields.what) does not have schema \(Self.version)")
        }
        func members(_ name: String) throws(VectorError) -> [JSONObject.Member] {
            guard let object = try fields.fields(name) else { throw fields.missing(name) }
            return object.object.members
        }
        var rules: [(String, Rule)] = []
        for member in try members("rules") {
            let rule = try ManifestFields(member.value, "the rule \(member.name)")
            rules.append(
                (
                    member.name,
                    Rule(
                        text: try rule.requiredString("text"),
                        specification: try rule.strings("specification") ?? []
                    )
                )
            )
        }
        var flags: [(String, String)] = []
        for member in try members("flags") { flags.append((member.name, member.value.string ?? "")) }
        var tests: [(String, Test)] = []
        for member in try members("tests") {
            tests.append((member.name, try Test(ManifestFields(member.value, ManifestText.quoted(member.name)))))
        }
        guard try fields.count("numberOfTests") == tests.count else {
            throw .broken("\(fields.what) has \(tests.count) tests, and says otherwise: it may have been cut off")
        }
        self.init(seed: try fields.requiredString("seed"), rules: rules, flags: flags, tests: tests)
    }
}

extension RuleBook.Test {
    fileprivate init(_ fields: ManifestFields) throws(VectorError) {
        func choice<Choice: RawRepresentable<String>>(_ name: String) throws(VectorError) -> Choice {
            let text = try fields.requiredString(name)
            guard let choice = Choice(rawValue: text) else {
                throw .broken("member \"\(name)\" of \(fields.what) is \(ManifestText.quoted(text))")
            }
            return choice
        }
        func count(_ name: String, _ fields: ManifestFields) throws(VectorError) -> Int {
            guard let count = try fields.count(name) else { throw fields.missing(name) }
            return count
        }
        guard let prefix = try fields.fields("releasable") else { throw fields.missing("releasable") }
        guard let digest = Hex.decode(try prefix.requiredString("sha256")) else {
            throw .broken("\(prefix.what) has a digest that is not hexadecimal")
        }
        rule = try fields.requiredString("rule")
        level = try choice("level")
        refusal =
            try fields.requiredString("result") == "opens"
            ? nil : RuleBook.Refusal(stage: try choice("stage"), code: try fields.requiredString("code"))
        releasable = RuleBook.Prefix(length: try count("length", prefix), sha256: digest)
        done = try fields.requiredString("done")
        flags = try fields.strings("flags") ?? []
        twin = try fields.string("twin")
        body = try count("body", fields)
        footer = try count("footer", fields)
    }
}
