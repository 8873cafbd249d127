import AWSHTTPTransport
import ESDKSystem
import TestSupport
import Testing

@testable import AWSServiceClients

/// Credentials from the endpoints of containers and instances.
@Suite(.timeLimit(.minutes(5)))
struct EndpointCredentialsTests {
    private static let answer =
        #"{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t","#
        + #""Expiration":"2026-11-25T00:00:00Z"}"#
    private static let expected = AWSCredentials(
        accessKeyID: "ASIA1",
        secretAccessKey: "s",
        sessionToken: "t",
        expiration: Timestamp(iso8601: "2026-11-25T00:00:00Z")
    )

    private func context(_ variables: [String: String]) throws -> CredentialsContext {
        CredentialsContext(
            transport: try ScriptedService.transport.get(),
            environment: AWSEnvironment(variables),
            clock: TestClock(),
            random: FixedRandomSource(byte: 0xFF),
            region: nil
        )
    }

    private func container(_ variables: [String: String]) throws -> ContainerCredentialsProvider {
        ContainerCredentialsProvider(context: try context(variables))
    }

    private func instance(_ server: ScriptedServer, _ more: [String: String] = [:]) throws
        -> InstanceMetadataCredentialsProvider
    {
        let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url].merging(more) { $1 }
        return InstanceMetadataCredentialsProvider(context: try context(variables))
    }

    @Test func aContainerAsksWithItsToken() async throws {
        let server = try ScriptedServer([.answer(status: 200, body: Self.answer)])
        defer { server.stop() }
        let home = try TestHome()
        let file = try home.write("file-token", to: "token")
        let variables = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/role?id=7",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token",
        ]
        #expect(try await container(variables).credentials(forcesRefresh: false) == Self.expected)
        let withFile = variables.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file]) { $1 }
        #expect(try await container(withFile).credentials(forcesRefresh: false) == Self.expected)
        #expect(server.requests.map(\.line) == Array(repeating: "GET /role?id=7 HTTP/1.1", count: 2))
        #expect(server.requests.map { $0.field("Authorization") } == ["token", "file-token"])
    }

    @Test(arguments: [
        "http://example.com/", "http://169.254.170.3/", "http://127.0.0.1.example.com/", "http://10.0.0.1/",
        "ftp://127.0.0.1/",
    ])
    func aContainerDoesNotSendItsTokenToOthersOverHTTP(url: String) async throws {
        let provider = try container([
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token",
        ])
        await #expect(throws: CredentialsError(.invalidConfiguration, source: "", "")) {
            try await provider.credentials(forcesRefresh: false)
        }
    }

    @Test func aTokenWithALineEndIsRefused() async throws {
        let provider = try container([
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nX: y",
        ])
        await #expect(throws: CredentialsError(.invalidConfiguration, source: "", "")) {
            try await provider.credentials(forcesRefresh: false)
        }
    }

    @Test func aContainerEndpointInTroubleIsAskedThreeTimes() async throws {
        let server = try ScriptedServer([.answer(status: 503, body: "")])
        defer { server.stop() }
        let provider = try container(["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url])
        let error = await #expect(throws: CredentialsError.self) {
            try await provider.credentials(forcesRefresh: false)
        }
        #expect(error?.code == .failed)
        #expect(server.requests.count == 3)
    }

    @Test(arguments: [
        (#"{"AccessKeyId":"a"}"#, "no AccessKeyId and SecretAccessKey"), ("<html>hidden", "not a JSON object"),
        (#"{"AccessKeyId":"a","SecretAccessKey":"hidden","Expiration":"soon"}"#, "Expiration"),
        (#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"no trust"}"#, "AssumeRoleUnauthorizedAccess: no trust"),
    ])
    func anAnswerWithoutCredentialsIsExplained(body: String, words: String) async throws {
        let server = try ScriptedServer([.answer(status: 200, body: body)])
        defer { server.stop() }
        let provider = try container(["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url])
        let error = await #expect(throws: CredentialsError.self) {
            try await provider.credentials(forcesRefresh: false)
        }
        #expect(error?.code == .failed)
        #expect(error?.description.contains(words) == true)
        #expect(error?.description.contains("hidden") == false)
    }

    @Test func anInstanceAsksForATokenFirst() async throws {
        let server = try ScriptedServer([
            .answer(status: 200, body: "imds-token"), .answer(status: 200, body: "my-role\n"),
            .answer(status: 200, body: Self.answer),
        ])
        defer { server.stop() }
        #expect(try await instance(server).credentials(forcesRefresh: false) == Self.expected)
        let requests = server.requests
        #expect(
            requests.map(\.line) == [
                "PUT /latest/api/token HTTP/1.1", "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1",
                "GET /latest/meta-data/iam/security-credentials/my-role HTTP/1.1",
            ]
        )
        #expect(requests.first?.field("x-aws-ec2-metadata-token-ttl-seconds") == "21600")
        #expect(requests.map { $0.field("x-aws-ec2-metadata-token") } == [nil, "imds-token", "imds-token"])
    }

    @Test func aTokenThatHasBecomeInvalidIsReplacedOnce() async throws {
        let server = try ScriptedServer([
            .answer(status: 200, body: "old"), .answer(status: 401, body: ""), .answer(status: 200, body: "new"),
            .answer(status: 200, body: "my-role"), .answer(status: 200, body: Self.answer),
            .answer(status: 200, body: "t"), .answer(status: 401, body: ""),
        ])
        defer { server.stop() }
        let provider = try instance(server)
        #expect(try await provider.credentials(forcesRefresh: false) == Self.expected)
        #expect(
            server.requests.map { $0.field("x-aws-ec2-metadata-token") } == [nil, "old", nil, "new", "new"]
        )
        let error = await #expect(throws: CredentialsError.self) {
            try await provider.credentials(forcesRefresh: false)
        }
        #expect(error?.code == .failed)
        #expect(error?.reason.contains("status 401") == true)
    }

    @Test(arguments: ["2026-11-24T22:00:00Z", "2026-11-24T22:40:00Z"])
    func credentialsNearTheirEndAreKeptForAWhile(end: String) async throws {
        let server = try ScriptedServer([
            .answer(status: 200, body: "t"), .answer(status: 200, body: "my-role"),
            .answer(
                status: 200,
                body: #"{"AccessKeyId":"a","SecretAccessKey":"s","Token":"t","Expiration":"\#(end)"}"#
            ),
        ])
        defer { server.stop() }
        let found = try await instance(server).credentials(forcesRefresh: false)
        // 10 minutes from now, and 15 times a random fraction, which is 1 here.
        #expect(found.expiration == Timestamp(iso8601: "2026-11-24T22:50:35Z"))
    }

    @Test func aMachineThatIsNoInstanceGoesOn() async throws {
        let server = try ScriptedServer([.close])
        server.stop()
        let provider = InstanceMetadataCredentialsProvider(
            context: try context(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"])
        )
        let error = await #expect(throws: CredentialsError.self) {
            try await provider.credentials(forcesRefresh: false)
        }
        #expect(error?.code == .notConfigured)
        #expect(error?.reason.hasPrefix("http://127.0.0.1:1: connection failed") == true, "\(error?.reason ?? "")")
    }

    @Test func aSilentMetadataServiceCostsNoLongWait() async throws {
        let server = try ScriptedServer([.hang])
        defer { server.stop() }
        let provider = try instance(
            server,
            ["AWS_METADATA_SERVICE_TIMEOUT": "0.1", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "2"]
        )
        await #expect(throws: CredentialsError(.notConfigured, source: "", "")) {
            try await provider.credentials(forcesRefresh: false)
        }
        // Both versions of the service are asked: an answer that is lost may have been the token's only.
        #expect(server.requests.count == 4)
    }

    @Test func anInstanceWithoutRoleGoesOn() async throws {
        let server = try ScriptedServer([.answer(status: 200, body: "t"), .answer(status: 404, body: "")])
        defer { server.stop() }
        let provider = try instance(server)
        await #expect(throws: CredentialsError(.notConfigured, source: "", "")) {
            try await provider.credentials(forcesRefresh: false)
        }
    }

    @Test(arguments: [400, 401, 500])
    func aRefusedTokenIsAnError(status: Int) async throws {
        let server = try ScriptedServer([.answer(status: status, body: "")])
        defer { server.stop() }
        let provider = try instance(server)
        let error = await #expect(throws: CredentialsError.self) {
            try await provider.credentials(forcesRefresh: false)
        }
        #expect(error?.code == .failed)
        #expect(server.requests.count == 1)
    }
}
