internal import ESDKCrypto
internal import ESDKSystem

/// Credentials of a container's role, from the endpoint that ECS and EKS give it.
struct ContainerCredentialsProvider: AWSCredentialsProvider {
    static let source = "container endpoint"
    private static let attempts = 3
    let context: CredentialsContext

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        let url = try url()
        var headers = [HTTPField("Accept", "application/json")]
        if let token = try token() { headers.append(HTTPField("Authorization", token)) }
        let request = HTTPRequest(
            method: .get,
            url: url,
            headers: headers,
            connectTimeout: .seconds(2),
            timeout: .seconds(2),
            maximumResponseLength: 1 << 16,
            allowsProxy: false
        )
        let response = try await context.ask(request, source: Self.source, attempts: Self.attempts)
        guard response.status == 200 else {
            throw CredentialsError(.failed, source: Self.source, "the endpoint answers with status \(response.status)")
        }
        return try CredentialsDocument.read(response.body.span, tokenName: "Token", source: Self.source)
    }

    private func url() throws(CredentialsError) -> String {
        if let path = context.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            guard path.hasPrefix("/") else {
                throw invalid("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with a slash")
            }
            return "http://169.254.170.2\(path)"
        }
        guard let url = context.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] else {
            throw CredentialsError(
                .notConfigured,
                source: Self.source,
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set"
            )
        }
        // A query belongs to the request only.
        guard let endpoint = ServiceEndpoint(url: String(url.prefix { $0 != "?" }), signingRegion: "") else {
            throw invalid("AWS_CONTAINER_CREDENTIALS_FULL_URI is not an http or https URL")
        }
        // Over plain HTTP the credentials must not leave this machine, or its container host.
        guard endpoint.scheme == "https" || Self.isNear(endpoint) else {
            throw invalid("AWS_CONTAINER_CREDENTIALS_FULL_URI names another host over http: only https may")
        }
        return url
    }

    private static func isNear(_ endpoint: ServiceEndpoint) -> Bool {
        endpoint.isLoopback || ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"].contains(endpoint.host)
    }

    private func token() throws(CredentialsError) -> String? {
        var token = context.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        if let path = context.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            do throws(SystemError) {
                token = String(decoding: try SettingsFile.read(path), as: UTF8.self)
            } catch {
                throw invalid("the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, \(path), cannot be read")
            }
        }
        if let token, token.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            throw invalid("the authorization token has a line end")
        }
        return token
    }

    private func invalid(_ reason: String) -> CredentialsError {
        CredentialsError(.invalidConfiguration, source: Self.source, reason)
    }
}
