import AWSMaterialProviders
import ESDKCrypto
import Testing

@testable import ESDKTestVectors

@Suite("Wrapping data keys again")
struct WrappingKeyTests {
    private static let dataKey = SecretBytes([UInt8](repeating: 7, count: 32))

    private static func reproducer(
        _ keys: WrappingKeys,
        context: EncryptionContext = EncryptionContext()
    ) -> DataKeyReproducer {
        DataKeyReproducer(
            dataKey: dataKey,
            context: WrappingContext(all: context, stored: context.entries),
            keys: keys
        )
    }

    /// Keys of a set that describes one RSA keyring, under the namespace `described` and with OAEP and SHA-256.
    private static func rsaKeys() throws -> WrappingKeys {
        let entry = KeySamples.entry("rsa", .rsaPrivate(.pem(try KeySamples.pem("rsa-pkcs8"))))
        return KeySamples.builder(entry)
            .wrappingKeys(of: [.raw(key: "rsa", providerID: "described", .rsa(.oaepSHA256))])
    }

    private static func wrapped(_ namespace: String, _ ciphertext: [UInt8]) -> EncryptedDataKey {
        EncryptedDataKey(
            keyProviderID: Array(namespace.utf8),
            keyProviderInfo: Array("the id".utf8),
            ciphertext: ciphertext
        )
    }

    private static let paddings: [RSAPadding] = [
        .pkcs1, .oaep(.sha1), .oaep(.sha256), .oaep(.sha384), .oaep(.sha512),
    ]

    @Test(
        "An RSA data key is wrapped again with each known padding, whichever a description names and under whichever namespace",
        arguments: paddings
    )
    func anyPadding(padding: RSAPadding) throws {
        let key = try RSAPublicKey(pem: KeySamples.pem("rsa-spki"))
        for namespace in ["described", "another"] {
            let original = Self.wrapped(namespace, try key.encrypt(Self.dataKey.span, padding: padding))
            var reproducer = Self.reproducer(try Self.rsaKeys())
            guard case .identical = reproducer.reproduce(original, at: 0, offset: 0).outcome else {
                Issue.record("\(padding) under \(namespace) is not reproduced")
                continue
            }
        }
    }

    @Test("An RSA data key whose padding is not known here is carried over, and one that cannot be padded is different")
    func unknownPadding() throws {
        let key = try RSAPublicKey(pem: KeySamples.pem("rsa-spki"))
        let unknown = try key.encryptRaw(([0] + [UInt8](repeating: 9, count: key.modulusLength - 1)).span)
        let damaged = try key.encryptRaw([UInt8](repeating: 9, count: key.modulusLength).span)
        var reproducer = Self.reproducer(try Self.rsaKeys())
        for namespace in ["described", "another"] {
            guard
                case .carriedOver(let reason) = reproducer.reproduce(Self.wrapped(namespace, unknown), at: 0, offset: 0)
                    .outcome
            else {
                Issue.record("an unknown padding under \(namespace) is not carried over")
                continue
            }
            #expect(reason == "carried over: its padding is not one that is known here")
        }
        guard case .different = reproducer.reproduce(Self.wrapped("described", damaged), at: 0, offset: 0).outcome
        else {
            Issue.record("damage under a described key is not noticed")
            return
        }
        guard case .carriedOver = reproducer.reproduce(Self.wrapped("another", damaged), at: 0, offset: 0).outcome
        else {
            Issue.record("what another key of the same name may have wrapped is not carried over")
            return
        }
    }

    @Test("Of an RSA key that is here as its public half only, data keys are carried over")
    func publicHalf() throws {
        let text = KeyText.pem(try KeySamples.pem("rsa-spki"))
        let key = try RSAPublicKey(pem: KeySamples.pem("rsa-spki"))
        let keys = KeySamples.builder(KeySamples.entry("rsa", .rsaPublic(text)))
            .wrappingKeys(of: [.raw(key: "rsa", providerID: "described", .rsa(.pkcs1))])
        var reproducer = Self.reproducer(keys)
        let original = Self.wrapped("described", try key.encrypt(Self.dataKey.span, padding: .pkcs1))
        guard case .carriedOver = reproducer.reproduce(original, at: 0, offset: 0).outcome else {
            Issue.record("not carried over")
            return
        }
    }

    /// Wraps to bytes that nothing else wraps to, and counts how often.
    private struct Counting: WrappingKey {
        let count = Counter()
        let name = "counting"
        let bindsContext = true
        let identifier: [UInt8] = [2]

        func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool { true }

        func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) -> RewrappedDataKey {
            _ = count.take()
            return RewrappedDataKey(
                encryptedDataKey: EncryptedDataKey(keyProviderID: [1], keyProviderInfo: [2], ciphertext: [3]),
                randomness: []
            )
        }
    }

    @Test("Every order of the encryption context is tried for one encrypted data key of a message, not for each")
    func boundedSearch() {
        let key = Counting()
        let context: EncryptionContext = ["a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6"]
        var reproducer = Self.reproducer(WrappingKeys([key]), context: context)
        for index in 0..<50 {
            let original = EncryptedDataKey(keyProviderID: [1], keyProviderInfo: [2], ciphertext: [4])
            guard case .different = reproducer.reproduce(original, at: index, offset: 0).outcome else {
                Issue.record("not different")
                return
            }
        }
        let tried = key.count.take()
        // 719 other orders once, and for each data key the specification's order and the conventions with a name.
        #expect(tried >= 719)
        #expect(tried <= 719 + 50 * 8)
    }

    @Test("An encrypted data key is tried with a bounded number of keys of its name")
    func boundedKeys() {
        let keys = (0..<1000).map { _ in Counting() }
        var reproducer = Self.reproducer(WrappingKeys(keys))
        _ = reproducer.reproduce(
            EncryptedDataKey(keyProviderID: [1], keyProviderInfo: [2], ciphertext: [4]),
            at: 0,
            offset: 0
        )
        #expect(keys.filter { $0.count.take() > 0 }.count == DataKeyReproducer.mostKeys)
    }
}
