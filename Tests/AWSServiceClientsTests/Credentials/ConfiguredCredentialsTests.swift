import AWSHTTPTransport
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import Foundation
import TestSupport
import Testing

@testable import AWSServiceClients

/// Settings in forms that AWS tools take.
@Suite(.timeLimit(.minutes(5)))
struct ConfiguredCredentialsTests {
    private static let keys = "aws_access_key_id = AKID\naws_secret_access_key = s3cr3t/+key\n"

    private func provider(_ home: TestHome, _ variables: [String: String] = [:], profile: String? = nil) throws
        -> DefaultCredentialsProvider
    {
        DefaultCredentialsProvider(
            transport: try ScriptedService.transport.get(),
            environment: home.environment(variables),
            profile: profile,
            clock: TestClock()
        )
    }

    private func failure(_ home: TestHome, _ variables: [String: String] = [:], profile: String? = nil) async throws
        -> CredentialsError?
    {
        let provider = try provider(home, variables, profile: profile)
        return await #expect(throws: CredentialsError.self) { try await provider.credentials(forcesRefresh: false) }
    }

    private func load(_ home: TestHome, _ variables: [String: String], profile: String? = nil) throws
        -> AWSClientConfiguration
    {
        try AWSClientConfiguration(
            transport: NotingTransport(""),
            environment: home.environment(variables),
            profile: profile
        )
    }

    @Test func aLargeFileIsRead() async throws {
        let filler = String(repeating: "# \(String(repeating: "x", count: 998))\n", count: 3000)
        let home = try TestHome(credentials: filler + "[default]\n\(Self.keys)")
        #expect(try await provider(home).credentials(forcesRefresh: false).accessKeyID == "AKID")
    }

    @Test func aFileThatCannotBeReadIsNamedWhenItIsMissed() async throws {
        let home = try TestHome()
        let variables = ["AWS_SHARED_CREDENTIALS_FILE": home.folder.path()]
        let error = try await failure(home, variables)
        #expect(error?.code == .notConfigured)
        #expect(error?.description.contains("\(home.folder.path()): Is a directory") == true)
        let chosen = try await failure(home, variables, profile: "work")
        #expect(chosen?.description.contains("Is a directory") == true)
        #expect(throws: AWSServiceError.self) { try load(home, variables, profile: "work") }
        _ = try load(home, variables)
    }

    @Test func aFileInUTF16IsNamed() async throws {
        for mark in [[0xFF, 0xFE], [0xFE, 0xFF]] as [[UInt8]] {
            let home = try TestHome()
            let bytes = mark + "[default]\n\(Self.keys)".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            try Data(bytes).write(to: home.folder.appending(path: ".aws/credentials"))
            let error = try await failure(home)
            #expect(error?.description.contains(".aws/credentials: the file is in UTF-16; save it as UTF-8") == true)
        }
    }

    @Test func anOddLineStopsThoseWhoNeedItsProfile() async throws {
        let home = try TestHome(config: "[default]\nregion = r\n\(Self.keys)[profile odd]\nregion = r\nodd line\n")
        #expect(try await provider(home).credentials(forcesRefresh: false).accessKeyID == "AKID")
        _ = try load(home, [:])
        let error = try await failure(home, profile: "odd")
        #expect(error?.description.contains(":7: there is no = in the setting") == true)
        #expect(throws: AWSServiceError.self) { try load(home, [:], profile: "odd") }
        let complete = ["AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"]
        _ = try load(home, complete.merging(["AWS_PROFILE": "odd"]) { $1 })
    }

    @Test(arguments: [[:], ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_REGION": "r"]])
    func aMissingProfileIsAnErrorWhenItIsLoaded(variables: [String: String]) throws {
        let home = try TestHome(config: "[default]\n\(Self.keys)")
        for (added, profile) in [(["AWS_PROFILE": "absent"], nil), ([:], "absent")] as [([String: String], String?)] {
            let error = #expect(throws: AWSServiceError.self) {
                try load(home, variables.merging(added) { $1 }, profile: profile)
            }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains("profile absent: there is no such profile in ") == true)
        }
    }

