import ESDKSystem

/// Sends HTTP requests.
///
/// `CurlTransport` is the one to use; tests and special networks bring their own.
/// A transport follows no redirects, sends each request once, and knows nothing of AWS.
public protocol HTTPTransport: Sendable {
    /// Sends one request and reads the whole response, whatever its status.
    ///
    /// Cancelling the calling task ends the request.
    ///
    /// - Parameter request: the request.
    /// - Returns: the response.
    /// - Throws: `HTTPTransportError`, or `CancellationError` when the task was cancelled.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}

/// Why no HTTP response was received.
///
/// Two errors are equal when their codes are.
public struct HTTPTransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    ///
    /// More codes may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// No connection came about: the name is unknown, or nothing listens.
        public static let connectionFailed = Code("connection failed")
        /// The time for the connection or for the whole request ran out.
        public static let timedOut = Code("timed out")
        /// The server's certificate does not verify, or TLS failed otherwise.
        public static let tlsFailed = Code("TLS failed")
        /// The connection ended, or the answer was not HTTP, before the response was complete.
        public static let connectionLost = Code("connection lost")
        /// The response is larger than the request allows.
        public static let responseTooLarge = Code("response too large")
        /// The request cannot be sent as it is.
        public static let invalidRequest = Code("invalid request")
        /// The HTTP library failed.
        public static let libraryFailure = Code("HTTP library failure")
    }

    /// What kind of failure it was.
    public let code: Code
    /// The failure in words, free of secrets.
    public let reason: String

    /// An error.
    ///
    /// - Parameters:
    ///   - code: what kind of failure it was.
    ///   - reason: the failure in words, free of secrets.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = TerminalText.harmless(reason)
    }

    /// Code and reason.
    public var description: String { "\(code): \(reason)" }

    /// Whether both errors have the same code.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Hashes the code, in keeping with equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
