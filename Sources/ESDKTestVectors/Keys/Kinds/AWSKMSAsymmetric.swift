import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import StrictJSON

// MARK: - RSA

extension KeyDescription {
    /// A KMS RSA keyring.
    package static func awsKMSRSA(key: String, algorithm: String) -> KeyDescription {
        KeyDescription(AWSKMSRSA(key: JSONName(key), algorithm: JSONName(algorithm)))
    }

    /// A KMS ECDH keyring.
    package static func awsKMSECDH(_ parties: ECDH) -> KeyDescription { KeyDescription(AWSKMSECDH(parties: parties)) }
}

/// A KMS RSA keyring.
struct AWSKMSRSA: AWSKMSKind {
    static let type = "aws-kms-rsa"
    static let members: Set<String> = ["key", "encryption-algorithm"]
    static let keyTypes: [any KeyType.Type] = [AWSKMSRSAKey.self]

    let key: JSONName
    let algorithm: JSONName

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        .awsKMSRSA(
            key: try fields.requiredString("key"),
            algorithm: try fields.requiredString("encryption-algorithm")
        )
    }

    var keyName: String? { key.text }

    func summary(keys: KeyTable) -> String { "aws-kms-rsa \(algorithm.text)" }

    func keyring(_ builder: KeyringBuilder, _ aws: AWSServices) -> KeyringUse {
        builder.withKey(of: self) { (entry, key: AWSKMSRSAKey) in
            let publicKey = try builder.cache.rsaPublicKey(key.publicKey)
            return try KeyringUse.identified {
                .usable(
                    try AWSKMSRSAKeyring(
                        kmsKeyID: entry.keyID,
                        encryptionAlgorithm: KMS.EncryptionAlgorithm(rawValue: algorithm.text),
                        publicKey: publicKey,
                        kmsClient: aws.kmsClient(for: entry.keyID)
                    )
                )
            }
        }
    }
}

/// A KMS RSA key: its public half; its ARN is the `key-id`.
struct AWSKMSRSAKey: KeyType {
    static let type = "aws-kms-rsa"

    let publicKey: KeyText

    init(publicKey: KeyText) { self.publicKey = publicKey }

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) { publicKey = try fields.keyText("material") }
}

extension AWSKMSRSA {
    static let spellings = [
        KeySpelling(
            kind: "aws-kms-rsa",
            summary:
                "an RSA key in KMS, by its ARN; its public key, in PEM or DER, encrypts. Needs a suite without signature",
            subject: .required("key", "ARN"),
            members: [
                .required("algorithm", "ALGORITHM", choices: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]),
                .optional("public", "PATH"), .optional("region", "REGION"),
            ]
        ) { key, resources in
            let keyID = try key.required("key")
            let publicKey = try resources.encodedKey("public", of: key).map { file throws(EncryptionSDKError) in
                try file.key(pem: RSAPublicKey.init(pem:), der: RSAPublicKey.init(der:))
            }
            return try AWSKMSRSAKeyring(
                kmsKeyID: keyID,
                encryptionAlgorithm: KMS.EncryptionAlgorithm(rawValue: key.required("algorithm")),
                publicKey: publicKey,
                kmsClient: await resources.kmsClient(for: keyID, key)
            )
        }
    ]
}

// MARK: - ECDH

/// A KMS ECDH keyring.
struct AWSKMSECDH: AWSKMSKind {
    static let type = "aws-kms-ecdh"
    static let members = KeyDescription.ECDH.members
    static let keyTypes: [any KeyType.Type] = [AWSKMSECDHKeys.self]

    let parties: KeyDescription.ECDH

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        guard let parties = try KeyDescription.ECDH(fields) else { return try KeyDescription.ECDH.unsupported(fields) }
        return .awsKMSECDH(parties)
    }

    var keyName: String? { parties.key.text }

    func summary(keys: KeyTable) -> String { "aws-kms-ecdh \(parties.summary)" }

    func keyring(_ builder: KeyringBuilder, _ aws: AWSServices) -> KeyringUse {
        builder.withKey(of: self) { (entry, keys: AWSKMSECDHKeys) in
            let senderPublicKey = try builder.cache.ecPublicKey(keys.senderPublicKey)
            let recipientPublicKey = try builder.cache.ecPublicKey(keys.recipientPublicKey)
            if let curve = Self.curve(named: parties.curve.text), curve != recipientPublicKey.curve {
                let name = ManifestText.quoted(entry.name)
                return .broken(
                    reason: "key \(name) is on the curve \(recipientPublicKey.curve), not \(curve) as described"
                )
            }
            let scheme: AWSKMSECDHKeyring.KeyAgreementScheme
            let keyID: String
            switch parties.schema {
            case .static:
                keyID = keys.senderARN
                scheme = .kmsPrivateKeyToStaticPublicKey(
                    senderKMSIdentifier: keys.senderARN,
                    senderPublicKey: senderPublicKey,
                    recipientPublicKey: recipientPublicKey
                )
            case .discovery:
                keyID = keys.recipientARN
                scheme = .kmsPublicKeyDiscovery(recipientKMSIdentifier: keys.recipientARN)
            case .ephemeral:
                return .unavailable(reason: "AWS KMS has no ephemeral ECDH schema")
            }
            return try KeyringUse.identified {
                let client = try aws.kmsClient(for: keyID)
                return .usable(
                    DeferredKeyring("AWS KMS ECDH keyring \(keyID)") {
                        try await AWSKMSECDHKeyring(
                            keyAgreementScheme: scheme,
                            curve: recipientPublicKey.curve,
                            kmsClient: client
                        )
                    }
                )
            }
        }
    }

    /// The curve of an `ecc-curve`, which for KMS is the name of a key entry: those that are in use end in `256-ecc` and the like.
    private static func curve(named name: String) -> EllipticCurve? {
        let curves = KeyDescription.ECDH.curves
        return curves[name] ?? curves.first { name.hasSuffix($0.key.dropFirst("ecc-".count) + "-ecc") }?.value
    }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        if parties.schema == .discovery { throw .broken("the discovery ECDH schema does not encrypt") }
        return try encryptingByKMS(builder)
    }
}

