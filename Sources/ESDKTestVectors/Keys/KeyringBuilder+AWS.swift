import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

extension KeyringBuilder {
    /// The keyring of a description that needs AWS KMS.
    ///
    /// A description whose identifier no keyring takes is `invalid`; it is the test that says so, whether or not AWS is there.
    func awsKeyring(_ entry: KeyEntry, _ description: KeyDescription, _ aws: AWSServices) throws -> KeyringUse {
        func client(_ keyID: String) throws -> any KMSClient {
            try aws.kmsClient(forRegion: KMSKeyIdentifier(keyID).region)
        }
        switch (description, entry.material) {
        case (.awsKMS, .awsKMS):
            return try Self.identified {
                try AWSKMSKeyring(kmsKeyID: entry.keyID, kmsClient: client(entry.keyID))
            }
        case (.awsKMSMRK, .awsKMS):
            return try Self.identified {
                try AWSKMSMRKKeyring(kmsKeyID: entry.keyID, kmsClient: client(entry.keyID))
            }
        case (.awsKMSRSA(_, let algorithm), .awsKMSRSA(let publicKey)):
            let publicKey = try cache.rsaPublicKey(publicKey)
            return try Self.identified {
                try AWSKMSRSAKeyring(
                    kmsKeyID: entry.keyID,
                    encryptionAlgorithm: KMS.EncryptionAlgorithm(rawValue: algorithm),
                    publicKey: publicKey,
                    kmsClient: client(entry.keyID)
                )
            }
        case (.awsKMSECDH(let parties), .awsKMSECDH(let senderARN, let recipientARN, let sender, let recipient)):
            let senderPublicKey = try cache.ecPublicKey(sender)
            let recipientPublicKey = try cache.ecPublicKey(recipient)
            if let curve = Self.curve(named: parties.curve), curve != recipientPublicKey.curve {
                let name = ManifestText.quoted(entry.name)
                return .broken(
                    reason: "key \(name) is on the curve \(recipientPublicKey.curve), not \(curve) as described"
                )
            }
            let scheme: AWSKMSECDHKeyring.KeyAgreementScheme
            let keyID: String
            switch parties.schema {
            case .static:
                keyID = senderARN
                scheme = .kmsPrivateKeyToStaticPublicKey(
                    senderKMSIdentifier: senderARN,
                    senderPublicKey: senderPublicKey,
                    recipientPublicKey: recipientPublicKey
                )
            case .discovery:
                keyID = recipientARN
                scheme = .kmsPublicKeyDiscovery(recipientKMSIdentifier: recipientARN)
            case .ephemeral:
                return .unavailable(reason: "AWS KMS has no ephemeral ECDH schema")
            }
            return try Self.identified {
                let client = try client(keyID)
                return DeferredKeyring("AWS KMS ECDH keyring \(keyID)") {
                    try await AWSKMSECDHKeyring(
                        keyAgreementScheme: scheme,
                        curve: recipientPublicKey.curve,
                        kmsClient: client
                    )
                }
            }
        case (.awsKMSRSA, _): return Self.wrongType(entry, needed: "aws-kms-rsa")
        case (.awsKMSECDH, _): return Self.wrongType(entry, needed: "aws-kms-ecdh")
        default: return Self.wrongType(entry, needed: "aws-kms")
        }
    }

    /// The curve of an `ecc-curve`, which for KMS is the name of a key entry: those that are in use end in `256-ecc` and the like.
    private static func curve(named name: String) -> EllipticCurve? {
        curves[name] ?? curves.first { name.hasSuffix($0.key.dropFirst("ecc-".count) + "-ecc") }?.value
    }

    /// The MRK discovery keyring of a region.
    func awsDiscoveryKeyring(
        region: String,
        filter: KeyDescription.DiscoveryFilter?,
        _ aws: AWSServices
    ) -> KeyringUse {
        do {
            return try Self.identified {
                try AWSKMSMRKDiscoveryKeyring(
                    kmsClient: aws.kmsClient(forRegion: region),
                    region: region,
                    discoveryFilter: filter.map { filter throws in
                        try AWSKMSDiscoveryFilter(partition: filter.partition, accountIDs: filter.accountIDs)
                    }
                )
            }
        } catch {
            return .broken(reason: "\(error)")
        }
    }

    /// A keyring whose identifier or region the test may have made invalid.
    private static func identified(_ make: () throws -> any Keyring) throws -> KeyringUse {
        do {
            return .usable(try make())
        } catch let error as EncryptionSDKError where error.code == .invalidConfiguration {
            return .invalid(error)
        } catch let error as AWSServiceError where error.code == .invalidConfiguration {
            return .invalid(EncryptionSDKError(.invalidConfiguration, error.message))
        }
    }
}

/// A keyring that accepts any encrypted data key and returns the data key that a vector spells out.
struct DataKeyKeyring: Keyring {
    let dataKey: SecretBytes

    var description: String { "data key of the vector" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "the data key of a vector wraps nothing")
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await openFirst(of: encryptedDataKeys, for: materials) { _ in dataKey }
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
