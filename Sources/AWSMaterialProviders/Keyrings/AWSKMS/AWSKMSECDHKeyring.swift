public import ESDKCrypto

/// A keyring over an elliptic-curve AWS KMS key: data keys are wrapped under a key that KMS agrees on with another public key
/// (framework/aws-kms/aws-kms-ecdh-keyring.md).
public struct AWSKMSECDHKeyring: Keyring {
    /// Who the two parties are (framework/key-agreement-schemas.md).
    public enum KeyAgreementScheme: Sendable {
        /// This party's KMS key and another's public key; `senderPublicKey` is asked of KMS when it is not given.
        ///
        /// Opens messages in either direction.
        case kmsPrivateKeyToStaticPublicKey(
            senderKMSIdentifier: String,
            senderPublicKey: ECPublicKey?,
            recipientPublicKey: ECPublicKey
        )
        /// The recipient's side alone: opens messages of any sender to this KMS key, and writes none.
        ///
        /// `recipientPublicKey` is asked of KMS when it is not given.
        case kmsPublicKeyDiscovery(recipientKMSIdentifier: String, recipientPublicKey: ECPublicKey? = nil)
    }

    private let keyID: KMSKeyIdentifier
    private let ownPublicKey: ECPublicKey
    /// The other party; nil for any sender.
    private let otherPublicKey: ECPublicKey?
    private let curve: EllipticCurve
    private let client: any KMSClient
    private let grantTokens: GrantTokens

