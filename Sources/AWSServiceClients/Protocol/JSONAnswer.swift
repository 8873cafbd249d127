internal import CryptoPrimitives
internal import MaterialProviders
internal import StrictJSON

/// The answer of an operation, with readers for its members; `null` counts as absent.
struct JSONAnswer: Sendable {
    /// The service's name.
    let service: String
    /// The operation.
    let operation: String
    /// The id that the service gave the request.
    let requestID: String?
    /// The status of the response.
    let status: Int
    /// The members.
    let members: JSONObject

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
    /// - Parameter name: the member's name.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func secret(_ name: String) throws(AWSServiceError) -> SecretBytes {
        var bytes = try bytes(name)
        defer { zeroize(&bytes) }
        return SecretBytes(bytes)
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
