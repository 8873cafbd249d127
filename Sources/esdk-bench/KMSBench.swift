import AWSEncryptionSDK
import AWSServiceClients

/// What a small message costs this process under an AWS KMS key, with a KMS that is asked over HTTP.
struct KMSBench {
    private static let plaintextLength = 100
    private static let calls = 50
    private static let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey

    private let batches: Int
    private let jsonPath: String?
    private let keyARN: String
    private let client: AWSKMSClient
    private let fixture: Fixture

    init(_ options: BenchOptions) throws {
        guard let endpoint = options.kmsEndpoint, let keyARN = options.kmsKey else {
            throw BenchError("kms needs --kms-endpoint URL and --kms-key ARN", isUsage: true)
        }
        batches = options.runs * 2
        jsonPath = options.jsonPath
        self.keyARN = keyARN
        let parts = keyARN.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 3 else { throw BenchError("\(keyARN) is not a key ARN", isUsage: true) }
        let credentials = AWSCredentials(accessKeyID: "bench", secretAccessKey: SecretBytes(Array("bench".utf8)))
        client = try AWSKMSClient(
            AWSClientConfiguration(
                transport: CurlTransport(),
                credentials: StaticCredentialsProvider(credentials),
                region: String(parts[3]),
                endpoint: endpoint
            )
        )
        fixture = try Fixture(Self.suite, keyring: AWSKMSKeyring(kmsKeyID: keyARN, kmsClient: client))
    }

    /// Measures batches of both rows in turn and prints them.
    ///
    /// Not on the main actor: in a server, where it matters, nothing is.
    @concurrent
    func run() async throws {
        var bare = PairCost()
        var whole = PairCost()
        for batch in 0...batches {
            let (generation, decryption) = try await measureBare()
            let (encryption, opening) = try await measureWhole()
            // The first one sets up connections.
            guard batch > 0 else { continue }
            bare.record(generation, decryption)
            whole.record(encryption, opening)
        }
        print(
            """
            \(Self.suite.idText), \(Self.plaintextLength) bytes, one pair of context; CPU microseconds of this process for a call, user and system: \
            best of \(batches)
            batches of \(Self.calls), and the median of both halves together
            GenerateDataKey \(Decimal.tenths(bare.best.first)), Decrypt \(Decimal.tenths(bare.best.second))
            encrypt \(Decimal.tenths(whole.best.first)), decrypt \(Decimal.tenths(whole.best.second))
            GenerateDataKey + Decrypt \(Decimal.tenths(bare.best.first + bare.best.second)) µs, median \
            \(Decimal.tenths(bare.median)) µs
            encrypt + decrypt \(Decimal.tenths(whole.best.first + whole.best.second)) µs, median \
            \(Decimal.tenths(whole.median)) µs
            """
        )
        if let jsonPath {
            func list(_ cost: PairCost) -> String { cost.sums.map(Decimal.tenths).joined(separator: ",") }
            try OutputFile.write("{\"calls\":[\(list(bare))],\"message\":[\(list(whole))]}\n", to: jsonPath)
        }
    }

    private func measureBare() async throws -> (Double, Double) {
        let request = KMS.GenerateDataKeyRequest(keyID: keyARN, numberOfBytes: 32, encryptionContext: fixture.context)
        var dataKey = try await client.generateDataKey(request)
        let generation = try await PairCost.microseconds(calls: Self.calls) {
            for _ in 0..<Self.calls { dataKey = try await client.generateDataKey(request) }
        }
        let opening = KMS.DecryptRequest(
            keyID: keyARN,
            ciphertextBlob: dataKey.ciphertextBlob,
            encryptionContext: fixture.context
        )
        let decryption = try await PairCost.microseconds(calls: Self.calls) {
            for _ in 0..<Self.calls {
                guard try await client.decrypt(opening).plaintext == dataKey.plaintext else {
                    throw BenchError("KMS gave another data key")
                }
            }
        }
        return (generation, decryption)
    }

    private func measureWhole() async throws -> (Double, Double) {
        let plaintext = Fixture.plaintext(Self.plaintextLength)
        var message: [UInt8] = []
        let encryption = try await PairCost.microseconds(calls: Self.calls) {
            for _ in 0..<Self.calls { message = try await fixture.encrypt(plaintext) }
        }
        let decryption = try await PairCost.microseconds(calls: Self.calls) {
            for _ in 0..<Self.calls {
                guard try await fixture.client.decrypt(message, using: fixture.keyring).plaintext == plaintext else {
                    throw BenchError("decrypted something else")
                }
            }
        }
        return (encryption, decryption)
    }
}

/// A KMS that answers at once, with the same data key each time: what is left is the keyring's own work.
struct InProcessKMS: KMSClient {
    static let keyARN = "arn:aws:kms:us-west-2:123456789012:key/12345678-1234-1234-1234-123456789012"

    private let dataKey = SecretBytes([UInt8](repeating: 9, count: 32))
    /// As long as those of AWS.
    private let ciphertextBlob = [UInt8](repeating: 3, count: 184)

    var region: String? { "us-west-2" }

    func generateDataKey(_ request: KMS.GenerateDataKeyRequest) async throws -> KMS.GenerateDataKeyResponse {
        KMS.GenerateDataKeyResponse(keyID: Self.keyARN, plaintext: dataKey, ciphertextBlob: ciphertextBlob)
    }

    func decrypt(_ request: KMS.DecryptRequest) async throws -> KMS.DecryptResponse {
        KMS.DecryptResponse(keyID: Self.keyARN, plaintext: dataKey)
    }

    func generateDataKeyWithoutPlaintext(
        _ request: KMS.GenerateDataKeyWithoutPlaintextRequest
    ) async throws -> KMS.GenerateDataKeyWithoutPlaintextResponse { throw notMeasured }

    func encrypt(_ request: KMS.EncryptRequest) async throws -> KMS.EncryptResponse { throw notMeasured }

    func reEncrypt(_ request: KMS.ReEncryptRequest) async throws -> KMS.ReEncryptResponse { throw notMeasured }

    func getPublicKey(_ request: KMS.GetPublicKeyRequest) async throws -> KMS.GetPublicKeyResponse { throw notMeasured }

    func deriveSharedSecret(
        _ request: KMS.DeriveSharedSecretRequest
    ) async throws -> KMS.DeriveSharedSecretResponse { throw notMeasured }

    func describeKey(_ request: KMS.DescribeKeyRequest) async throws -> KMS.DescribeKeyResponse { throw notMeasured }

    private var notMeasured: BenchError { BenchError("a KMS operation that is not measured") }
}
