public import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

extension AWSKMSClient {
    /// The public key of an asymmetric KMS key.
    ///
    /// - Parameter request: which key.
    /// - Returns: the public key and what it is for.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func getPublicKey(_ request: KMS.GetPublicKeyRequest) async throws -> KMS.GetPublicKeyResponse {
        let input: JSONObject = ["KeyId": .string(request.keyID)]
        let answer = try await call("GetPublicKey", input, grantTokens: request.grantTokens)
        return KMS.GetPublicKeyResponse(
            keyID: try answer.text("KeyId"),
            publicKey: try answer.bytes("PublicKey"),
            keySpec: try answer.optionalText("KeySpec"),
            keyUsage: try answer.optionalText("KeyUsage")
        )
    }

    /// Agrees on a secret between a KMS key and a public key by elliptic-curve Diffie-Hellman.
    ///
    /// - Parameter request: the KMS key and the other side's public key.
    /// - Returns: the shared secret.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func deriveSharedSecret(
        _ request: KMS.DeriveSharedSecretRequest
    ) async throws -> KMS.DeriveSharedSecretResponse {
        let input: JSONObject = [
            "KeyId": .string(request.keyID),
            "KeyAgreementAlgorithm": "ECDH",
            "PublicKey": .string(Base64.encode(request.publicKey)),
        ]
        let answer = try await call(
            "DeriveSharedSecret",
            input,
            grantTokens: request.grantTokens
        )
        return KMS.DeriveSharedSecretResponse(
            keyID: try answer.text("KeyId"),
            sharedSecret: try answer.secret("SharedSecret")
        )
    }

    /// What KMS knows of a key.
    ///
    /// - Parameter request: which key.
    /// - Returns: the key's ARN, state and kind.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    public func describeKey(_ request: KMS.DescribeKeyRequest) async throws -> KMS.DescribeKeyResponse {
        let input: JSONObject = ["KeyId": .string(request.keyID)]
        let answer = try await call("DescribeKey", input, grantTokens: request.grantTokens)
        guard let metadata = answer.members["KeyMetadata"]?.object, let arn = metadata["Arn"]?.string else {
            throw answer.broken("has no KeyMetadata with an Arn")
        }
        return KMS.DescribeKeyResponse(
            arn: arn,
            keyState: metadata["KeyState"]?.string,
            keyUsage: metadata["KeyUsage"]?.string,
            keySpec: metadata["KeySpec"]?.string,
            isMultiRegion: metadata["MultiRegion"]?.bool ?? false
        )
    }
}
