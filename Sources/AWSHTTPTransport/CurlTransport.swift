internal import CCurl
internal import Glibc

/// HTTP over the system's libcurl: connections kept and reused, HTTP/2 where the server offers it, proxies from the
/// environment (`HTTPS_PROXY`, `NO_PROXY` …), certificates verified, no redirects.
///
/// One thread drives all requests of a transport. Make one transport and share it among clients; its thread ends when
/// the last reference to it is gone.
public final class CurlTransport: HTTPTransport {
    /// The libcurl that this process runs with, such as `libcurl 7.88.1`.
    package static var libraryVersion: String {
        // It begins with `libcurl/7.88.1` and goes on with the libraries under it.
        guard let text = unsafe curl_version() else { return "libcurl" }
        return String(unsafe String(cString: text).prefix { $0 != " " }).replacing("/", with: " ")
    }

    private let engine: CurlEngine

    /// A transport.
    ///
    /// - Parameters:
    ///   - certificateAuthorities: the path of a PEM file with the certificate authorities to trust instead of
    ///     the system's; when it is nil, the file that `AWS_CA_BUNDLE` names, if any.
    ///   - variable: looks up the variables that name proxies and certificate authorities, which are read now and not
    ///     again; nil for one that is unset or empty.
    /// - Throws: `HTTPTransportError` when libcurl or a thread cannot be started, or the file cannot be read.
    public init(
        certificateAuthorities: String? = nil,
        variable: (_ name: String) -> String?
    ) throws(HTTPTransportError) {
        engine = try CurlEngine(
            TransportSettings(
                certificateAuthorities: try CertificateAuthorities.file(
                    named: certificateAuthorities,
                    variable: variable
                ),
                proxies: ProxySettings(variable)
            )
        )
    }

    deinit {
        engine.stop()
    }

    /// Sends one request and reads the whole response.
    ///
    /// - Parameter request: the request.
    /// - Returns: the response.
    /// - Throws: `HTTPTransportError`, or `CancellationError` when the task was cancelled.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try RequestRules.check(request)
        let transfer = CurlTransfer(request)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if transfer.start(continuation) {
                    engine.submit(transfer)
                }
            }
        } onCancel: {
            if transfer.cancel() {
                engine.submit(transfer)
            }
        }
        return try transfer.response()
    }
}

/// What all requests of a transport have in common.
struct TransportSettings: Sendable {
    /// The path of a PEM file with the certificate authorities to trust instead of the system's.
    let certificateAuthorities: String?
    /// The proxies.
    let proxies: ProxySettings
}

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

/// Finds the file of certificate authorities to trust.
enum CertificateAuthorities {
    /// The file that is named by the caller or else by `AWS_CA_BUNDLE`.
    ///
    /// - Parameters:
    ///   - path: the caller's choice.
    ///   - variable: looks up a variable.
    /// - Returns: a path, or nil for the system's own authorities.
    /// - Throws: `HTTPTransportError` with code `tlsFailed` when the file cannot be read.
    static func file(
        named path: String?,
        variable: (String) -> String?
    ) throws(HTTPTransportError) -> String? {
        guard let file = path ?? variable("AWS_CA_BUNDLE"), !file.isEmpty else { return nil }
        guard unsafe access(file, R_OK) == 0 else {
            let source = path == nil ? "(AWS_CA_BUNDLE, or ca_bundle of the profile) " : ""
            throw HTTPTransportError(.tlsFailed, "the certificate authorities in \(file) \(source)cannot be read")
        }
        return file
    }
}

/// The proxies that an environment names, by the conventions that curl and others follow.
///
/// They are read once for a transport and handed to libcurl, which would otherwise read the environment of the process
/// on the transport's thread, where a change by another thread is a data race.
struct ProxySettings: Sendable, CustomReflectable {
    /// A mirror that shows nothing: a proxy's URL may hold a password.
    var customMirror: Mirror { Mirror(self, children: [:]) }

    /// The proxy of each scheme; an absent one is none.
    private let proxies: [String: String]
    /// The hosts that are called directly: names, domains, addresses and networks, separated by commas; or `*`.
    let exceptions: String

    /// The proxies that variables name.
    ///
    /// `http_proxy` and `https_proxy`, else `all_proxy`; and `no_proxy`. Names in lower case come before those in upper
    /// case. `HTTP_PROXY` does not count in a CGI program, where a client's header field `Proxy` would become it.
    ///
    /// - Parameter variable: looks up a variable; nil for one that is unset or empty.
    init(_ variable: (String) -> String?) {
        let isCGI = variable("REQUEST_METHOD") != nil
        let other = variable("all_proxy") ?? variable("ALL_PROXY")
        var proxies: [String: String] = [:]
        proxies["http"] = variable("http_proxy") ?? (isCGI ? nil : variable("HTTP_PROXY")) ?? other
        proxies["https"] = variable("https_proxy") ?? variable("HTTPS_PROXY") ?? other
        self.proxies = proxies
        exceptions = variable("no_proxy") ?? variable("NO_PROXY") ?? ""
    }

    /// What libcurl says of a failure, without what the proxy's URL may hold of a password.
    ///
    /// libcurl shows the URL of a proxy that it cannot make out, password and all.
    ///
    /// - Parameters:
    ///   - reason: what libcurl says.
    ///   - plain: what it says of every failure of this kind.
    ///   - request: the request.
    func withoutPassword(_ reason: String, plain: String, for request: HTTPRequest) -> String {
        let proxy = proxy(for: request)
        guard !proxy.isEmpty else { return reason }
        let scheme = proxy.firstRange(of: "://").map { proxy[..<$0.upperBound] } ?? ""
        let rest = proxy.dropFirst(scheme.count)
        let at = rest.lastIndex(of: "@")
        let place = at.map { rest[rest.index(after: $0)...] } ?? rest
        let isPlain = Self.isHostAndPort(place)
        guard at != nil || !isPlain else { return reason }
        let secret = isPlain ? rest[..<(at ?? rest.startIndex)] : rest
        let pieces = secret.split { !$0.isLetter && !$0.isNumber } + [secret]
        guard reason.contains(proxy) || pieces.contains(where: { !$0.isEmpty && reason.contains($0) }) else {
            return reason
        }
        return "\(plain) (the proxy \(scheme)…\(at == nil ? "" : "@")\(isPlain ? place : ""))"
    }

    private static func isHostAndPort(_ text: Substring) -> Bool {
        let place = text.hasSuffix("/") ? text.dropLast() : text
        let parts = place.split(separator: ":", omittingEmptySubsequences: false)
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            let port = place[place.index(after: end)...]
            return port.isEmpty || port.first == ":" && port.dropFirst().allSatisfy { ("0"..."9").contains($0) }
        }
        return (1...2).contains(parts.count)
            && parts[0].utf8.allSatisfy {
                0x61...0x7A ~= $0 | 0x20 || 0x30...0x39 ~= $0 || [0x2D, 0x2E, 0x5F].contains($0)
            }
            && (parts.count == 1 || !parts[1].isEmpty && parts[1].utf8.allSatisfy { 0x30...0x39 ~= $0 })
    }

    /// The proxy for a request, which libcurl still compares with the exceptions.
    ///
    /// - Parameter request: the request.
    /// - Returns: the proxy as the variable names it; empty for none.
    func proxy(for request: HTTPRequest) -> String {
        guard request.allowsProxy else { return "" }
        return proxies[String(request.url.prefix { $0 != ":" })] ?? ""
    }
}
