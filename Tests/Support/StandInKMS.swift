package import AWSMaterialProviders
package import ESDKCrypto
import ESDKSystem

/// A KMS of one region in memory: symmetric keys seal with AES-GCM, the encryption context as additional data; RSA and
/// elliptic-curve keys are added by the tests.
///
/// `tamper` and `failures` make it misbehave; `calls` says what it was asked.
package final class StandInKMS: KMSClient {
    package struct Call: Sendable, Equatable {
        package let operation: String
        package let keyID: String
        package var grantTokens: [String] = []

        package init(operation: String, keyID: String, grantTokens: [String] = []) {
            self.operation = operation
            self.keyID = keyID
            self.grantTokens = grantTokens
        }
    }

    package struct State {
        package var symmetric: [String: SecretBytes] = [:]
        package var rsa: [String: RSAPrivateKey] = [:]
        package var ec: [String: ECPrivateKey] = [:]
        package var usage: [String: String] = [:]
        /// Whether GetPublicKey leaves out what the key is for.
        package var hidesUsage = false
        /// What the ciphertexts that Decrypt was given are bound to.
        package var decryptContexts: [EncryptionContext] = []
        package var calls: [Call] = []
        package var failures: [String: AWSServiceError.Code] = [:]
        package var answeredKeyID: String?
        package var dropsPlaintextBytes = 0
        /// The ARNs of keys that have other names, too: aliases, or bare ids; Decrypt takes ARNs only.
        package var otherNames: [String: String] = [:]
        /// Keys that Decrypt may not be asked for.
        package var encryptOnly: Set<String> = []
        /// What a ciphertext is refused with that the key did not make.
        package var refusalOfStrangeCiphertexts = AWSServiceError.Code.invalidCiphertext
        package var counter: UInt64 = 0
        /// Whether calls wait, until this is taken back or their task is cancelled.
        package var isHeld = false
    }

    package let region: String?
    private let state: Guarded<State>
    /// What every call waits for before it answers.
    private let delay: Duration?

    /// A KMS with the given symmetric keys, whose material comes from their key id, so that replicas agree.
    package init(region: String? = nil, keys: [String] = [], delay: Duration? = nil) {
        self.region = region
        self.delay = delay
        var state = State()
        for key in keys {
            let id = String(key.split(separator: "/").last ?? "")
            let material = (try? Digest.hash(.sha256, of: Array(id.utf8).span)) ?? []
            state.symmetric[key] = SecretBytes(material)
        }
        self.state = Guarded(state)
    }

    package func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    package var calls: [Call] { state.withLock { $0.calls } }
    package var decryptContexts: [EncryptionContext] { state.withLock { $0.decryptContexts } }
    package func count(of operation: String) -> Int { calls.count { $0.operation == operation } }

    private func begin(_ operation: String, _ keyID: String, _ grantTokens: [String]) async throws {
        let failure = state.withLock { state in
            state.calls.append(Call(operation: operation, keyID: keyID, grantTokens: grantTokens))
            return state.failures[operation]
        }
        if let delay { try await Task.sleep(for: delay) }
        while state.withLock({ $0.isHeld }) { try await Task.sleep(for: .milliseconds(2)) }
        if let failure { throw Self.error(failure, operation) }
    }

    private static func error(_ code: AWSServiceError.Code, _ operation: String) -> AWSServiceError {
        AWSServiceError(code, "stand-in", service: "KMS", operation: operation, requestID: "request-1")
    }

    private func key(_ id: String, _ operation: String) throws -> SecretBytes {
        guard let key = state.withLock({ $0.symmetric[id] }) else { throw Self.error(.notFound, operation) }
        return key
    }

    private func resolved(_ keyID: String) -> String { state.withLock { $0.otherNames[keyID] } ?? keyID }

    private func answered(_ keyID: String) -> String { state.withLock { $0.answeredKeyID } ?? resolved(keyID) }

    private func seal(_ plaintext: SecretBytes, _ id: String, _ context: EncryptionContext, _ operation: String) throws
        -> [UInt8]
    {
        let key = try key(resolved(id), operation)
        let counter = state.withLock { state in
            state.counter += 1
            return state.counter
        }
        let iv = [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: counter >> (8 * $0)) }
        var sealer = try AESGCM.Sealer(.aes256, key: key.span)
        let additional = try context.serialized()
        let sealed = try [UInt8](capacity: plaintext.count + AESGCM.tagLength) { output in
            try sealer.seal(plaintext.span, iv: iv.span, authenticating: additional.span, appendingTo: &output)
        }
        return iv + sealed
    }

    private func open(_ blob: [UInt8], _ id: String, _ context: EncryptionContext, _ operation: String) throws
        -> SecretBytes
    {
        let key = try key(id, operation)
        let refusal = state.withLock { $0.refusalOfStrangeCiphertexts }
        guard blob.count > AESGCM.ivLength + AESGCM.tagLength else { throw Self.error(refusal, operation) }
        let tagStart = blob.count - AESGCM.tagLength
        do {
            var opener = try AESGCM.Opener(.aes256, key: key.span)
            let additional = try context.serialized()
            return try SecretBytes(count: tagStart - AESGCM.ivLength) { output in
                try opener.open(
                    blob.span.extracting(AESGCM.ivLength..<tagStart),
                    tag: blob.span.extracting(tagStart...),
                    iv: blob.span.extracting(..<AESGCM.ivLength),
                    authenticating: additional.span,
                    appendingTo: &output
                )
            }
        } catch {
            throw Self.error(refusal, operation)
        }
    }

    private func shortened(_ plaintext: SecretBytes) -> SecretBytes {
        let drop = state.withLock { $0.dropsPlaintextBytes }
        return SecretBytes(copying: plaintext.span.extracting(..<(plaintext.count - drop)))
    }

    package func generateDataKey(_ request: KMS.GenerateDataKeyRequest) async throws -> KMS.GenerateDataKeyResponse {
        try await begin("GenerateDataKey", request.keyID, request.grantTokens)
        let plaintext = try SystemRandomSource().secretBytes(request.numberOfBytes)
        let blob = try seal(plaintext, request.keyID, request.encryptionContext, "GenerateDataKey")
        return KMS.GenerateDataKeyResponse(
            keyID: answered(request.keyID),
            plaintext: shortened(plaintext),
            ciphertextBlob: blob
        )
    }

    package func generateDataKeyWithoutPlaintext(
        _ request: KMS.GenerateDataKeyWithoutPlaintextRequest
    ) async throws -> KMS.GenerateDataKeyWithoutPlaintextResponse {
        try await begin("GenerateDataKeyWithoutPlaintext", request.keyID, request.grantTokens)
        let plaintext = try SystemRandomSource().secretBytes(request.numberOfBytes)
        let blob = try seal(plaintext, request.keyID, request.encryptionContext, "GenerateDataKeyWithoutPlaintext")
        return KMS.GenerateDataKeyWithoutPlaintextResponse(keyID: answered(request.keyID), ciphertextBlob: blob)
    }

    package func encrypt(_ request: KMS.EncryptRequest) async throws -> KMS.EncryptResponse {
        try await begin("Encrypt", request.keyID, request.grantTokens)
        let blob = try seal(request.plaintext, request.keyID, request.encryptionContext, "Encrypt")
        return KMS.EncryptResponse(keyID: answered(request.keyID), ciphertextBlob: blob)
    }

    package func decrypt(_ request: KMS.DecryptRequest) async throws -> KMS.DecryptResponse {
        try await begin("Decrypt", request.keyID, request.grantTokens)
        let isAllowed = state.withLock { state in
            state.decryptContexts.append(request.encryptionContext)
            return !state.encryptOnly.contains(request.keyID)
        }
        guard isAllowed else { throw Self.error(.accessDenied, "Decrypt") }
        let plaintext: SecretBytes
        if let rsa = state.withLock({ $0.rsa[request.keyID] }) {
            guard request.encryptionContext.isEmpty else {
                throw Self.error(AWSServiceError.Code("ValidationException"), "Decrypt")
            }
            let hash: HashAlgorithm = request.encryptionAlgorithm == .rsaesOAEPSHA1 ? .sha1 : .sha256
            do {
                plaintext = try rsa.decrypt(request.ciphertextBlob.span, padding: .oaep(hash))
            } catch {
                throw Self.error(.invalidCiphertext, "Decrypt")
            }
        } else {
            plaintext = try open(request.ciphertextBlob, request.keyID, request.encryptionContext, "Decrypt")
        }
        return KMS.DecryptResponse(keyID: answered(request.keyID), plaintext: shortened(plaintext))
    }

    package func reEncrypt(_ request: KMS.ReEncryptRequest) async throws -> KMS.ReEncryptResponse {
        try await begin("ReEncrypt", request.sourceKeyID, request.grantTokens)
        let plaintext = try open(
            request.ciphertextBlob,
            request.sourceKeyID,
            request.sourceEncryptionContext,
            "ReEncrypt"
        )
        let blob = try seal(
            plaintext,
            request.destinationKeyID,
            request.destinationEncryptionContext,
            "ReEncrypt"
        )
        return KMS.ReEncryptResponse(
            sourceKeyID: answered(request.sourceKeyID),
            keyID: answered(request.destinationKeyID),
            ciphertextBlob: blob
        )
    }

    package func getPublicKey(_ request: KMS.GetPublicKeyRequest) async throws -> KMS.GetPublicKeyResponse {
        try await begin("GetPublicKey", request.keyID, request.grantTokens)
        guard let key = state.withLock({ $0.ec[request.keyID] }) else { throw Self.error(.notFound, "GetPublicKey") }
        return KMS.GetPublicKeyResponse(
            keyID: answered(request.keyID),
            publicKey: try key.publicKey.subjectPublicKeyInfo(),
            keyUsage: state.withLock { $0.hidesUsage ? nil : $0.usage[request.keyID] ?? "KEY_AGREEMENT" }
        )
    }

    package func deriveSharedSecret(_ request: KMS.DeriveSharedSecretRequest) async throws
        -> KMS.DeriveSharedSecretResponse
    {
        try await begin("DeriveSharedSecret", request.keyID, request.grantTokens)
        guard let key = state.withLock({ $0.ec[request.keyID] }) else {
            throw Self.error(.notFound, "DeriveSharedSecret")
        }
        let peer = try ECPublicKey(der: request.publicKey)
        return KMS.DeriveSharedSecretResponse(
            keyID: answered(request.keyID),
            sharedSecret: shortened(try key.sharedSecret(with: peer))
        )
    }

    package func describeKey(_ request: KMS.DescribeKeyRequest) async throws -> KMS.DescribeKeyResponse {
        try await begin("DescribeKey", request.keyID, request.grantTokens)
        let arn = answered(request.keyID)
        let isKnown = state.withLock { $0.otherNames.isEmpty || $0.symmetric[arn] != nil }
        guard isKnown else { throw Self.error(.notFound, "DescribeKey") }
        return KMS.DescribeKeyResponse(arn: arn)
    }
}

/// One stand-in for each region.
package struct StandInClients: KMSClientSupplier {
    package var clients: [String: StandInKMS]

    package init(clients: [String: StandInKMS]) { self.clients = clients }

    package func client(forRegion region: String?) throws -> any KMSClient {
        guard let client = clients[region ?? "default"] else {
            throw EncryptionSDKError(.invalidConfiguration, "no client for \(region ?? "the default region")")
        }
        return client
    }
}
