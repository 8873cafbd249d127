import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto

/// What all measurements share: a keyring, one pair of encryption context, a client for each suite.
struct Fixture {
    let client: EncryptionSDK
    let keyring: any Keyring
    let suite: AlgorithmSuite
    let context: EncryptionContext = ["purpose": "measurement"]

    /// A fixture over a keyring.
    ///
    /// - Parameters:
    ///   - suite: the algorithm suite.
    ///   - keyring: a raw AES keyring when it is nil.
    init(_ suite: AlgorithmSuite, keyring: (any Keyring)? = nil) throws {
        client = try EncryptionSDK(
            commitmentPolicy: suite.isCommitting ? .requireEncryptRequireDecrypt : .forbidEncryptAllowDecrypt
        )
        self.keyring = try keyring ?? Self.rawAESKeyring()
        self.suite = suite
    }

    private static func rawAESKeyring() throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "bench",
            keyName: "aes-256",
            wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
    }

    /// A message.
    func encrypt(_ plaintext: [UInt8]) async throws -> [UInt8] {
        try await client.encrypt(plaintext, keyring: keyring, encryptionContext: context, algorithmSuite: suite)
            .ciphertext
    }

    /// Bytes that are not all alike.
    static func plaintext(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return [UInt8](capacity: count) { output in
            for _ in 0..<count {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                output.append(UInt8(truncatingIfNeeded: state >> 56))
            }
        }
    }
}
