package import ESDKCrypto

/// Signature Version 4 in the `Authorization` field, for requests without a query.
///
/// Everything that is signed is handed in, the time included: no clock and no configuration is read.
package struct SignatureV4: Sendable {
    /// The field's value.
    package let authorization: String
    /// The canonical request, for tests.
    package let canonicalRequest: String
    /// The string to sign, for tests.
    package let stringToSign: String
    /// The signature in hexadecimal digits.
    package let signature: String

    /// Signs a request.
    ///
    /// - Parameters:
    ///   - method: the request method.
    ///   - path: the path as it stands in the request line; it is normalised for the signature.
    ///   - fields: exactly the header fields to sign, `Host` and `X-Amz-Date` included.
    ///   - body: the whole body.
    ///   - credentials: the key to sign with. A session token must be among `fields` already.
    ///   - scope: for whom the signature is.
    ///   - time: the time of `X-Amz-Date`.
    /// - Throws: `CryptoError` when libcrypto fails.
    package init(
        method: String,
        path: String,
        fields: [HTTPField],
        body: Span<UInt8>,
        credentials: AWSCredentials,
        scope: SigningScope,
        time: Timestamp
    ) throws(CryptoError) {
        let headers = CanonicalHeaders(fields)
        canonicalRequest = [
            method, CanonicalPath.encode(path), "", headers.lines, headers.names,
            Hex.encode(try Digest.hash(.sha256, of: body)),
        ].joined(separator: "\n")
        let moment = time.basicFormat
        let date = String(moment.prefix(8))
        let scopeText = "\(date)/\(scope.region)/\(scope.service)/aws4_request"
        let hash = try Digest.hash(.sha256, of: Array(canonicalRequest.utf8).span)
        stringToSign = "AWS4-HMAC-SHA256\n\(moment)\n\(scopeText)\n\(Hex.encode(hash))"
        let key = try Self.key(credentials.secretAccessKey, date: date, scope: scope)
        let code = try Self.code(stringToSign, key: key)
        signature = Hex.encode(code.span)
        authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scopeText), "
            + "SignedHeaders=\(headers.names), Signature=\(signature)"
    }

    /// The key of a day, a region and a service.
    private static func key(_ secret: SecretBytes, date: String, scope: SigningScope) throws(CryptoError) -> SecretBytes
    {
        let first = try SecretBytes(count: secret.count + 4) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try output.appendBytes(Array("AWS4".utf8).span)
            try output.appendBytes(secret.span)
        }
        let ofDay = try code(date, key: first)
        let ofRegion = try code(scope.region, key: ofDay)
        let ofService = try code(scope.service, key: ofRegion)
        return try code("aws4_request", key: ofService)
    }

    private static func code(_ text: String, key: SecretBytes) throws(CryptoError) -> SecretBytes {
        let bytes = Array(text.utf8)
        return try HMAC.authenticationCode(.sha256, for: bytes.span, key: key.span)
    }
}
