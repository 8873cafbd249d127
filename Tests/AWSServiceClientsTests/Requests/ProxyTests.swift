import CryptoPrimitives
import Synchronization
import Testing

@testable import AWSServiceClients

/// Which requests may go through a proxy.
struct ProxyTests {
    @Test(arguments: [("http://127.0.0.1:1", false), ("http://kms.example:1", true)])
    func onlyRequestsToOtherMachinesMayUseAProxy(endpoint: String, allowed: Bool) async throws {
        let transport = NotingTransport()
        var configuration = AWSClientConfiguration(
            transport: transport,
            credentials: StaticCredentialsProvider(TestValues.credentials),
            region: "us-west-2",
            endpoint: endpoint
        )
        configuration.clock = TestClock()
        _ = try await AWSKMSClient(configuration).generateDataKey(TestValues.dataKeyRequest)
        #expect(transport.requests.map(\.allowsProxy) == [allowed])
    }
}

/// Answers every request with a data key.
private final class NotingTransport: HTTPTransport {
    private let noted = Mutex<[HTTPRequest]>([])

    var requests: [HTTPRequest] { noted.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        noted.withLock { $0.append(request) }
        let body = #"{"CiphertextBlob":"AQID","KeyId":"k","Plaintext":"\#(TestValues.plaintext)"}"#
        return HTTPResponse(status: 200, headers: [], body: SecretBytes(Array(body.utf8)))
    }
}
