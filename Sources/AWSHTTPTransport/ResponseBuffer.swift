internal import AWSServiceClients
internal import ESDKCrypto

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
        if unsafe line.starts(with: "HTTP/".utf8) {
            // A final response follows an interim one: only its own fields count.
            fields = []
            return true
        }
        guard let colon = unsafe line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = unsafe String(decoding: line[..<colon], as: UTF8.self)
        let value = unsafe Self.trimmed(line[(colon + 1)...])
        unsafe fields.append(HTTPField(name, String(decoding: value, as: UTF8.self)))
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

    private static func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var text = unsafe text
        while let first = unsafe text.first, first <= 0x20 { unsafe text.removeFirst() }
        while let last = unsafe text.last, last <= 0x20 { unsafe text.removeLast() }
        return unsafe text
    }
}
