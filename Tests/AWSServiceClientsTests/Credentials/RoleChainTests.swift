import Foundation
import TestSupport
import Testing

@testable import AWSServiceClients

/// Profiles whose roles lead to others: who is asked for what, in which order.
@Suite(.timeLimit(.minutes(5)))
struct RoleChainTests {
    struct Suite: Decodable {
        let cases: [Case]
    }

    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        let profiles: [String: [String: String]]
        /// What is done in turn, beginning with the source of the first credentials; nil for an error.
        let chain: [[String: String]]?

        var testDescription: String { name }
    }

    static func cases() throws -> [Case] {
        let bytes = try RepositoryFiles.bytes("Tests/Vectors/profiles/smithy-rs-roles.json")
        return try JSONDecoder().decode(Suite.self, from: Data(bytes)).cases
    }

    private static let role = """
        <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>
        <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
        <Expiration>2026-11-24T23:25:35Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
        """

    /// The steps of the instance metadata service, which one case asks.
    private static let metadata: [ScriptedServer.Step] = [
        .answer(status: 200, body: "token"), .answer(status: 200, body: "role"),
        .answer(
            status: 200,
            body: #"{"AccessKeyId":"AKIMDS","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-25T00:00:00Z"}"#
        ),
    ]

    /// The parameters that a request must have, in the form in which they are sent.
    private static func parameters(of step: [String: String]) -> [String] {
        let names = ["role_arn": "RoleArn", "role_session_name": "RoleSessionName", "external_id": "ExternalId"]
        return names.compactMap { key, name in step[key].map { "\(name)=\(PercentEncoding.encode($0))" } }
    }

    @Test("The cases of smithy-rs", arguments: try cases())
    func rolesAreAssumedAsTheOtherLibrariesDo(example: Case) async throws {
        let kinds = example.chain?.map { $0["kind"] } ?? []
        let asksInstance = kinds.first == "NamedSource"
        let server = try ScriptedServer((asksInstance ? Self.metadata : []) + [.answer(status: 200, body: Self.role)])
        defer { server.stop() }
        let home = try TestHome()
        let token = try home.write("web-token", to: "token.jwt")
        var config = ""
        for (name, settings) in example.profiles {
            config += "[profile \(name)]\n"
            for (key, value) in settings {
                config += "\(key) = \(key == "web_identity_token_file" ? token : value)\n"
            }
        }
        try home.write(config, to: ".aws/config")
        let provider = DefaultCredentialsProvider(
            transport: try ScriptedService.transport.get(),
            environment: home.environment([
                "AWS_ENDPOINT_URL_STS": server.url,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url,
                "AWS_EC2_METADATA_DISABLED": asksInstance ? "" : "true",
            ]),
            profile: "A",
            clock: TestClock()
        )
        guard let chain = example.chain, kinds.first != "Sso" else {
            let error = await #expect(throws: CredentialsError.self) {
                try await provider.credentials(forcesRefresh: false)
            }
            #expect(server.requests.isEmpty)
            // The profile or the one that it leads to is named.
            #expect(error?.description.contains("profile A") == true || error?.source == "profile B")
            if kinds.first == "Sso" { #expect(error?.reason.contains("use credential_process") == true) }
            return
        }
        let found = try await provider.credentials(forcesRefresh: false)
        #expect(found.accessKeyID == "ASIAROLE")
        let requests = server.requests.dropFirst(asksInstance ? Self.metadata.count : 0)
        var steps = chain[...]
        var signer: String?
        if let first = chain.first, first["kind"] != "WebIdentityToken" {
            steps.removeFirst()
            signer = asksInstance ? "AKIMDS" : first["access_key_id"]
        }
        try #require(requests.count == steps.count)
        for (request, step) in zip(requests, steps) {
            if step["kind"] == "WebIdentityToken" {
                #expect(request.body.contains("Action=AssumeRoleWithWebIdentity&"))
                #expect(request.body.contains("WebIdentityToken=web-token"))
                #expect(request.field("Authorization") == nil)
            } else {
                #expect(request.body.contains("Action=AssumeRole&"))
                let signer = try #require(signer)
                #expect(request.field("Authorization")?.contains("Credential=\(signer)/") == true)
            }
            let sent = request.body.split(separator: "&").map(String.init)
            for parameter in Self.parameters(of: step) { #expect(sent.contains(parameter)) }
            #expect(sent.contains { $0.hasPrefix("ExternalId=") } == (step["external_id"] != nil))
            signer = "ASIAROLE"
        }
    }
}
