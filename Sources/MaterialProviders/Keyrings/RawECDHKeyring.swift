public import CryptoPrimitives

/// Data keys wrapped under a key agreed on by elliptic-curve Diffie-Hellman between keys of the caller's own
/// (framework/raw-ecdh-keyring.md).
public struct RawECDHKeyring: Keyring {
    /// Who the two parties are (framework/key-agreement-schemas.md).
    public enum KeyAgreementScheme: Sendable {
        /// Two long-lived key pairs, of which this party holds `senderStaticPrivateKey`.
        ///
        /// Opens messages in either direction.
        case rawPrivateKeyToStaticPublicKey(senderStaticPrivateKey: ECPrivateKey, recipientPublicKey: ECPublicKey)
        /// The recipient's side alone: opens messages of any sender to this key.
        case publicKeyDiscovery(recipientStaticPrivateKey: ECPrivateKey)
    }

    static let keyProviderID = Array("raw-ecdh".utf8)

    private let scheme: KeyAgreementScheme
    private let curve: EllipticCurve
    /// The compressed public key of the private key that this keyring holds.
    private let ownPublicKey: [UInt8]

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
        case .publicKeyDiscovery: "raw ECDH keyring (discovery, \(curve))"
        }
    }

    /// Opens the first encrypted data key that is between this keyring's parties.
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
        guard encryptedDataKey.keyProviderID == Self.keyProviderID else { throw .otherKeyProvider }
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
                else { throw Self.otherParties }
                (ownKey, otherKey) = (own, other)
            case .publicKeyDiscovery(let own):
                guard info.recipient == ownPublicKey else { throw Self.otherParties }
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

    private static let otherParties = EncryptionSDKError(
        .notForThisKeyring,
        "the public keys are not those of this keyring's parties"
    )
}
