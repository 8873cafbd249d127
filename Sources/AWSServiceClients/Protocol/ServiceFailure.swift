internal import AWSMaterialProviders
internal import ESDKCrypto
internal import ESDKSystem
internal import StrictJSON

/// What a failed attempt said, before it becomes an error.
struct ServiceFailure: Sendable {
    /// The error code, without namespace.
    let code: AWSServiceError.Code
    /// The message, without secrets.
    let message: String
    /// What can be done about it.
    let kind: FailureClass
    /// The status of the response, if there was one.
    var status: Int?
    /// The id that the service gave the request.
    var requestID: String?
    /// The time of the service.
    var serverTime: Timestamp?
    /// How long the service asks to wait.
    var serverDelay: Duration?
    /// For a transaction: a code for each write.
    var cancellationReasons: [String] = []
}

extension ServiceFailure {
    /// What a transport failed with.
    ///
    /// - Parameters:
    ///   - error: the transport's error.
    ///   - endpoint: whom it was to reach.
    init(_ error: HTTPTransportError, endpoint: ServiceEndpoint) {
        message = "\(endpoint.scheme)://\(endpoint.authority): \(error)"
        switch error.code {
        case .connectionFailed:
            (code, kind) = (.endpointUnreachable, .transient)
        case .tlsFailed:
            (code, kind) = (.endpointUnreachable, .final)
        case .timedOut, .connectionLost:
            (code, kind) = (.noResponse, .transient)
        case .responseTooLarge:
            (code, kind) = (.invalidResponse, .final)
        case .invalidRequest:
            (code, kind) = (.invalidConfiguration, .final)
        default:
            (code, kind) = (.noResponse, .final)
        }
    }

    /// What a service answered with a status other than 2xx.
    ///
    /// - Parameters:
    ///   - response: the response.
    ///   - redaction: takes the request's secrets out.
    init(_ response: HTTPResponse, redaction: Redaction) {
        let body = try? StrictJSON.parse(response.body.span, source: "answer").object
        let document = Self.document(response.body)
        let namespaced =
            response.headers.first(named: "x-amzn-errortype").flatMap { $0.isEmpty ? nil : $0 }
            ?? body?["__type"]?.string ?? body?["code"]?.string ?? body?["Code"]?.string ?? document.code
        var name = namespaced.map(Self.withoutNamespace) ?? ""
        if name.isEmpty || !name.utf8.allSatisfy(Self.isCodeCharacter) { name = "HTTP\(response.status)" }
        code = AWSServiceError.Code(name)
        let text = body?["message"]?.string ?? body?["Message"]?.string ?? document.message
        if let text {
            message = redaction.apply(text.utf8)
        } else if body != nil {
            message = ""
        } else {
            message = redaction.apply(Self.excerpt(response.body))
        }
        kind = FailureClass(code: name, status: response.status)
        cancellationReasons =
            body?["CancellationReasons"]?.array?.map { reason in
                redaction.apply((reason["Code"]?.string ?? "None").utf8)
            } ?? []
        take(response, redaction: redaction)
        requestID = requestID ?? document.requestID.map { redaction.apply($0.utf8.prefix(200)) }
    }

    /// The parts of an error as STS writes it, in XML.
    private static func document(_ body: SecretBytes) -> (code: String?, message: String?, requestID: String?) {
        let text = String(copying: body.span)
        guard text.contains("<ErrorResponse") else { return (nil, nil, nil) }
        return (
            XMLElements.first("Code", in: text), XMLElements.first("Message", in: text),
            XMLElements.first("RequestId", in: text)
        )
    }

    /// An answer with a status of 2xx that is none that the protocol allows.
    ///
    /// - Parameters:
    ///   - problem: what is wrong with it; never a part of it, since it may hold a plaintext.
    ///   - response: the response.
    ///   - redaction: takes the request's secrets out.
    init(broken problem: String, _ response: HTTPResponse, redaction: Redaction) {
        code = .invalidResponse
        message = problem
        kind = .transient
        take(response, redaction: redaction)
    }

