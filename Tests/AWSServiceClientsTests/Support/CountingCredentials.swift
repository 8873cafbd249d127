import ESDKCrypto
import ESDKSystem

@testable import AWSServiceClients

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
