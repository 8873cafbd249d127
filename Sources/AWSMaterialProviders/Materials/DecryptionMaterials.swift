public import ESDKCrypto

// spec: structures/fields/plaintext-data-key, structures/fields/encryption-context
// spec: structures/fields/required-encryption-context-keys, structures/verification-key
/// What is needed to decrypt a message (framework/structures.md, Decryption Materials).
public struct DecryptionMaterials: Sendable {
    /// Which encrypted data key gave the data key, and by which keyring.
    public struct DataKeyOrigin: Sendable, Hashable {
        /// The position of the encrypted data key in the header, from 0.
        public let encryptedDataKey: Int
        /// The keyring that opened it, as it describes itself.
        public let keyring: String
    }

    /// The algorithm suite of the message.
    public let algorithmSuite: AlgorithmSuite
    /// All pairs: those stored in the header and those that the caller supplied.
    public let encryptionContext: EncryptionContext
    /// The pairs of the encryption context that are authenticated with the header and not stored in it.
    public let requiredEncryptionContext: EncryptionContext
    /// The key that the signature is checked with; nil for an unsigned suite.
    public let verificationKey: ECPublicKey?
    /// The data key, once a keyring has opened an encrypted data key.
    public private(set) var plaintextDataKey: SecretBytes?
    /// Where the data key came from.
    public private(set) var dataKeyOrigin: DataKeyOrigin?

    /// Materials without a data key.
    ///
    /// - Parameters:
    ///   - algorithmSuite: the suite in the header.
    ///   - encryptionContext: all pairs.
    ///   - requiredEncryptionContextKeys: the keys of the pairs that are not stored in the header.
    ///   - verificationKey: the public key of a signed message.
    /// - Throws: `invalidMaterials` when a required key is missing from the context, or the verification key and the suite's
    ///   signature do not fit each other.
    public init(
        algorithmSuite: AlgorithmSuite,
        encryptionContext: EncryptionContext,
        requiredEncryptionContextKeys: [String] = [],
        verificationKey: ECPublicKey? = nil
    ) throws(EncryptionSDKError) {
        let required = Set(requiredEncryptionContextKeys.map { Array($0.utf8) })
        let pairs = encryptionContext.filter { required.contains($0.keyBytes) }
        guard pairs.count == required.count else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "a required encryption context key is not in the encryption context of the materials"
            )
        }
        try self.init(
            algorithmSuite: algorithmSuite,
            encryptionContext: encryptionContext,
            requiredEncryptionContext: pairs,
            verificationKey: verificationKey
        )
    }

    package init(
        algorithmSuite: AlgorithmSuite,
        encryptionContext: EncryptionContext,
        requiredEncryptionContext: EncryptionContext,
        verificationKey: ECPublicKey?
    ) throws(EncryptionSDKError) {
        guard verificationKey?.curve == algorithmSuite.signature?.curve else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the verification key does not fit algorithm suite \(algorithmSuite)"
            )
        }
        self.algorithmSuite = algorithmSuite
        self.encryptionContext = encryptionContext
        self.requiredEncryptionContext = requiredEncryptionContext
        self.verificationKey = verificationKey
    }

    /// These materials with the data key that `keyring` got from the encrypted data key at position `index`.
    ///
    /// - Throws: `dataKeyAlreadyPresent`; `dataKeyLengthMismatch` when the key does not fit the algorithm suite.
    public consuming func settingDataKey(
        _ key: SecretBytes,
        fromEncryptedDataKey index: Int,
        by keyring: String
    ) throws(EncryptionSDKError) -> DecryptionMaterials {
        try requireNoDataKey()
        try algorithmSuite.checkDataKeyLength(key.count)
        plaintextDataKey = key
        dataKeyOrigin = DataKeyOrigin(encryptedDataKey: index, keyring: keyring)
        return self
    }

    /// The one of a message's encrypted data keys that the data key was opened from.
    func openedKey(of keys: [EncryptedDataKey]) -> EncryptedDataKey? {
        guard let index = dataKeyOrigin?.encryptedDataKey, keys.indices ~= index else { return nil }
        return keys[index]
    }

    /// These materials for a message that has the same encrypted data keys in another order.
    func movingOrigin(of openedKey: EncryptedDataKey?, to keys: [EncryptedDataKey]) -> DecryptionMaterials {
        guard let origin = dataKeyOrigin, let openedKey, let position = keys.firstIndex(of: openedKey) else {
            return self
        }
        var result = self
        result.dataKeyOrigin = DataKeyOrigin(encryptedDataKey: position, keyring: origin.keyring)
        return result
    }

    /// Checks that no data key is present, as a keyring does before it looks for one.
    ///
    /// - Throws: `dataKeyAlreadyPresent`.
    public func requireNoDataKey() throws(EncryptionSDKError) {
        guard plaintextDataKey == nil else {
            throw EncryptionSDKError(.dataKeyAlreadyPresent, "the decryption materials hold a data key already")
        }
    }
}

extension DecryptionMaterials {
    // spec: cmm-interface/decrypt-materials
    /// Checks what every materials manager owes (framework/cmm-interface.md, Decrypt Materials).
    ///
    /// That the verification key fits the suite is a property of the type.
    ///
    /// - Throws: `invalidMaterials` for another algorithm suite than the message's, or without a data key; `dataKeyLengthMismatch`.
    package func validate(for request: DecryptMaterialsRequest) throws(EncryptionSDKError) {
        guard algorithmSuite == request.algorithmSuite else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the materials are for algorithm suite \(algorithmSuite), the message has \(request.algorithmSuite)"
            )
        }
        guard let plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "the materials hold no data key")
        }
        try algorithmSuite.checkDataKeyLength(plaintextDataKey.count)
    }
}

extension AlgorithmSuite {
    /// Checks that a data key of `length` bytes fits the suite.
    ///
    /// - Throws: `dataKeyLengthMismatch`.
    package func checkDataKeyLength(_ length: Int) throws(EncryptionSDKError) {
        guard length == dataKeyLength else {
            throw EncryptionSDKError(
                .dataKeyLengthMismatch,
                "a data key of \(length) bytes does not fit algorithm suite \(self), which needs \(dataKeyLength)"
            )
        }
    }
}