    private mutating func take(_ response: HTTPResponse, redaction: Redaction) {
        status = response.status
        requestID =
            (response.headers.first(named: "x-amzn-requestid") ?? response.headers.first(named: "x-amz-request-id"))
            .map { redaction.apply($0.utf8.prefix(200)) }
        serverTime = response.headers.first(named: "date").flatMap(Timestamp.init(httpDate:))
        if let text = response.headers.first(named: "x-amz-retry-after"), let value = Int64(text), value >= 0 {
            serverDelay = .milliseconds(min(value, 3_600_000))
        }
    }

    private static func withoutNamespace(_ text: String) -> String {
        let code = text.prefix { $0 != ":" }
        return String(code.split(separator: "#", omittingEmptySubsequences: true).last ?? "")
    }

    private static func isCodeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }

    private static func excerpt(_ body: SecretBytes) -> [UInt8] {
        let span = body.span
        return (0..<min(span.count, 200)).map { span[$0] }
    }
}

extension ServiceFailure {
    /// The error that the caller sees.
    ///
    /// - Parameters:
    ///   - service: the service.
    ///   - operation: the operation.
    ///   - attempts: how often the request was sent.
    func error(service: ServiceDescription, operation: String, attempts: Int) -> AWSServiceError {
        AWSServiceError(
            code,
            message,
            service: service.name,
            operation: operation,
            requestID: requestID,
            httpStatus: status,
            attempts: attempts,
            cancellationReasons: cancellationReasons
        )
    }
}

/// Takes secrets out of texts of others before they become part of an error.
///
/// A service that refuses a signature shows the header that it received, session token and all.
struct Redaction {
    private let secrets: [SecretBytes]
    private static let replacement = Array("[secret]".utf8)
    private static let longest = 1000

    /// A redaction.
    ///
    /// - Parameter secrets: what must not be shown; empty ones are ignored.
    init(_ secrets: [SecretBytes]) {
        self.secrets = secrets.filter { $0.count > 0 }
    }

    /// Whether a key is no more than a word, as those of local stand-ins are: `test` is in many a message that has
    /// nothing to hide.
    ///
    /// - Parameter key: a secret access key or a session token; those of AWS are longer.
    static func isWord(_ key: SecretBytes) -> Bool {
        guard key.count < 16 else { return false }
        let span = key.span
        return span.indices.allSatisfy { 0x61...0x7A ~= span[$0] | 0x20 }
    }

    /// The text without the secrets, control characters as blanks, and cut where it is long.
    ///
    /// - Parameter text: the text.
    func apply(_ text: some Sequence<UInt8>) -> String {
        var bytes = Array(text)
        for secret in secrets { bytes = Self.replace(secret.span, in: bytes) }
        let isCut = bytes.count > Self.longest
        var output = ""
        for scalar in String(decoding: bytes.prefix(Self.longest), as: UTF8.self).unicodeScalars {
            output.unicodeScalars.append(Self.isControl(scalar) ? " " : scalar)
        }
        return isCut ? output + "…" : output
    }

    /// Whether a character is of the general category Cc.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
    }

    private static func replace(_ secret: Span<UInt8>, in bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= secret.count else { return bytes }
        var output: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if matches(secret, bytes, at: position) {
                output += replacement
                position += secret.count
            } else {
                output.append(bytes[position])
                position += 1
            }
        }
        return output
    }

    private static func matches(_ secret: Span<UInt8>, _ bytes: [UInt8], at start: Int) -> Bool {
        guard start + secret.count <= bytes.count else { return false }
        for index in secret.indices where bytes[start + index] != secret[index] { return false }
        return true
    }
}

/// Ids that a client gives its requests.
enum RequestID {
    /// A random UUID (RFC 9562, version 4) in lower-case text.
    ///
    /// - Parameter random: where it comes from.
    /// - Throws: `CryptoError` when there are no random bytes.
    static func make(from random: any RandomSource) throws(CryptoError) -> String {
        var bytes = try random.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array(Hex.encode(bytes).utf8)
        let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }
}
