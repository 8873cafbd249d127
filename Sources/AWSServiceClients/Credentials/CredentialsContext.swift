internal import ESDKCrypto

/// What sources of credentials work with.
struct CredentialsContext: Sendable {
    /// Sends their requests.
    let transport: any HTTPTransport
    /// The variables and files.
    let environment: AWSEnvironment
    /// The time.
    let clock: any ServiceClock
    /// Where the ids of requests and the spread of retries come from.
    let random: any RandomSource
    /// The region of STS, when the caller has chosen one.
    let region: String?

    /// Asks an endpoint for credentials near this machine, with a few tries.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - source: the source, for errors.
    ///   - attempts: how often it is asked at most.
    /// - Returns: the response, whatever its status, unless that says to try again.
    /// - Throws: `CredentialsError`, or `CancellationError`.
    func ask(_ request: HTTPRequest, source: String, attempts: Int) async throws -> HTTPResponse {
        var attempt = 1
        while true {
            let isLast = attempt >= attempts
            do {
                let response = try await transport.send(request)
                guard response.status >= 500, !isLast else { return response }
            } catch let error as HTTPTransportError {
                guard error.code != .connectionFailed, error.code != .invalidRequest, !isLast else {
                    throw CredentialsError(.failed, source: source, "\(Self.place(of: request)) \(error)")
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
