public import ESDKCrypto

/// A keyring over an RSA key that the caller holds (framework/raw-rsa-keyring.md).
///
/// The counterpart of an RSA raw master key: its provider id is the key namespace here, its key id the key name.
///
/// With PKCS #1 v1.5 padding, an attacker who can submit encrypted data keys and tell *why* or *when* one is refused may learn
/// the data key (Bleichenbacher). All causes, bad padding, a key of the wrong length, another private key, give one code and one
/// text here and let the next encrypted data key be tried. The timing is that of libcrypto's own padding check; nothing is added
/// to level it. Choose OAEP for new data.
public struct RawRSAKeyring: Keyring {
    private let identity: RawKeyIdentity
    private let padding: RSAPadding
    private let publicKey: RSAPublicKey?
    private let privateKey: RSAPrivateKey?

    // spec: raw-rsa-keyring/padding-scheme, raw-rsa-keyring/public-key, raw-rsa-keyring/private-key
    /// A keyring that encrypts under a public key, decrypts with a private key, or both.
    ///
    /// The public key is never derived from the private one: a keyring that is made to decrypt does not encrypt by accident. To do
    /// both with one pair, pass `publicKey: privateKey.publicKey` as well.
    ///
    /// - Parameters:
    ///   - keyNamespace: who manages the key; stored in the message.
    ///   - keyName: which key it is; stored in the message.
    ///   - paddingScheme: the padding; OAEP uses its hash for MGF1 too.
    ///   - publicKey: wraps data keys; nil for a keyring that only decrypts.
    ///   - privateKey: unwraps data keys; nil for a keyring that only encrypts.
    /// - Throws: `invalidConfiguration` without any key, for a public key that is not the private key's, and for a namespace that
    ///   starts with `aws-kms`.
    public init(
        keyNamespace: String,
        keyName: String,
        paddingScheme: RSAPadding,
        publicKey: RSAPublicKey? = nil,
        privateKey: RSAPrivateKey? = nil
    ) throws(EncryptionSDKError) {
        guard publicKey != nil || privateKey != nil else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a raw RSA keyring needs a public key to encrypt, a private key to decrypt, or both"
            )
        }
        // What is encrypted under the key of another pair would never open again.
        if let publicKey, let privateKey, publicKey != privateKey.publicKey {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the public key of the raw RSA keyring does not belong to its private key"
            )
        }
        identity = try RawKeyIdentity(keyNamespace: keyNamespace, keyName: keyName)
        padding = paddingScheme
        self.publicKey = publicKey
        self.privateKey = privateKey
    }

    /// The keyring's name in errors.
    public var description: String { "raw RSA keyring \(identity) (\(padding))" }

    // spec: raw-rsa-keyring/onencrypt
    /// Wraps the data key under this keyring's public key.
    ///
    /// - Throws: `keyringCannotEncrypt` without a public key; `wrappingFailed` when the modulus is too short for the padding.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        guard let publicKey else {
            throw EncryptionSDKError(
                .keyringCannotEncrypt,
                "\(self) has only a private key, which decrypts: give it the public key as well"
            )
        }
        return try await wrapDataKey(of: materials) { dataKey, _ in try wrap(dataKey, under: publicKey) }
    }

    private func wrap(_ dataKey: SecretBytes, under publicKey: RSAPublicKey) throws(EncryptionSDKError)
        -> EncryptedDataKey
    {
        let ciphertext: [UInt8]
        do {
            ciphertext = try publicKey.encrypt(dataKey.span, padding: padding)
        } catch  where error.code == .invalidLength {
            throw EncryptionSDKError(.wrappingFailed, error.reason)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
        return EncryptedDataKey(
            keyProviderID: identity.namespace,
            keyProviderInfo: identity.name,
            ciphertext: ciphertext
        )
    }

    // spec: raw-rsa-keyring/ondecrypt
    /// Opens the first encrypted data key that bears this keyring's namespace and name and decrypts to a data key of the suite's
    /// length.
    ///
    /// A private-key operation takes a millisecond or more, so it leaves the caller's actor.
    @concurrent
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
            try unwrap(encryptedDataKey, suite: materials.algorithmSuite)
        }
    }

    private static let noPrivateKey = EncryptionSDKError(
        .noPrivateKey,
        "the keyring has only a public key, which wraps and does not open"
    )
    private static let unwrappingFailed = EncryptionSDKError(
        .unwrappingFailed,
        "does not decrypt to a data key under this private key and padding"
    )

    private func unwrap(_ encryptedDataKey: EncryptedDataKey, suite: AlgorithmSuite) throws(EncryptionSDKError)
        -> SecretBytes
    {
        guard encryptedDataKey.keyProviderID == identity.namespace else { throw .otherKeyProvider }
        guard encryptedDataKey.keyProviderInfo == identity.name else { throw .otherKeyName }
        guard let privateKey else { throw Self.noPrivateKey }
        let key: SecretBytes
        do {
            key = try privateKey.decrypt(encryptedDataKey.ciphertext.span, padding: padding)
        } catch {
            throw Self.unwrappingFailed
        }
        guard key.count == suite.dataKeyLength else { throw Self.unwrappingFailed }
        return key
    }
}
