internal import AWSServiceClients

/// The proxies that an environment names, by the conventions that curl and others follow.
///
/// They are read once for a transport and handed to libcurl, which would otherwise read the environment of the process
/// on the transport's thread, where a change by another thread is a data race.
struct ProxySettings: Sendable {
    /// The proxy of each scheme; an absent one is none.
    private let proxies: [String: String]
    /// The hosts that are called directly: names, domains, addresses and networks, separated by commas; or `*`.
    let exceptions: String

    /// The proxies that variables name.
    ///
    /// `http_proxy` and `https_proxy`, else `all_proxy`; and `no_proxy`. Names in lower case come before those in upper
    /// case. `HTTP_PROXY` does not count in a CGI program, where a client's header field `Proxy` would become it.
    ///
    /// - Parameter environment: the variables.
    init(_ environment: AWSEnvironment) {
        let isCGI = environment["REQUEST_METHOD"] != nil
        let other = environment["all_proxy"] ?? environment["ALL_PROXY"]
        var proxies: [String: String] = [:]
        proxies["http"] = environment["http_proxy"] ?? (isCGI ? nil : environment["HTTP_PROXY"]) ?? other
        proxies["https"] = environment["https_proxy"] ?? environment["HTTPS_PROXY"] ?? other
        self.proxies = proxies
        exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
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
