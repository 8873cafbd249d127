package import AWSEncryptionSDK
package import AWSMaterialProviders
package import ESDKCrypto
package import MessageForge

/// Blueprints for tests.
package enum Blueprints {
    package static let plaintext = [UInt8](0..<40)
    private static let p256Key = Result { try ECPrivateKey.generate(.p256) }
    private static let p384Key = Result { try ECPrivateKey.generate(.p384) }

    package static func dataKey(_ suite: AlgorithmSuite) -> SecretBytes { SecretBytes(dataKeyBytes(suite)) }

    private static func dataKeyBytes(_ suite: AlgorithmSuite) -> [UInt8] { [UInt8](1...UInt8(suite.dataKeyLength)) }

    /// A legal message without fault.
    package static func make(
        _ suite: AlgorithmSuite,
        context: EncryptionContext = ["b": "1", "a": "2"],
        place: MessageBlueprint.PublicKeyPlace = .sorted,
        plaintext: [UInt8] = plaintext,
        framing: MessageBlueprint.Framing = .framed(16, .full)
    ) throws -> MessageBlueprint {
        let key = try suite.signature.map { try ($0.curve == .p256 ? p256Key : p384Key).get() }
        let hash = suite.signature?.hash
        let footer: MessageBlueprint.Footer =
            if let key, let hash { .signer { try key.sign(digest: $0.span, hash: hash) } } else { .none }
        return MessageBlueprint(
            algorithmSuite: suite,
            dataKey: dataKey(suite),
            messageID: [UInt8](repeating: 0x5A, count: suite.messageIDLength),
            encryptionContext: MessageBlueprint.wireOrder(context, publicKey: key?.publicKey, place: place),
            encryptedDataKeys: [
                EncryptedDataKey(keyProviderID: [0x61], keyProviderInfo: [0x62, 0x63], ciphertext: [1, 2, 3]),
                EncryptedDataKey(keyProviderID: [0x64], keyProviderInfo: [], ciphertext: [4]),
            ],
            plaintext: plaintext,
            framing: framing,
            footer: footer
        )
    }

    package static func decrypt(
        _ message: [UInt8],
        _ blueprint: MessageBlueprint,
        reproducing context: EncryptionContext = EncryptionContext()
    ) async throws -> DecryptionResult {
        try await EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt).decrypt(
            message,
            using: StubKeyring(dataKey: dataKeyBytes(blueprint.algorithmSuite)),
            encryptionContext: context
        )
    }
}
