public import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

extension AWSKMSClient {
    /// Encrypts up to 4,096 bytes under a KMS key.
    ///
    /// - Parameter request: which key, the plaintext and the context.
    /// - Returns: the ciphertext.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func encrypt(_ request: KMS.EncryptRequest) async throws -> KMS.EncryptResponse {
        var input: JSONObject = ["KeyId": .string(request.keyID)]
        input.add(context: request.encryptionContext, as: "EncryptionContext")
        input.add(algorithm: request.encryptionAlgorithm)
        let answer = try await call(
            "Encrypt",
            input,
            grantTokens: request.grantTokens,
            secret: ("Plaintext", request.plaintext)
        )
        return KMS.EncryptResponse(
            keyID: try answer.text("KeyId"),
            ciphertextBlob: try answer.bytes("CiphertextBlob"),
            encryptionAlgorithm: try answer.optionalText("EncryptionAlgorithm").map(KMS.EncryptionAlgorithm.init)
        )
    }

    /// Decrypts what a KMS key encrypted.
    ///
    /// - Parameter request: which key, the ciphertext and the context.
    /// - Returns: the plaintext, and the key that decrypted.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func decrypt(_ request: KMS.DecryptRequest) async throws -> KMS.DecryptResponse {
        var input: JSONObject = [
            "KeyId": .string(request.keyID),
            "CiphertextBlob": .string(Base64.encode(request.ciphertextBlob)),
        ]
        input.add(context: request.encryptionContext, as: "EncryptionContext")
        input.add(algorithm: request.encryptionAlgorithm)
        let answer = try await call("Decrypt", input, grantTokens: request.grantTokens)
        return KMS.DecryptResponse(
            keyID: try answer.text("KeyId"),
            plaintext: try answer.secret("Plaintext"),
            encryptionAlgorithm: try answer.optionalText("EncryptionAlgorithm").map(KMS.EncryptionAlgorithm.init)
        )
    }

    /// Decrypts and encrypts again inside KMS, under another key or another encryption context.
    ///
    /// - Parameter request: the ciphertext, both keys and both contexts.
    /// - Returns: the new ciphertext.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func reEncrypt(_ request: KMS.ReEncryptRequest) async throws -> KMS.ReEncryptResponse {
        var input: JSONObject = [
            "CiphertextBlob": .string(Base64.encode(request.ciphertextBlob)),
            "SourceKeyId": .string(request.sourceKeyID),
            "DestinationKeyId": .string(request.destinationKeyID),
        ]
        input.add(context: request.sourceEncryptionContext, as: "SourceEncryptionContext")
        input.add(context: request.destinationEncryptionContext, as: "DestinationEncryptionContext")
        let answer = try await call("ReEncrypt", input, grantTokens: request.grantTokens)
        return KMS.ReEncryptResponse(
            sourceKeyID: try answer.text("SourceKeyId"),
            keyID: try answer.text("KeyId"),
            ciphertextBlob: try answer.bytes("CiphertextBlob")
        )
    }
}
