import StrictJSON

/// The entries of a keys manifest in their order, found by name; names are told apart by their UTF-8 bytes.
package struct KeyTable: Sendable {
    /// The version that the keys manifest states; it says little about the shape of its entries.
    package let declaredVersion: Int?

    /// The entries.
    package let entries: [KeyEntry]

    private let places: [JSONName: Int]

    /// A table; of entries with one name the first counts.
    package init(declaredVersion: Int?, entries: [KeyEntry]) {
        self.declaredVersion = declaredVersion
        self.entries = entries
        places = Dictionary(
            entries.enumerated().map { (JSONName($0.element.name), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The entry of this name, which is not its `key-id`.
    package subscript(name: String) -> KeyEntry? {
        places[JSONName(name)].map { entries[$0] }
    }
}

/// One key of a keys manifest.
package struct KeyEntry: Sendable {
    /// The name by which key descriptions refer to it.
    package let name: String

    /// The `key-id`: what a raw keyring has as key name, what a KMS keyring is configured with.
    ///
    /// It is not checked on loading: negative tests have malformed ones.
    package let keyID: String

    /// Whether the manifest says that the key encrypts; informational.
    package let encrypt: Bool?

    /// Whether the manifest says that the key decrypts; informational.
    package let decrypt: Bool?

    /// The stated length in bits; 0 counts as unstated.
    package let bits: Int?

    /// The key itself.
    package let material: KeyMaterial

    /// An entry.
    package init(name: String, keyID: String, encrypt: Bool?, decrypt: Bool?, bits: Int?, material: KeyMaterial) {
        self.name = name
        self.keyID = keyID
        self.encrypt = encrypt
        self.decrypt = decrypt
        self.bits = bits
        self.material = material
    }
}

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

/// An asymmetric key as a manifest has it, not yet parsed.
package enum KeyText: Hashable, Sendable {
    /// PEM text; line ends and armour as they came.
    case pem(String)
    /// DER bytes.
    case der([UInt8])
}

/// Materials that a `static-material` key entry spells out.
package struct StaticMaterial: Hashable, Sendable {
    /// An encrypted data key.
    package struct EncryptedDataKey: Hashable, Sendable {
        /// The key provider id, as UTF-8 bytes.
        package let providerID: [UInt8]

        /// The key provider information.
        package let providerInfo: [UInt8]

        /// The encrypted data key.
        package let ciphertext: [UInt8]
    }

    /// The algorithm suite.
    package let suite: UInt16

    /// The encryption context.
    package let encryptionContext: ContextPairs

    /// The encrypted data keys.
    package let encryptedDataKeys: [EncryptedDataKey]

    /// The context keys, as UTF-8 bytes, that are authenticated but not stored.
    package let requiredContextKeys: [[UInt8]]

    /// The plaintext data key, if there is one.
    package let plaintextDataKey: [UInt8]?
}
