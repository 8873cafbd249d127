public import AWSMaterialProviders
internal import ESDKCrypto
import ESDKSystem
internal import StrictJSON

/// AWS Key Management Service over its JSON protocol.
///
/// Requests of one client share the transport's connections and an allowance for retries, and may run at the same time.
/// Making a client calls nothing.
public struct AWSKMSClient: KMSClient {
    /// The region that the client calls.
    public let region: String?
    private let caller: JSONServiceCaller
    private let configuration: AWSClientConfiguration

    /// A client.
    ///
    /// - Parameter configuration: what it needs to know; the region must be among it.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    public init(_ configuration: AWSClientConfiguration) throws {
        _ = try configuration.endpoint(for: .kms)
        self.init(checked: configuration, purpose: nil)
    }

    private init(checked configuration: AWSClientConfiguration, purpose: String?) {
        region = configuration.region
        self.configuration = configuration
        caller = JSONServiceCaller(.kms, configuration, userAgentSuffix: purpose)
    }

    /// A client like this one, with its own allowance for retries.
    ///
    /// - Parameter purpose: what its requests are part of, for the field `User-Agent`.
    /// - Returns: the client.
    public func identified(as purpose: String) -> any KMSClient {
        Self(checked: configuration, purpose: purpose)
    }

    /// Calls an operation.
    ///
    /// - Parameters:
    ///   - operation: its name.
    ///   - input: the members of the request, without grant tokens.
    ///   - grantTokens: the grant tokens; they give rights to anyone who has them, and appear in no error.
    ///   - secret: one more member, bytes that are sent as Base64.
    /// - Returns: the answer.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    func call(
        _ operation: String,
        _ input: JSONObject,
        grantTokens: [String],
        secret: (name: String, value: SecretBytes)? = nil
    ) async throws -> JSONAnswer {
        var input = input
        input.add(grantTokens: grantTokens)
        return try await caller.call(
            operation,
            input,
            secret: secret,
            confidential: grantTokens.map { SecretBytes(Array($0.utf8)) }
        )
    }
}

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

/// Gives keyrings the KMS client of a region: one for each, made when it is first asked for.
public final class AWSKMSClientSupplier: KMSClientSupplier {
    private let configuration: AWSClientConfiguration
    private let clients = Guarded<[String: AWSKMSClient]>([:])

    /// A supplier of clients that differ in their region only.
    ///
    /// - Parameter configuration: what they need to know; its region is the default one.
    public init(_ configuration: AWSClientConfiguration) {
        self.configuration = configuration
    }

    /// The client for a region.
    ///
    /// - Parameter region: the region; the configuration's when it is nil.
    /// - Returns: the client.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    public func client(forRegion region: String?) throws -> any KMSClient {
        var configuration = configuration
        if let region { configuration.region = region }
        let name = configuration.region ?? ""
        return try clients.withLock { clients in
            if let client = clients[name] { return client }
            let client = try AWSKMSClient(configuration)
            clients[name] = client
            return client
        }
    }
}

extension JSONObject {
    /// Adds an encryption context, unless it is empty.
    ///
    /// - Parameters:
    ///   - context: the context.
    ///   - name: the member's name.
    mutating func add(context: EncryptionContext, as name: String) {
        guard !context.isEmpty else { return }
        self[name] = .object(
            JSONObject(context.entries.map { Member(name: $0.key, value: .string($0.value)) })
        )
    }

    /// Adds grant tokens, unless there are none.
    ///
    /// - Parameter grantTokens: the tokens.
    mutating func add(grantTokens: [String]) {
        guard !grantTokens.isEmpty else { return }
        self["GrantTokens"] = .array(grantTokens.map { .string($0) })
    }

    /// Adds an encryption algorithm, unless there is none.
    ///
    /// - Parameter algorithm: the algorithm.
    mutating func add(algorithm: KMS.EncryptionAlgorithm?) {
        guard let algorithm else { return }
        self["EncryptionAlgorithm"] = .string(algorithm.rawValue)
    }
}
