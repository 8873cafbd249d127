internal import AWSServiceClients

/// What a request must look like before libcurl sees it.
enum RequestRules {
    /// Refuses what would be sent as something other than it says.
    ///
    /// - Parameter request: the request.
    /// - Throws: `HTTPTransportError` with code `invalidRequest`.
    static func check(_ request: HTTPRequest) throws(HTTPTransportError) {
        guard request.url.hasPrefix("http://") || request.url.hasPrefix("https://") else {
            throw HTTPTransportError(.invalidRequest, "the URL is neither http nor https")
        }
        guard request.url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw HTTPTransportError(.invalidRequest, "the URL has blanks or characters beyond ASCII")
        }
        for field in request.headers {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(isNameCharacter) else {
                throw HTTPTransportError(.invalidRequest, "a header field has no valid name")
            }
            // A line end in a value would start another field; the value may be a token, so it is not shown.
            guard field.value.utf8.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) || $0 >= 0x80 }) else {
                throw HTTPTransportError(.invalidRequest, "the header field \(field.name) has control characters")
            }
        }
        guard request.timeout > .zero, request.connectTimeout > .zero, request.maximumResponseLength >= 0 else {
            throw HTTPTransportError(.invalidRequest, "a time-out or limit is not positive")
        }
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default:
            false
        }
    }
}
