import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import Foundation
import TestSupport

@testable import AWSServiceClients

/// What the tests of clients have in common.
enum TestValues {
    static let keyARN = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    /// 32 bytes of 0x61 in Base64.
    static let plaintext = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
    static let secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    static let token = "TOKEN-that-nobody-may-see"

    static let credentials = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: secretKey,
        sessionToken: token
    )

    static let dataKeyRequest = KMS.GenerateDataKeyRequest(
        keyID: keyARN,
        numberOfBytes: 32,
        encryptionContext: ["purpose": "test"]
    )
}

extension HTTPResponse {
    /// The body as text.
    var text: String { String(copying: body.span) }
}

/// Bytes that are all the same: 0xFF makes every random fraction 1.
struct FixedRandomSource: RandomSource {
    let byte: UInt8

    func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        for _ in 0..<count { output.append(byte) }
    }
}

/// A source whose answers a test decides, and that counts how often it is asked.
final class CountingCredentials: AWSCredentialsProvider {
    struct Refused: Error {}

    private let calls = Guarded<[Bool]>([])
    private let answer: @Sendable (_ call: Int) async throws -> AWSCredentials

    init(_ answer: @escaping @Sendable (_ call: Int) async throws -> AWSCredentials) {
        self.answer = answer
    }

    /// What was asked: whether a renewal was forced.
    var asked: [Bool] { calls.withLock { $0 } }

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        let call = calls.withLock { calls in
            calls.append(forcesRefresh)
            return calls.count
        }
        return try await answer(call)
    }

    static func numbered(_ number: Int, until end: Timestamp? = nil) -> AWSCredentials {
        AWSCredentials(accessKeyID: "AK\(number)", secretAccessKey: "s", expiration: end)
    }
}

/// A transport without a network, which notes the requests and answers all of them alike.
final class NotingTransport: HTTPTransport {
    private let noted = Guarded<[HTTPRequest]>([])
    private let body: String

    init(_ body: String) {
        self.body = body
    }

    var requests: [HTTPRequest] { noted.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        noted.withLock { $0.append(request) }
        return HTTPResponse(status: 200, headers: [], body: SecretBytes(Array(body.utf8)))
    }
}

/// A folder of settings of its own, and an environment that knows nothing else.
final class TestHome {
    private let content: TemporaryFolder

    var folder: URL { URL(filePath: content.path) }

    init(config: String = "", credentials: String = "") throws {
        content = try TemporaryFolder()
        try write(config, to: ".aws/config")
        try write(credentials, to: ".aws/credentials")
    }

    @discardableResult
    func write(_ text: String, to path: String) throws -> String { try content.write(path, text) }

    func environment(_ variables: [String: String] = [:]) -> AWSEnvironment {
        AWSEnvironment(
            variables.merging(["HOME": folder.path(), "AWS_EC2_METADATA_DISABLED": "true"]) { given, _ in given }
        )
    }
}

extension ScriptedServer.Step {
    /// The answer of GenerateDataKey with a data key of 32 bytes, all 0x61.
    static let dataKey = Self.answer(
        status: 200,
        body:
            #"{"CiphertextBlob":"AQID","KeyId":"\#(TestValues.keyARN)","KeyMaterialId":null,"#
            + #""Plaintext":"\#(TestValues.plaintext)"}"#
    )
}
