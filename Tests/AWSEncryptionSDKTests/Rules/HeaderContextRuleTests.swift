import AWSEncryptionSDK
import AWSMaterialProviders
import TestSupport
import Testing

/// The rules about the encryption context in the header.
@Suite("Header rules: encryption context")
struct HeaderContextRuleTests {
    private typealias Entry = EncryptionContext.Entry

    @Test("H06: an empty context of length 2 and count 0 is read and reported", arguments: Forge.unsignedSuites)
    func h06(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, context: [:])
        forge.contextField = [0, 2, 0, 0]
        try await forge.expectOpening(diagnostics: [.nonCanonicalEmptyEncryptionContext])
        forge.contextField = [0, 0]
        try await forge.expectOpening()
    }

    @Test("H06: no pair, and any other length, is refused", arguments: Forge.unsignedSuites)
    func h06OtherLengths(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, context: [:])
        forge.contextField = [0, 3, 0, 0, 0]
        try await forge.expectRefusal(
            .emptyEncryptionContextWithLength,
            offset: { $0.offset("AAD") },
            field: "Key Value Pair Count"
        )
        forge.contextField = [0, 1, 0]
        try await forge.expectRefusal(
            .encryptionContextTooShort,
            offset: { $0.offset("AAD") },
            field: "Key Value Pair Count"
        )
    }

    @Test("H07: pairs after the length 0 shift everything that follows", arguments: Forge.unsignedSuites)
    func h07(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        forge.contextField = [0, 0] + Forge.serialized([Entry(key: "k", value: "v")])
        // Count, key and value read as one data key "k", "v" of one byte; the second byte of the length of the true
        // first data key's provider id then stands where the content type is due.
        try await forge.expectRefusal(
            .unsupportedContentType,
            offset: { $0.offset("AAD") + 11 },
            field: "Content Type"
        )
        forge.contextField = Forge.contextField([Entry(key: "k", value: "v")])
        try await forge.expectOpening()
    }

    @Test("H08: a count larger than the pairs present is refused", arguments: Forge.suites, [1, 2, 65_000] as [UInt16])
    func h08(suite: AlgorithmSuite, excess: UInt16) async throws {
        var forge = try Forge(suite)
        let pairs = Forge.serialized(forge.context)
        let count = UInt16(forge.context.count) + excess
        forge.contextField = UInt16(pairs.count).bytes + count.bytes + pairs.dropFirst(2)
        try await forge.expectRefusal(
            .encryptionContextTooShort,
            offset: { $0.offset("Encrypted Data Key Count") },
            field: "Key"
        )
    }

    @Test("H08: a text that runs past the context is refused", arguments: Forge.unsignedSuites)
    func h08Texts(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        forge.contextField = [0, 8, 0, 1, 0, 5, 0x6B, 0, 1, 0x76]
        try await forge.expectRefusal(.encryptionContextTooShort, offset: { $0.offset("AAD") + 2 }, field: "Key")
        forge.contextField = [0, 8, 0, 1, 0, 1, 0x6B, 0, 2, 0x76]
        try await forge.expectRefusal(.encryptionContextTooShort, offset: { $0.offset("AAD") + 5 }, field: "Value")
        forge.contextField = [0, 6, 0, 1, 0, 1, 0x6B, 0]
        try await forge.expectRefusal(.encryptionContextTooShort, offset: { $0.offset("AAD") + 5 }, field: "Value")
        forge.contextField = [0, 8, 0, 1, 0, 1, 0x6B, 0, 1, 0x76]
        try await forge.expectOpening()
    }

    @Test("H09: bytes after the last pair are refused", arguments: Forge.suites)
    func h09(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let pairs = Forge.serialized(forge.context)
        forge.contextField = UInt16(pairs.count + 1).bytes + pairs + [0]
        try await forge.expectRefusal(
            .encryptionContextTrailingBytes,
            offset: { $0.offset("AAD") + UInt64(pairs.count) },
            field: "Key Value Pairs"
        )
    }

    @Test("H10: a key that stands twice with one value is refused", arguments: Forge.suites)
    func h10(suite: AlgorithmSuite) async throws {
        try await expectDuplicateRefused(suite, [Entry(key: "k", value: "v"), Entry(key: "k", value: "v")])
    }

    @Test("H11: a key that stands twice with two values is refused, in both orders", arguments: Forge.suites)
    func h11(suite: AlgorithmSuite) async throws {
        try await expectDuplicateRefused(suite, [Entry(key: "k", value: "1"), Entry(key: "k", value: "2")])
        try await expectDuplicateRefused(suite, [Entry(key: "k", value: "2"), Entry(key: "k", value: "1")])
    }

    @Test("H11: a key that stands twice with others between is refused", arguments: Forge.suites)
    func h11Apart(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, context: [:])
        forge.context = [Entry(key: "k", value: "1"), Entry(key: "z", value: "")] + forge.context
        try await forge.expectOpening(diagnostics: forge.context.count > 2 ? [.unsortedEncryptionContext] : [])
        forge.context.append(Entry(key: "k", value: "2"))
        try await forge.expectRefusal(
            .duplicateEncryptionContextKey,
            offset: { $0.offset("Encrypted Data Key Count") - 6 },
            field: "Key"
        )
    }

    @Test("A key in an error shows its control characters as escapes", arguments: Forge.unsignedSuites)
    func controlCharacters(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, context: [:])
        let key = "k\u{1B}[2J\n\u{202E}\""
        forge.context = [Entry(key: key, value: "1"), Entry(key: key, value: "2")]
        let message = try forge.sealed().bytes
        let read = await #expect(throws: EncryptionSDKError.self) { try await forge.reader().read(message, .oneShot) }
        let parsed = #expect(throws: EncryptionSDKError.self) { try MessageHeader(parsing: message) }
        let written = await #expect(throws: EncryptionSDKError.self) {
            let context = try EncryptionContext(entries: [Entry(key: "aws-crypto-\u{1B}\n", value: "")])
            _ = try await EncryptionSDK().encrypt([], using: StubKeyring(dataKey: []), encryptionContext: context)
        }
        #expect(read?.code == .duplicateEncryptionContextKey)
        #expect(written?.code == .reservedEncryptionContextKey)
        for error in [read, parsed, written] {
            let text = error?.description ?? ""
            #expect(text.contains("\\u{1B}"), "\(text)")
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E }, "\(text)")
        }
    }

    @Test("H12: keys that are not in ascending order are read and reported", arguments: Forge.suites)
    func h12(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, context: ["a": "1", "é": "2", "\u{E000}": "3", "\u{10000}": "4"])
        try await forge.expectOpening()
        forge.context.reverse()
        try await forge.expectOpening(diagnostics: [.unsortedEncryptionContext])
        let result = try await forge.reader().read(forge.sealed().bytes, .oneShot)
        #expect(result.message.encryptionContext["a"] == "1")
        #expect(result.message.encryptionContext["\u{10000}"] == "4")
        let keys = result.message.encryptionContext.entries.map(\.keyBytes)
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }

    @Test("Keys that are equal as text and different as bytes are two keys", arguments: Forge.suites)
    func canonicallyEquivalentKeys(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, context: [:])
        forge.context += [Entry(key: "e\u{301}", value: "decomposed"), Entry(key: "\u{E9}", value: "composed")]
        forge.context.sort { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        try await forge.expectOpening()
    }

    private static let notUTF8: [[UInt8]] = [
        [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xFF], [0x61, 0xC3], [0xF4, 0x90, 0x80, 0x80],
    ]

    @Test("H13: a key that is not UTF-8 is refused", arguments: Forge.suites, HeaderContextRuleTests.notUTF8)
    func h13Key(suite: AlgorithmSuite, text: [UInt8]) async throws {
        var forge = try Forge(suite, context: [:])
        forge.context.insert(Entry(keyBytes: text, valueBytes: [0x76]), at: 0)
        try await forge.expectRefusal(
            .invalidEncryptionContextText,
            offset: { $0.offset("AAD") + 4 },
            field: "Key"
        )
    }

    @Test("H13: a value that is not UTF-8 is refused", arguments: Forge.suites, HeaderContextRuleTests.notUTF8)
    func h13Value(suite: AlgorithmSuite, text: [UInt8]) async throws {
        var forge = try Forge(suite, context: [:])
        forge.context.insert(Entry(keyBytes: [0x6B], valueBytes: text), at: 0)
        try await forge.expectRefusal(
            .invalidEncryptionContextText,
            offset: { $0.offset("AAD") + 7 },
            field: "Value"
        )
    }

    @Test("H14: a context length that runs past the input is refused", arguments: Forge.suites)
    func h14(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let pairs = Forge.serialized(forge.context)
        forge.contextField = [0xFF, 0xFF] + pairs
        try await forge.expectRefusal(.truncatedMessage, offset: { $0.offset("AAD") }, field: "AAD")
    }

    @Test(
        "H29: keys that are names of members in some language are read",
        arguments: ["__proto__", "constructor", "hasOwnProperty", "toString"]
    )
    func h29(key: String) async throws {
        for suite in Forge.suites {
            let forge = try Forge(suite, context: [key: "value", "stage": "test"])
            try await forge.expectOpening()
            let result = try await forge.reader().read(forge.sealed().bytes, .oneShot)
            #expect(result.message.encryptionContext[key] == "value")
        }
    }

    @Test("H30: an empty value is read", arguments: Forge.suites)
    func h30(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite, context: ["stage": ""])
        try await forge.expectOpening()
        let result = try await forge.reader().read(forge.sealed().bytes, .oneShot)
        #expect(result.message.encryptionContext["stage"] == "")
    }

    /// The context, with its count and the lengths of key and value, has at most 65,535 bytes.
    @Test("H31: a long value is read", arguments: [32_767, 32_768, 65_528])
    func h31(length: Int) async throws {
        for suite in Forge.unsignedSuites {
            try await Forge(suite, context: ["k": String(repeating: "v", count: length)]).expectOpening()
        }
    }
}

extension HeaderContextRuleTests {
    /// Puts the entries at the end of the context; the second is at fault.
    private func expectDuplicateRefused(_ suite: AlgorithmSuite, _ entries: [EncryptionContext.Entry]) async throws {
        var forge = try Forge(suite, context: [:])
        forge.context += entries
        try await forge.expectRefusal(
            .duplicateEncryptionContextKey,
            offset: { $0.offset("Encrypted Data Key Count") - 6 },
            field: "Key"
        )
        forge.context.removeLast()
        try await forge.expectOpening()
    }
}
