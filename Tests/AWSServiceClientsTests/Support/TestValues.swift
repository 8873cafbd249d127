import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import Foundation

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

/// A clock that stands still, but for the waits, which it notes and skips.
final class TestClock: TimeSource {
    private struct State {
        var now: Timestamp
        var uptime = Duration.seconds(1000)
        var sleeps: [Duration] = []
    }

    private let state: Guarded<State>

    init(_ text: String = "2026-11-24T22:25:35Z") {
        state = Guarded(State(now: Timestamp(iso8601: text) ?? Timestamp(secondsSinceEpoch: 0)))
    }

    var now: Timestamp { state.withLock { $0.now } }
    var uptime: Duration { state.withLock { $0.uptime } }
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { $0.sleeps.append(duration) }
        advance(by: duration)
    }

    func advance(by duration: Duration) {
        state.withLock { state in
            state.uptime += duration
            state.now = state.now.advanced(bySeconds: duration / .seconds(1))
        }
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
    let folder: URL

    init(config: String = "", credentials: String = "") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appending(path: ".aws"), withIntermediateDirectories: true)
        try write(config, to: ".aws/config")
        try write(credentials, to: ".aws/credentials")
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    @discardableResult
    func write(_ text: String, to path: String) throws -> String {
        let file = folder.appending(path: path)
        try Data(text.utf8).write(to: file)
        return file.path()
    }

    func environment(_ variables: [String: String] = [:]) -> AWSEnvironment {
        AWSEnvironment(
            variables.merging(["HOME": folder.path(), "AWS_EC2_METADATA_DISABLED": "true"]) { given, _ in given }
        )
    }
}
