internal import ESDKCrypto
internal import ESDKSystem

/// Credentials of an EC2 instance's role, from the instance metadata service.
struct InstanceMetadataCredentialsProvider: AWSCredentialsProvider {
    private static let rolesPath = "/latest/meta-data/iam/security-credentials/"
    let context: CredentialsContext

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        var session = try await InstanceMetadataService(context: context).session()
        let roles = try await session.get(Self.rolesPath)
        guard roles.status != 404 else { throw error(.notConfigured, "the instance has no role") }
        guard roles.status == 200 else {
            throw error(.failed, "the service answers with status \(roles.status)")
        }
        let role = String(copying: roles.body.span).split { $0 == "\n" || $0 == "\r\n" }.first.map(String.init) ?? ""
        guard !role.isEmpty, role.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }) else {
            throw error(.failed, "the service names no role")
        }
        let response = try await session.get(Self.rolesPath + PercentEncoding.encode(role))
        guard response.status == 200 else {
            throw error(.failed, "the service answers with status \(response.status)")
        }
        return try kept(
            CredentialsDocument.read(
                response.body.span,
                tokenName: "Token",
                source: InstanceMetadataService.source
            )
        )
    }

    /// The credentials, with another end where theirs is near or past.
    ///
    /// When the service cannot renew them it goes on giving the old ones, which AWS accepts for a while: they are used
    /// for 10 to 25 minutes before it is asked again.
    private func kept(_ credentials: AWSCredentials) throws -> AWSCredentials {
        let now = context.clock.now
        guard let end = credentials.expiration, end < now.advanced(bySeconds: 900) else { return credentials }
        let fraction = try RetryDelay.fraction(from: context.random)
        return AWSCredentials(
            accessKeyID: credentials.accessKeyID,
            secretAccessKey: credentials.secretAccessKey,
            sessionToken: credentials.sessionToken,
            expiration: now.advanced(bySeconds: 600 + 900 * fraction)
        )
    }

    private func error(_ code: CredentialsError.Code, _ reason: String) -> CredentialsError {
        CredentialsError(code, source: InstanceMetadataService.source, reason)
    }
}

/// The instance metadata service of EC2: its second version and, where that gives no token, its first.
struct InstanceMetadataService {
    static let source = "instance metadata"
    let context: CredentialsContext

    /// One use of the service: a token, and the requests that it is for.
    struct Session {
        fileprivate let service: InstanceMetadataService
        fileprivate let base: String
        /// Nil for the first version of the service, which knows no tokens.
        fileprivate var token: String?
        fileprivate var hasRenewed = false

        /// Reads a path; a token that has become invalid is replaced once.
        ///
        /// - Parameter path: the path.
        /// - Throws: `CredentialsError`, or `CancellationError`.
        mutating func get(_ path: String) async throws -> HTTPResponse {
            let response = try await service.get(base + path, token: token)
            guard response.status == 401, token != nil, !hasRenewed else { return response }
            hasRenewed = true
            token = try await service.token(from: base)
            return try await service.get(base + path, token: token)
        }
    }

    /// Begins to use the service.
    ///
    /// - Throws: `CredentialsError`, with code `notConfigured` where it is disabled or nothing answers; or
    ///   `CancellationError`.
    func session() async throws -> Session {
        guard !context.environment.isTrue("AWS_EC2_METADATA_DISABLED") else {
            throw error(.notConfigured, "AWS_EC2_METADATA_DISABLED is true")
        }
        let base = try base()
        return Session(service: self, base: base, token: try await token(from: base))
    }

    /// The region that the instance runs in.
    ///
    /// - Throws: `CredentialsError`, or `CancellationError`.
    func region() async throws -> String {
        var session = try await session()
        let response = try await session.get("/latest/meta-data/placement/region")
        guard response.status == 200 else {
            throw error(.failed, "the service answers with status \(response.status)")
        }
        let text = String(copying: response.body.span).split { $0.isWhitespace }.joined()
        guard ServiceEndpoint.isLabel(text) else { throw error(.failed, "the service names no region") }
        return text
    }

    private func base() throws(CredentialsError) -> String {
        if let url = context.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] {
            guard let endpoint = ServiceEndpoint(url: url, signingRegion: "") else {
                throw error(.invalidConfiguration, "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http or https URL")
            }
            var base = endpoint.url
            while base.hasSuffix("/") { base.removeLast() }
            return base
        }
        switch context.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() {
        case nil, "ipv4": return "http://169.254.169.254"
        case "ipv6": return "http://[fd00:ec2::254]"
        default:
            throw error(
                .invalidConfiguration,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6"
            )
        }
    }

    /// A token for further requests; nil where the service takes requests without one, in its first version.
    private func token(from base: String) async throws -> String? {
        let response: HTTPResponse
        do {
            response = try await context.ask(
                request(
                    .put,
                    "\(base)/latest/api/token",
                    [HTTPField("x-aws-ec2-metadata-token-ttl-seconds", "21600")]
                ),
                source: Self.source,
                attempts: attempts,
                unreachable: .notConfigured
            )
        } catch let failure as CredentialsError {
            // Most machines are not EC2 instances, and there is nothing to connect to. An answer that is lost may have
            // been the token's only: its way back may have too many hops.
            if failure.code == .notConfigured { throw error(.notConfigured, failure.reason) }
            try checkFirstVersion("the service gives no token (\(failure.reason))", .notConfigured)
            return nil
        }
        guard response.status != 200 else { return String(copying: response.body.span) }
        let reason = "the service gives no token (status \(response.status))"
        guard [403, 404, 405].contains(response.status) else { throw error(.failed, reason) }
        try checkFirstVersion(reason, .failed)
        return nil
    }

    private func checkFirstVersion(_ reason: String, _ code: CredentialsError.Code) throws(CredentialsError) {
        let profiles = AWSProfiles(context.environment)
        let setting = profiles[context.profile ?? context.environment.profile ?? "default"]?["ec2_metadata_v1_disabled"]
        let isDisabled = (context.environment["AWS_EC2_METADATA_V1_DISABLED"] ?? setting)?.lowercased() == "true"
        if isDisabled { throw error(code, "\(reason), and its first version is disabled") }
    }

    private func get(_ url: String, token: String?) async throws -> HTTPResponse {
        do {
            return try await context.ask(
                request(.get, url, token.map { [HTTPField("x-aws-ec2-metadata-token", $0)] } ?? []),
                source: Self.source,
                attempts: attempts
            )
        } catch let failure as CredentialsError where token == nil {
            // Silence to both versions: this machine is not an EC2 instance.
            throw error(.notConfigured, failure.reason)
        }
    }

    private func request(_ method: HTTPRequest.Method, _ url: String, _ headers: [HTTPField]) -> HTTPRequest {
        let seconds = context.environment["AWS_METADATA_SERVICE_TIMEOUT"].flatMap(Double.init) ?? 1
        let timeout = Duration.seconds(seconds > 0 && seconds < 3600 ? seconds : 1)
        return HTTPRequest(
            method: method,
            url: url,
            headers: headers,
            connectTimeout: timeout,
            timeout: timeout,
            maximumResponseLength: 1 << 16,
            allowsProxy: false
        )
    }

    private var attempts: Int {
        let number = context.environment["AWS_METADATA_SERVICE_NUM_ATTEMPTS"].flatMap { Int($0) } ?? 1
        return min(max(number, 1), 10)
    }

    private func error(_ code: CredentialsError.Code, _ reason: String) -> CredentialsError {
        CredentialsError(code, source: Self.source, reason)
    }
}
