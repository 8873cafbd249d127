import ESDKCrypto

extension EncryptionMaterials {
    /// Checks what every materials manager owes (framework/cmm-interface.md, Get Encryption Materials; client-apis/encrypt.md, Get
    /// the encryption materials).
    ///
    /// That suite, signing key, public key and required keys fit each other is a property of the type.
    ///
    /// - Throws: `commitmentPolicyViolation`; `dataKeyLengthMismatch`; `invalidMaterials` when there is no data key, no encrypted
    ///   data key, or a required key of the request is stored in the header.
    package func validate(for request: EncryptionMaterialsRequest) throws(EncryptionSDKError) {
        try request.commitmentPolicy.checkEncrypt(algorithmSuite)
        guard let plaintextDataKey else {
            throw EncryptionSDKError(.invalidMaterials, "the encryption materials hold no data key")
        }
        try algorithmSuite.checkDataKeyLength(plaintextDataKey.count)
        guard !encryptedDataKeys.isEmpty else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the encryption materials hold no encrypted data key: nobody could decrypt the message"
            )
        }
        for key in request.requiredEncryptionContextKeys
        where requiredEncryptionContext[bytes: Array(key.utf8)] == nil {
            throw EncryptionSDKError(
                .invalidMaterials,
                "the encryption materials do not have the key \"\(key)\" among their required encryption context"
            )
        }
    }
}
