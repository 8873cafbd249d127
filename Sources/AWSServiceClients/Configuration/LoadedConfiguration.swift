// One import is enough for AWS: the transport comes with the clients.
@_exported public import AWSHTTPTransport
internal import AWSMaterialProviders
internal import ESDKSystem

extension AWSClientConfiguration {
    /// A configuration as users of AWS tools expect it: from arguments, variables and profiles, in this order.
    ///
    /// Region: argument, `AWS_REGION`, `AWS_DEFAULT_REGION`, profile; `load` asks the instance metadata service too.
    /// Endpoint: argument, `AWS_ENDPOINT_URL_KMS` and the like, `AWS_ENDPOINT_URL`, the profile's `services`, the
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
        let chosen = profile ?? environment.profile
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
                throw refusal("AWS_MAX_ATTEMPTS, or max_attempts of profile \(name), is not a positive number")
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
    /// When the instance metadata service does not answer, which takes up to a second, there is no region, and clients
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
            region: nil,
            profile: profile
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
    /// - Throws: `HTTPTransportError` when libcurl or a thread cannot be started, or the file cannot be read.
    public convenience init(
        certificateAuthorities: String? = nil,
        environment: AWSEnvironment = .current,
        profile: String? = nil
    ) throws(HTTPTransportError) {
        let name = profile ?? environment.profile ?? "default"
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
