// One import is enough for AWS: the transport comes with the clients.
@_exported public import AWSHTTPTransport
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
            else { throw refusal("\"\(region)\" is no region") }
            return regional
        }
        guard !usesFIPS, !usesDualStack else {
            throw refusal("FIPS and dual-stack choose among AWS's own endpoints: leave them off where one is given")
        }
        guard let custom = ServiceEndpoint(url: given, signingRegion: region) else {
            throw refusal("the endpoint is no http or https URL of host, port and path")
        }
        return custom
    }
}

extension AWSClientConfiguration {
    /// A configuration as users of AWS tools expect it: from arguments, variables and profiles, in this order.
    ///
    /// Region: argument, `AWS_REGION`, `AWS_DEFAULT_REGION`, profile; `load` asks the instance metadata service too.
    /// Endpoint: argument, `AWS_ENDPOINT_URL_KMS` and its like, `AWS_ENDPOINT_URL`, the profile's `services`, the
    /// profile's `endpoint_url`. Likewise FIPS, dual-stack, the number of attempts and the application's id.
    /// Credentials are looked for when they are first needed.
    ///
    /// Of the modes that `AWS_RETRY_MODE` or `retry_mode` may name there is only `standard`. `adaptive` and `legacy`
    /// are taken for it: what adaptive adds, a limit to the rate at which requests are sent, is left out.
    /// `AWS_DEFAULTS_MODE` or `defaults_mode` decides how long setting up a connection may take.
    ///
    /// - Parameters:
    ///   - transport: sends the requests; a new `CurlTransport` when it is nil. Share one among configurations.
    ///   - environment: the variables and files.
    ///   - profile: the profile; the one that `AWS_PROFILE` names, or `default`, when it is nil.
    ///   - region: the region.
    ///   - endpoint: a URL to call instead of AWS's own endpoints.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    public init(
        transport: (any HTTPTransport)? = nil,
        environment: AWSEnvironment = .current,
        profile: String? = nil,
        region: String? = nil,
        endpoint: String? = nil
    ) throws {
        func refusal(_ reason: String) -> AWSServiceError {
            AWSServiceError(
                .invalidConfiguration,
                reason,
                service: "AWS",
                operation: "configuration",
                attempts: 0
            )
        }
        let chosen = profile ?? environment["AWS_PROFILE"]
        let name = chosen ?? "default"
        let profiles = AWSProfiles(environment)
        if chosen != nil, profiles[name] == nil { throw refusal("profile \(name): \(profiles.missing(name))") }
        let settings = profiles[name] ?? [:]
        let givenRegion = region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
        let isComplete =
            profile == nil && givenRegion != nil && environment["AWS_ACCESS_KEY_ID"] != nil
            && environment["AWS_SECRET_ACCESS_KEY"] != nil
        if !isComplete, profiles[name] != nil, let problem = profiles.problem(with: name) {
            throw refusal(problem.description)
        }
        let transport = try transport ?? CurlTransport.forConfiguration(environment, profile: profile)
        let endpoints: ConfiguredEndpoints
        do throws(ProfileError) {
            endpoints = try ConfiguredEndpoints(environment, profiles: profiles, profile: name)
        } catch {
            throw refusal(error.description)
        }
        func isTrue(_ variable: String, _ setting: String) throws(AWSServiceError) -> Bool {
            switch (environment[variable] ?? settings[setting])?.lowercased() {
            case nil, "false": return false
            case "true": return true
            default: throw refusal("\(variable), or \(setting) of profile \(name), is neither true nor false")
            }
        }
        self.init(
            transport: transport,
            credentials: DefaultCredentialsProvider(
                transport: transport,
                environment: environment,
                profile: profile,
                region: nil
            ),
            region: givenRegion ?? settings["region"],
            endpoint: endpoint,
            usesFIPS: try isTrue("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            usesDualStack: try isTrue("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
            applicationID: environment["AWS_SDK_UA_APP_ID"] ?? settings["sdk_ua_app_id"]
        )
        configuredEndpoints = endpoints
        if self.region == nil, !profiles.unreadFiles.isEmpty {
            regionProblem = String(profiles.unreadFiles.dropFirst(2).dropLast())
        }
        if let text = environment["AWS_MAX_ATTEMPTS"] ?? settings["max_attempts"] {
            guard let number = Int(text), number > 0 else {
                throw refusal("AWS_MAX_ATTEMPTS, or max_attempts of profile \(name), is no positive number")
            }
            retries.maximumAttempts = number
        }
        let mode = environment["AWS_RETRY_MODE"] ?? settings["retry_mode"]
        guard ["standard", "adaptive", "legacy"].contains(mode?.lowercased() ?? "standard") else {
            throw refusal(
                "AWS_RETRY_MODE, or retry_mode of profile \(name), is none of standard, adaptive and legacy"
            )
        }
        switch (environment["AWS_DEFAULTS_MODE"] ?? settings["defaults_mode"])?.lowercased() {
        case nil, "standard", "cross-region", "auto", "legacy": break
        case "in-region": retries.connectTimeout = .milliseconds(1100)
        case "mobile": retries.connectTimeout = .seconds(30)
        default:
            throw refusal(
                "AWS_DEFAULTS_MODE, or defaults_mode of profile \(name), is none of standard, in-region, "
                    + "cross-region, mobile, auto and legacy"
            )
        }
    }

    /// A configuration as `init(transport:environment:profile:region:endpoint:)` makes it, with the region of the EC2
    /// instance that this runs on when no other place names one.
    ///
    /// When the instance metadata service is asked in vain, which takes up to a second, there is no region, and clients
    /// that need one say why.
    ///
    /// - Parameters:
    ///   - transport: sends the requests; a new `CurlTransport` when it is nil. Share one among configurations.
    ///   - environment: the variables and files.
    ///   - profile: the profile; the one that `AWS_PROFILE` names, or `default`, when it is nil.
    ///   - region: the region.
    ///   - endpoint: a URL to call instead of AWS's own endpoints.
    /// - Returns: the configuration.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`, or `CancellationError`.
    public static func load(
        transport: (any HTTPTransport)? = nil,
        environment: AWSEnvironment = .current,
        profile: String? = nil,
        region: String? = nil,
        endpoint: String? = nil
    ) async throws -> AWSClientConfiguration {
        let transport = try transport ?? CurlTransport.forConfiguration(environment, profile: profile)
        var configuration = try AWSClientConfiguration(
            transport: transport,
            environment: environment,
            profile: profile,
            region: region,
            endpoint: endpoint
        )
        guard configuration.region == nil else { return configuration }
        let context = CredentialsContext(
            transport: transport,
            environment: environment,
            clock: configuration.clock,
            random: configuration.random,
            region: nil
        )
        do {
            configuration.region = try await InstanceMetadataService(context: context).region()
        } catch let error as CredentialsError {
            configuration.regionProblem = error.description
        }
        return configuration
    }
}

