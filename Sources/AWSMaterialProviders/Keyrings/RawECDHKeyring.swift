public import ESDKCrypto

/// A keyring over elliptic-curve key pairs that the caller holds: data keys are wrapped under a key that two of them agree on
/// (framework/raw-ecdh-keyring.md).
public struct RawECDHKeyring: Keyring {
    /// Who the two parties are (framework/key-agreement-schemas.md).
    public enum KeyAgreementScheme: Sendable {
        /// Two long-lived key pairs, of which this party holds `senderStaticPrivateKey`.
        ///
        /// Opens messages in either direction.
        case rawPrivateKeyToStaticPublicKey(senderStaticPrivateKey: ECPrivateKey, recipientPublicKey: ECPublicKey)
        /// The sender's side alone: a new key pair for each message.
        ///
        /// Opens nothing; the recipient uses `publicKeyDiscovery`.
        case ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: ECPublicKey)
        /// The recipient's side alone: opens messages of any sender to this key, and writes none.
        case publicKeyDiscovery(recipientStaticPrivateKey: ECPrivateKey)
    }

    private let scheme: KeyAgreementScheme
    private let curve: EllipticCurve
    /// The compressed public key of the private key that this keyring holds, if it holds one.
    private let ownPublicKey: [UInt8]?

    // spec: raw-ecdh-keyring/initialization, key-agreement-schemas/rawprivatekeytostaticpublickey
    // spec: key-agreement-schemas/publickeydiscovery
    /// A keyring over one curve.
    ///
    /// - Parameters:
    ///   - keyAgreementScheme: the parties and their keys.
    ///   - curve: the curve of every key.
    /// - Throws: `invalidConfiguration` when a key is on another curve.
    public init(keyAgreementScheme: KeyAgreementScheme, curve: EllipticCurve) throws(EncryptionSDKError) {
        let curves: [EllipticCurve]
        switch keyAgreementScheme {
        case .rawPrivateKeyToStaticPublicKey(let own, let other):
            curves = [own.curve, other.curve]
            ownPublicKey = own.publicKey.compressedPoint
        case .ephemeralPrivateKeyToStaticPublicKey(let other):
            curves = [other.curve]
            ownPublicKey = nil
        case .publicKeyDiscovery(let own):
            curves = [own.curve]
            ownPublicKey = own.publicKey.compressedPoint
        }
        guard curves.allSatisfy({ $0 == curve }) else {
            throw EncryptionSDKError(.invalidConfiguration, "a key of the ECDH keyring is not on the curve \(curve)")
        }
        scheme = keyAgreementScheme
        self.curve = curve
    }

    /// The keyring's name in errors.
    public var description: String {
        switch scheme {
        case .rawPrivateKeyToStaticPublicKey: "raw ECDH keyring (static, \(curve))"
        case .ephemeralPrivateKeyToStaticPublicKey: "raw ECDH keyring (ephemeral, \(curve))"
        case .publicKeyDiscovery: "raw ECDH keyring (discovery, \(curve))"
        }
    }

    // spec: raw-ecdh-keyring/onencrypt, key-agreement-schemas/ephemeralprivatekeytostaticpublickey
    /// Wraps the data key for the recipient, off the caller's actor: key agreement takes a millisecond.
    ///
    /// - Throws: `keyringCannotEncrypt` for the scheme `publicKeyDiscovery`.
    @concurrent
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        let sender: ECPrivateKey
        let recipient: ECPublicKey
        let secret: SecretBytes
        do {
            switch scheme {
            case .rawPrivateKeyToStaticPublicKey(let own, let other):
                (sender, recipient) = (own, other)
            case .ephemeralPrivateKeyToStaticPublicKey(let other):
                (sender, recipient) = (try ECPrivateKey.generate(curve), other)
            case .publicKeyDiscovery:
                throw EncryptionSDKError(
                    .keyringCannotEncrypt,
                    "a raw ECDH keyring with the scheme publicKeyDiscovery has no recipient to encrypt for"
                )
            }
            secret = try sender.sharedSecret(with: recipient)
        } catch let error as CryptoError {
            throw EncryptionSDKError(unexpected: error)
        }
        let context = try materials.encryptionContext.serialized()
        return try await wrapDataKey(of: materials) { dataKey, randomSource in
            try ECDHWrapping.wrap(
                dataKey,
                sharedSecret: secret,
                info: ECDHWrapping.ProviderInfo(recipient: recipient, sender: sender.publicKey),
                curve: curve,
                context: context,
                keyProviderID: ECDHWrapping.rawKeyProviderID,
                randomSource: randomSource
            )
        }
    }

    // spec: raw-ecdh-keyring/ondecrypt
    /// Opens the first encrypted data key that is between this keyring's parties, off the caller's actor.
    @concurrent
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        let context = try materials.encryptionContext.serialized()
        return try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
            try unwrap(encryptedDataKey, context: context, suite: materials.algorithmSuite)
        }
    }

    private func unwrap(
        _ encryptedDataKey: EncryptedDataKey,
        context: [UInt8],
        suite: AlgorithmSuite
    ) throws(EncryptionSDKError) -> SecretBytes {
        guard ECDHWrapping.keyProviderIDs.contains(encryptedDataKey.keyProviderID) else { throw .otherKeyProvider }
        let info = try ECDHWrapping.ProviderInfo(parsing: encryptedDataKey.keyProviderInfo, curve: curve)
        let secret = try sharedSecret(for: info)
        return try ECDHWrapping.unwrap(
            encryptedDataKey.ciphertext,
            sharedSecret: secret,
            info: info,
            curve: curve,
            context: context,
            suite: suite
        )
    }

    private func sharedSecret(for info: ECDHWrapping.ProviderInfo) throws(EncryptionSDKError) -> SecretBytes {
        let ownKey: ECPrivateKey
        let otherKey: ECPublicKey
        do {
            switch scheme {
            case .rawPrivateKeyToStaticPublicKey(let own, let other):
                let otherPublicKey = other.compressedPoint
                guard
                    info.sender == ownPublicKey && info.recipient == otherPublicKey
                        || info.sender == otherPublicKey && info.recipient == ownPublicKey
                else { throw ECDHWrapping.otherParties }
                (ownKey, otherKey) = (own, other)
            case .ephemeralPrivateKeyToStaticPublicKey:
                throw Self.noPrivateKey
            case .publicKeyDiscovery(let own):
                guard info.recipient == ownPublicKey else { throw ECDHWrapping.otherParties }
                ownKey = own
                otherKey = try ECPublicKey(compressedPoint: info.sender.span, curve: curve)
            }
            return try ownKey.sharedSecret(with: otherKey)
        } catch let error as EncryptionSDKError {
            throw error
        } catch {
            throw EncryptionSDKError(.malformedEncryptedDataKey, "the sender's public key is not a point of the curve")
        }
    }

    private static let noPrivateKey = EncryptionSDKError(
        .noPrivateKey,
        "the keyring is the ephemeral sender's side, which wraps and does not open; the recipient's is publicKeyDiscovery"
    )
}
