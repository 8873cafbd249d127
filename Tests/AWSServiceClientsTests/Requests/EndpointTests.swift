import AWSMaterialProviders
import TestSupport
import Testing

@testable import AWSServiceClients

/// Hosts of AWS's endpoints as botocore's rules give them.
struct EndpointTests {
    @Test(arguments: [
        ("kms", "us-west-2", false, false, "https://kms.us-west-2.amazonaws.com/", "us-west-2"),
        ("kms", "us-west-2", true, false, "https://kms-fips.us-west-2.amazonaws.com/", "us-west-2"),
        ("kms", "us-west-2", false, true, "https://kms.us-west-2.api.aws/", "us-west-2"),
        ("kms", "us-west-2", true, true, "https://kms-fips.us-west-2.api.aws/", "us-west-2"),
        ("kms", "fips-us-east-1", false, false, "https://kms-fips.us-east-1.amazonaws.com/", "us-east-1"),
        ("kms", "us-east-1-fips", false, false, "https://kms-fips.us-east-1.amazonaws.com/", "us-east-1"),
        ("dynamodb", "cn-north-1", false, false, "https://dynamodb.cn-north-1.amazonaws.com.cn/", "cn-north-1"),
        ("kms", "cn-north-1", false, true, "https://kms.cn-north-1.api.amazonwebservices.com.cn/", "cn-north-1"),
        ("kms", "eusc-de-east-1", false, false, "https://kms.eusc-de-east-1.amazonaws.eu/", "eusc-de-east-1"),
        ("kms", "us-iso-east-1", false, false, "https://kms.us-iso-east-1.c2s.ic.gov/", "us-iso-east-1"),
        ("kms", "us-isob-east-1", false, false, "https://kms.us-isob-east-1.sc2s.sgov.gov/", "us-isob-east-1"),
        ("kms", "us-isof-south-1", false, true, "https://kms.us-isof-south-1.api.aws.hci.ic.gov/", "us-isof-south-1"),
        ("kms", "us-gov-west-1", true, false, "https://kms-fips.us-gov-west-1.amazonaws.com/", "us-gov-west-1"),
        ("dynamodb", "us-gov-west-1", true, false, "https://dynamodb.us-gov-west-1.amazonaws.com/", "us-gov-west-1"),
        ("sts", "us-gov-west-1", true, false, "https://sts.us-gov-west-1.amazonaws.com/", "us-gov-west-1"),
        ("dynamodb", "us-gov-west-1", true, true, "https://dynamodb-fips.us-gov-west-1.api.aws/", "us-gov-west-1"),
        ("sts", "aws-global", false, false, "https://sts.amazonaws.com/", "us-east-1"),
        ("kms", "xx-newland-1", false, false, "https://kms.xx-newland-1.amazonaws.com/", "xx-newland-1"),
    ])
    func awsOwnEndpoints(
        service: String,
        region: String,
        fips: Bool,
        dualStack: Bool,
        url: String,
        signingRegion: String
    ) throws {
        let services = [ServiceDescription.kms, .dynamoDB, .sts]
        let description = try #require(services.first { $0.endpointName == service })
        let endpoint = ServiceEndpoint.regional(description, region: region, usesFIPS: fips, usesDualStack: dualStack)
        #expect(endpoint?.url == url)
        #expect(endpoint?.signingRegion == signingRegion)
    }

    @Test(arguments: ["", "us west", "evil.example/", "a@b", "US-WEST-2", "-a", "fips-"])
    func whatIsNoRegionHasNoEndpoint(region: String) {
        #expect(ServiceEndpoint.regional(.kms, region: region) == nil)
    }

    @Test(arguments: [
        ("http://127.0.0.1:5200", "http://127.0.0.1:5200/", "127.0.0.1:5200"),
        ("HTTPS://Proxy.Example:443/kms/", "https://proxy.example/kms/", "proxy.example"),
        ("http://localhost:80", "http://localhost/", "localhost"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a", "[::1]:8000"),
        ("https://[::1]", "https://[::1]/", "[::1]"),
    ])
    func endpointsThatAreGiven(text: String, url: String, authority: String) {
        let endpoint = ServiceEndpoint(url: text, signingRegion: "us-east-1")
        #expect(endpoint?.url == url)
        #expect(endpoint?.authority == authority)
    }

    @Test(arguments: [
        "", "127.0.0.1:5200", "ftp://a", "http://", "http://u:p@host", "http://host:0", "http://host:99999",
        "http://a b",
        "http://host/?x=1", "http://host/#f", "http://::1", "http://host:",
    ])
    func whatIsNoEndpointIsRefused(text: String) throws {
        #expect(ServiceEndpoint(url: text, signingRegion: "us-east-1") == nil)
    }

    @Test(arguments: [
        ("http://127.0.0.1:5200", true), ("http://127.9.9.9", true), ("https://localhost/", true),
        ("http://[::1]:1", true), ("http://127.0.0.1.example.com", false), ("http://[::2]", false),
        ("http://10.0.0.1", false), ("http://127.example.com", false),
    ])
    func loopbackIsToldFromOtherHosts(url: String, isLoopback: Bool) {
        #expect(ServiceEndpoint(url: url, signingRegion: "r")?.isLoopback == isLoopback)
    }

    @Test func contradictionsAreRefusedWhenAClientIsMade() throws {
        var configuration = try ScriptedService([.close]).configuration
        configuration.usesFIPS = true
        #expect(throws: AWSServiceError(.invalidConfiguration, "", service: "", operation: "")) {
            _ = try AWSKMSClient(configuration)
        }
        configuration.usesFIPS = false
        configuration.region = nil
        let error = #expect(throws: AWSServiceError.self) { _ = try AWSDynamoDBClient(configuration) }
        #expect(error?.message.contains("AWS_REGION") == true)
    }

    @Test func aSupplierGivesOneClientForEachRegion() throws {
        let configuration = try ScriptedService([.close]).configuration
        let supplier = AWSKMSClientSupplier(configuration)
        #expect(try supplier.client(forRegion: "eu-west-1").region == "eu-west-1")
        #expect(try supplier.client(forRegion: nil).region == "us-west-2")
    }
}
