import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKTestVectors
import TestSupport
import Testing

@testable import MessageForge

/// Messages with two encrypted data keys: the first, which nobody needs to open, is wrapped in the way under test.
@Suite("Reproduction of encrypted data keys")
struct DataKeyReproductionTests {
    static let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
    static let wrappingKey = [UInt8](repeating: 0x11, count: 32)
    static let openingKey = [UInt8](repeating: 0x22, count: 16)
    static let iv = [UInt8](repeating: 0x33, count: 12)
    /// Ordered otherwise by UTF-16 (the second key is beyond U+FFFF), and by any locale.
    static let context: EncryptionContext = ["Z": "1", "a": "2", "\u{E000}": "3", "\u{10000}": "4"]

    static func serialized(_ pairs: [EncryptionContext.Entry], counted: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = counted ? [0, UInt8(pairs.count)] : []
        for text in pairs.flatMap({ [$0.keyBytes, $0.valueBytes] }) {
            bytes += [UInt8(text.count >> 8), UInt8(text.count & 0xFF)]
            bytes += text
        }
        return bytes
    }

    static func wrapped(name: String, key: [UInt8], context: [UInt8], suite: AlgorithmSuite = suite) throws
        -> EncryptedDataKey
    {
        let length = try #require(AESGCM.KeyLength(rawValue: key.count))
        var sealer = try AESGCM.Sealer(length, key: key.span)
        let dataKey = Blueprints.dataKey(suite)
        let ciphertext = try [UInt8](capacity: dataKey.count + 16) { (output: inout OutputSpan<UInt8>) throws in
            try sealer.seal(dataKey.span, iv: iv.span, authenticating: context.span, appendingTo: &output)
        }
        return EncryptedDataKey(
            keyProviderID: Array("ns".utf8),
            keyProviderInfo: Array(name.utf8) + [0, 0, 0, 128, 0, 0, 0, 12] + iv,
            ciphertext: ciphertext
        )
    }

    /// Reproduces a message whose first encrypted data key is `first`; the second one opens it.
    static func reproduce(
        _ first: EncryptedDataKey,
        wireOrder: [EncryptionContext.Entry] = context.entries
    ) async throws -> TestResult {
        var blueprint = try Blueprints.make(suite)
        blueprint.encryptionContext = wireOrder
        let second = try wrapped(name: "opens", key: openingKey, context: serialized(context.entries))
        blueprint.encryptedDataKeys = [first, second]
        let keys = [
            MadeUpSet.entry("first", .symmetric(wrappingKey)), MadeUpSet.entry("opens", .symmetric(openingKey)),
            MadeUpSet.entry("rsa", .rsaPrivate(.pem(try SampleKeys.rsa))),
        ]
        func aes(_ name: String) -> KeyDescription { .raw(key: name, providerID: "ns", .aes) }
        let test = MadeUpSet.test("t", message: try MessageBuilder.build(blueprint).bytes, keys: aes("opens"))
        // Other tests of the set know the first key.
        let other = MadeUpSet.test(
            "other",
            message: [],
            keys: .multi(generator: aes("first"), children: [.raw(key: "rsa", providerID: "ns", .rsa(.oaepSHA256))])
        )
        let set = MadeUpSet.make([test, other], keys: keys)
        return try #require(await MadeUpSet.runner(set).run(test))
    }

    @Test("Keys of other tests of the set are used")
    func otherKeys() async throws {
        let first = try Self.wrapped(
            name: "first",
            key: Self.wrappingKey,
            context: Self.serialized(Self.context.entries)
        )
        let result = try await Self.reproduce(first)
        #expect(result.cases.map(\.name) == ["message", "encrypted data key 0", "encrypted data key 1"])
        #expect(result.cases.map(\.status) == [.passed, .passed, .passed])
        #expect(result.status == .passed)
    }

