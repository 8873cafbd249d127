import AWSEncryptionSDK
import AWSHTTPTransport
import AWSMaterialProviders
import AWSServiceClients
import ESDKCrypto
import ESDKSystem
import StrictJSON

// What AWS, or something in its place, may answer, and the files that AWS tools share.

// MARK: - Files

/// A config file or a credentials file, by its first byte.
func fuzzProfiles(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let text = Array(input.dropFirst())
    let kind = first & 1 == 0 ? ProfileParser.Kind.config : .credentials
    let parsed = ProfileParser(text, kind: kind, file: "file")
    let lineCount = text.count { $0 == 0x0A } + 1
    for problem in parsed.problems {
        guard problem.error.line.map({ 1...lineCount ~= $0 }) ?? true else { finding("a line that does not exist") }
    }
    for section in [parsed.profiles, parsed.sessions, parsed.services].flatMap(\.values) {
        for (key, value) in section {
            guard !key.isEmpty, key == key.lowercased(), isTrimmed(key), isTrimmed(value) else {
                finding("the setting \(key) has blanks or capitals")
            }
            _ = ProfileParser.nested(in: value)
        }
    }

    let name = "profile-of-the-fuzzer"
    let header = kind == .config ? "\n[profile \(name)]\n" : "\n[\(name)]\n"
    let longer = ProfileParser(text + Array((header + "region = here\n").utf8), kind: kind, file: "file")
    let isUTF16 = parsed.problems.first.map { $0.error.line == nil } ?? false
    if parsed.profiles[name] == nil, !isUTF16 {
        var profiles = longer.profiles
        guard profiles.removeValue(forKey: name) == ["region": "here"], profiles == parsed.profiles else {
            finding("what comes before a section changes it, or the other way round")
        }
    }
    // A zero byte near the start counts as UTF-16.
    guard !text.contains(0x0D), !text.prefix(8).contains(0) else { return }
    let other = ProfileParser(text.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }, kind: kind, file: "file")
    guard other.profiles == parsed.profiles, other.problems.map(\.error) == parsed.problems.map(\.error) else {
        finding("line ends of Windows change what is read")
    }
}

private func isTrimmed(_ text: String) -> Bool {
    let blanks: [Character?] = [" ", "\t"]
    return !blanks.contains(text.first) && !blanks.contains(text.last)
}

// MARK: - Answers

/// An answer of STS in XML: as it is, and as the text of an element.
func fuzzSTSAnswer(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    _ = XMLElements.first("AccessKeyId", in: text)
    let escaped = text.map { character in
        switch character {
        case "<": "&lt;"
        case "&": "&#x26;"
        default: String(character)
        }
    }
    let document = "<A><Secret>\(escaped.joined())</Secret></A>"
    // A combining character joins the bracket before it: what AWS writes has none there.
    if let first = text.unicodeScalars.first, first.isASCII, text.unicodeScalars.allSatisfy(\.isASCII) {
        guard XMLElements.first("Secret", in: document) == text else { finding("a text does not come back") }
    }

    guard let credentials = try? STSClient.credentials(in: text) else { return }
    guard let id = XMLElements.first("AccessKeyId", in: text), credentials.accessKeyID == id,
        credentials.sessionToken != nil, credentials.expiration != nil
    else { finding("credentials out of nothing") }
}

/// An answer of KMS to the operation that the first byte chooses.
func fuzzKMSAnswer(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let body = Array(input.dropFirst())
    let client = try AWSKMSClient(configuration(answering: { _ in body }, status: first & 0x80 == 0 ? 200 : 400))
    let result = runToEnd { () -> Result<SecretBytes?, any Error> in
        do {
            switch first & 3 {
            case 0:
                let request = KMS.DecryptRequest(keyID: keyARN, ciphertextBlob: [1], encryptionContext: [:])
                return .success(try await client.decrypt(request).plaintext)
            case 1:
                let request = KMS.GenerateDataKeyRequest(keyID: keyARN, numberOfBytes: 32, encryptionContext: [:])
                return .success(try await client.generateDataKey(request).plaintext)
            case 2:
                let request = KMS.DeriveSharedSecretRequest(keyID: keyARN, publicKey: [1])
                return .success(try await client.deriveSharedSecret(request).sharedSecret)
            default:
                let key = try await client.getPublicKey(KMS.GetPublicKeyRequest(keyID: keyARN)).publicKey
                _ = try? ECPublicKey(parsingDER: key)
                return .success(nil)
            }
        } catch { return .failure(error) }
    }
    let document = try? StrictJSON.parse(body, source: "answer")
    let secret = document?[first & 3 == 2 ? "SharedSecret" : "Plaintext"]?.string
    switch result {
    case .success(let bytes?):
        guard let secret, let expected = Base64.decode(secret), bytes == SecretBytes(expected) else {
            finding("a secret that the answer does not hold")
        }
    case .success(nil):
        guard document?["KeyId"]?.string != nil else { finding("a public key of no key") }
    case .failure(let error):
        guard let error = error as? AWSServiceError else { finding("another error: \(error)") }
        if let secret, secret.utf8.count >= 16, first & 0x80 == 0, "\(error)".contains(secret) {
            finding("an error shows a secret")
        }
    }
}

