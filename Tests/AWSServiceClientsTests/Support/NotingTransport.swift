import ESDKCrypto
import ESDKSystem

@testable import AWSServiceClients

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
