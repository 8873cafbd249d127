internal import AWSMaterialProviders
internal import ESDKCrypto
import ESDKSystem

/// Sends the requests of one client: signs, waits, repeats, and corrects the clock.
///
/// One for each client: its requests share an allowance for retries and what is known of the service's clock.
final class RetryingCaller: Sendable {
    /// A request before it is signed.
    struct Request: Sendable {
        /// The operation, for errors.
        let operation: String
        /// The header fields that are signed, beyond those that every request has.
        let signedFields: [HTTPField]
        /// The body.
        let body: SecretBytes
        /// What must not appear in an error, beyond the credentials.
        var confidential: [SecretBytes] = []
        /// Whether it is signed at all.
        var isSigned = true
    }

    /// What became of one attempt.
    private enum Outcome<Answer> {
        case success(Answer)
        case failure(ServiceFailure)
    }

    let service: ServiceDescription
    let configuration: AWSClientConfiguration
    /// Where the service is called, or why it cannot be; all requests go there.
    private let endpoint: Result<ServiceEndpoint, AWSServiceError>
    private let userAgent: HTTPField
    private let bucket = RetryBucket()
    /// How far the service's clock is ahead of ours, in seconds.
    private let skew = Guarded(0.0)

    /// How far a clock may be off before a refused signature is blamed on it, in seconds.
    private static let tolerance = 240.0

    init(_ service: ServiceDescription, _ configuration: AWSClientConfiguration, userAgentSuffix: String? = nil) {
        self.service = service
        self.configuration = configuration
        endpoint = Result { () throws(AWSServiceError) in try configuration.endpoint(for: service) }
        userAgent = HTTPField(
            "User-Agent",
            UserAgent.value(applicationID: configuration.applicationID, suffix: userAgentSuffix)
        )
    }

