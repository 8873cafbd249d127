public import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

extension AWSKMSClient {
    /// Makes a data key, returned in plaintext and encrypted under a symmetric KMS key.
    ///
    /// - Parameter request: which key, how many bytes, and the context.
    /// - Returns: the data key in both forms.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func generateDataKey(
        _ request: KMS.GenerateDataKeyRequest
    ) async throws -> KMS.GenerateDataKeyResponse {
        var input: JSONObject = [
            "KeyId": .string(request.keyID),
            "NumberOfBytes": .integer(Int64(request.numberOfBytes)),
        ]
        input.add(context: request.encryptionContext, as: "EncryptionContext")
        let answer = try await call(
            "GenerateDataKey",
            input,
            grantTokens: request.grantTokens
        )
        return KMS.GenerateDataKeyResponse(
            keyID: try answer.text("KeyId"),
            plaintext: try answer.secret("Plaintext"),
            ciphertextBlob: try answer.bytes("CiphertextBlob")
        )
    }

    /// Makes a data key, returned only encrypted under a symmetric KMS key.
    ///
    /// - Parameter request: which key, how many bytes, and the context.
    /// - Returns: the encrypted data key.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func generateDataKeyWithoutPlaintext(
        _ request: KMS.GenerateDataKeyWithoutPlaintextRequest
    ) async throws -> KMS.GenerateDataKeyWithoutPlaintextResponse {
        var input: JSONObject = [
            "KeyId": .string(request.keyID),
            "NumberOfBytes": .integer(Int64(request.numberOfBytes)),
        ]
        input.add(context: request.encryptionContext, as: "EncryptionContext")
        let answer = try await call(
            "GenerateDataKeyWithoutPlaintext",
            input,
            grantTokens: request.grantTokens
        )
        return KMS.GenerateDataKeyWithoutPlaintextResponse(
            keyID: try answer.text("KeyId"),
            ciphertextBlob: try answer.bytes("CiphertextBlob")
        )
    }
}
