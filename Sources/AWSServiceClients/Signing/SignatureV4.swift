package import ESDKCrypto
package import ESDKSystem

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
    ///   - path: the path, as in the request line; it is normalised for the signature.
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

/// For whom a signature is.
package struct SigningScope: Hashable, Sendable {
    /// The region.
    package let region: String
    /// The service's signing name: `kms`, `dynamodb`, `sts`.
    package let service: String

    /// A scope.
    ///
    /// - Parameters:
    ///   - region: the region.
    ///   - service: the service's signing name.
    package init(region: String, service: String) {
        self.region = region
        self.service = service
    }
}

/// Header fields in the form in which they are signed.
struct CanonicalHeaders {
    /// One line per name, each with a line end.
    let lines: String
    /// The names in order, joined by semicolons.
    let names: String

    /// Puts fields into their canonical form.
    ///
    /// Names in lower case and in order, blanks trimmed and runs of blanks (line ends of folded values among them) made
    /// one, values of one name joined by commas in their order.
    ///
    /// - Parameter fields: the fields to sign.
    init(_ fields: [HTTPField]) {
        let named = fields.enumerated().map { (name: Array($1.name.lowercased().utf8), order: $0, value: $1.value) }
        let ordered = named.sorted { left, right in
            left.name == right.name ? left.order < right.order : left.name.lexicographicallyPrecedes(right.name)
        }
        var lines: [UInt8] = []
        var names: [UInt8] = []
        var previous: [UInt8]?
        for field in ordered {
            if field.name == previous {
                lines[lines.count - 1] = UInt8(ascii: ",")
            } else {
                if previous != nil { names.append(UInt8(ascii: ";")) }
                names += field.name
                lines += field.name
                lines.append(UInt8(ascii: ":"))
            }
            Self.append(squeezed: field.value, to: &lines)
            lines.append(UInt8(ascii: "\n"))
            previous = field.name
        }
        self.lines = String(decoding: lines, as: UTF8.self)
        self.names = String(decoding: names, as: UTF8.self)
    }

    private static func append(squeezed value: String, to output: inout [UInt8]) {
        let start = output.count
        var isAfterBlank = false
        for byte in value.utf8 {
            if byte <= 0x20 {
                isAfterBlank = true
                continue
            }
            if isAfterBlank, output.count > start { output.append(UInt8(ascii: " ")) }
            isAfterBlank = false
            output.append(byte)
        }
    }
}

/// Paths in the form in which they are signed.
enum CanonicalPath {
    /// Resolves `.` and `..`, drops empty segments, and percent-encodes everything but unreserved characters.
    ///
    /// A percent sign is encoded too: services encode the path that they received once more.
    ///
    /// - Parameter path: the path, as in the request line.
    static func encode(_ path: String) -> String {
        var segments: [Substring] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: true) {
            switch part {
            case ".": break
            case "..": _ = segments.popLast()
            default: segments.append(part)
            }
        }
        guard !segments.isEmpty else { return "/" }
        return "/" + segments.map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
            + (path.hasSuffix("/") ? "/" : "")
    }
}

/// Percent-encoding (RFC 3986, section 2.1) as AWS wants it.
enum PercentEncoding {
    /// Encodes every byte that is not a letter, a digit or one of `-._~`.
    ///
    /// - Parameter text: any text.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default:
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
