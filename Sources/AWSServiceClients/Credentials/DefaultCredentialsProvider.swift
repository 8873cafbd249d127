internal import ESDKCrypto
public import ESDKSystem

/// Credentials from wherever the user of AWS tools has put them, kept until shortly before they end.
///
/// Asked in this order: the environment (unless a profile is chosen in code), the profile, the web identity variables,
/// the container endpoint, the instance metadata service. The first one that is configured decides: when it fails, so
/// does this. When none is, the error says what each answered.
public struct DefaultCredentialsProvider: AWSCredentialsProvider {
    private struct Chain: AWSCredentialsProvider {
        let context: CredentialsContext
        let profile: String?

        func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
            var answers: [String] = []
            for provider in try providers() {
                do {
                    let found = try await provider.credentials(forcesRefresh: forcesRefresh)
                    return try found.valid(at: context.clock.now, from: Self.name(of: provider))
                } catch let error as CredentialsError
                    where error.code == .notConfigured || provider is InstanceMetadataCredentialsProvider
                {
                    // The last one was not configured: machines that are not instances may have something at that address, too.
                    answers.append(error.description)
                }
            }
            throw CredentialsError(
                .notConfigured,
                source: "no credentials were found",
                "asked were " + answers.joined(separator: "; ")
            )
        }

        private static func name(of provider: any AWSCredentialsProvider) -> String {
            switch provider {
            case let provider as ProfileCredentialsProvider: "profile \(provider.name)"
            case is ContainerCredentialsProvider: ContainerCredentialsProvider.source
            case is EnvironmentCredentialsProvider: "environment"
            default: "credentials"
            }
        }

        private func providers() throws -> [any AWSCredentialsProvider] {
            let environment = context.environment
            var providers: [any AWSCredentialsProvider] = []
            if profile == nil { providers.append(EnvironmentCredentialsProvider(environment)) }
            let named = profile ?? environment.profile
            providers.append(
                ProfileCredentialsProvider(name: named ?? "default", isChosen: named != nil, context: context)
            )
            providers.append(WebIdentityVariables(context: context, profile: named ?? "default"))
            providers.append(ContainerCredentialsProvider(context: context))
            providers.append(InstanceMetadataCredentialsProvider(context: context))
            return providers
        }
    }

    private let cache: CachingCredentialsProvider

    /// The usual sources.
    ///
    /// - Parameters:
    ///   - transport: sends the requests of those sources that send any.
    ///   - environment: the variables and files.
    ///   - profile: the profile to use, rather than the environment's keys or `AWS_PROFILE`.
    ///   - region: the region in which roles are assumed, when no other setting is to name it.
    ///   - clock: the time.
    public init(
        transport: any HTTPTransport,
        environment: AWSEnvironment = .current,
        profile: String? = nil,
        region: String? = nil,
        clock: any TimeSource = SystemTimeSource()
    ) {
        let context = CredentialsContext(
            transport: transport,
            environment: environment,
            clock: clock,
            random: SystemRandomSource(),
            region: region,
            profile: profile
        )
        cache = CachingCredentialsProvider(Chain(context: context, profile: profile), clock: clock)
    }

    /// Credentials to sign with now.
    ///
    /// - Parameter forcesRefresh: whether the service has refused the kept ones as expired.
    /// - Returns: the credentials.
    /// - Throws: `CredentialsError`, or `CancellationError`.
    public func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        try await cache.credentials(forcesRefresh: forcesRefresh)
    }
}

/// What sources of credentials work with.
struct CredentialsContext: Sendable {
    /// Sends their requests.
    let transport: any HTTPTransport
    /// The variables and files.
    let environment: AWSEnvironment
    /// The time.
    let clock: any TimeSource
    /// Where the ids of requests and the spread of retries come from.
    let random: any RandomSource
    /// The region of STS, when the caller has chosen one.
    let region: String?
    /// The profile, when the caller has chosen one.
    var profile: String?
    /// Asks the user for the code of a device; throws `SystemError` where there is no terminal.
    var mfaPrompt: @Sendable (String) async throws -> String = { try await TerminalPrompt.ask($0) }

    /// Asks an endpoint for credentials near this machine, with a few tries.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - source: the source, for errors.
    ///   - attempts: how often it is asked at most.
    ///   - unreachable: the code of the error where there is nothing to connect to.
    /// - Returns: the response, whatever its status, unless that says to try again.
    /// - Throws: `CredentialsError`, or `CancellationError`.
    func ask(
        _ request: HTTPRequest,
        source: String,
        attempts: Int,
        unreachable: CredentialsError.Code = .failed
    ) async throws -> HTTPResponse {
        var attempt = 1
        while true {
            let isLast = attempt >= attempts
            do {
                let response = try await transport.send(request)
                guard response.status >= 500, !isLast else { return response }
            } catch let error as HTTPTransportError {
                guard error.code != .connectionFailed, error.code != .invalidRequest, !isLast else {
                    let code = error.code == .connectionFailed ? unreachable : .failed
                    throw CredentialsError(code, source: source, "\(Self.place(of: request)) \(error)")
                }
            }
            try await clock.sleep(for: .milliseconds(100 << min(attempt, 5)))
            attempt += 1
        }
    }

    /// The URL without path and query, which may be secret.
    private static func place(of request: HTTPRequest) -> String {
        request.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).prefix(2)
            .joined(separator: "//") + ":"
    }
}