extension CurlTransport {
    /// A transport for this environment.
    ///
    /// - Parameters:
    ///   - certificateAuthorities: the path of a PEM file with the certificate authorities to trust instead of
    ///     the system's; when it is nil, the file that `AWS_CA_BUNDLE` or the profile's `ca_bundle` names, if any.
    ///   - environment: the variables that name proxies and certificate authorities, read now and not again.
    ///   - profile: the profile; the one that `AWS_PROFILE` names, or `default`, when it is nil.
    /// - Throws: `HTTPTransportError` when libcurl or a thread cannot be had, or the file cannot be read.
    public convenience init(
        certificateAuthorities: String? = nil,
        environment: AWSEnvironment = .current,
        profile: String? = nil
    ) throws(HTTPTransportError) {
        let name = profile ?? environment["AWS_PROFILE"] ?? "default"
        try self.init(certificateAuthorities: certificateAuthorities) { variable in
            guard variable == "AWS_CA_BUNDLE" else { return environment[variable] }
            return (environment[variable] ?? AWSProfiles(environment)[name]?["ca_bundle"]).map(environment.expanded)
        }
    }

    /// The transport of a configuration that was given none.
    fileprivate static func forConfiguration(
        _ environment: AWSEnvironment,
        profile: String?
    ) throws(AWSServiceError) -> CurlTransport {
        do {
            return try CurlTransport(environment: environment, profile: profile)
        } catch {
            throw AWSServiceError(
                .invalidConfiguration,
                error.description,
                service: "AWS",
                operation: "configuration",
                attempts: 0
            )
        }
    }
}
