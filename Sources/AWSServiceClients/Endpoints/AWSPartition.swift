/// A partition of AWS: regions with endpoints, accounts and keys of their own.
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
