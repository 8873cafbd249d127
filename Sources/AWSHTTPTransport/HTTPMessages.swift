public import ESDKCrypto

/// One HTTP request, as a transport sends it.
public struct HTTPRequest: Sendable {
    /// A request method.
    public struct Method: Hashable, Sendable, CustomStringConvertible {
        /// The method, as in the request line.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// `GET`.
        public static let get = Method("GET")
        /// `POST`.
        public static let post = Method("POST")
        /// `PUT`.
        public static let put = Method("PUT")
    }

    /// The request method.
    public var method: Method
    /// The absolute URL, `http` or `https`, without user information.
    public var url: String
    /// The header fields, in the order they are sent; `Host` and `Content-Length` are the transport's.
    public var headers: [HTTPField]
    /// The body, which may hold a plaintext: transports overwrite their copies of it.
    public var body: SecretBytes
    /// How long setting up a connection may take, name look-up and TLS included.
    public var connectTimeout: Duration
    /// How long everything may take, from the start to the last byte of the response.
    public var timeout: Duration
    /// The largest response body that is read, in bytes.
    public var maximumResponseLength: Int
    /// Whether proxies named in the environment may be used; metadata endpoints are asked directly.
    public var allowsProxy: Bool

    /// A request.
    ///
    /// - Parameters:
    ///   - method: the request method.
    ///   - url: the absolute URL.
    ///   - headers: the header fields.
    ///   - body: the body.
    ///   - connectTimeout: how long setting up a connection may take.
    ///   - timeout: how long everything may take.
    ///   - maximumResponseLength: the largest response body that is read, in bytes.
    ///   - allowsProxy: whether proxies named in the environment may be used.
    public init(
        method: Method,
        url: String,
        headers: [HTTPField] = [],
        body: SecretBytes = SecretBytes([]),
        connectTimeout: Duration = .milliseconds(3100),
        timeout: Duration = .seconds(10),
        maximumResponseLength: Int = 1 << 20,
        allowsProxy: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.maximumResponseLength = maximumResponseLength
        self.allowsProxy = allowsProxy
    }
}

/// A complete HTTP response.
public struct HTTPResponse: Sendable {
    /// The status code.
    public let status: Int
    /// The header fields in order of arrival.
    public let headers: [HTTPField]
    /// The body, which may hold a plaintext data key.
    public let body: SecretBytes

    /// A response.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - headers: the header fields in order of arrival.
    ///   - body: the body.
    public init(status: Int, headers: [HTTPField], body: SecretBytes) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// One header field.
public struct HTTPField: Sendable {
    /// The name; names compare without regard to case.
    public let name: String
    /// The value, without blanks around it.
    public let value: String

    /// A field.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its value.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPField: CustomStringConvertible, CustomReflectable {
    /// The name without the value, which may be a token.
    public var description: String { "\(name): …" }

    /// A mirror that shows the name only.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    /// Method and URL up to the query, which may be secret.
    public var description: String { "\(method) \(shownURL)" }

    /// A mirror that shows neither values of fields nor the body.
    public var customMirror: Mirror {
        Mirror(self, children: ["method": method, "url": shownURL, "headers": headers])
    }

    private var shownURL: String {
        let end = url.firstIndex { $0 == "?" || $0 == "#" } ?? url.endIndex
        guard let at = url[..<end].lastIndex(of: "@") else { return String(url[..<end]) }
        let scheme = url.firstRange(of: "://").map { url[..<$0.upperBound] } ?? ""
        return scheme + "…" + url[at..<end]
    }
}

extension HTTPField {
    /// Whether the field has this name, in whatever case.
    ///
    /// - Parameter name: the name in lower case, of ASCII characters.
    package func isNamed(_ name: String) -> Bool {
        self.name.utf8.count == name.utf8.count
            && zip(self.name.utf8, name.utf8).allSatisfy { byte, wanted in
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 == wanted : byte == wanted
            }
    }
}

extension [HTTPField] {
    /// The value of the first field of this name, in whatever case it was sent.
    ///
    /// - Parameter name: the name in lower case.
    package func first(named name: String) -> String? {
        first { $0.isNamed(name) }?.value
    }
}
