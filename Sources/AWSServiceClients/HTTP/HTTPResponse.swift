public import ESDKCrypto

/// A complete HTTP response.
public struct HTTPResponse: Sendable {
    /// The status code.
    public let status: Int
    /// The header fields in order of arrival.
    public let headers: [HTTPField]
    /// The body, which may hold a plaintext data key.
    public let body: SecretBytes

    /// A response.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - headers: the header fields in order of arrival.
    ///   - body: the body.
    public init(status: Int, headers: [HTTPField], body: SecretBytes) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
