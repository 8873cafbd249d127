import AWSEncryptionSDK
import CryptoPrimitives
import MaterialProviders

/// What all measurements share: a raw AES keyring, one pair of encryption context, a client for each suite.
struct Fixture {
    let client: EncryptionSDK
    let keyring: RawAESKeyring
    let suite: AlgorithmSuite
    let context: EncryptionContext = ["purpose": "measurement"]

    init(_ suite: AlgorithmSuite) throws {
        client = try EncryptionSDK(
            commitmentPolicy: suite.isCommitting ? .requireEncryptRequireDecrypt : .forbidEncryptAllowDecrypt
        )
        keyring = try RawAESKeyring(
            keyNamespace: "bench",
            keyName: "aes-256",
            wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
        self.suite = suite
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
