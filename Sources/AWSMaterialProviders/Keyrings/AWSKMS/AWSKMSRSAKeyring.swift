public import ESDKCrypto

/// A keyring over an asymmetric AWS KMS key: data keys are wrapped under its public key and opened by KMS
/// (framework/aws-kms/aws-kms-rsa-keyring.md).
///
/// Anyone can wrap under a public key, so a signature would prove nothing: the keyring refuses signed algorithm suites.
public struct AWSKMSRSAKeyring: Keyring {
    private static let keyProviderID = Array("aws-kms-rsa".utf8)
    /// The smallest modulus that AWS KMS has.
    private static let minimumModulusBits = 2048

    private let keyID: KMSKeyIdentifier
    private let algorithm: KMS.EncryptionAlgorithm
    private let padding: RSAPadding
    private let publicKey: RSAPublicKey?
    private let client: (any KMSClient)?
    private let grantTokens: GrantTokens

    // spec: aws-kms-rsa-keyring/initialization
    /// A keyring over one asymmetric KMS key.
    ///
    /// - Parameters:
    ///   - kmsKeyID: the key, by its ARN; not an alias. With a key id alone it can neither encrypt nor open anything.
    ///   - encryptionAlgorithm: `rsaesOAEPSHA1` or `rsaesOAEPSHA256`.
    ///   - publicKey: the key's public key, needed to encrypt. That it belongs to the KMS key is not checked.
    ///   - kmsClient: calls KMS in the key's region, needed to decrypt.
    ///   - grantTokens: grant tokens for every call, at most 10.
    /// - Throws: `invalidConfiguration` when `kmsKeyID` is not a KMS key identifier, is an alias or in another region than the client;
    ///   when the algorithm is another one, or the modulus has less than 2,048 bits.
    public init(
        kmsKeyID: String,
        encryptionAlgorithm: KMS.EncryptionAlgorithm,
        publicKey: RSAPublicKey? = nil,
        kmsClient: (any KMSClient)? = nil,
        grantTokens: [String] = []
    ) throws(EncryptionSDKError) {
        keyID = try KMSKeyIdentifier(kmsKeyID)
        try kmsClient?.checkRegion(of: keyID.arn)
        guard !keyID.isAlias else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "an AWS KMS RSA keyring does not take an alias, which can be pointed at another key: give the key ARN"
            )
        }
        switch encryptionAlgorithm {
        case .rsaesOAEPSHA1: padding = .oaep(.sha1)
        case .rsaesOAEPSHA256: padding = .oaep(.sha256)
        default:
            throw EncryptionSDKError(
                .invalidConfiguration,
                "an AWS KMS RSA keyring cannot use \(encryptionAlgorithm), only RSAES_OAEP_SHA_1 and RSAES_OAEP_SHA_256"
            )
        }
        if let publicKey, publicKey.modulusBits < Self.minimumModulusBits {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the RSA modulus of an AWS KMS RSA keyring has at least 2,048 bits, this one has \(publicKey.modulusBits)"
            )
        }
        algorithm = encryptionAlgorithm
        self.publicKey = publicKey
        client = kmsClient
        self.grantTokens = GrantTokens(grantTokens)
    }

    /// The keyring's name in errors.
    public var description: String { "AWS KMS RSA keyring \(keyID) (\(algorithm))" }

    private static func requireUnsigned(_ suite: AlgorithmSuite) throws(EncryptionSDKError) {
        guard suite.signature == nil else {
            throw EncryptionSDKError(
                .signedSuiteNotSupported,
                "an AWS KMS RSA keyring cannot be used with a signed algorithm suite such as \(suite): anyone can wrap under a public key"
            )
        }
    }

    // spec: aws-kms-rsa-keyring/encryption-context-digest
    private static func digest(of context: EncryptionContext) throws(EncryptionSDKError) -> [UInt8] {
        let serialized = try context.serialized()
        do {
            return try Digest.hash(.sha384, of: serialized.span)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    // spec: aws-kms-rsa-keyring/onencrypt
    /// Wraps the data key, and with it a digest of the encryption context, under the public key; KMS is not called.
    ///
    /// - Throws: `signedSuiteNotSupported`; `keyringCannotEncrypt` without a public key or the key's ARN; `wrappingFailed`.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        try Self.requireUnsigned(materials.algorithmSuite)
        guard let publicKey else {
            throw EncryptionSDKError(
                .keyringCannotEncrypt,
                "the AWS KMS RSA keyring has no public key to encrypt under"
            )
        }
        // KMS is not asked, so its answer cannot give the ARN; and every keyring refuses a message that names the key otherwise.
        guard keyID.arn != nil else {
            throw EncryptionSDKError(
                .keyringCannotEncrypt,
                "the AWS KMS RSA keyring has only the key id \(keyID), which no keyring would accept in a message: give the key ARN"
            )
        }
        let digest = try Self.digest(of: materials.encryptionContext)
        return try await wrapDataKey(of: materials) { dataKey, _ in
            try wrap(dataKey, digest: digest, under: publicKey)
        }
    }

    private func wrap(
        _ dataKey: SecretBytes,
        digest: [UInt8],
        under publicKey: RSAPublicKey
    ) throws(EncryptionSDKError) -> EncryptedDataKey {
        let plaintext = SecretBytes(count: digest.count + dataKey.count) { output in
            for byte in digest { output.append(byte) }
            for index in dataKey.span.indices { output.append(dataKey.span[index]) }
        }
        let ciphertext: [UInt8]
        do {
            ciphertext = try publicKey.encrypt(plaintext.span, padding: padding)
        } catch  where error.code == .invalidLength {
            throw EncryptionSDKError(.wrappingFailed, error.reason)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
        return EncryptedDataKey(
            keyProviderID: Self.keyProviderID,
            keyProviderInfo: Array(keyID.text.utf8),
            ciphertext: ciphertext
        )
    }

    // spec: aws-kms-rsa-keyring/ondecrypt
    /// Opens the first encrypted data key of this key, or of the same multi-Region key elsewhere, whose encryption context is the
    /// message's.
    ///
    /// - Throws: `signedSuiteNotSupported`; `noPrivateKey` without a client; `malformedEncryptedDataKey` when an `aws-kms-rsa`
    ///   encrypted data key names no key; `noDataKey`.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try Self.requireUnsigned(materials.algorithmSuite)
        guard let client else {
            throw EncryptionSDKError(.noPrivateKey, "the AWS KMS RSA keyring has no client to call AWS KMS with")
        }
        let digest = try Self.digest(of: materials.encryptionContext)
        return try await openFirstOfKMS(encryptedDataKeys, provider: Self.keyProviderID, for: materials) {
            encryptedDataKey,
            arn in
            guard keyID.matchesForDecrypt(arn) else { throw keyID.mismatch(with: arn) }
            let response = try await EncryptionSDKError.translating {
                try await client.decrypt(
                    KMS.DecryptRequest(
                        keyID: keyID.text,
                        ciphertextBlob: encryptedDataKey.ciphertext,
                        encryptionAlgorithm: algorithm,
                        grantTokens: grantTokens.values
                    )
                )
            }
            try KMS.check(response.keyID, is: keyID.text)
            return try Self.dataKey(in: response.plaintext, digest: digest, suite: materials.algorithmSuite)
        }
    }

    /// The data key after the digest of the encryption context.
    private static func dataKey(
        in plaintext: SecretBytes,
        digest: [UInt8],
        suite: AlgorithmSuite
    ) throws(EncryptionSDKError) -> SecretBytes {
        guard plaintext.count == digest.count + suite.dataKeyLength else {
            throw EncryptionSDKError(
                .unexpectedKMSResponse,
                "AWS KMS decrypted \(plaintext.count) bytes, digest and data key have \(digest.count + suite.dataKeyLength)"
            )
        }
        guard constantTimeEquals(plaintext.span.extracting(..<digest.count), digest.span) else {
            throw EncryptionSDKError(
                .unwrappingFailed,
                "the data key was wrapped with another encryption context: its digest differs"
            )
        }
        return SecretBytes(copying: plaintext.span.extracting(digest.count...))
    }
}
