import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import MessageForge
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Rescue")
struct RescueTests {
    // MARK: - JavaScript's locale order

    /// What JavaScript 5.0.2 wrote without `utf8Sorting`, and no other implementation opens.
    private static let set = Result {
        try VectorSetLoader.load(VectorFile.path("rescue/javascript-5.0.2-locale-order"))[0]
    }

    private static func keyring(_ test: DecryptTest, in set: VectorSet) throws -> any Keyring {
        let builder = KeyringBuilder(keys: set.keys, cache: KeyCache())
        guard case .usable(let keyring, _) = builder.keyring(for: try test.content.get().keyring) else {
            throw EncryptionSDKError(.invalidConfiguration, "no keyring")
        }
        return keyring
    }

    @Test("All messages whose data key is bound in the order of a locale open, and none without a rescue")
    func localeOrder() async throws {
        let set = try Self.set.get()
        #expect(set.decryptTests.count == 33)
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        for test in set.decryptTests {
            let instructions = try test.content.get()
            guard case .plaintext(let resource) = instructions.expected else { throw RescueTestError() }
            let message = try set.folder.read(instructions.ciphertext)
            let keyring = try Self.keyring(test, in: set)
            let refusal = await #expect(throws: EncryptionSDKError.self) {
                try await client.decrypt(message, using: keyring)
            }
            #expect(refusal?.code == .noDataKey)
            let rescuer = RescueKeyring(keyring)
            let result = try await client.decrypt(message, using: rescuer)
            #expect(try result.plaintext == set.folder.read(resource), "\(test.description ?? test.id)")
            #expect(rescuer.undone?.deviation == .javaScriptLocaleOrder)
            #expect(result.message.dataKeyOrigin != nil)
        }
    }

    @Test("A data key that opens as it is needs no rescue, and one under another key gets none")
    func otherKeys() async throws {
        let set = try Self.set.get()
        let test = set.decryptTests[0]
        let message = try set.folder.read(test.content.get().ciphertext)
        let other = try RawAESKeyring(
            keyNamespace: "interop-vectors",
            keyName: "aes-256",
            wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        let refusal = await #expect(throws: EncryptionSDKError.self) {
            try await client.decrypt(message, using: RescueKeyring(other))
        }
        #expect(refusal?.code == .noDataKey)
        let rescuer = RescueKeyring(other)
        let own = try await client.encrypt([1, 2, 3], using: other, encryptionContext: ["A": "1", "a": "2"])
        #expect(try await client.decrypt(own.ciphertext, using: rescuer).plaintext == [1, 2, 3])
        #expect(rescuer.undone == nil)
    }

    /// Opens nothing, and counts how often it is asked.
    private struct CountingKeyring: Keyring {
        let calls = Guarded(0)
        var description: String { "counting keyring" }

        func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials { materials }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials {
            calls.withLock { $0 += 1 }
            throw EncryptionSDKError(.noDataKey, "none")
        }
    }

    @Test(
        "Only data keys that the reader binds by itself are tried again: a key service is asked once",
        arguments: [("ns", 2), ("aws-kms-hierarchy", 2), ("aws-kms", 1), ("aws-kms-rsa", 1)]
    )
    func services(provider: String, leastCalls: Int) async throws {
        let key = EncryptedDataKey(
            keyProviderID: Array(provider.utf8),
            keyProviderInfo: Array("name".utf8) + [0, 0, 0, 128, 0, 0, 0, 12] + [UInt8](repeating: 1, count: 12),
            ciphertext: [UInt8](repeating: 2, count: 48)
        )
        let materials = try DecryptionMaterials(
            algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
            encryptionContext: ["A": "1", "a": "2", "b": "3"]
        )
        let keyring = CountingKeyring()
        await #expect(throws: EncryptionSDKError.self) {
            try await RescueKeyring(keyring).onDecrypt(materials, encryptedDataKeys: [key])
        }
        let calls = keyring.calls.withLock { $0 }
        #expect(leastCalls == 1 ? calls == 1 : calls > 6)
        // Nor without pairs to arrange.
        let lonely = CountingKeyring()
        let single = try DecryptionMaterials(
            algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
            encryptionContext: ["A": "1"]
        )
        await #expect(throws: EncryptionSDKError.self) {
            try await RescueKeyring(lonely).onDecrypt(single, encryptedDataKeys: [key])
        }
        #expect(lonely.calls.withLock { $0 } == 1)
    }

    // MARK: - Text

    private static let message: [UInt8] = [2, 4, 0x78] + (0..<61).map { UInt8($0 * 37 % 251) }

    private static let texts: [(form: String, text: String)] = {
        let base64 = Base64.encode(message)
        let hex = Hex.encode(message)
        let escaped = message.map { "\\x" + Hex.encode([$0]) }.joined()
        let url = base64.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? "" : String($0) }.joined()
        return [
            ("Base64 text", base64 + "\n"), ("Base64 text in quotation marks", "\"\(base64)\"\n"),
            ("Base64 text", base64.enumerated().map { $0 % 19 == 18 ? "\r\n\($1)" : "\($1)" }.joined()),
            ("Base64 text", url), ("Base64 text in a data URL", "data:application/octet-stream;base64," + base64),
            ("Base64 text in Base64 text", Base64.encode(Array(base64.utf8))), ("hexadecimal text", hex.uppercased()),
            ("hexadecimal text", "0x" + hex), ("hexadecimal text", "\\x" + hex), ("hexadecimal text", "x'\(hex)'"),
            ("hexadecimal text", message.map { Hex.encode([$0]) }.joined(separator: ":")),
            ("Python's text for bytes", "b'\(escaped)'"), ("escaped text", escaped),
            ("Base64 text in a text with a byte-order mark", "\u{FEFF}" + base64),
            ("a list of numbers", "[" + message.map(String.init).joined(separator: ", ") + "]"),
            ("a list of numbers", "[" + message.map { "\(Int8(bitPattern: $0))" }.joined(separator: ",") + "]"),
            (
                "a list of numbers",
                #"{"type":"Buffer","data":["# + message.map(String.init).joined(separator: ",") + "]}"
            ),
        ]
    }()

    @Test("Messages that were made text of are decoded, and the form is told", arguments: texts)
    func text(form: String, text: String) throws {
        let decoded = try #require(TextMessage(Array(text.utf8)))
        #expect(decoded.message == Self.message)
        #expect(decoded.form == form)
        let wide: [UInt8] =
            [0xFF, 0xFE] + Array(text.utf16).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            #expect(TextMessage(wide)?.message == Self.message)
        }
    }

    @Test("Text of something else is left alone, and so are messages and broken text")
    func otherText() {
        let base64 = Base64.encode(Self.message)
        for text in [
            "", " ", "\"", "Hello", "[1, 129]", "b'\\x02", Base64.encode(Array("Hello".utf8)), base64 + "A",
            base64 + "*",
            String(repeating: "\"", count: 1000), "\\q", "0x", "data:,", "{\"type\":\"Buffer\"",
        ] { #expect(TextMessage(Array(text.utf8)) == nil, "\(text)") }
        #expect(TextMessage(Self.message) == nil)
        #expect(TextMessage([0xFF, 0xFE, 0x41]) == nil)
    }

    // MARK: - Structure

    private static func survey(_ bytes: [UInt8], _ deviations: Set<Deviation>) throws -> RescueSurvey {
        try RescueSurvey(MessageSource(bytes), undoing: deviations)
    }

    @Test("Only what may be undone is")
    func request() throws {
        let message = try MessageBuilder.build(Blueprints.make(.aes256GCMHKDFSHA512CommitKey)).bytes
        let padded = message + [0, 0]
        #expect(try Self.survey(padded, []).length == padded.count)
        #expect(try Self.survey(padded, []).undone == [])
        let survey = try Self.survey(padded, [.trailingBytes])
        #expect(survey.length == message.count)
        #expect(survey.undone.map(\.deviation) == [.trailingBytes])
        #expect(survey.undone.map(\.fault) == ["2 bytes follow the message"])
        let text = Array(Base64.encode(padded).utf8)
        #expect(try Self.survey(text, [.trailingBytes]).decoded == nil)
        let both = try Self.survey(text, [.text, .trailingBytes])
        #expect(both.decoded == padded)
        #expect(both.length == message.count)
    }

    @Test(
        "A cut in the body of an unsigned framed message is worth a rescue; a cut elsewhere, or a signed message, is not"
    )
    func truncation() throws {
        func isTruncated(_ suite: AlgorithmSuite, _ count: Int) throws -> Bool {
            let message = try MessageBuilder.build(Blueprints.make(suite)).bytes
            let bytes = Array(count < 0 ? message.dropLast(-count) : message.prefix(count))
            return try Self.survey(bytes, [.truncated]).isTruncated
        }
        let unsigned = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
        #expect(try isTruncated(unsigned, -1))
        #expect(try !isTruncated(unsigned, 0x7FFF_FFFF))
        #expect(try !isTruncated(unsigned, 40))
        // Not one frame is whole.
        let message = try MessageBuilder.build(Blueprints.make(unsigned)).bytes
        let body = try #require(MessageDissector.dissect(message).body)
        #expect(try !isTruncated(unsigned, body.offset + 5))
        #expect(try !isTruncated(.aes256GCMHKDFSHA512CommitKeyECDSAP384, -1))
        #expect(try !isTruncated(.aes256GCMHKDFSHA512CommitKeyECDSAP384, -110))
    }

    @Test("Contexts as early JavaScript wrote them are named")
    func earlyJavaScript() throws {
        var blueprint = try Blueprints.make(.aes256GCM)
        blueprint.encryptionContext = []
        blueprint.emptyContextForm = .zeroCount
        let empty = try Self.survey(MessageBuilder.build(blueprint).bytes, [.earlyJavaScript])
        #expect(empty.undone.map(\.deviation) == [.earlyJavaScript])
        blueprint.encryptionContext = ["\u{10000}", "\u{E000}"].map { EncryptionContext.Entry(key: $0, value: "1") }
        let utf16 = try Self.survey(MessageBuilder.build(blueprint).bytes, [.earlyJavaScript])
        #expect(utf16.undone.map(\.fault) == ["the encryption context is in the order of UTF-16"])
        blueprint.encryptionContext.reverse()
        #expect(try Self.survey(MessageBuilder.build(blueprint).bytes, [.earlyJavaScript]).undone == [])
    }
}

private struct RescueTestError: Error {}