    @Test("A wrapping by another convention fails with the field, the bytes and the convention")
    func conventions() async throws {
        let sorted = Self.context.entries
        let header = Array(sorted.reversed())
        let utf16 = [sorted[0], sorted[1], sorted[3], sorted[2]]
        let locale = [sorted[1], sorted[0], sorted[2], sorted[3]]
        let forms: [([UInt8], String)] = [
            (Self.serialized(sorted, counted: false), "without its count, as the community's Go wrote it"),
            ([], "no encryption context"),
            (Self.serialized(header), "in the order of the header"),
            (Self.serialized(utf16), "keys ordered by UTF-16, as JavaScript once did"),
            (Self.serialized(locale), #"keys in the order "a", "Z", "#),
        ]
        for (context, explanation) in forms {
            let first = try Self.wrapped(name: "first", key: Self.wrappingKey, context: context)
            let result = try await Self.reproduce(first, wireOrder: header)
            #expect(result.status == .failed)
            #expect(result.failure == .notReproduced)
            #expect(result.cases.map(\.status) == [.passed, .failed, .passed])
            let reason = try #require(result.reason)
            #expect(reason.contains("header.encryptedDataKeys[0].ciphertext differs at "))
            #expect(reason.contains("it would be identical with"))
            #expect(reason.contains(explanation), "\(reason)")
        }
    }

    @Test("A damaged wrapping fails with the bytes, and no convention")
    func damaged() async throws {
        let intact = try Self.wrapped(
            name: "first",
            key: Self.wrappingKey,
            context: Self.serialized(Self.context.entries)
        )
        let place = 40
        var ciphertext = intact.ciphertext
        ciphertext[place] ^= 1
        let first = EncryptedDataKey(
            keyProviderID: intact.keyProviderID,
            keyProviderInfo: intact.keyProviderInfo,
            ciphertext: ciphertext
        )
        let reason = try #require(try await Self.reproduce(first).reason)
        let expected = Hex.encode(Array(intact.ciphertext[place...]))
        let found = Hex.encode(Array(ciphertext[place...]))
        #expect(reason.hasSuffix("expected \(expected), found \(found)"), "\(reason)")
        #expect(!reason.contains("it would be identical"))
    }

    @Test("What is wrapped by a service, or under a key that is not here, is carried over")
    func carriedOver() async throws {
        let service = EncryptedDataKey(keyProviderID: Array("aws-kms".utf8), keyProviderInfo: [1], ciphertext: [2])
        let unknown = try Self.wrapped(name: "unknown", key: Self.wrappingKey, context: [])
        for (first, reason) in [(service, "wrapped by a service (aws-kms)"), (unknown, "its key (ns) is not here")] {
            let result = try await Self.reproduce(first)
            #expect(result.status == .passed)
            #expect(result.cases.map(\.status) == [.passed, .skipped, .passed])
            #expect(result.cases[1].reason == "carried over: \(reason)")
        }
    }

    @Test("A key of zeros is known without being described")
    func zeros() async throws {
        let first = try Self.wrapped(
            name: "anything",
            key: [UInt8](repeating: 0, count: 32),
            context: Self.serialized(Self.context.entries)
        )
        #expect(try await Self.reproduce(first).cases.map(\.status) == [.passed, .passed, .passed])
    }

    @Test("A ciphertext of RSA that is not of its modulus, or no padding, fails and says so")
    func rsa() async throws {
        let short = EncryptedDataKey(
            keyProviderID: Array("ns".utf8),
            keyProviderInfo: Array("rsa".utf8),
            ciphertext: [1, 2]
        )
        #expect(
            try await Self.reproduce(short).reason?.contains("the wrapped key has 2 bytes, the modulus 256") == true
        )
        let random = EncryptedDataKey(
            keyProviderID: Array("ns".utf8),
            keyProviderInfo: Array("rsa".utf8),
            ciphertext: [UInt8](repeating: 0x42, count: 256)
        )
        let result = try await Self.reproduce(random)
        #expect(result.cases[1].status == .failed)
        #expect(result.reason?.contains("header.encryptedDataKeys[0].ciphertext differs at") == true)
    }
}
