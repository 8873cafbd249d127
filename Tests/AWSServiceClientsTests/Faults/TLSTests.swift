import AWSHTTPTransport
import AWSMaterialProviders
import TestSupport
import Testing

@testable import AWSServiceClients

/// Certificates are verified, by chain and by name.
@Suite(.enabled(if: TestCertificate.isThere, "needs the openssl command"), .timeLimit(.minutes(5)))
struct TLSTests {
    private static let nothing = AWSEnvironment([:])

    private func status(of server: TLSServer, over transport: CurlTransport, host: String = "localhost") async throws
        -> Int
    {
        try await transport.send(HTTPRequest(method: .get, url: "https://\(host):\(server.port)/")).status
    }

    @Test func aCertificateOfAnUnknownAuthorityIsRefused() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        let other = try TestCertificate()
        for transport in [
            try CurlTransport(environment: Self.nothing),
            try CurlTransport(certificateAuthorities: other.file, environment: Self.nothing),
        ] {
            let error = await #expect(throws: HTTPTransportError.self) { try await status(of: server, over: transport) }
            #expect(error?.code == .tlsFailed)
            #expect(error?.reason.contains("certificate") == true)
        }
    }

    @Test func authoritiesAreTakenFromTheCallerOrFromTheEnvironment() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        let file = server.certificate.file
        let fromCaller = try CurlTransport(certificateAuthorities: file, environment: Self.nothing)
        #expect(try await status(of: server, over: fromCaller) == 200)
        let fromEnvironment = try CurlTransport(environment: AWSEnvironment(["AWS_CA_BUNDLE": file]))
        #expect(try await status(of: server, over: fromEnvironment) == 200)
        // The caller's choice comes first.
        let other = try TestCertificate()
        let fromBoth = try CurlTransport(
            certificateAuthorities: other.file,
            environment: AWSEnvironment(["AWS_CA_BUNDLE": file])
        )
        await #expect(throws: HTTPTransportError(.tlsFailed, "")) { try await status(of: server, over: fromBoth) }
    }

    @Test func aCertificateOfAnotherNameIsRefused() async throws {
        let server = try TLSServer(name: "kms.us-west-2.amazonaws.com")
        defer { server.stop() }
        let transport = try CurlTransport(certificateAuthorities: server.certificate.file, environment: Self.nothing)
        for host in ["localhost", "127.0.0.1"] {
            let error = await #expect(throws: HTTPTransportError.self) {
                try await status(of: server, over: transport, host: host)
            }
            #expect(error?.code == .tlsFailed)
            #expect(error?.reason.contains("matches target host name '\(host)'") == true)
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

    @Test(arguments: ["caller", "environment"])
    func aFileOfAuthoritiesThatIsMissingIsNamed(place: String) {
        let file = "/nonexistent/ca.pem"
        let error = #expect(throws: HTTPTransportError.self) {
            _ = try CurlTransport(
                certificateAuthorities: place == "caller" ? file : nil,
                environment: AWSEnvironment(place == "caller" ? [:] : ["AWS_CA_BUNDLE": file])
            )
        }
        #expect(error?.code == .tlsFailed)
        #expect(error?.reason.contains(file) == true)
        #expect(error?.reason.contains("AWS_CA_BUNDLE") == (place == "environment"))
    }
}