/// An item of DynamoDB, as it comes and as the record of a branch key.
func fuzzDynamoDBAnswer(_ input: [UInt8]) throws {
    let sent = Guarded<[UInt8]>([])
    let client = try AWSDynamoDBClient(
        configuration(answering: { request in
            sent.withLock { $0 = request.body.span.copied }
            return input
        })
    )
    let key: DynamoDB.Item = ["branch-key-id": .string("b"), "type": .string("branch:ACTIVE")]
    let found = runToEnd { try? await client.getItem(DynamoDB.GetItemRequest(tableName: "t", key: key)) }
    if let item = found {
        let put = DynamoDB.Put(tableName: "t", item: item)
        let isWritable = item.values.allSatisfy { if case .unsupported = $0 { false } else { true } }
        sent.withLock { $0 = [] }
        _ = runToEnd { try? await client.putItem(put) }
        let request = sent.withLock { $0 }
        guard !request.isEmpty == isWritable else {
            finding("values that cannot be written are, or the other way round")
        }
        if isWritable {
            let again = try AWSDynamoDBClient(configuration(answering: { _ in request }))
            let back = runToEnd { try? await again.getItem(DynamoDB.GetItemRequest(tableName: "t", key: key)) }
            guard back == item else { finding("an item that is written comes back as another") }
        }
    }
    try fuzzBranchKeyRecord(input, found)
}

/// What a key store accepts must be bound by the encryption context in all its attributes.
private func fuzzBranchKeyRecord(_ answer: [UInt8], _ item: DynamoDB.Item?) throws {
    let sent = Guarded<[UInt8]>([])
    let keyText = Base64.encode([UInt8](repeating: 7, count: 32))
    let kmsAnswer = Array(#"{"KeyId": "\#(keyARN)", "Plaintext": "\#(keyText)"}"#.utf8)
    let store = try KeyStore(
        tableName: "t",
        logicalKeyStoreName: "l",
        kmsConfiguration: .kmsKeyARN(keyARN),
        id: "i",
        dynamoDBClient: AWSDynamoDBClient(configuration(answering: { _ in answer })),
        kmsClient: AWSKMSClient(
            configuration(answering: { request in
                sent.withLock { $0 = request.body.span.copied }
                return kmsAnswer
            })
        )
    )
    guard let materials = runToEnd({ try? await store.activeBranchKey(id: "b") }) else { return }
    guard let item, item["branch-key-id"] == .string("b"), item["type"] == .string("branch:ACTIVE"),
        item["kms-arn"] == .string(keyARN)
    else { finding("a record of another key") }
    guard let request = try? StrictJSON.parse(sent.withLock { $0 }, source: "request"),
        let context = request["EncryptionContext"]?.object
    else { finding("a branch key without KMS, or without a context") }
    for (name, value) in item where name != "enc" {
        let text: String? =
            switch value {
            case .string(let text), .number(let text): text
            default: nil
            }
        guard let text, context[name.description]?.string == text else {
            finding("the attribute \(name) is not part of the context")
        }
    }
    guard context.count == item.count, context["tablename"]?.string == "l" else { finding("another context") }
    guard materials.branchKeyID == "b" else { finding("materials of another branch key") }
}

// MARK: - Stand-ins

private let keyARN = "arn:aws:kms:us-west-2:111122223333:key/0123abcd-0123-0123-0123-0123456789ab"

private func configuration(
    answering answer: @escaping @Sendable (HTTPRequest) -> [UInt8],
    status: Int = 200
) -> AWSClientConfiguration {
    AWSClientConfiguration(
        transport: AnsweringTransport(status: status, answer: answer),
        credentials: StaticCredentialsProvider(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")),
        region: "us-west-2",
        retries: RetrySettings(maximumAttempts: 1)
    )
}

/// Answers with what it is told.
private struct AnsweringTransport: HTTPTransport {
    var status = 200
    let answer: @Sendable (HTTPRequest) -> [UInt8]

    init(status: Int = 200, answer: @escaping @Sendable (HTTPRequest) -> [UInt8]) {
        self.status = status
        self.answer = answer
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        HTTPResponse(status: status, headers: [], body: SecretBytes(answer(request)))
    }
}

extension Span<UInt8> {
    fileprivate var copied: [UInt8] { indices.map { self[$0] } }
}
