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
    /// - Returns: nil when the region is no label of a host name.
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
