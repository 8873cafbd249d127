import AWSHTTPTransport
import AWSMaterialProviders
import TestSupport
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
        [profile quiet]
        services = local
        ignore_configured_endpoint_urls = true
        [profile modes]
        retry_mode = adaptive
        defaults_mode = in-region
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
            ([:], "quiet", nil, "https://kms.x-1.amazonaws.com/"),
            (["AWS_ENDPOINT_URL_KMS": "http://kms"], "quiet", nil, "https://kms.x-1.amazonaws.com/"),
            (["AWS_ENDPOINT_URL_KMS": ""], "nested", nil, "http://nested/"),
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
        ([:], 3100), (["AWS_DEFAULTS_MODE": "standard"], 3100), (["AWS_DEFAULTS_MODE": "in-region"], 1100),
        (["AWS_DEFAULTS_MODE": "mobile"], 30_000), (["AWS_PROFILE": "modes"], 1100),
        (["AWS_PROFILE": "modes", "AWS_DEFAULTS_MODE": "legacy"], 3100),
    ])
    func theDefaultsModeDecidesHowLongToConnect(variables: [String: String], milliseconds: Int) throws {
        #expect(try configuration(variables).retries.connectTimeout == .milliseconds(milliseconds))
    }

    @Test(arguments: ["standard", "adaptive", "LEGACY"])
    func everyRetryModeIsTakenForStandard(mode: String) throws {
        #expect(try configuration(["AWS_RETRY_MODE": mode]).retries == RetrySettings(maximumAttempts: 5))
    }

    /// What `load` makes of a machine on which a server plays the instance metadata service.
    private func loaded(
        _ steps: [ScriptedServer.Step],
        _ variables: [String: String] = [:],
        region: String? = nil
    ) async throws -> (configuration: AWSClientConfiguration, requests: [ScriptedServer.Request]) {
        let server = try ScriptedServer(steps)
        defer { server.stop() }
        let home = try TestHome(config: Self.config)
        let metadata = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url, "AWS_EC2_METADATA_DISABLED": ""]
        let configuration = try await AWSClientConfiguration.load(
            transport: try ScriptedService.transport.get(),
            environment: home.environment(metadata.merging(variables) { $1 }),
            profile: "nested",
            region: region
        )
        return (configuration, server.requests)
    }

    private static let metadata: [ScriptedServer.Step] = [
        .answer(status: 200, body: "token"), .answer(status: 200, body: "ap-south-1\n"),
    ]

    @Test func theRegionOfTheInstanceComesLast() async throws {
        let found = try await loaded(Self.metadata)
        #expect(found.configuration.region == "ap-south-1")
        #expect(
            found.requests.map(\.line) == [
                "PUT /latest/api/token HTTP/1.1", "GET /latest/meta-data/placement/region HTTP/1.1",
            ]
        )
        #expect(found.requests.last?.field("x-aws-ec2-metadata-token") == "token")
        for (variables, region) in [
            (["AWS_REGION": "a"], nil), (["AWS_DEFAULT_REGION": "a"], nil), ([:], "a"),
        ] as [([String: String], String?)] {
            let other = try await loaded(Self.metadata, variables, region: region)
            #expect(other.configuration.region == "a")
            #expect(other.requests.isEmpty)
        }
    }

    @Test(
        arguments: [
            ([.answer(status: 500, body: "")], [:], "the service gives no token (status 500)"),
            ([.answer(status: 404, body: "")], [:], "the service answers with status 404"),
            ([.answer(status: 200, body: "t"), .answer(status: 404, body: "")], [:], "status 404"),
            ([.answer(status: 200, body: "t"), .answer(status: 200, body: "no/region")], [:], "names no region"),
            ([.close], ["AWS_EC2_METADATA_DISABLED": "true"], "AWS_EC2_METADATA_DISABLED is true"),
            ([.close], ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"], "connection failed"),
        ] as [([ScriptedServer.Step], [String: String], String)]
    )
    func withoutARegionClientsSayWhatTheInstanceAnswered(
        steps: [ScriptedServer.Step],
        variables: [String: String],
        words: String
    ) async throws {
        let configuration = try await loaded(steps, variables).configuration
        #expect(configuration.region == nil)
        let error = #expect(throws: AWSServiceError.self) { _ = try AWSDynamoDBClient(configuration) }
        #expect(error?.message.contains("(instance metadata: ") == true)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        // Keys that are named by an ARN do without.
        #expect(try AWSKMSClientSupplier(configuration).client(forRegion: "eu-west-1").region == "eu-west-1")
    }

    @Test(arguments: [
        (["AWS_PROFILE": "broken"], "[services absent]"), (["AWS_PROFILE": "odd"], "use_fips_endpoint"),
        (["AWS_RETRY_MODE": "eager"], "AWS_RETRY_MODE"), (["AWS_DEFAULTS_MODE": "odd"], "AWS_DEFAULTS_MODE"),
        (["AWS_MAX_ATTEMPTS": "0"], "AWS_MAX_ATTEMPTS"), (["AWS_MAX_ATTEMPTS": "many"], "AWS_MAX_ATTEMPTS"),
    ])
    func settingsThatMakeNoSenseAreRefused(variables: [String: String], words: String) throws {
        let error = #expect(throws: AWSServiceError.self) { try configuration(variables) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(words) == true)
    }
}