    @Test(arguments: ["\n", "\r\n", " ", "\n\n"])
    func theLineEndAfterAKeyInAVariableIsNoPartOfIt(end: String) async throws {
        let variables = [
            "AWS_ACCESS_KEY_ID": "AKID" + end, "AWS_SECRET_ACCESS_KEY": "secret" + end,
            "AWS_SESSION_TOKEN": "token" + end,
        ]
        let found = try await provider(try TestHome(), variables).credentials(forcesRefresh: false)
        #expect(found == AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: "token"))
    }

    @Test(arguments: ["2016-05-16T19:19:29Z", "1463426369", "Mon, 16 May 2016 19:19:29 GMT"])
    func expiredCredentialsAreRefused(time: String) async throws {
        let document = #"{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"s","Expiration":""# + time + #""}"#
        let home = try TestHome(config: "[default]\ncredential_process = echo '\(document)'\n")
        let variables = [
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_CREDENTIAL_EXPIRATION": time,
        ]
        for error in [try await failure(home), try await failure(try TestHome(), variables)] {
            #expect(error?.code == .failed)
            #expect(error?.description.contains("ended at 2016-05-16T19:19:29Z") == true)
        }
    }

    @Test func anExpirationMayBeANumber() async throws {
        let document = #"{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"s","Expiration":2536499969.5}"#
        let home = try TestHome(config: "[default]\ncredential_process = echo '\(document)'\n")
        let found = try await provider(home).credentials(forcesRefresh: false)
        #expect(found.expiration?.secondsSinceEpoch == 2_536_499_969.5)
    }

    @Test(arguments: ["{}", "[1]", "true", "\"tomorrow\"", "\"2050-13-01T00:00:00Z\""])
    func anExpirationThatIsNotATimeIsAnError(value: String) async throws {
        let document = #"{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"s","Expiration":"# + value + "}"
        let home = try TestHome(config: "[default]\ncredential_process = echo '\(document)'\n")
        #expect(try await failure(home)?.reason == "the Expiration is not a time")
    }

