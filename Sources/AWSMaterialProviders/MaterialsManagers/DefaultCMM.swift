import ESDKCrypto
import ESDKSystem

/// The materials manager over one keyring (framework/default-cmm.md).
public struct DefaultCMM: CryptographicMaterialsManager {
    private let keyring: any Keyring

    /// A materials manager that gets its data keys from `keyring`.
    public init(keyring: any Keyring) { self.keyring = keyring }

    // spec: default-cmm/get-encryption-materials
    /// Checks policy and encryption context, makes the signing key of a signed suite, and lets the keyring make and wrap a data key.
    ///
    /// - Throws: `commitmentPolicyViolation` before any key is made; `reservedEncryptionContextKey` when the context holds a public
    ///   key already; `invalidMaterials` for a keyring that breaks its contract; what the keyring throws.
    public func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        let suite = request.algorithmSuite ?? request.commitmentPolicy.defaultAlgorithmSuite
        try request.commitmentPolicy.checkEncrypt(suite)
        let publicKeyName = EncryptionContext.publicKeyNameBytes
        guard request.encryptionContext[bytes: publicKeyName] == nil else {
            throw EncryptionSDKError(
                .reservedEncryptionContextKey,
                "the encryption context holds a key \(EncryptionContext.publicKeyName) already"
            )
        }
        var context = request.encryptionContext
        var signingKey: ECPrivateKey?
        if let signature = suite.signature {
            let key: ECPrivateKey
            do {
                key = try ECPrivateKey.generate(signature.curve)
            } catch {
                throw EncryptionSDKError(unexpected: error)
            }
            let value = EncryptionContext.publicKeyValue(of: key.publicKey)
            let entry = EncryptionContext.Entry(keyBytes: publicKeyName, valueBytes: value)
            context = context.adding(disjoint: EncryptionContext(unique: [entry], ascending: true))
            signingKey = key
        }
        let given = try EncryptionMaterials(
            algorithmSuite: suite,
            encryptionContext: context,
            requiredKeys: request.requiredEncryptionContextKeys.map { Array($0.utf8) },
            signingKey: signingKey,
            randomSource: request.randomSource
        )
        let required = given.requiredEncryptionContext
        let materials = try await keyring.onEncrypt(consume given)
        // The signing key is the one of the public key in the context: a property of the type.
        guard materials.algorithmSuite == suite, materials.encryptionContext == context,
            materials.requiredEncryptionContext == required
        else { throw exchanged }
        try materials.validate(for: request)
        return materials
    }

    // spec: default-cmm/decrypt-materials
    /// Checks policy, encryption context and public key, and lets the keyring open a data key.
    ///
    /// - Throws: `commitmentPolicyViolation` before any key is touched; `encryptionContextMismatch`; `missingPublicKey`,
    ///   `unexpectedPublicKey`, `invalidPublicKey`; `noDataKey`; `invalidMaterials` for a keyring that breaks its contract.
    public func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        try request.commitmentPolicy.checkDecrypt(request.algorithmSuite)
        let supplied = try Self.pairsNotStored(in: request.encryptionContext, of: request.reproducedEncryptionContext)
        let context = request.encryptionContext.adding(disjoint: supplied)
        let given = try DecryptionMaterials(
            algorithmSuite: request.algorithmSuite,
            encryptionContext: context,
            requiredEncryptionContext: supplied,
            verificationKey: try Self.verificationKey(in: context, for: request.algorithmSuite)
        )
        let verificationKey = given.verificationKey
        let materials = try await keyring.onDecrypt(consume given, encryptedDataKeys: request.encryptedDataKeys)
        guard materials.encryptionContext == context, materials.requiredEncryptionContext == supplied,
            materials.verificationKey == verificationKey
        else { throw exchanged }
        try materials.validate(for: request)
        return materials
    }

    private var exchanged: EncryptionSDKError {
        EncryptionSDKError(
            .invalidMaterials,
            "\(keyring) returned other materials than it was given: a keyring adds data keys and changes nothing else"
        )
    }

    /// The pairs of `reproduced` that `stored` does not have.
    private static func pairsNotStored(
        in stored: EncryptionContext,
        of reproduced: EncryptionContext
    ) throws(EncryptionSDKError) -> EncryptionContext {
        for entry in reproduced.entries {
            guard let value = stored[bytes: entry.keyBytes] else { continue }
            guard value == entry.valueBytes else {
                throw EncryptionSDKError(
                    .encryptionContextMismatch,
                    "the message has another value for the encryption context key \(TerminalText.quoted(entry.key)) than the one given"
                )
            }
        }
        return reproduced.isEmpty ? reproduced : reproduced.filter { stored[bytes: $0.keyBytes] == nil }
    }

    private static func verificationKey(
        in context: EncryptionContext,
        for suite: AlgorithmSuite
    ) throws(EncryptionSDKError) -> ECPublicKey? {
        let text = context[bytes: EncryptionContext.publicKeyNameBytes]
        guard let signature = suite.signature else {
            guard text == nil else {
                throw EncryptionSDKError(
                    .unexpectedPublicKey,
                    "algorithm suite \(suite) is unsigned, but the encryption context holds a public key: "
                        + "the signature may have been taken away"
                )
            }
            return nil
        }
        guard let text else {
            throw EncryptionSDKError(
                .missingPublicKey,
                "algorithm suite \(suite) is signed, but the encryption context holds no \(EncryptionContext.publicKeyName)"
            )
        }
        guard let point = Base64.decode(text.span) else {
            throw EncryptionSDKError(.invalidPublicKey, "the public key in the encryption context is not Base64")
        }
        do {
            return try ECPublicKey(compressedPoint: point.span, curve: signature.curve)
        } catch {
            throw EncryptionSDKError(
                .invalidPublicKey,
                "the public key in the encryption context is not a compressed point of \(signature.curve)"
            )
        }
    }
}

extension Keyring {
    /// The materials that `DefaultCMM` makes with this keyring.
    ///
    /// - Throws: as `DefaultCMM`.
    public func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        try await DefaultCMM(keyring: self).encryptionMaterials(for: request)
    }

    /// The materials that `DefaultCMM` gets from this keyring.
    ///
    /// - Throws: as `DefaultCMM`.
    public func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        try await DefaultCMM(keyring: self).decryptMaterials(for: request)
    }
}
