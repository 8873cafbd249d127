import AWSHTTPTransport
import MaterialProviders
import Testing

@testable import AWSServiceClients

/// Certificates are verified, by chain and by name.
@Suite(.enabled(if: TLSServer.command != nil, "needs the openssl command"), .timeLimit(.minutes(1)))
struct TLSTests {
    @Test func onlyATrustedCertificateOfTheRightNameIsTaken() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        let trusting = try CurlTransport(certificateAuthorities: server.certificate)
        let answer = try await trusting.send(HTTPRequest(method: .get, url: "https://localhost:\(server.port)/"))
        #expect(answer.status == 200)
        await #expect(throws: HTTPTransportError(.tlsFailed, "")) {
            try await trusting.send(HTTPRequest(method: .get, url: "https://127.0.0.1:\(server.port)/"))
        }
        await #expect(throws: HTTPTransportError(.tlsFailed, "")) {
            try await CurlTransport().send(HTTPRequest(method: .get, url: "https://localhost:\(server.port)/"))
        }
    }

    @Test func aCertificateThatIsNotTrustedEndsTheAttempts() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        var service = try ScriptedService([.close])
        defer { service.server.stop() }
        service.configuration.endpoint = "https://localhost:\(server.port)"
        let error = try await service.failure()
        #expect(error?.code == .endpointUnreachable)
        #expect(error?.attempts == 1)
        #expect(error?.message.contains("TLS failed") == true)
    }
}
