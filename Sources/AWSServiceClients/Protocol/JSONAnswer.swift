internal import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

/// The answer of an operation, with readers for its members; `null` counts as absent.
///
/// Members that are secret are read from the body, in the memory that it was received in: no text is made of them.
struct JSONAnswer: Sendable {
    /// The service's name.
    let service: String
    /// The operation.
    let operation: String
    /// The id that the service gave the request.
    let requestID: String?
    /// The status of the response.
    let status: Int
    /// The members; those in `secrets` are empty texts.
    let members: JSONObject
    /// The body.
    let body: SecretBytes
    /// Where in the body the texts of secret members stand.
    let secrets: [JSONName: Range<Int>]

    /// The members that are secret, in whatever answer.
    static let secretNames: Set<JSONName> = [JSONName("Plaintext"), JSONName("SharedSecret")]

    /// A text that must be there.
    ///
    /// - Parameter name: the member's name.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func text(_ name: String) throws(AWSServiceError) -> String {
        guard let text = try optionalText(name) else { throw broken("has no \(name)") }
        return text
    }

    /// A text that may be there.
    ///
    /// - Parameter name: the member's name.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func optionalText(_ name: String) throws(AWSServiceError) -> String? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let text = value.string else { throw broken("has \(value.kind) as \(name)") }
        return text
    }

    /// Bytes that must be there.
    ///
    /// - Parameter name: the member's name.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func bytes(_ name: String) throws(AWSServiceError) -> [UInt8] {
        guard let bytes = Base64.decode(try text(name)) else { throw broken("has a \(name) that is not Base64") }
        return bytes
    }

    /// Secret bytes that must be there.
    ///
    /// - Parameter name: the member's name, one of `secretNames`.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func secret(_ name: String) throws(AWSServiceError) -> SecretBytes {
        guard let range = secrets[JSONName(name)] else {
            // It is absent, or no text.
            _ = try text(name)
            throw broken("has a \(name) that cannot be read")
        }
        guard let text = body.unescapedText(in: range), let bytes = Base64.decodeSecret(text.span) else {
            throw broken("has a \(name) that is not Base64")
        }
        return bytes
    }

    /// The error for an answer that is not as it should be.
    ///
    /// - Parameter problem: what follows "the answer"; never a part of the answer.
    func broken(_ problem: String) -> AWSServiceError {
        AWSServiceError(
            .invalidResponse,
            "the answer \(problem)",
            service: service,
            operation: operation,
            requestID: requestID,
            httpStatus: status
        )
    }
}
