import AWSHTTPTransport
import AWSServiceClients
import Glibc
import MaterialProviders
import TestVectors

/// Which AWS the tests run against, as options of a command say.
final class AWSOptions {
    private var endpoint: String?

    /// The options.
    var options: [ArgumentParser.Option] {
        [
            .init(
                name: "kms-endpoint",
                argument: "URL",
                help:
                    "Run tests that need AWS KMS against the KMS and DynamoDB at URL; on this machine, the branch keys of "
                    + "the sets are put into a table first"
            ) {
                guard let url = $0, !url.isEmpty else { return "a URL is needed" }
                self.endpoint = url
                return nil
            }
        ]
    }

    /// The services, once they have answered and hold the branch keys of the tables; nil when no option asks for any.
    ///
    /// - Throws: what makes it pointless to run a single test.
    func services(for tables: [KeyTable]) async throws -> AWSServices? {
        guard let endpoint else { return nil }
        let configuration = AWSClientConfiguration(
            transport: try CurlTransport(),
            credentials: StaticCredentialsProvider(Self.credentials),
            region: Self.environment("AWS_REGION") ?? AWSServices.BranchKeyTable.region,
            endpoint: endpoint
        )
        var dynamoDB: AWSDynamoDBClient?
        if LoopbackEndpoint.isLoopback(endpoint) {
            var table = configuration
            table.region = AWSServices.BranchKeyTable.region
            dynamoDB = try AWSDynamoDBClient(table)
        }
        let services = try AWSServices(
            kmsClients: AWSKMSClientSupplier(configuration),
            commandLine: ["--kms-endpoint", endpoint],
            loopbackDynamoDB: dynamoDB
        )
        try await services.probe()
        try await services.seed(tables)
        return services
    }

    /// The credentials of the environment; a stand-in on this machine takes any.
    private static var credentials: AWSCredentials {
        AWSCredentials(
            accessKeyID: environment("AWS_ACCESS_KEY_ID") ?? "local",
            secretAccessKey: environment("AWS_SECRET_ACCESS_KEY") ?? "local",
            sessionToken: environment("AWS_SESSION_TOKEN")
        )
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
