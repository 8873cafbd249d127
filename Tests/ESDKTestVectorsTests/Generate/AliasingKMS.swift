import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A KMS that knows two keys by their aliases, and lets only one of them decrypt; whatever it is asked is noted.
///
/// It answers as KMS does: with the ARN of the key, and only when the request names the key itself when decrypting. Its ciphertexts are
/// names of data keys that it remembers.
final class AliasingKMS: KMSClient, KMSClientSupplier {
    static let aliasPrefix = "arn:aws:kms:us-west-2:658956600833:alias/"
    static let decryptable = "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"
    static let encryptOnly = "arn:aws:kms:us-west-2:658956600833:key/590fd781-ddde-4036-abec-3e1ab5a5d2ad"

    private struct State {
        var described: [String] = []
        var dataKeys: [(keyID: String, plaintext: SecretBytes)] = []
    }

    let region: String? = "us-west-2"
    private let state = Guarded(State())
    private let refusal: AWSServiceError.Code?

    private let strangeness: AWSServiceError.Code

    /// A KMS.
    ///
    /// - Parameters:
    ///   - refusal: what DescribeKey is refused with; nil where it is answered.
    ///   - strangeness: what Decrypt is refused with for a ciphertext that it did not make.
    init(
        refusingDescribeKey refusal: AWSServiceError.Code? = nil,
        refusingStrangeCiphertexts strangeness: AWSServiceError.Code = .notFound
    ) {
        self.refusal = refusal
        self.strangeness = strangeness
    }

    /// The keys that DescribeKey was asked for.
    var described: [String] { state.withLock { $0.described } }

    func client(forRegion region: String?) throws -> any KMSClient { self }

    private func error(_ code: AWSServiceError.Code, _ operation: String) -> AWSServiceError {
        AWSServiceError(code, "stand-in", service: "KMS", operation: operation)
    }

    private func arn(_ keyID: String, _ operation: String) throws -> String {
        switch keyID {
        case Self.aliasPrefix + "EncryptDecrypt", Self.decryptable, String(Self.decryptable.suffix(36)):
            Self.decryptable
        case Self.aliasPrefix + "EncryptOnly", Self.encryptOnly: Self.encryptOnly
        default: throw error(.notFound, operation)
        }
    }

    private func remember(_ plaintext: SecretBytes, under keyID: String) -> [UInt8] {
        state.withLock { state in
            state.dataKeys.append((keyID, plaintext))
            return Array("\(state.dataKeys.count - 1)".utf8)
        }
    }

    func describeKey(_ request: KMS.DescribeKeyRequest) async throws -> KMS.DescribeKeyResponse {
        state.withLock { $0.described.append(request.keyID) }
        if let refusal { throw error(refusal, "DescribeKey") }
        return KMS.DescribeKeyResponse(arn: try arn(request.keyID, "DescribeKey"))
    }

    func generateDataKey(_ request: KMS.GenerateDataKeyRequest) async throws -> KMS.GenerateDataKeyResponse {
        let keyID = try arn(request.keyID, "GenerateDataKey")
        let plaintext = SecretBytes([UInt8](repeating: 5, count: request.numberOfBytes))
        return KMS.GenerateDataKeyResponse(
            keyID: keyID,
            plaintext: plaintext,
            ciphertextBlob: remember(plaintext, under: keyID)
        )
    }

    func encrypt(_ request: KMS.EncryptRequest) async throws -> KMS.EncryptResponse {
        let keyID = try arn(request.keyID, "Encrypt")
        return KMS.EncryptResponse(keyID: keyID, ciphertextBlob: remember(request.plaintext, under: keyID))
    }

    func decrypt(_ request: KMS.DecryptRequest) async throws -> KMS.DecryptResponse {
        guard request.keyID != Self.encryptOnly else { throw error(.accessDenied, "Decrypt") }
        guard let index = Int(String(decoding: request.ciphertextBlob, as: UTF8.self)) else {
            throw error(strangeness, "Decrypt")
        }
        let dataKey = state.withLock { $0.dataKeys.indices.contains(index) ? $0.dataKeys[index] : nil }
        guard let dataKey, dataKey.keyID == request.keyID else { throw error(strangeness, "Decrypt") }
        return KMS.DecryptResponse(keyID: dataKey.keyID, plaintext: dataKey.plaintext)
    }

    func generateDataKeyWithoutPlaintext(
        _ request: KMS.GenerateDataKeyWithoutPlaintextRequest
    ) async throws -> KMS.GenerateDataKeyWithoutPlaintextResponse {
        throw error(.notFound, "GenerateDataKeyWithoutPlaintext")
    }
    func reEncrypt(_ request: KMS.ReEncryptRequest) async throws -> KMS.ReEncryptResponse {
        throw error(.notFound, "ReEncrypt")
    }
    func getPublicKey(_ request: KMS.GetPublicKeyRequest) async throws -> KMS.GetPublicKeyResponse {
        throw error(.notFound, "GetPublicKey")
    }
    func deriveSharedSecret(
        _ request: KMS.DeriveSharedSecretRequest
    ) async throws -> KMS.DeriveSharedSecretResponse {
        throw error(.notFound, "DeriveSharedSecret")
    }
}
