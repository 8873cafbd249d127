import AWSHTTPTransport
import AWSMaterialProviders
import Testing

@testable import AWSServiceClients

@Suite(.enabled(if: LocalAWS.isRunning, Comment(rawValue: LocalAWS.comment)))
struct LocalRoleTests {
    @Test func aRoleThatWasAssumedSeesTheSameKeys() async throws {
        let home = try TestHome(
            config: """
                [profile role]
                role_arn = arn:aws:iam::111122223333:role/demo
                source_profile = base
                region = us-west-2
                endpoint_url = \(LocalAWS.endpoint ?? "")
                [profile base]
                aws_access_key_id = local
                aws_secret_access_key = local
                """
        )
        let configuration = try AWSClientConfiguration(
            transport: try CurlTransport(),
            environment: home.environment(),
            profile: "role"
        )
        let found = try await configuration.credentials.credentials(forcesRefresh: false)
        #expect(found.accessKeyID.hasPrefix("ASIA"))
        #expect(found.sessionToken != nil)
        let key = try await AWSKMSClient(configuration).describeKey(
            KMS.DescribeKeyRequest(keyID: "alias/EncryptDecrypt")
        )
        #expect(key.arn == LocalAWS.arn("b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"))
    }
}
