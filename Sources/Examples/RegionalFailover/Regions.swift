import AWSHTTPTransport
import AWSMaterialProviders
import AWSServiceClients

/// Clients that find credentials as AWS tools do, and give a region up soon; some regions can be told to be gone.
struct Regions: KMSClientSupplier {
    private let all: AWSKMSClientSupplier
    private let configuration: AWSClientConfiguration
    /// The regions that are gone, with the endpoint that is called in their place.
    private let gone: [String: String]

    init(gone: [String: String] = [:]) throws {
        var configuration = try AWSClientConfiguration(transport: CurlTransport())
        configuration.retries = RetrySettings(
            maximumAttempts: 2,
            connectTimeout: .milliseconds(500),
            attemptTimeout: .seconds(1),
            operationTimeout: .seconds(3)
        )
        self.configuration = configuration
        self.gone = gone
        all = AWSKMSClientSupplier(configuration)
    }

    func client(forRegion region: String?) throws -> any KMSClient {
        guard let region, let endpoint = gone[region] else { return try all.client(forRegion: region) }
        var nowhere = configuration
        nowhere.region = region
        nowhere.endpoint = endpoint
        return try AWSKMSClient(nowhere)
    }
}
