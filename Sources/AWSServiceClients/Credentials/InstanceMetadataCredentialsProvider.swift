internal import CryptoPrimitives

/// Credentials of an EC2 instance's role, from the instance metadata service in its second version.
struct InstanceMetadataCredentialsProvider: AWSCredentialsProvider {
    static let source = "instance metadata"
    private static let rolesPath = "/latest/meta-data/iam/security-credentials/"
    let context: CredentialsContext

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        guard !context.environment.isTrue("AWS_EC2_METADATA_DISABLED") else {
            throw notConfigured("AWS_EC2_METADATA_DISABLED is true")
        }
        let base = try base()
        let token = try await token(from: base)
        let roles = try await get(Self.rolesPath, from: base, token: token)
        guard roles.status != 404 else { throw notConfigured("the instance has no role") }
        guard roles.status == 200 else { throw failed("the service answers with status \(roles.status)") }
        let role = String(copying: roles.body.span).split { $0 == "\n" || $0 == "\r\n" }.first.map(String.init) ?? ""
        guard !role.isEmpty, role.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }) else {
            throw failed("the service names no role")
        }
        let response = try await get(Self.rolesPath + PercentEncoding.encode(role), from: base, token: token)
        guard response.status == 200 else { throw failed("the service answers with status \(response.status)") }
        return try CredentialsDocument.read(response.body.span, tokenName: "Token", source: Self.source)
    }

    private func base() throws(CredentialsError) -> String {
        if let url = context.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] {
            guard let endpoint = ServiceEndpoint(url: url, signingRegion: "") else {
                throw invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT is no http or https URL")
            }
            var base = endpoint.url
            while base.hasSuffix("/") { base.removeLast() }
            return base
        }
        switch context.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() {
        case nil, "ipv4": return "http://169.254.169.254"
        case "ipv6": return "http://[fd00:ec2::254]"
        default: throw invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6")
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
            throw notConfigured(error.reason)
        }
        guard response.status == 200 else {
            throw failed("the service gives no token (status \(response.status))")
        }
        return String(copying: response.body.span)
    }

    private func get(_ path: String, from base: String, token: String) async throws -> HTTPResponse {
        try await context.ask(
            request(.get, base + path, [HTTPField("x-aws-ec2-metadata-token", token)]),
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

    private func notConfigured(_ reason: String) -> CredentialsError {
        CredentialsError(.notConfigured, source: Self.source, reason)
    }

    private func invalid(_ reason: String) -> CredentialsError {
        CredentialsError(.invalidConfiguration, source: Self.source, reason)
    }

    private func failed(_ reason: String) -> CredentialsError {
        CredentialsError(.failed, source: Self.source, reason)
    }
}