    /// Sends a request until it succeeds, or until repeating it is pointless.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - decode: reads a response with a status of 2xx.
    /// - Returns: what `decode` returned.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    func call<Answer>(
        _ request: Request,
        decode: (HTTPResponse, Redaction) throws(BrokenResponse) -> Answer
    ) async throws -> Answer {
        let endpoint = try endpoint.get()
        let invocation = try RequestID.make(from: configuration.random)
        let maximum = max(1, configuration.retries.maximumAttempts ?? service.maximumAttempts)
        let deadline = configuration.clock.uptime + configuration.retries.operationTimeout
        var attempt = 1
        var retries = 0
        var lastCost = 1
        var hasCorrectedClock = false
        var hasRefreshed = false
        var forcesRefresh = false
        while true {
            try Task.checkCancellation()
            let remaining = deadline - configuration.clock.uptime
            let outcome = try await send(
                request,
                to: endpoint,
                fields: [
                    HTTPField("amz-sdk-invocation-id", invocation),
                    HTTPField("amz-sdk-request", "attempt=\(attempt); max=\(maximum)"),
                ],
                timeout: min(configuration.retries.attemptTimeout, max(remaining, .milliseconds(1))),
                forcesRefresh: forcesRefresh,
                attempt: attempt,
                decode: decode
            )
            forcesRefresh = false
            let failure: ServiceFailure
            switch outcome {
            case .success(let answer):
                bucket.refund(lastCost)
                return answer
            case .failure(let reason):
                failure = reason
            }
            let error = failure.error(service: service, operation: request.operation, attempts: attempt)
            switch failure.kind {
            case .final:
                throw error
            case .clockSkew, .signature:
                guard request.isSigned, !hasCorrectedClock, attempt < maximum, correctClock(failure) else {
                    throw error
                }
                hasCorrectedClock = true
            case .expiredCredentials:
                guard request.isSigned, !hasRefreshed, attempt < maximum else { throw error }
                hasRefreshed = true
                forcesRefresh = true
            case .throttling, .transient:
                guard attempt < maximum else { throw error }
                let cost = RetryDelay.cost(failure.kind)
                guard bucket.take(cost) else { throw error }
                lastCost = cost
                let delay = RetryDelay.delay(
                    retry: retries,
                    failure: failure.kind,
                    base: service.baseDelay,
                    fraction: try RetryDelay.fraction(from: configuration.random),
                    serverDelay: failure.serverDelay
                )
                retries += 1
                guard configuration.clock.uptime + delay < deadline else { throw error }
                try await configuration.clock.sleep(for: delay)
            }
            attempt += 1
        }
    }

    /// One attempt, signed anew.
    private func send<Answer>(
        _ request: Request,
        to endpoint: ServiceEndpoint,
        fields: [HTTPField],
        timeout: Duration,
        forcesRefresh: Bool,
        attempt: Int,
        decode: (HTTPResponse, Redaction) throws(BrokenResponse) -> Answer
    ) async throws -> Outcome<Answer> {
        var headers = request.signedFields
        var secrets = request.confidential
        if request.isSigned {
            let credentials = try await credentials(forcesRefresh: forcesRefresh, request, attempt: attempt)
            for key in [credentials.secretAccessKey, credentials.sessionToken] {
                if let key, !Redaction.isWord(key) { secrets.append(key) }
            }
            headers = try sign(request, for: endpoint, with: credentials)
        }
        headers += fields
        headers.append(userAgent)
        let redaction = Redaction(secrets)
        let response: HTTPResponse
        do {
            response = try await configuration.transport.send(
                HTTPRequest(
                    method: .post,
                    url: endpoint.url,
                    headers: headers,
                    body: request.body,
                    connectTimeout: min(configuration.retries.connectTimeout, timeout),
                    timeout: timeout,
                    maximumResponseLength: configuration.maximumResponseLength,
                    // A proxy's own loopback is another one.
                    allowsProxy: !endpoint.isLoopback
                )
            )
        } catch let error as HTTPTransportError {
            return .failure(ServiceFailure(error, endpoint: endpoint))
        }
        guard CRC32.matches(response) else {
            return .failure(
                ServiceFailure(broken: "the answer does not match its checksum", response, redaction: redaction)
            )
        }
        guard (200..<300).contains(response.status) else {
            return .failure(ServiceFailure(response, redaction: redaction))
        }
        do throws(BrokenResponse) {
            return .success(try decode(response, redaction))
        } catch {
            return .failure(ServiceFailure(broken: error.problem, response, redaction: redaction))
        }
    }

    private func credentials(forcesRefresh: Bool, _ request: Request, attempt: Int) async throws -> AWSCredentials {
        do {
            return try await configuration.credentials.credentials(forcesRefresh: forcesRefresh)
        } catch let error as CredentialsError {
            throw AWSServiceError(
                .noCredentials,
                error.description,
                service: service.name,
                operation: request.operation,
                attempts: attempt - 1
            )
        }
    }

    /// The header fields with time, token and signature.
    private func sign(
        _ request: Request,
        for endpoint: ServiceEndpoint,
        with credentials: AWSCredentials
    ) throws -> [HTTPField] {
        let time = configuration.clock.now.advanced(bySeconds: skew.withLock { $0 })
        var fields = request.signedFields
        fields.append(HTTPField("X-Amz-Date", time.basicFormat))
        if let token = credentials.sessionToken {
            fields.append(HTTPField("X-Amz-Security-Token", String(copying: token.span)))
        }
        let signature = try SignatureV4(
            method: "POST",
            path: endpoint.path,
            fields: fields + [HTTPField("Host", endpoint.authority)],
            body: request.body.span,
            credentials: credentials,
            scope: SigningScope(region: endpoint.signingRegion, service: service.endpointName),
            time: time
        )
        return fields + [HTTPField("Authorization", signature.authorization)]
    }

    /// Takes over the service's clock when ours is to blame for a refusal.
    ///
    /// - Returns: whether another attempt makes sense.
    private func correctClock(_ failure: ServiceFailure) -> Bool {
        guard let serverTime = failure.serverTime else { return false }
        let now = configuration.clock.now
        return skew.withLock { skew in
            let difference = serverTime.secondsSinceEpoch - now.secondsSinceEpoch
            guard failure.kind == .clockSkew || abs(difference - skew) > Self.tolerance else { return false }
            skew = difference
            return true
        }
    }
}

/// What the clients say of themselves.
enum UserAgent {
    private static let longestApplicationID = 50

    /// The value of the `User-Agent` field.
    ///
    /// - Parameters:
    ///   - applicationID: a name for the calling application.
    ///   - suffix: what this client is part of.
    static func value(applicationID: String?, suffix: String?) -> String {
        // m/E: retries in the standard mode.
        var parts = ["aws-encryption-sdk-swift/\(LibraryVersion.text)", "ua/2.1", "os/linux", "lang/swift", "m/E"]
        if let applicationID, !applicationID.isEmpty {
            parts.append("app/\(token(String(applicationID.prefix(longestApplicationID))))")
        }
        if let suffix { parts.append(suffix) }
        return parts.joined(separator: " ")
    }

    /// The text with characters that are none of a token (RFC 9110, section 5.6.2) as hyphens.
    private static func token(_ text: String) -> String {
        let allowed = Set("!$%&'*+-.^_`|~".utf8)
        let bytes = text.utf8.map { byte -> UInt8 in
            let isLetterOrDigit =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            return isLetterOrDigit || allowed.contains(byte) ? byte : UInt8(ascii: "-")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