    @Test func theAdviceForSSOWorks() async throws {
        let home = try TestHome(config: "[profile dev]\nsso_session = s\n")
        let error = try await failure(home, profile: "dev")
        let advice = try #require(
            error?.reason.firstRange(of: "credential_process = ").flatMap { range in
                error?.reason[range.lowerBound...].firstRange(of: " in another").map {
                    error?.reason[range.lowerBound..<$0.lowerBound]
                }
            } ?? nil
        )
        #expect(advice == "credential_process = aws configure export-credentials --profile dev --format process")
        // A stand-in for the command line, which prints what that command is documented to print.
        let script = """
            #!/bin/sh
            [ "$*" = "configure export-credentials --profile dev --format process" ] || exit 9
            echo '{"Version": 1, "AccessKeyId": "ASIASSO", "SecretAccessKey": "s", "SessionToken": "t", \
            "Expiration": "2050-01-01T00:00:00+00:00"}'
            """
        let aws = try home.write(script, to: "aws")
        #expect(chmod(aws, 0o700) == 0)
        let setting = advice.replacing("= aws", with: "= \(aws)")
        try home.write("[profile dev]\nsso_session = s\n[profile other]\n\(setting)\n", to: ".aws/config")
        let found = try await provider(home, profile: "other").credentials(forcesRefresh: false)
        #expect(found.accessKeyID == "ASIASSO")
    }

    @Test func theCertificateAuthoritiesOfTheProfileAreUsed() async throws {
        let server = try TLSServer(name: "localhost")
        defer { server.stop() }
        let home = try TestHome(
            config: "[profile tls]\nca_bundle = \(server.certificate.file)\n[default]\nca_bundle = /nonexistent\n"
        )
        let transport = try CurlTransport(environment: home.environment(), profile: "tls")
        let request = HTTPRequest(method: .get, url: "https://localhost:\(server.port)/")
        _ = try await transport.send(request)
        let error = #expect(throws: HTTPTransportError.self) { _ = try CurlTransport(environment: home.environment()) }
        #expect(error?.description.contains("/nonexistent") == true)
    }

    // MARK: - The home folder

    /// Where HOME is unset, as under cron and in some containers.
    @Test func theHomeFolderIsFoundInTheUserDatabase() async throws {
        let folder = try #require(getpwuid(getuid())?.pointee.pw_dir)
        let home = String(cString: folder)
        await #expect(processExitsWith: .success) { [home = home as String] in
            for unset in [true, false] {
                if unset { unsetenv("HOME") } else { setenv("HOME", "", 1) }
                try #require(AWSEnvironment.current.expanded("~/.aws/config") == home + "/.aws/config")
            }
            setenv("HOME", "/elsewhere", 1)
            try #require(AWSEnvironment.current.expanded("~/.aws/config") == "/elsewhere/.aws/config")
        }
        // An environment that is made up has no user.
        #expect(AWSEnvironment([:]).expanded("~/.aws/config") == "~/.aws/config")
        #expect(AWSEnvironment([:]).expanded("~root/x") == "/root/x")
    }

    // MARK: - Codes

    @Test func aRoleThatNeedsACodeSaysSoInAPipe() async throws {
        let home = try TestHome(
            config: "[default]\nrole_arn = arn:r\nmfa_serial = arn:mfa/me\nsource_profile = default\n\(Self.keys)"
        )
        let context = CredentialsContext(
            transport: NotingTransport(""),
            environment: home.environment(),
            clock: TestClock(),
            random: SystemRandomSource(),
            region: nil,
            mfaPrompt: { _ in throw SystemError(ENOTTY, "ask", nil, "no terminal") }
        )
        let error = await #expect(throws: CredentialsError.self) {
            try await ProfileCredentialsProvider(name: "default", isChosen: true, context: context)
                .credentials(forcesRefresh: false)
        }
        #expect(error?.reason.contains("needs a code from arn:mfa/me (mfa_serial)") == true)
    }

    // MARK: - The instance metadata service

    private static let document = """
        {"Code":"Success","AccessKeyId":"ASIAI","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-25T22:25:35Z"}
        """

    private func instance(
        _ steps: [ScriptedServer.Step],
        _ variables: [String: String] = [:],
        config: String = "",
        profile: String? = nil
    ) async throws
        -> (result: Result<AWSCredentials, any Error>, requests: [ScriptedServer.Request])
    {
        let server = try ScriptedServer(steps)
        defer { server.stop() }
        let home = try TestHome(config: config)
        defer { withExtendedLifetime(home) {} }
        let metadata = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url, "AWS_EC2_METADATA_DISABLED": ""]
        let context = CredentialsContext(
            transport: try ScriptedService.transport.get(),
            environment: home.environment(metadata.merging(variables) { $1 }),
            clock: TestClock(),
            random: SystemRandomSource(),
            region: nil,
            profile: profile
        )
        do {
            let found = try await InstanceMetadataCredentialsProvider(context: context).credentials(
                forcesRefresh: false
            )
            return (.success(found), server.requests)
        } catch {
            return (.failure(error), server.requests)
        }
    }

    @Test(
        arguments: [
            .answer(status: 403, body: ""), .answer(status: 404, body: ""), .answer(status: 405, body: ""), .close,
        ] as [ScriptedServer.Step]
    )
    func withoutATokenTheFirstVersionIsAsked(step: ScriptedServer.Step) async throws {
        let found = try await instance([
            step, .answer(status: 200, body: "role"), .answer(status: 200, body: Self.document),
        ])
        #expect(try found.result.get().accessKeyID == "ASIAI")
        #expect(found.requests.dropFirst().allSatisfy { $0.field("x-aws-ec2-metadata-token") == nil })
        let disabled = try await instance([step], ["AWS_EC2_METADATA_V1_DISABLED": "True"])
        #expect(throws: CredentialsError.self) { try disabled.result.get() }
        #expect(disabled.requests.count <= 1)
    }

    @Test func theFirstVersionIsForbiddenByVariableOrProfile() async throws {
        let config = """
            [default]
            ec2_metadata_v1_disabled = true
            [profile strict]
            ec2_metadata_v1_disabled = True
            [profile lax]
            ec2_metadata_v1_disabled = false
            """
        let cases: [(variables: [String: String], profile: String?, isForbidden: Bool)] = [
            ([:], nil, true), ([:], "strict", true), ([:], "lax", false),
            (["AWS_PROFILE": "strict"], nil, true), (["AWS_PROFILE": "lax"], nil, false),
            (["AWS_PROFILE": "strict"], "lax", false), (["AWS_DEFAULT_PROFILE": "lax"], nil, false),
            (["AWS_EC2_METADATA_V1_DISABLED": "false"], nil, false),
            (["AWS_EC2_METADATA_V1_DISABLED": "TRUE", "AWS_PROFILE": "lax"], nil, true),
        ]
        for (variables, profile, isForbidden) in cases {
            let found = try await instance(
                [
                    .answer(status: 404, body: ""), .answer(status: 200, body: "role"),
                    .answer(status: 200, body: Self.document),
                ],
                variables,
                config: config,
                profile: profile
            )
            let comment = Comment("\(variables), \(profile ?? "no profile")")
            #expect(found.requests.count == (isForbidden ? 1 : 3), comment)
            switch found.result {
            case .success: #expect(!isForbidden, comment)
            case .failure(let error):
                #expect(isForbidden && "\(error)".contains("its first version is disabled"), comment)
            }
        }
    }

    @Test(arguments: ["a/b", "../../../x", "a b", "", "\u{7F}", "ä"])
    func theNameOfARoleIsOneSegmentOfAPath(role: String) async throws {
        let found = try await instance([
            .answer(status: 200, body: "token"), .answer(status: 200, body: role),
            .answer(status: 200, body: Self.document),
        ])
        let error = #expect(throws: CredentialsError.self) { try found.result.get() }
        #expect(error?.reason == "the service names no role")
        #expect(found.requests.count == 2)
    }
}

