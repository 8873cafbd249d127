internal import AWSServiceClients
internal import CryptoPrimitives

/// A response as it arrives, within its limits.
final class ResponseBuffer {
    /// The largest body, in bytes.
    var limit = 0
    /// Whether a limit was exceeded.
    private(set) var isTooLarge = false

    private var fields: [HTTPField] = []
    private var headerLength = 0
    private var body: [UInt8] = []

    /// The largest header, in bytes.
    private static let headerLimit = 1 << 16

    deinit {
        // What is left in here was not handed on: it may hold a data key all the same.
        zeroize(&body)
    }

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
        if body.capacity < body.count + part.count {
            // Growing leaves nothing of a plaintext behind.
            var larger: [UInt8] = []
            larger.reserveCapacity(max(2 * (body.count + part.count), 8192))
            larger.append(contentsOf: body)
            zeroize(&body)
            body = larger
        }
        unsafe body.append(contentsOf: part)
        return true
    }

    /// The complete response; the buffer is empty afterwards.
    ///
    /// - Parameter status: the status code.
    func response(status: Int) -> HTTPResponse {
        let content = SecretBytes(body)
        zeroize(&body)
        return HTTPResponse(status: status, headers: fields, body: content)
    }

    private static func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var text = unsafe text
        while let first = unsafe text.first, first <= 0x20 { unsafe text.removeFirst() }
        while let last = unsafe text.last, last <= 0x20 { unsafe text.removeLast() }
        return unsafe text
    }
}
