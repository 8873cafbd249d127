import AWSHTTPTransport
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSServiceClients

/// A scripted server, and clients that call it over libcurl.
struct ScriptedService {
    static let transport = Result { try CurlTransport() }

    let server: ScriptedServer
    let clock = TestClock()
    var configuration: AWSClientConfiguration

    init(_ steps: [ScriptedServer.Step]) throws {
        server = try ScriptedServer(steps)
        configuration = AWSClientConfiguration(
            transport: try Self.transport.get(),
            credentials: StaticCredentialsProvider(TestValues.credentials),
            region: "us-west-2",
            endpoint: server.url
        )
        configuration.clock = clock
        configuration.random = FixedRandomSource(byte: 0xFF)
    }

    var kms: AWSKMSClient {
        get throws { try AWSKMSClient(configuration) }
    }

    var dynamoDB: AWSDynamoDBClient {
        get throws { try AWSDynamoDBClient(configuration) }
    }

    /// The error that GenerateDataKey ends with.
    func failure() async throws -> AWSServiceError? {
        let client = try kms
        return await #expect(throws: AWSServiceError.self) {
            try await client.generateDataKey(TestValues.dataKeyRequest)
        }
    }
}
