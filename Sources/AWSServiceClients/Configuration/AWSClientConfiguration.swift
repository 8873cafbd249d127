package import ESDKCrypto

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
    public var clock: any ServiceClock
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
        clock = SystemServiceClock()
        random = SystemRandomSource()
    }
}
