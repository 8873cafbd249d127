public import AWSServiceClients

/// HTTP over the system's libcurl: connections kept and reused, HTTP/2 where the server offers it, proxies from the
/// environment (`HTTPS_PROXY`, `NO_PROXY` …), certificates verified, no redirects.
///
/// One thread drives all requests of a transport. Make one transport and share it among clients; its thread ends when
/// the last reference to it is gone.
public final class CurlTransport: HTTPTransport {
    private let engine: CurlEngine

    /// A transport.
    ///
    /// - Parameters:
    ///   - certificateAuthorities: the path of a PEM file with the certificate authorities to trust instead of
    ///     the system's; when it is nil, the file that `AWS_CA_BUNDLE` names, if any.
    ///   - environment: the variables that name proxies and certificate authorities, read now and not again.
    /// - Throws: `HTTPTransportError` when libcurl or a thread cannot be had, or the file cannot be read.
    public init(
        certificateAuthorities: String? = nil,
        environment: AWSEnvironment = .current
    ) throws(HTTPTransportError) {
        engine = try CurlEngine(
            TransportSettings(
                certificateAuthorities: try CertificateAuthorities.file(
                    named: certificateAuthorities,
                    environment: environment
                ),
                proxies: ProxySettings(environment)
            )
        )
    }

    deinit {
        engine.stop()
    }

    /// Sends one request and reads the whole response.
    ///
    /// - Parameter request: the request.
    /// - Returns: the response.
    /// - Throws: `HTTPTransportError`, or `CancellationError` when the task was cancelled.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try RequestRules.check(request)
        let transfer = CurlTransfer(request)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if transfer.start(continuation) {
                    engine.submit(transfer)
                }
            }
        } onCancel: {
            if transfer.cancel() {
                engine.submit(transfer)
            }
        }
        return try transfer.response()
    }
}
