/// What a key entry holds.
///
/// The keys of test vectors are public, so these are plain bytes.
package enum KeyMaterial: Sendable {
    /// A KMS key, known by its `key-id`.
    case awsKMS
    /// An AES wrapping key of 16, 24 or 32 bytes.
    case symmetric([UInt8])
    /// An RSA private key.
    case rsaPrivate(KeyText)
    /// An RSA public key.
    case rsaPublic(KeyText)
    /// A KMS RSA key: its public half; its ARN is the `key-id`.
    case awsKMSRSA(publicKey: KeyText)
    /// Two elliptic-curve key pairs, one for each side.
    case eccPrivate(
        sender: KeyText,
        recipient: KeyText,
        senderPublicKey: KeyText,
        recipientPublicKey: KeyText
    )
    /// Two KMS elliptic-curve keys: their ARNs and public halves.
    case awsKMSECDH(
        senderARN: String,
        recipientARN: String,
        senderPublicKey: KeyText,
        recipientPublicKey: KeyText
    )
    /// A branch key whose store answers every request with it; the branch key's id is the `key-id`.
    case staticBranchKey(version: String, branchKey: [UInt8], beaconKey: [UInt8]?)
    /// Materials that a keyring returns as they are.
    case staticMaterial(StaticMaterial)
    /// A plaintext data key of 16, 24 or 32 bytes, which a keyring returns for any encrypted data key.
    case dataKey([UInt8])
    /// A key of a type that is not known here; a test that can use no other key is skipped.
    case unsupported(type: String)
    /// An entry that cannot be read; a test that uses it fails.
    case malformed(reason: String)

    /// What this is, in words for a message.
    package var kind: String {
        switch self {
        case .awsKMS: "aws-kms"
        case .symmetric: "symmetric"
        case .rsaPrivate: "private"
        case .rsaPublic: "public"
        case .awsKMSRSA: "aws-kms-rsa"
        case .eccPrivate: "ecc-private"
        case .awsKMSECDH: "aws-kms-ecdh"
        case .staticBranchKey: "static-branch-key"
        case .staticMaterial: "static-material"
        case .dataKey: "data-key"
        case .unsupported(let type): type
        case .malformed: "malformed"
        }
    }
}