extension AWSKMSECDH {
    static let spellings = [
        KeySpelling(
            kind: "aws-kms-ecdh",
            summary:
                "an elliptic-curve key in KMS, by its ARN. Scheme static agrees with the other side's public key, discovery decrypts "
                + "what was encrypted for this key",
            subject: .required("key", "ARN"),
            members: [
                .required("scheme", "SCHEME", choices: ["static", "discovery"]),
                .optional("curve", "CURVE", choices: EllipticCurve.allCases.map(\.spelling)),
                .optional("public", "PATH"), .optional("own-public", "PATH"), .optional("region", "REGION"),
            ]
        ) { key, resources in
            let keyID = try key.required("key")
            let isStatic = try key.required("scheme") == "static"
            let other = try resources.ecPublicKey("public", of: key)
            let own = try resources.ecPublicKey("own-public", of: key)
            guard isStatic == (other != nil) else {
                let fault = isStatic ? "static needs public, the other side's key" : "discovery does not take public"
                throw KeyArgumentError("aws-kms-ecdh: scheme=\(fault)")
            }
            let known = other?.curve ?? own?.curve
            let stated = EllipticCurve.allCases.first { $0.spelling == key["curve"] }
            guard let curve = try known.map({ curve throws(KeyArgumentError) in try key.curve(of: curve) }) ?? stated
            else { throw KeyArgumentError("aws-kms-ecdh: curve is missing") }
            let client = try await resources.kmsClient(for: keyID, key)
            if let other {
                return try await AWSKMSECDHKeyring(
                    keyAgreementScheme: .kmsPrivateKeyToStaticPublicKey(
                        senderKMSIdentifier: keyID,
                        senderPublicKey: own,
                        recipientPublicKey: other
                    ),
                    curve: curve,
                    kmsClient: client
                )
            }
            return try await AWSKMSECDHKeyring(
                keyAgreementScheme: .kmsPublicKeyDiscovery(recipientKMSIdentifier: keyID, recipientPublicKey: own),
                curve: curve,
                kmsClient: client
            )
        }
    ]
}

/// Two KMS elliptic-curve keys: their ARNs and public halves.
struct AWSKMSECDHKeys: KeyType {
    static let type = "aws-kms-ecdh"
    static let members: Set<String> = [
        "algorithm", "encoding", "sender-material", "recipient-material", "sender-material-public-key",
        "recipient-material-public-key",
    ]

    let senderARN: String
    let recipientARN: String
    let senderPublicKey: KeyText
    let recipientPublicKey: KeyText

    init(senderARN: String, recipientARN: String, senderPublicKey: KeyText, recipientPublicKey: KeyText) {
        self.senderARN = senderARN
        self.recipientARN = recipientARN
        self.senderPublicKey = senderPublicKey
        self.recipientPublicKey = recipientPublicKey
    }

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) {
        senderARN = try fields.requiredString("sender-material")
        recipientARN = try fields.requiredString("recipient-material")
        senderPublicKey = try fields.keyText("sender-material-public-key")
        recipientPublicKey = try fields.keyText("recipient-material-public-key")
    }
}

extension KeyMaterial {
    /// A KMS RSA key: its public half; its ARN is the `key-id`.
    package static func awsKMSRSA(publicKey: KeyText) -> KeyMaterial { .key(AWSKMSRSAKey(publicKey: publicKey)) }

    /// Two KMS elliptic-curve keys: their ARNs and public halves.
    package static func awsKMSECDH(
        senderARN: String,
        recipientARN: String,
        senderPublicKey: KeyText,
        recipientPublicKey: KeyText
    ) -> KeyMaterial {
        .key(
            AWSKMSECDHKeys(
                senderARN: senderARN,
                recipientARN: recipientARN,
                senderPublicKey: senderPublicKey,
                recipientPublicKey: recipientPublicKey
            )
        )
    }
}

/// A keyring that is made when it is first used, because AWS has to be asked for it.
final class DeferredKeyring: Keyring {
    let description: String
    private let make: @Sendable () async throws -> any Keyring
    private let made = Guarded<(any Keyring)?>(nil)

    init(_ description: String, make: @escaping @Sendable () async throws -> any Keyring) {
        self.description = description
        self.make = make
    }

    private func keyring() async throws -> any Keyring {
        if let keyring = made.withLock({ $0 }) { return keyring }
        let keyring = try await make()
        made.withLock { $0 = keyring }
        return keyring
    }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        try await keyring().onEncrypt(materials)
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await keyring().onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
    }
}
