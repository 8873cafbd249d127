internal import AWSMaterialProviders
internal import ESDKCrypto
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
    ///   - secret: one more member, bytes that are sent as Base64.
    ///   - confidential: what must not appear in an error, beyond that member.
    /// - Returns: the answer.
    /// - Throws: `AWSServiceError`, or `CancellationError`.
    func call(
        _ operation: String,
        _ input: JSONObject,
        secret: (name: String, value: SecretBytes)? = nil,
        confidential: [SecretBytes] = []
    ) async throws -> JSONAnswer {
        let service = caller.service
        let object = try StrictJSON.serialize(.object(input), pretty: false)
        var body = SecretBytes(object)
        var confidential = confidential
        if let secret {
            body = try SecretBytes(object: object.span, adding: secret.name, secret.value)
            confidential.append(secret.value.base64)
        }
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
            let (value, secrets): (JSONValue, [JSONName: Range<Int>])
            do throws(JSONError) {
                (value, secrets) = try StrictJSON.parse(
                    response.body.span,
                    source: "answer",
                    withholding: JSONAnswer.secretNames
                )
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
                members: object,
                body: response.body,
                secrets: secrets
            )
        }
    }
}
