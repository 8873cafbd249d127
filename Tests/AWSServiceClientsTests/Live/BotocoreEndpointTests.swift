import Testing

@testable import AWSServiceClients

/// AWS's own endpoints as botocore works them out: every region that it knows, with and without FIPS and dual-stack.
struct BotocoreEndpointTests {
    @Test(Botocore.isThere)
    func everyEndpointIsBotocores() throws {
        let lines = try Botocore.lines(of: "endpoints_of_botocore.py")
        let services = [ServiceDescription.kms, .dynamoDB, .sts]
        var regions: Set<Substring> = []
        for line in lines {
            let words = line.split(separator: " ")
            try #require(words.count == 6)
            let service = try #require(services.first { $0.endpointName == words[0] })
            let endpoint = ServiceEndpoint.regional(
                service,
                region: String(words[1]),
                usesFIPS: words[2] == "1",
                usesDualStack: words[3] == "1"
            )
            #expect(endpoint?.url == "\(words[4])/", "\(line)")
            #expect(endpoint.map(\.signingRegion) == String(words[5]), "\(line)")
            regions.insert(words[1])
        }
        for part in ["us-west-2", "cn-north-1", "us-gov-east-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1"] {
            #expect(regions.contains(Substring(part)))
        }
        #expect(regions.contains("eu-isoe-west-1"))
        #expect(regions.contains("us-isof-south-1"))
        #expect(lines.count > 900)
    }
}
