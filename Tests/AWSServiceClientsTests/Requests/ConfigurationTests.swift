import AWSHTTPTransport
import MaterialProviders
import Testing

@testable import AWSServiceClients

/// Settings from arguments, variables and profiles.
struct ConfigurationTests {
    private static let config = """
        [default]
        region = eu-west-1
        endpoint_url = http://profile
        sdk_ua_app_id = from-profile
        max_attempts = 5
        [profile nested]
        services = local
        endpoint_url = http://profile
        [profile broken]
        services = absent
        [profile fips]
        region = us-east-1
        use_fips_endpoint = true
        use_dualstack_endpoint = TRUE
        [profile odd]
        use_fips_endpoint = maybe
        [services local]
        kms =
          endpoint_url = http://nested
        """

    private func configuration(
        _ variables: [String: String] = [:],
        profile: String? = nil,
        region: String? = nil,
        endpoint: String? = nil
    ) throws -> AWSClientConfiguration {
        let home = try TestHome(config: Self.config)
        return try AWSClientConfiguration(
            transport: try ScriptedService.transport.get(),
            environment: home.environment(variables),
            profile: profile,
            region: region,
            endpoint: endpoint
        )
    }

    @Test func theRegionIsTakenFromTheNearestPlace() throws {
        #expect(try configuration().region == "eu-west-1")
        #expect(try configuration(["AWS_DEFAULT_REGION": "b"]).region == "b")
        #expect(try configuration(["AWS_DEFAULT_REGION": "b", "AWS_REGION": "c"]).region == "c")
        #expect(try configuration(["AWS_REGION": "c"], region: "d").region == "d")
        #expect(try configuration(profile: "nested").region == nil)
    }

    @Test(
        arguments: [
            ([:], "default", nil, "http://profile/"), ([:], "nested", nil, "http://nested/"),
            (["AWS_ENDPOINT_URL": "http://all"], "nested", nil, "http://all/"),
            (["AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_KMS": "http://kms"], "nested", nil, "http://kms/"),
            (["AWS_ENDPOINT_URL_KMS": "http://kms"], "nested", "http://code", "http://code/"),
            (
                ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "http://all"], "nested", nil,
                "https://kms.x-1.amazonaws.com/"
            ),
            (["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], "nested", "http://code", "http://code/"),
            (["AWS_ENDPOINT_URL_DYNAMODB": "http://other"], "fips", nil, "https://kms-fips.x-1.api.aws/"),
        ] as [([String: String], String, String?, String)]
    )
    func theEndpointIsTakenFromTheNearestPlace(
        variables: [String: String],
        profile: String,
        endpoint: String?,
        url: String
    ) throws {
        let configuration = try configuration(variables, profile: profile, region: "x-1", endpoint: endpoint)
        #expect(try configuration.endpoint(for: .kms).url == url)
    }

    @Test func eachServiceHasItsOwnEndpoint() throws {
        let configuration = try configuration(
            ["AWS_ENDPOINT_URL_DYNAMODB": "http://tables"],
            profile: "nested",
            region: "r"
        )
        #expect(try configuration.endpoint(for: .dynamoDB).url == "http://tables/")
        #expect(try configuration.endpoint(for: .kms).url == "http://nested/")
        #expect(try configuration.endpoint(for: .sts).url == "http://profile/")
    }

    @Test func otherSettings() throws {
        let first = try configuration()
        #expect(first.applicationID == "from-profile")
        #expect(first.retries.maximumAttempts == 5)
        let second = try configuration(["AWS_SDK_UA_APP_ID": "app", "AWS_MAX_ATTEMPTS": "2"])
        #expect(second.applicationID == "app")
        #expect(second.retries.maximumAttempts == 2)
        #expect(try configuration(profile: "fips").usesFIPS)
        #expect(try configuration(profile: "fips").usesDualStack)
        #expect(try configuration(["AWS_USE_FIPS_ENDPOINT": "false"], profile: "fips").usesFIPS == false)
    }

    @Test(arguments: [
        (["AWS_PROFILE": "broken"], "[services absent]"), (["AWS_PROFILE": "odd"], "use_fips_endpoint"),
        (["AWS_MAX_ATTEMPTS": "0"], "AWS_MAX_ATTEMPTS"), (["AWS_MAX_ATTEMPTS": "many"], "AWS_MAX_ATTEMPTS"),
    ])
    func settingsThatMakeNoSenseAreRefused(variables: [String: String], words: String) throws {
        let error = #expect(throws: AWSServiceError.self) { try configuration(variables) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(words) == true)
    }
}
