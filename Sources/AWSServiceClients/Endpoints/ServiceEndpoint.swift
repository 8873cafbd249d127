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
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { Self.number($0, atMost: 255) != nil }
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
    /// - Returns: nil when the text is not such a URL, or has user information, a query or a fragment.
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

    /// A number of digits only: Swift's own reading takes a sign as well, which would make `127.+0.+0.+1` an address.
    private static func number(_ text: Substring, atMost limit: Int) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(text), number <= limit else {
            return nil
        }
        return number
    }

    private static func isName(_ host: Substring) -> Bool {
        !host.isEmpty
            && host.utf8.allSatisfy {
                0x61...0x7A ~= $0 | 0x20 || 0x30...0x39 ~= $0 || [0x2D, 0x2E, 0x5F].contains($0)
            }
    }

    private static func isAddress(_ host: Substring) -> Bool {
        !host.isEmpty
            && host.utf8.allSatisfy { 0x61...0x66 ~= $0 | 0x20 || 0x30...0x39 ~= $0 || [0x2E, 0x3A].contains($0) }
    }

    private static func authority(_ text: Substring, defaultPort: Int) -> String? {
        guard !text.isEmpty, !text.contains("@") else { return nil }
        var host = text
        var port: Int?
        // The colons of an IPv6 address stand in brackets.
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            host = text[..<colon]
            guard let number = number(text[text.index(after: colon)...], atMost: 65_535), number > 0 else { return nil }
            port = number
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard isBracketed ? isAddress(host.dropFirst().dropLast()) : isName(host) else { return nil }
        guard let port, port != defaultPort else { return host.lowercased() }
        return "\(host.lowercased()):\(port)"
    }
}

extension ServiceEndpoint {
    /// AWS's own endpoint of a service in a region.
    ///
    /// A region of the form `fips-R` or `R-fips` stands for `R` with FIPS.
    ///
    /// - Parameters:
    ///   - service: the service.
    ///   - region: the region.
    ///   - usesFIPS: whether the endpoint must use cryptography validated by FIPS 140.
    ///   - usesDualStack: whether the endpoint must have IPv6 addresses too.
    /// - Returns: nil when the region cannot be part of a host name.
    package static func regional(
        _ service: ServiceDescription,
        region: String,
        usesFIPS: Bool = false,
        usesDualStack: Bool = false
    ) -> ServiceEndpoint? {
        var region = region
        var usesFIPS = usesFIPS
        if region.hasPrefix("fips-") {
            region = String(region.dropFirst(5))
            usesFIPS = true
        } else if region.hasSuffix("-fips") {
            region = String(region.dropLast(5))
            usesFIPS = true
        }
        guard isLabel(region) else { return nil }
        let name = service.endpointName
        if region == "aws-global" {
            // The endpoint of STS that no region is part of; other services have none.
            let host = service.hasGlobalEndpoint ? "\(name).amazonaws.com" : "\(name).us-east-1.amazonaws.com"
            return ServiceEndpoint(url: "https://\(host)", signingRegion: "us-east-1")
        }
        let partition = AWSPartition.containing(region: region)
        // In GovCloud the ordinary endpoints of these services are validated ones, and have no second name.
        let isPlainInGovCloud = region.hasPrefix("us-gov-") && !usesDualStack && ["dynamodb", "sts"].contains(name)
        let marker = usesFIPS && !isPlainInGovCloud ? "-fips" : ""
        let suffix = usesDualStack ? partition.dualStackSuffix : partition.suffix
        return ServiceEndpoint(url: "https://\(name)\(marker).\(region).\(suffix)", signingRegion: region)
    }

    /// Whether a text may be the name of a region: it becomes a label of host names.
    ///
    /// - Parameter text: the text.
    static func isLabel(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 63 && text.utf8.first != UInt8(ascii: "-")
            && text.utf8.last != UInt8(ascii: "-")
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }
}

/// A partition of AWS: regions that share endpoints, accounts and keys with no others.
struct AWSPartition: Sendable {
    /// What the names of its regions begin with.
    let regionPrefixes: [String]
    /// The domain of its endpoints.
    let suffix: String
    /// The domain of the endpoints that have IPv6 addresses too.
    let dualStackSuffix: String

    /// The partition that a region lies in; the commercial one for regions that are not known.
    ///
    /// - Parameter region: the region's name.
    static func containing(region: String) -> AWSPartition {
        others.first { partition in partition.regionPrefixes.contains { region.hasPrefix($0) } } ?? commercial
    }

    private static let commercial = AWSPartition(
        regionPrefixes: [],
        suffix: "amazonaws.com",
        dualStackSuffix: "api.aws"
    )

    private static let others = [
        AWSPartition(
            regionPrefixes: ["cn-"],
            suffix: "amazonaws.com.cn",
            dualStackSuffix: "api.amazonwebservices.com.cn"
        ),
        AWSPartition(
            regionPrefixes: ["eusc-"],
            suffix: "amazonaws.eu",
            dualStackSuffix: "api.amazonwebservices.eu"
        ),
        AWSPartition(regionPrefixes: ["us-iso-"], suffix: "c2s.ic.gov", dualStackSuffix: "api.aws.ic.gov"),
        AWSPartition(regionPrefixes: ["us-isob-"], suffix: "sc2s.sgov.gov", dualStackSuffix: "api.aws.scloud"),
        AWSPartition(
            regionPrefixes: ["eu-isoe-"],
            suffix: "cloud.adc-e.uk",
            dualStackSuffix: "api.cloud-aws.adc-e.uk"
        ),
        AWSPartition(regionPrefixes: ["us-isof-"], suffix: "csp.hci.ic.gov", dualStackSuffix: "api.aws.hci.ic.gov"),
    ]
}
