import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSHTTPTransport
@testable import AWSServiceClients

/// Which requests go through a proxy, and what the proxy sees of them.
///
/// Hosts that end with `.test` have no address: whoever reaches them does so through a proxy.
@Suite(.timeLimit(.minutes(5)))
struct ProxyTests {
    private static let deadProxy = "http://127.0.0.1:1"

    private func client(
        _ variables: [String: String],
        endpoint: String?,
        authorities: String? = nil
    ) throws -> AWSKMSClient {
        var configuration = AWSClientConfiguration(
            transport: try CurlTransport(
                certificateAuthorities: authorities,
                environment: AWSEnvironment(variables)
            ),
            credentials: StaticCredentialsProvider(TestValues.credentials),
            region: "us-west-2",
            endpoint: endpoint
        )
        configuration.clock = TestClock()
        return try AWSKMSClient(configuration)
    }

    private func failure(_ variables: [String: String], endpoint: String?) async throws -> AWSServiceError? {
        let client = try client(variables, endpoint: endpoint)
        return await #expect(throws: AWSServiceError.self) {
            try await client.generateDataKey(TestValues.dataKeyRequest)
        }
    }

    @Test(arguments: ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
    func plainRequestsGoThroughTheProxyThatIsNamed(variable: String) async throws {
        let proxy = try ScriptedServer([.dataKey])
        defer { proxy.stop() }
        let client = try client([variable: proxy.url], endpoint: "http://kms.test:8000/path")
        for _ in 0..<3 { _ = try await client.generateDataKey(TestValues.dataKeyRequest) }
        let requests = proxy.requests
        #expect(requests.map(\.line) == Array(repeating: "POST http://kms.test:8000/path HTTP/1.1", count: 3))
        #expect(requests.map { $0.field("Host") } == Array(repeating: "kms.test:8000", count: 3))
        #expect(requests.allSatisfy { $0.field("Authorization")?.hasPrefix("AWS4-HMAC-SHA256 ") == true })
        #expect(proxy.connectionCount == 1)
    }

    @Test func requestsOverTLSGoThroughATunnelThatShowsNothing() async throws {
        let name = "kms.us-west-2.amazonaws.com"
        let server = try TLSServer(name: name)
        defer { server.stop() }
        let proxy = try ScriptedServer([.tunnel(port: server.port)])
        defer { proxy.stop() }
        let transport = try CurlTransport(
            certificateAuthorities: server.certificate.file,
            environment: AWSEnvironment(["HTTPS_PROXY": proxy.url, "HTTP_PROXY": Self.deadProxy])
        )
        let response = try await transport.send(
            HTTPRequest(method: .get, url: "https://\(name)/", headers: [HTTPField("Authorization", "secret")])
        )
        #expect(response.status == 200)
        // What the proxy answered to CONNECT is not the service's.
        #expect(response.headers.first(named: "x-proxy") == nil)
        let request = try #require(proxy.requests.first)
        #expect(request.line == "CONNECT \(name):443 HTTP/1.1")
        #expect(request.field("Authorization") == nil)
    }

    @Test(HTTP2Server.isThere, arguments: ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
    func aClientReachesAWSsOwnEndpointThroughATunnel(variable: String) async throws {
        let name = "kms.us-west-2.amazonaws.com"
        let server = try HTTP2Server(name: name)
        defer { server.stop() }
        let proxy = try ScriptedServer([.tunnel(port: server.port)])
        defer { proxy.stop() }
        let client = try client([variable: proxy.url], endpoint: nil, authorities: server.certificate.file)
        for _ in 0..<4 { _ = try await client.generateDataKey(TestValues.dataKeyRequest) }
        #expect(proxy.requests.map(\.line) == ["CONNECT \(name):443 HTTP/1.1"])
        #expect(proxy.requests.first?.field("X-Amz-Security-Token") == nil)
        let transport = try server.transport(["HTTPS_PROXY": proxy.url])
        let statistics = try await server.statistics(over: transport, url: "https://\(name)/statistics")
        #expect(statistics.authorities == Array(repeating: name, count: 4))
    }

    @Test func nobodyIsReachedThroughATunnelWhoseCertificateIsAnothers() async throws {
        let server = try TLSServer(name: "kms.eu-west-1.amazonaws.com")
        defer { server.stop() }
        let proxy = try ScriptedServer([.tunnel(port: server.port)])
        defer { proxy.stop() }
        let client = try client(["HTTPS_PROXY": proxy.url], endpoint: nil, authorities: server.certificate.file)
        let error = await #expect(throws: AWSServiceError.self) {
            try await client.generateDataKey(TestValues.dataKeyRequest)
        }
        #expect(error?.code == .endpointUnreachable)
        #expect(error?.attempts == 1)
        #expect(error?.message.contains("TLS failed") == true)
    }

    @Test(arguments: [
        ("localhost", true), ("other.test, localhost", true), ("*", true), (".localhost", true), ("host", false),
        ("localhost.test", false), ("", false),
    ])
    func hostsInNoProxyAreCalledDirectly(exceptions: String, isDirect: Bool) async throws {
        let server = try ScriptedServer([.answer(status: 200, body: "direct")])
        defer { server.stop() }
        let proxy = try ScriptedServer([.answer(status: 200, body: "proxy")])
        defer { proxy.stop() }
        for variable in ["no_proxy", "NO_PROXY"] {
            let transport = try CurlTransport(
                environment: AWSEnvironment(["HTTP_PROXY": proxy.url, variable: exceptions])
            )
            let response = try await transport.send(
                HTTPRequest(method: .get, url: "http://localhost:\(server.port)/")
            )
            #expect(response.text == (isDirect ? "direct" : "proxy"))
        }
        #expect(proxy.requests.count == (isDirect ? 0 : 2))
    }

    @Test func aNetworkInNoProxyIsCalledDirectly() async throws {
        let server = try ScriptedServer([.answer(status: 200, body: "direct")])
        defer { server.stop() }
        let transport = try CurlTransport(
            environment: AWSEnvironment(["HTTP_PROXY": Self.deadProxy, "NO_PROXY": "10.0.0.0/8,127.0.0.0/8"])
        )
        #expect(try await transport.send(HTTPRequest(method: .get, url: server.url)).text == "direct")
    }

    @Test func whichVariableCounts() {
        func proxy(_ url: String, _ variables: [String: String], allowed: Bool = true) -> String {
            ProxySettings { AWSEnvironment(variables)[$0] }
                .proxy(for: HTTPRequest(method: .get, url: url, allowsProxy: allowed))
        }
        let all = [
            "http_proxy": "a", "HTTP_PROXY": "b", "https_proxy": "c", "HTTPS_PROXY": "d", "all_proxy": "e",
            "ALL_PROXY": "f",
        ]
        #expect(proxy("http://h/", all) == "a")
        #expect(proxy("https://h/", all) == "c")
        #expect(proxy("http://h/", all, allowed: false) == "")
        #expect(proxy("http://h/", ["HTTPS_PROXY": "d"]) == "")
        #expect(proxy("https://h/", ["HTTP_PROXY": "d"]) == "")
        #expect(proxy("https://h/", ["all_proxy": "e", "ALL_PROXY": "f"]) == "e")
        // In a CGI program HTTP_PROXY is a header field of the client.
        #expect(proxy("http://h/", ["HTTP_PROXY": "b", "REQUEST_METHOD": "GET"]) == "")
        #expect(proxy("http://h/", ["http_proxy": "a", "REQUEST_METHOD": "GET"]) == "a")
        #expect(ProxySettings { ["no_proxy": "x", "NO_PROXY": "y"][$0] }.exceptions == "x")
    }

    @Test func aProxyIsToldItsPasswordAndNobodyElse() async throws {
        let proxy = try ScriptedServer([.dataKey, .answer(status: 407, body: "")])
        defer { proxy.stop() }
        let variables = ["HTTP_PROXY": "http://user:pass-word@127.0.0.1:\(proxy.port)"]
        let client = try client(variables, endpoint: "http://kms.test")
        _ = try await client.generateDataKey(TestValues.dataKeyRequest)
        // printf user:pass-word | base64
        #expect(proxy.requests.first?.field("Proxy-Authorization") == "Basic dXNlcjpwYXNzLXdvcmQ=")
        let refused = await #expect(throws: AWSServiceError.self) {
            try await client.generateDataKey(TestValues.dataKeyRequest)
        }
        #expect(refused?.code == AWSServiceError.Code("HTTP407"))
        #expect(refused?.attempts == 1)
        let gone = try await failure(["HTTP_PROXY": "http://user:pass-word@127.0.0.1:1"], endpoint: "http://kms.test")
        #expect(gone?.code == .endpointUnreachable)
        #expect(gone?.description.contains("pass-word") == false)
    }

    @Test(arguments: [403, 407, 502])
    func aProxyThatRefusesATunnelMakesTheEndpointUnreachable(status: Int) async throws {
        let proxy = try ScriptedServer([.answer(status: status, body: "no")])
        defer { proxy.stop() }
        let error = try await failure(["HTTPS_PROXY": proxy.url], endpoint: nil)
        #expect(error?.code == .endpointUnreachable)
        #expect(error?.attempts == 3)
        #expect(error?.message.contains("the proxy answers with status \(status)") == true)
        #expect(error?.message.hasPrefix("https://kms.us-west-2.amazonaws.com: ") == true)
    }

    @Test(arguments: ["http://kms.test", "https://kms.test"])
    func aProxyThatIsNotThereMakesTheEndpointUnreachable(endpoint: String) async throws {
        let error = try await failure(["ALL_PROXY": Self.deadProxy], endpoint: endpoint)
        #expect(error?.code == .endpointUnreachable)
        #expect(error?.attempts == 3)
    }

    @Test(arguments: ["http://127.0.0.1:1", "http://localhost:1", "https://[::1]:1", "http://kms.example:1"])
    func aServiceOnThisMachineIsCalledDirectly(endpoint: String) async throws {
        let transport = NotingTransport(#"{"CiphertextBlob":"AQID","KeyId":"k","Plaintext":"YQ=="}"#)
        var configuration = AWSClientConfiguration(
            transport: transport,
            credentials: StaticCredentialsProvider(TestValues.credentials),
            region: "us-west-2",
            endpoint: endpoint
        )
        configuration.clock = TestClock()
        _ = try await AWSKMSClient(configuration).generateDataKey(TestValues.dataKeyRequest)
        #expect(transport.requests.map(\.allowsProxy) == [endpoint == "http://kms.example:1"])
    }

    /// The endpoints near a machine, for sources that ask them.
    private func context(_ variables: [String: String], _ transport: any HTTPTransport) -> CredentialsContext {
        CredentialsContext(
            transport: transport,
            environment: AWSEnvironment(variables),
            clock: TestClock(),
            random: FixedRandomSource(byte: 0xFF),
            region: nil
        )
    }

    @Test func metadataAndContainersAreNeverAskedThroughAProxy() async throws {
        let proxy = try ScriptedServer([.answer(status: 200, body: "proxy")])
        defer { proxy.stop() }
        let keys = #"{"AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-25T00:00:00Z"}"#
        let server = try ScriptedServer([
            .answer(status: 200, body: "token"), .answer(status: 200, body: "role"), .answer(status: 200, body: keys),
        ])
        defer { server.stop() }
        let proxied = ["HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "ALL_PROXY": proxy.url]
        let transport = try CurlTransport(environment: AWSEnvironment(proxied))
        let instance = InstanceMetadataCredentialsProvider(
            context: context(["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url], transport)
        )
        #expect(try await instance.credentials(forcesRefresh: false).accessKeyID == "ASIA1")
        let container = ContainerCredentialsProvider(
            context: context(["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url], transport)
        )
        #expect(try await container.credentials(forcesRefresh: false).accessKeyID == "ASIA1")
        #expect(server.requests.count == 4)
        #expect(proxy.requests.isEmpty)
    }

    @Test(arguments: [
        (["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], "http://[fd00:ec2::254]/latest/api/token"),
        (["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv4"], "http://169.254.169.254/latest/api/token"),
        ([:], "http://169.254.169.254/latest/api/token"),
    ])
    func theMetadataServiceIsAskedDirectly(variables: [String: String], url: String) async throws {
        let transport = NotingTransport(#"{"AccessKeyId":"a","SecretAccessKey":"s"}"#)
        let source = InstanceMetadataCredentialsProvider(context: context(variables, transport))
        _ = try? await source.credentials(forcesRefresh: false)
        #expect(transport.requests.first?.url == url)
        #expect(transport.requests.allSatisfy { !$0.allowsProxy })
    }

    @Test(arguments: [
        (
            [
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "https://a.test",
            ],
            "http://169.254.170.2/v2/x"
        ),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/y"], "http://169.254.170.2/y"),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1"], "http://169.254.170.23/v1"),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://[fd00:ec2::23]/v1"], "http://[fd00:ec2::23]/v1"),
        (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "https://anywhere.test/z"], "https://anywhere.test/z"),
    ])
    func containersAreAskedDirectly(variables: [String: String], url: String) async throws {
        let transport = NotingTransport(#"{"AccessKeyId":"a","SecretAccessKey":"s"}"#)
        let source = ContainerCredentialsProvider(context: context(variables, transport))
        #expect(try await source.credentials(forcesRefresh: false).accessKeyID == "a")
        #expect(transport.requests.map(\.url) == [url])
        #expect(transport.requests.map(\.allowsProxy) == [false])
    }
}
