/// Sends HTTP requests.
///
/// `CurlTransport` of the module `AWSHTTPTransport` is the one to use; tests and special networks bring their own.
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
