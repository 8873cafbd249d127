/// Where a service is called.
package struct ServiceEndpoint: Hashable, Sendable {
    /// `https` or `http`.
    package let scheme: String
    /// The host with its port, if that is not the scheme's own: the value of `Host`.
    package let authority: String
    /// The path, beginning with a slash.
    package let path: String
    /// The region that signatures name.
    package let signingRegion: String

    /// The host, without its port.
    var host: Substring {
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else {
            return authority[...]
        }
        return authority[..<colon]
    }

    /// Whether the host is this machine, by name or by address.
    var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The absolute URL.
    package var url: String { "\(scheme)://\(authority)\(path)" }
}

extension ServiceEndpoint {
    /// Reads an endpoint that a user gave.
    ///
    /// - Parameters:
    ///   - url: `http` or `https`, a host, perhaps a port and a path.
    ///   - signingRegion: the region that signatures name.
    /// - Returns: nil when the text is no such URL, or has user information, a query or a fragment.
    package init?(url: String, signingRegion: String) {
        let scheme: String
        let rest: Substring
        if url.lowercased().hasPrefix("https://") {
            (scheme, rest) = ("https", url.dropFirst(8))
        } else if url.lowercased().hasPrefix("http://") {
            (scheme, rest) = ("http", url.dropFirst(7))
        } else {
            return nil
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let authority = Self.authority(rest[..<slash], defaultPort: scheme == "https" ? 443 : 80),
            rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !rest.contains("?"), !rest.contains("#")
        else { return nil }
        self.scheme = scheme
        self.authority = authority
        self.path = slash == rest.endIndex ? "/" : String(rest[slash...])
        self.signingRegion = signingRegion
    }

    private static func authority(_ text: Substring, defaultPort: Int) -> String? {
        guard !text.isEmpty, !text.contains("@") else { return nil }
        var host = text
        var port: Int?
        // The colons of an IPv6 address stand in brackets.
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            host = text[..<colon]
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard !host.isEmpty, isBracketed || !host.contains(":") else { return nil }
        guard let port, port != defaultPort else { return host.lowercased() }
        return "\(host.lowercased()):\(port)"
    }
}