/// What is shown of secrets, which is nothing.
struct SecretTests {
    private static let secret = "SENTINELsecretKEY0123456789abcdefghijklm"
    private static let token = "SENTINELtoken"

    private func texts(of value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var printed = ""
        print(value, to: &printed)
        debugPrint(value, to: &printed)
        return [dumped, printed, String(reflecting: value), String(describing: value), "\(value)"]
    }

    @Test func noPublicTypeShowsASecretThatItHolds() async throws {
        let home = try TestHome(
            config: "[default]\nregion = r\nendpoint_url = http://user:\(Self.secret)@host\n",
            credentials: "[default]\naws_access_key_id = A\naws_secret_access_key = \(Self.secret)\n"
        )
        let environment = home.environment([
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": Self.secret, "AWS_SESSION_TOKEN": Self.token,
            "https_proxy": "http://user:\(Self.secret)@proxy:1", "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
            "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
        ])
        let credentials = AWSCredentials(accessKeyID: "A", secretAccessKey: Self.secret, sessionToken: Self.token)
        let transport = try CurlTransport(environment: environment)
        let caching = CachingCredentialsProvider(StaticCredentialsProvider(credentials))
        _ = try await caching.credentials(forcesRefresh: false)
        let chain = DefaultCredentialsProvider(transport: transport, environment: environment)
        _ = try await chain.credentials(forcesRefresh: false)
        var configuration = try AWSClientConfiguration(transport: transport, environment: environment)
        let given = AWSClientConfiguration(
            transport: transport,
            credentials: StaticCredentialsProvider(credentials),
            region: "r",
            endpoint: "http://user:\(Self.secret)@host"
        )
        configuration.region = "r"
        let headers = [HTTPField("Authorization", Self.secret), HTTPField("X-Amz-Security-Token", Self.token)]
        let request = HTTPRequest(
            method: .post,
            url: "https://user:\(Self.secret)@host/path?\(Self.token)",
            headers: headers,
            body: SecretBytes(Array(Self.secret.utf8))
        )
        let values: [Any] = [
            environment, AWSProfiles(environment), credentials, EnvironmentCredentialsProvider(environment),
            StaticCredentialsProvider(credentials), caching, chain, configuration, given, transport, headers, request,
            HTTPResponse(status: 200, headers: headers, body: SecretBytes(Array(Self.secret.utf8))),
            try AWSKMSClient(configuration), AWSKMSClientSupplier(configuration),
            try AWSDynamoDBClient(configuration),
        ]
        for value in values {
            for text in texts(of: value) { #expect(!text.contains("SENTINEL"), "\(type(of: value))") }
            for text in texts(of: [value]) { #expect(!text.contains("SENTINEL"), "\(type(of: value))") }
        }
        let refusal = #expect(throws: AWSServiceError.self) { _ = try AWSKMSClient(given) }
        #expect(refusal.map { "\($0)".contains("SENTINEL") } == false)
    }

    @Test(arguments: ["test", "local", "secret", "TOKEN"])
    func aWordIsNotTakenForASecret(word: String) {
        #expect(Redaction.isWord(SecretBytes(Array(word.utf8))))
    }

    @Test(arguments: [TestValues.secretKey, "s3cret", "abcdefghijklmnop", TestValues.token, "p/q"])
    func whatIsNotAWordIsASecret(key: String) {
        #expect(!Redaction.isWord(SecretBytes(Array(key.utf8))))
    }

    @Test(arguments: [
        "http://user:SENTINEL@proxy:port", "http://user:SENTINEL@pro xy:1", "http://user:SENTI@NEL@127.0.0.1:1",
        "http://user:SENTINEL@127.0.0.1:1", "socks9://user:SENTINEL@host:1", "http://user:SENTINEL",
        "user:SENTINEL@[::1",
        "http://user:SENTINEL#x@127.0.0.1:1", "http://user:SENTINEL/x@127.0.0.1:1", "http://SENTINEL:x@127.0.0.1:99999",
        "http://user:SENTINEL@", "://user:SENTINEL@host", "http://u:SENTINEL%zz@127.0.0.1:1",
    ])
    func theProxysPasswordIsNotShown(proxy: String) async throws {
        let transport = try CurlTransport(environment: AWSEnvironment(["http_proxy": proxy]))
        let request = HTTPRequest(
            method: .get,
            url: "http://kms.test/",
            connectTimeout: .milliseconds(300),
            timeout: .milliseconds(500)
        )
        let error = await #expect(throws: HTTPTransportError.self) { _ = try await transport.send(request) }
        #expect(error?.description.uppercased().contains("SENTI") == false, "\(error?.description ?? "")")
        #expect(error?.description.uppercased().contains("NEL@") == false)
    }

    @Test(arguments: [
        "http://127.+0.+0.+1", "http://127.0.0.1:+80", "http://127.0.0.0x1", "http://127.0.0.256", "http://127.1",
        "http://127.0.0.1.evil.test", "http://127.0.0.", "http://127..0.1",
    ])
    func whatOnlyLooksLikeALoopbackAddressIsNone(url: String) {
        #expect(ServiceEndpoint(url: url, signingRegion: "r")?.isLoopback != true)
    }

    @Test(arguments: [
        "http://user@host", "http://user:password@host/", "http://a@127.0.0.1:1", "http://host:80@other",
        "http://@host",
        "http://h%6Fst", "http://host\\other", "http://ho$t", "http://[host]", "http://[::1", "http://host:0",
        "http://host:70000",
    ])
    func anEndpointThatIsNoHostAndPortIsRefused(url: String) {
        #expect(ServiceEndpoint(url: url, signingRegion: "r") == nil)
    }
}
