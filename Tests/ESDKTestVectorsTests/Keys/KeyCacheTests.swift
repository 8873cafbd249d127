import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import Testing

@testable import ESDKTestVectors

@Suite("Keys are parsed once a run")
struct KeyCacheTests {
    @Test("each kind of key is parsed at its first use only, by whatever task")
    func once() async throws {
        let parsed = Parsed()
        let cache = KeyCache { parsed.add($0) }
        let rsa = KeyText.pem(try KeySamples.pem("rsa-pkcs8"))
        let rsaPublic = KeyText.pem(try KeySamples.pem("rsa-spki"))
        let ec = KeyText.pem(try KeySamples.pem("ec-p256-pkcs8"))
        let ecPublic = KeyText.pem(try KeySamples.pem("ec-p256-spki"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    _ = try cache.rsaPrivateKey(rsa)
                    _ = try cache.rsaPublicKey(rsaPublic)
                    _ = try cache.ecPrivateKey(ec)
                    _ = try cache.ecPublicKey(ecPublic)
                }
            }
            try await group.waitForAll()
        }
        #expect(parsed.texts.count == 4)
        #expect(Set(parsed.texts) == [rsa, rsaPublic, ec, ecPublic])
    }

    @Test("a key that cannot be parsed is tried once as well, and gives the same error again")
    func failures() {
        let parsed = Parsed()
        let cache = KeyCache { parsed.add($0) }
        for _ in 0..<3 {
            #expect(throws: EncryptionSDKError.self) { try cache.rsaPrivateKey(.der([0x30, 0x00])) }
        }
        #expect(parsed.texts == [.der([0x30, 0x00])])
    }

    @Test("one text as a private and as a public key is two keys")
    func kinds() throws {
        let text = KeyText.pem(try KeySamples.pem("rsa-spki"))
        let cache = KeyCache()
        _ = try cache.rsaPublicKey(text)
        #expect(throws: EncryptionSDKError.self) { try cache.rsaPrivateKey(text) }
        _ = try cache.rsaPublicKey(text)
    }

    private final class Parsed: Sendable {
        private let list = Guarded<[KeyText]>([])

        var texts: [KeyText] { list.withLock { $0 } }

        func add(_ text: KeyText) { list.withLock { $0.append(text) } }
    }
}
