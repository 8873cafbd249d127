import AWSMaterialProviders
import AWSServiceClients
import ESDKTestVectors

/// Which AWS the tests run against, as options of a command say.
struct AWSOptions: Sendable {
    private var endpoint: String?
    private var usesAWS = false

    static let section = OptionSection<Self>(
        "AWS KMS",
        [
            .text(
                "kms-endpoint",
                ArgumentForm(name: "URL"),
                help:
                    "Run tests that need AWS KMS against the KMS and DynamoDB at URL; on a loopback address, the branch keys "
                    + "of the sets are first put into a table there"
            ) { values, url in
                guard !url.isEmpty else { throw UsageError("a URL is needed") }
                guard !values.usesAWS else { throw UsageError("cannot be combined with --aws") }
                values.endpoint = url
            },
            .flag(
                "aws",
                help:
                    "Run tests that need AWS KMS against AWS, with the credentials, region and endpoints that the AWS tools "
                    + "would use"
            ) { values in
                guard values.endpoint == nil else { throw UsageError("cannot be combined with --kms-endpoint") }
                values.usesAWS = true
            },
        ]
    )

    /// The services, once they have answered and hold the branch keys of the tables; nil when no option asks for any, and when the
    /// user asked the run to stop meanwhile.
    ///
    /// - Throws: what makes it pointless to run a single test.
    func services(for tables: [KeyTable]) async throws -> AWSServices? {
        guard usesAWS || endpoint != nil else { return nil }
        let endpoint = endpoint
        do {
            let (services, problems) = try await Interruption.cancelling {
                let services: AWSServices
                if let endpoint, LoopbackEndpoint.isLoopback(endpoint) {
                    services = try Self.local(endpoint)
                } else {
                    services = try await Self.remote(endpoint: endpoint, keys: tables)
                }
                try await services.probe()
                let problems = try await services.seed(tables)
                return (services, problems)
            }
            for problem in problems { Terminal.complain(problem) }
            return services
        } catch is CancellationError {
            return nil
        }
    }

    /// How clients call services on this machine, which take any credentials.
    static func localConfiguration(_ endpoint: String) throws -> AWSClientConfiguration {
        AWSClientConfiguration(
            transport: try CurlTransport(),
            credentials: StaticCredentialsProvider(AWSCredentials(accessKeyID: "local", secretAccessKey: "local")),
            region: AWSServices.BranchKeyTable.region,
            endpoint: endpoint
        )
    }

    private static func local(_ endpoint: String) throws -> AWSServices {
        let configuration = try localConfiguration(endpoint)
        return try AWSServices(
            kmsClients: AWSKMSClientSupplier(configuration),
            commandLine: ["--kms-endpoint", endpoint],
            loopbackDynamoDB: AWSDynamoDBClient(configuration)
        )
    }

    private static func remote(endpoint: String?, keys: [KeyTable]) async throws -> AWSServices {
        let configuration = try await AWSClientConfiguration.load(transport: CurlTransport(), endpoint: endpoint)
        return try AWSServices(
            kmsClients: AWSKMSClientSupplier(configuration),
            // Key ARNs name their region; a user who has only these need not configure one.
            probeRegion: configuration.region ?? keys.lazy.compactMap(\.firstKMSRegion).first,
            commandLine: endpoint.map { ["--kms-endpoint", $0] } ?? ["--aws"]
        )
    }
}
