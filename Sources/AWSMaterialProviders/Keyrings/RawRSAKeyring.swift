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
    private let privateKey: RSAPrivateKey?
    private let publicKey: RSAPublicKey

    /// A keyring that can wrap and unwrap: the public key is taken from the private one.
    ///
    /// - Parameters:
    ///   - keyNamespace: who manages the key; stored in the message.
    ///   - keyName: which key it is; stored in the message.
    ///   - paddingScheme: the padding; OAEP uses its hash for MGF1 too.
    ///   - privateKey: the private key.
    /// - Throws: `invalidConfiguration` for a namespace that starts with `aws-kms`.
    public init(
        keyNamespace: String,
        keyName: String,
        paddingScheme: RSAPadding,
        privateKey: RSAPrivateKey
    ) throws(EncryptionSDKError) {
        identity = try RawKeyIdentity(keyNamespace: keyNamespace, keyName: keyName)
        padding = paddingScheme
        self.privateKey = privateKey
        publicKey = privateKey.publicKey
    }

    /// A keyring that can only wrap: it opens nothing, and says so.
    ///
    /// - Throws: `invalidConfiguration` for a namespace that starts with `aws-kms`.
    public init(
        keyNamespace: String,
        keyName: String,
        paddingScheme: RSAPadding,
        publicKey: RSAPublicKey
    ) throws(EncryptionSDKError) {
        identity = try RawKeyIdentity(keyNamespace: keyNamespace, keyName: keyName)
        padding = paddingScheme
        privateKey = nil
        self.publicKey = publicKey
    }

    /// The keyring's name in errors.
    public var description: String { "raw RSA keyring \(identity) (\(padding))" }

    /// Wraps the data key under this keyring's public key.
    ///
    /// - Throws: `wrappingFailed` when the modulus is too short for the padding.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        try await wrapDataKey(of: materials) { dataKey, _ in try wrap(dataKey) }
    }

    private func wrap(_ dataKey: SecretBytes) throws(EncryptionSDKError) -> EncryptedDataKey {
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

    /// Opens the first encrypted data key that bears this keyring's namespace and name and decrypts to a data key of the suite's
    /// length.
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
