import AWSMaterialProviders
import ESDKCrypto

/// A branch key (framework/aws-kms/aws-kms-hierarchical-keyring.md): salt and IV stand before the wrapped key.
struct HierarchicalWrappingKey: WrappingKey {
    private static let label = Array("aws-kms-hierarchy".utf8)
    private static let saltLength = 16

    let branchKeyID: [UInt8]
    let branchKey: SecretBytes
    /// The version of the branch key: the 16 bytes of a UUID.
    let version: [UInt8]

    var name: String { "branch key \(String(decoding: branchKeyID, as: UTF8.self))" }
    let bindsContext = true

    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool {
        encryptedDataKey.keyProviderID == Self.label && encryptedDataKey.keyProviderInfo == branchKeyID
    }

    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey {
        guard original.ciphertext.count >= Self.saltLength + AESGCM.ivLength else {
            throw VectorError.broken("the wrapped key is shorter than salt and IV")
        }
        let salt = Array(original.ciphertext.prefix(Self.saltLength))
        let iv = Array(original.ciphertext[Self.saltLength..<Self.saltLength + AESGCM.ivLength])
        let wrappingKey = try CounterModeKDF.derive(
            .sha256,
            key: branchKey.span,
            label: Self.label.span,
            context: salt.span,
            outputLength: 32
        )
        let wrapped = try AESGCM.wrap(
            dataKey,
            under: wrappingKey,
            iv: iv,
            additionalData: Self.label + branchKeyID + version + context
        )
        return RewrappedDataKey(
            encryptedDataKey: EncryptedDataKey(
                keyProviderID: Self.label,
                keyProviderInfo: branchKeyID,
                ciphertext: salt + iv + version + wrapped
            ),
            randomness: [RecoveredRandomness(.iv, iv), RecoveredRandomness(.salt, salt)]
        )
    }
}
