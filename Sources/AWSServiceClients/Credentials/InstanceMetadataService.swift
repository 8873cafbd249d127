internal import ESDKCrypto

/// The instance metadata service of EC2, in its second version.
struct InstanceMetadataService {
    static let source = "instance metadata"
    let context: CredentialsContext

    /// One use of the service: a token, and the requests that it is for.
    struct Session {
        fileprivate let service: InstanceMetadataService
        fileprivate let base: String
        fileprivate var token: String
        fileprivate var hasRenewed = false

        /// Reads a path; a token that has become invalid is replaced once.
        ///
        /// - Parameter path: the path.
        /// - Throws: `CredentialsError`, or `CancellationError`.
        mutating func get(_ path: String) async throws -> HTTPResponse {
            let response = try await service.get(base + path, token: token)
            guard response.status == 401, !hasRenewed else { return response }
            hasRenewed = true
            token = try await service.token(from: base)
            return try await service.get(base + path, token: token)
        }
    }

    /// Begins to use the service.
    ///
    /// - Throws: `CredentialsError`, with code `notConfigured` where it is disabled or nobody answers; or
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
                throw error(.invalidConfiguration, "AWS_EC2_METADATA_SERVICE_ENDPOINT is no http or https URL")
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

    private func token(from base: String) async throws -> String {
        let response: HTTPResponse
        do {
            response = try await context.ask(
                request(
                    .put,
                    "\(base)/latest/api/token",
                    [HTTPField("x-aws-ec2-metadata-token-ttl-seconds", "21600")]
                ),
                source: Self.source,
                attempts: attempts
            )
        } catch let error as CredentialsError {
            // Most machines are no EC2 instances: nobody answers there.
            throw self.error(.notConfigured, error.reason)
        }
        guard response.status == 200 else {
            throw error(.failed, "the service gives no token (status \(response.status))")
        }
        return String(copying: response.body.span)
    }

    private func get(_ url: String, token: String) async throws -> HTTPResponse {
        try await context.ask(
            request(.get, url, [HTTPField("x-aws-ec2-metadata-token", token)]),
            source: Self.source,
            attempts: attempts
        )
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
