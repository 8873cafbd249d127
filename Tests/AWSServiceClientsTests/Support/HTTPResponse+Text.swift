import ESDKCrypto

@testable import AWSServiceClients

extension HTTPResponse {
    /// The body as text.
    var text: String { String(copying: body.span) }
}
