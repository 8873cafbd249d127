public import ESDKCrypto
import ESDKSystem

// spec: structures/overview, structures/plaintext-data-key, structures/encrypted-data-keys
// spec: structures/encryption-context, structures/signing-key, structures/required-encryption-context-keys
/// What is needed to encrypt a message (framework/structures.md, Encryption Materials).
///
/// A keyring gets materials, adds to them, and hands them on: see `Keyring.onEncrypt`.
public struct EncryptionMaterials: Sendable {
    /// The algorithm suite of the message.
    public let algorithmSuite: AlgorithmSuite
    /// All pairs: those to be stored in the header and those that are only authenticated.
    public let encryptionContext: EncryptionContext
    /// The pairs of the encryption context that are authenticated with the header and not stored in it.
    public let requiredEncryptionContext: EncryptionContext
    /// The key that signs the message; nil for an unsigned suite.
    public let signingKey: ECPrivateKey?
    /// The data key, once a keyring has made one.
    public private(set) var plaintextDataKey: SecretBytes?
    /// The data key as each keyring wrapped it, in the order of the header.
    public private(set) var encryptedDataKeys: [EncryptedDataKey] = []

    /// Where everything random about the message comes from.
    package private(set) var randomSource: any RandomSource

    /// Materials without a data key.
    ///
    /// - Parameters:
    ///   - algorithmSuite: the suite.
    ///   - encryptionContext: all pairs; for a signed suite the public key is among them.
    ///   - requiredEncryptionContextKeys: the keys of the pairs that are not to be stored in the header.
    ///   - signingKey: signs the message of a signed suite.
    /// - Throws: `invalidMaterials` when a required key is missing from the context, or when the suite, the signing key and the
    ///   public key in the context do not fit each other.
    public init(
        algorithmSuite: AlgorithmSuite,
        encryptionContext: EncryptionContext,
        requiredEncryptionContextKeys: [String] = [],
        signingKey: ECPrivateKey? = nil
    ) throws(EncryptionSDKError) {
        try self.init(
            algorithmSuite: algorithmSuite,
            encryptionContext: encryptionContext,
            requiredKeys: requiredEncryptionContextKeys.map { Array($0.utf8) },
            signingKey: signingKey,
            randomSource: SystemRandomSource()
        )
    }

    package init(
        algorithmSuite: AlgorithmSuite,
        encryptionContext: EncryptionContext,
        requiredKeys: [[UInt8]],
        signingKey: ECPrivateKey?,
        randomSource: any RandomSource
    ) throws(EncryptionSDKError) {
        guard signingKey?.curve == algorithmSuite.signature?.curve else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the signing key does not fit algorithm suite \(algorithmSuite)"
            )
        }
        let publicKey = signingKey.map { EncryptionContext.publicKeyValue(of: $0.publicKey) }
        guard encryptionContext[bytes: EncryptionContext.publicKeyNameBytes] == publicKey else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the public key in the encryption context is not the one of the signing key"
            )
        }
        if requiredKeys.isEmpty {
            requiredEncryptionContext = EncryptionContext()
        } else {
            let keys = Set(requiredKeys)
            requiredEncryptionContext = encryptionContext.filter { keys.contains($0.keyBytes) }
            guard requiredEncryptionContext.count == keys.count else {
                throw EncryptionSDKError(
                    .invalidMaterials,
                    "a required encryption context key is not in the encryption context of the materials"
                )
            }
        }
        self.algorithmSuite = algorithmSuite
        self.encryptionContext = encryptionContext
        self.signingKey = signingKey
        self.randomSource = randomSource
    }

    /// The pairs that the header stores.
    package var storedEncryptionContext: EncryptionContext {
        guard !requiredEncryptionContext.isEmpty else { return encryptionContext }
        return encryptionContext.filter { requiredEncryptionContext[bytes: $0.keyBytes] == nil }
    }

    /// These materials for a message whose randomness comes from `source`.
    func with(_ source: any RandomSource) -> EncryptionMaterials {
        var result = self
        result.randomSource = source
        return result
    }

    // MARK: - What a keyring adds

    /// These materials with a new random data key, or as they are when they hold one already.
    ///
    /// - Throws: `cryptographicLibrary`.
    public consuming func generatingDataKeyIfNeeded() throws(EncryptionSDKError) -> EncryptionMaterials {
        guard plaintextDataKey == nil else { return self }
        do {
            plaintextDataKey = try randomSource.secretBytes(algorithmSuite.dataKeyLength)
            return self
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// These materials with a data key that a keyring got from elsewhere, such as a key service.
    ///
    /// - Throws: `dataKeyAlreadyPresent`; `dataKeyLengthMismatch` when the key does not fit the algorithm suite.
    public consuming func settingDataKey(_ key: SecretBytes) throws(EncryptionSDKError) -> EncryptionMaterials {
        guard plaintextDataKey == nil else {
            throw EncryptionSDKError(.dataKeyAlreadyPresent, "the encryption materials hold a data key already")
        }
        try algorithmSuite.checkDataKeyLength(key.count)
        plaintextDataKey = key
        return self
    }

    /// These materials with one more encrypted data key, after those that are there.
    public consuming func adding(_ encryptedDataKey: EncryptedDataKey) -> EncryptionMaterials {
        encryptedDataKeys.append(encryptedDataKey)
        return self
    }

    /// These materials with more encrypted data keys, after those that are there.
    public consuming func adding(_ encryptedDataKeys: [EncryptedDataKey]) -> EncryptionMaterials {
        self.encryptedDataKeys.append(contentsOf: encryptedDataKeys)
        return self
    }
}

extension EncryptionContext {
    /// How a signed message stores its public key: Base64 of the compressed point, as UTF-8.
    package static func publicKeyValue(of key: ECPublicKey) -> [UInt8] {
        Array(Base64.encode(key.compressedPoint).utf8)
    }
}

extension EncryptionMaterials {
    // spec: cmm-interface/get-encryption-materials, cmm-interface/encryption-materials-request
    /// Checks what every materials manager owes (framework/cmm-interface.md, Get Encryption Materials; client-apis/encrypt.md, Get
    /// the encryption materials).
    ///
    /// That suite, signing key, public key and required keys fit each other is a property of the type.
    ///
    /// - Throws: `commitmentPolicyViolation`; `dataKeyLengthMismatch`; `invalidMaterials` for another algorithm suite than
    ///   the one asked for, without a data key or an encrypted data key, or when a required key of the request is stored in the header.
    package func validate(for request: EncryptionMaterialsRequest) throws(EncryptionSDKError) {
        try request.commitmentPolicy.checkEncrypt(algorithmSuite)
        if let suite = request.algorithmSuite, suite != algorithmSuite {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the encryption materials are for algorithm suite \(algorithmSuite), \(suite) was asked for"
            )
        }
        guard let plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "the encryption materials hold no data key")
        }
        try algorithmSuite.checkDataKeyLength(plaintextDataKey.count)
        guard !encryptedDataKeys.isEmpty else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the encryption materials hold no encrypted data key, so no keyring could decrypt the message"
            )
        }
        for key in request.requiredEncryptionContextKeys
        where requiredEncryptionContext[bytes: Array(key.utf8)] == nil {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the encryption materials do not have the key \(TerminalText.quoted(key)) among their required encryption context"
            )
        }
    }
}
