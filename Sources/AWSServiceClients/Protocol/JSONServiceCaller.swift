internal import CryptoPrimitives
internal import MaterialProviders
internal import StrictJSON

/// Calls a service over the AWS JSON protocol.
struct JSONServiceCaller: Sendable {
    private let caller: RetryingCaller

    init(_ service: ServiceDescription, _ configuration: AWSClientConfiguration, userAgentSuffix: String? = nil) {
        caller = RetryingCaller(service, configuration, userAgentSuffix: userAgentSuffix)
    }

    /// Calls an operation.
    ///
    /// - Parameters:
    ///   - operation: its name.
    ///   - input: the members of the request.
    ///   - confidential: what must not appear in an error.
    /// - Returns: the answer.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    func call(
        _ operation: String,
        _ input: JSONObject,
        confidential: [SecretBytes] = []
    ) async throws -> JSONAnswer {
        let service = caller.service
        var bytes = try StrictJSON.serialize(.object(input), pretty: false)
        let body = SecretBytes(bytes)
        zeroize(&bytes)
        let request = RetryingCaller.Request(
            operation: operation,
            signedFields: [
                HTTPField("Content-Type", "application/x-amz-json-\(service.jsonVersion)"),
                HTTPField("X-Amz-Target", "\(service.targetPrefix).\(operation)"),
            ],
            body: body,
            confidential: confidential
        )
        return try await caller.call(request) { (response, redaction) throws(BrokenResponse) in
            try Self.checkChecksum(of: response)
            let value: JSONValue
            do throws(JSONError) {
                value = try StrictJSON.parse(response.body.span, source: "answer")
            } catch {
                // The reason may quote the answer, which may hold a plaintext: the place is enough.
                throw BrokenResponse(
                    problem: "the answer is not JSON (\(error.code), line \(error.line), column \(error.column))"
                )
            }
            guard let object = value.object else {
                throw BrokenResponse(problem: "the answer is not a JSON object")
            }
            return JSONAnswer(
                service: service.name,
                operation: operation,
                requestID: response.headers.first(named: "x-amzn-requestid").map { redaction.apply($0.utf8) },
                status: response.status,
                members: object
            )
        }
    }

    /// DynamoDB sends a checksum along.
    private static func checkChecksum(of response: HTTPResponse) throws(BrokenResponse) {
        guard let text = response.headers.first(named: "x-amz-crc32"), let sum = UInt32(text) else { return }
        guard CRC32.checksum(response.body.span) == sum else {
            throw BrokenResponse(problem: "the answer does not match its checksum")
        }
    }
}