    // spec: aws-kms-ecdh-keyring/initialization
    /// A keyring over one curve.
    ///
    /// KMS is asked for the public key of its key unless the scheme holds it.
    ///
    /// - Parameters:
    ///   - keyAgreementScheme: the parties and their keys.
    ///   - curve: the curve of every key.
    ///   - kmsClient: calls KMS, in the key's region.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when the identifier is not one, or is in another region than the client; when a key is on
    ///   another curve, or the KMS key is not made for key agreement; `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    public init(
        keyAgreementScheme: KeyAgreementScheme,
        curve: EllipticCurve,
        kmsClient: any KMSClient,
        grantTokens: [String] = []
    ) async throws {
        let given: ECPublicKey?
        switch keyAgreementScheme {
        case .kmsPrivateKeyToStaticPublicKey(let identifier, let senderPublicKey, let recipientPublicKey):
            keyID = try KMSKeyIdentifier(identifier)
            given = senderPublicKey
            otherPublicKey = recipientPublicKey
        case .kmsPublicKeyDiscovery(let identifier, let recipientPublicKey):
            keyID = try KMSKeyIdentifier(identifier)
            given = recipientPublicKey
            otherPublicKey = nil
        }
        try kmsClient.checkRegion(of: keyID.arn)
        guard [given, otherPublicKey].allSatisfy({ $0 == nil || $0?.curve == curve }) else {
            throw EncryptionSDKError(.invalidConfiguration, "a key of the ECDH keyring is not on the curve \(curve)")
        }
        if let given {
            ownPublicKey = given
        } else {
            ownPublicKey = try await Self.publicKey(
                of: keyID,
                curve: curve,
                client: kmsClient,
                grantTokens: grantTokens
            )
        }
        self.curve = curve
        client = kmsClient
        self.grantTokens = GrantTokens(grantTokens)
    }

    // spec: key-agreement-schemas/kmspublickeydiscovery, key-agreement-schemas/kmsprivatekeytostaticpublickey
    private static func publicKey(
        of keyID: KMSKeyIdentifier,
        curve: EllipticCurve,
        client: any KMSClient,
        grantTokens: [String]
    ) async throws -> ECPublicKey {
        let response = try await EncryptionSDKError.translating {
            try await client.getPublicKey(KMS.GetPublicKeyRequest(keyID: keyID.text, grantTokens: grantTokens))
        }
        if keyID.arn?.resource == .key { try KMS.check(response.keyID, is: keyID.text) }
        guard let usage = response.keyUsage else {
            throw EncryptionSDKError(
                .unexpectedKMSResponse,
                "AWS KMS answered without the key usage of \(keyID), an ECDH keyring needs KEY_AGREEMENT"
            )
        }
        guard usage == "KEY_AGREEMENT" else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the AWS KMS key \(keyID) is made for \(usage), an ECDH keyring needs KEY_AGREEMENT"
            )
        }
        let key: ECPublicKey
        do {
            key = try ECPublicKey(der: response.publicKey)
        } catch {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the public key of the AWS KMS key \(keyID) cannot be used: \(error.reason)"
            )
        }
        guard key.curve == curve else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the AWS KMS key \(keyID) is on the curve \(key.curve), the keyring on \(curve)"
            )
        }
        return key
    }

    /// The keyring's name in errors.
    public var description: String {
        "AWS KMS ECDH keyring \(keyID) (\(otherPublicKey == nil ? "discovery" : "static"), \(curve))"
    }

    private func sharedSecret(with other: ECPublicKey) async throws -> SecretBytes {
        let encoded: [UInt8]
        do {
            encoded = try other.subjectPublicKeyInfo()
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
        let response = try await EncryptionSDKError.translating {
            try await client.deriveSharedSecret(
                KMS.DeriveSharedSecretRequest(keyID: keyID.text, publicKey: encoded, grantTokens: grantTokens.values)
            )
        }
        if keyID.arn?.resource == .key { try KMS.check(response.keyID, is: keyID.text) }
        guard response.sharedSecret.count == curve.fieldLength else {
            throw EncryptionSDKError(
                .unexpectedKMSResponse,
                "AWS KMS answered with a shared secret of \(response.sharedSecret.count) bytes, the curve has \(curve.fieldLength)"
            )
        }
        return response.sharedSecret
    }

    // spec: aws-kms-ecdh-keyring/onencrypt
    /// Wraps the data key for the recipient.
    ///
    /// - Throws: `keyringCannotEncrypt` for the scheme `kmsPublicKeyDiscovery`; `awsAccessDenied`, `awsUnavailable`, `awsRefusal`,
    ///   `unexpectedKMSResponse`; `CancellationError`.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        guard let otherPublicKey else {
            throw EncryptionSDKError(
                .keyringCannotEncrypt,
                "an AWS KMS ECDH keyring with the scheme kmsPublicKeyDiscovery has no recipient to encrypt for"
            )
        }
        let context = try materials.encryptionContext.serialized()
        let secret = try await sharedSecret(with: otherPublicKey)
        let info = ECDHWrapping.ProviderInfo(recipient: otherPublicKey, sender: ownPublicKey)
        return try await wrapDataKey(of: materials) { dataKey, randomSource in
            try ECDHWrapping.wrap(
                dataKey,
                sharedSecret: secret,
                info: info,
                curve: curve,
                context: context,
                keyProviderID: ECDHWrapping.kmsKeyProviderID,
                randomSource: randomSource
            )
        }
    }

    // spec: aws-kms-ecdh-keyring/ondecrypt
    /// Opens the first encrypted data key that is between this keyring's parties.
    ///
    /// - Throws: `noDataKey`; `CancellationError`.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        let context = try materials.encryptionContext.serialized()
        return try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
            guard ECDHWrapping.keyProviderIDs.contains(encryptedDataKey.keyProviderID) else {
                throw EncryptionSDKError.otherKeyProvider
            }
            let info = try ECDHWrapping.ProviderInfo(parsing: encryptedDataKey.keyProviderInfo, curve: curve)
            let other = try otherParty(in: info)
            try ECDHWrapping.checkLayout(encryptedDataKey.ciphertext, suite: materials.algorithmSuite)
            let secret = try await sharedSecret(with: other)
            return try ECDHWrapping.unwrap(
                encryptedDataKey.ciphertext,
                sharedSecret: secret,
                info: info,
                curve: curve,
                context: context,
                suite: materials.algorithmSuite
            )
        }
    }

    /// The public key that KMS is to agree with: in discovery the sender's, which the encrypted data key names.
    private func otherParty(in info: ECDHWrapping.ProviderInfo) throws(EncryptionSDKError) -> ECPublicKey {
        let own = ownPublicKey.compressedPoint
        if let otherPublicKey {
            let other = otherPublicKey.compressedPoint
            guard info.sender == own && info.recipient == other || info.sender == other && info.recipient == own else {
                throw ECDHWrapping.otherParties
            }
            return otherPublicKey
        }
        guard info.recipient == own else { throw ECDHWrapping.otherParties }
        do {
            return try ECPublicKey(compressedPoint: info.sender.span, curve: curve)
        } catch {
            throw EncryptionSDKError(.malformedEncryptedDataKey, "the sender's public key is not a point of the curve")
        }
    }
}
