public import AWSHTTPTransport
internal import AWSMaterialProviders
package import ESDKCrypto
public import ESDKSystem

/// What a client of AWS needs to know.
public struct AWSClientConfiguration: Sendable {
    /// Sends the requests.
    public var transport: any HTTPTransport
    /// Where the credentials come from.
    public var credentials: any AWSCredentialsProvider
    /// The region whose endpoint is called, and that signatures name; keys named by an ARN are called in the ARN's.
    public var region: String?
    /// A URL to call instead of AWS's own endpoints, such as `http://127.0.0.1:5200`.
    public var endpoint: String?
    /// Whether the endpoint must use cryptography validated by FIPS 140; not together with `endpoint`.
    public var usesFIPS: Bool
    /// Whether the endpoint must have IPv6 addresses too; not together with `endpoint`.
    public var usesDualStack: Bool
    /// How often, and for how long, a request is tried.
    public var retries: RetrySettings
    /// A name for the calling application in the `User-Agent` field; of at most 50 characters.
    public var applicationID: String?
    /// The largest response that is read, in bytes.
    public var maximumResponseLength: Int
    /// What the client knows of time.
    public var clock: any TimeSource
    /// The endpoints that variables and profiles name, which count where `endpoint` is nil.
    var configuredEndpoints = ConfiguredEndpoints()
    /// Why there is no region, when the instance metadata service was asked for it.
    var regionProblem: String?
    /// Where the spread of retries and the ids of requests come from.
    package var random: any RandomSource

    /// A configuration.
    ///
    /// - Parameters:
    ///   - transport: sends the requests.
    ///   - credentials: where the credentials come from.
    ///   - region: the region.
    ///   - endpoint: a URL to call instead of AWS's own endpoints.
    ///   - usesFIPS: whether the endpoint must use cryptography validated by FIPS 140.
    ///   - usesDualStack: whether the endpoint must have IPv6 addresses too.
    ///   - retries: how often, and for how long, a request is tried.
    ///   - applicationID: a name for the calling application.
    public init(
        transport: any HTTPTransport,
        credentials: any AWSCredentialsProvider,
        region: String? = nil,
        endpoint: String? = nil,
        usesFIPS: Bool = false,
        usesDualStack: Bool = false,
        retries: RetrySettings = RetrySettings(),
        applicationID: String? = nil
    ) {
        self.transport = transport
        self.credentials = credentials
        self.region = region
        self.endpoint = endpoint
        self.usesFIPS = usesFIPS
        self.usesDualStack = usesDualStack
        self.retries = retries
        self.applicationID = applicationID
        maximumResponseLength = 1 << 20
        clock = SystemTimeSource()
        random = SystemRandomSource()
    }
}

extension AWSClientConfiguration: CustomStringConvertible, CustomReflectable {
    /// The region, and nothing that may be secret.
    public var description: String { "AWS client configuration, region \(region ?? "not set")" }

    /// A mirror that shows the region only: an endpoint may hold a password by mistake, and a provider keys.
    public var customMirror: Mirror { Mirror(self, children: ["region": region as Any]) }
}

extension AWSClientConfiguration {
    /// Where a service is called under this configuration.
    ///
    /// - Parameters:
    ///   - service: the service.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    func endpoint(for service: ServiceDescription) throws(AWSServiceError) -> ServiceEndpoint {
        func refusal(_ message: String) -> AWSServiceError {
            AWSServiceError(
                .invalidConfiguration,
                message,
                service: service.name,
                operation: "configuration",
                attempts: 0
            )
        }
        guard let region, !region.isEmpty else {
            throw refusal(
                "no region: give one, or set AWS_REGION or the region of the profile"
                    + (regionProblem.map { " (\($0))" } ?? "")
            )
        }
        let given = endpoint.flatMap { $0.isEmpty ? nil : $0 } ?? configuredEndpoints[service.endpointName]
        guard let given else {
            guard
                let regional = ServiceEndpoint.regional(
                    service,
                    region: region,
                    usesFIPS: usesFIPS,
                    usesDualStack: usesDualStack
                )
            else { throw refusal("\"\(region)\" is not a region") }
            return regional
        }
        guard !usesFIPS, !usesDualStack else {
            throw refusal("FIPS and dual-stack choose among AWS's own endpoints: leave them off where one is given")
        }
        guard let custom = ServiceEndpoint(url: given, signingRegion: region) else {
            throw refusal("the endpoint is not an http or https URL of host, port and path")
        }
        return custom
    }
}
