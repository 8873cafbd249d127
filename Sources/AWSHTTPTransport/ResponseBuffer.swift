internal import AWSServiceClients
internal import CryptoPrimitives

/// A response as it arrives, within its limits.
///
/// The body, which may hold a data key, lies in memory that is overwritten at its end. What libcurl, its TLS and HTTP/2
/// libraries and the system keep of it in buffers of their own is out of reach.
final class ResponseBuffer {
    /// The largest body, in bytes.
    var limit = 0
    /// Whether a limit was exceeded.
    private(set) var isTooLarge = false

    private var fields: [HTTPField] = []
    private var headerLength = 0
    private let body = SecretBuffer()

    /// The largest header, in bytes.
    private static let headerLimit = 1 << 16

    /// Takes one line of the header, or of an interim response's.
    ///
    /// - Returns: whether it is within the limit.
    func appendHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
        headerLength += line.count
        guard headerLength <= Self.headerLimit else {
            isTooLarge = true
            return false
        }
        let text = unsafe String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // A final response follows an interim one: only its own fields count.
            fields = []
            return true
        }
        guard let colon = text.firstIndex(of: ":") else { return true }
        let value = text[text.index(after: colon)...]
        fields.append(HTTPField(String(text[..<colon]), Self.trimmed(value)))
        return true
    }

    /// Takes a part of the body.
    ///
    /// - Returns: whether it is within the limit.
    func appendBody(_ part: UnsafeRawBufferPointer) -> Bool {
        guard part.count <= limit - body.count else {
            isTooLarge = true
            return false
        }
        unsafe body.append(Span(_unsafeBytes: part))
        return true
    }

    /// The complete response; the buffer is empty afterwards.
    ///
    /// - Parameter status: the status code.
    func response(status: Int) -> HTTPResponse {
        HTTPResponse(status: status, headers: fields, body: body.take())
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.unicodeScalars.first, first.value <= 0x20 { text.unicodeScalars.removeFirst() }
        while let last = text.unicodeScalars.last, last.value <= 0x20 { text.unicodeScalars.removeLast() }
        return String(text)
    }
}
