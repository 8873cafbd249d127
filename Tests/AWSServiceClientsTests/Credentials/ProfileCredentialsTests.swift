import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

@testable import AWSServiceClients

/// Credentials from the environment and from profiles.
@Suite(.timeLimit(.minutes(5)))
struct ProfileCredentialsTests {
    private static let answer = """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser>
        <Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>
        <SecretAccessKey>role&amp;secret</SecretAccessKey><SessionToken>role-token</SessionToken>
        <Expiration>2026-11-24T23:25:35Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
        """
    private static let keys = "aws_access_key_id = AKPROFILE\naws_secret_access_key = profile-secret\n"

    private func provider(
        _ home: TestHome,
        _ variables: [String: String] = [:],
        profile: String? = nil
    ) throws -> DefaultCredentialsProvider {
        DefaultCredentialsProvider(
            transport: try ScriptedService.transport.get(),
            environment: home.environment(variables),
            profile: profile,
            clock: TestClock()
        )
    }

    private func failure(
        _ home: TestHome,
        _ variables: [String: String] = [:],
        profile: String? = nil
    ) async throws -> CredentialsError? {
        let provider = try provider(home, variables, profile: profile)
        return await #expect(throws: CredentialsError.self) { try await provider.credentials(forcesRefresh: false) }
    }

    @Test func theEnvironmentComesFirst() async throws {
        let home = try TestHome(credentials: "[default]\n\(Self.keys)")
        let variables = [
            "AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "env-secret", "AWS_SESSION_TOKEN": "env-token",
            "AWS_CREDENTIAL_EXPIRATION": "2026-12-01T00:00:00Z", "AWS_PROFILE": "default",
        ]
        let found = try await provider(home, variables).credentials(forcesRefresh: false)
        #expect(
            found
                == AWSCredentials(
                    accessKeyID: "AKENV",
                    secretAccessKey: "env-secret",
                    sessionToken: "env-token",
                    expiration: Timestamp(iso8601: "2026-12-01T00:00:00Z")
                )
        )
    }

    @Test func aProfileChosenInCodeComesBeforeTheEnvironment() async throws {
        let home = try TestHome(credentials: "[work]\n\(Self.keys)")
        let variables = ["AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "env-secret"]
        let found = try await provider(home, variables, profile: "work").credentials(forcesRefresh: false)
        #expect(found.accessKeyID == "AKPROFILE")
    }

    @Test(arguments: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    func halfAPairInTheEnvironmentIsAnError(name: String) async throws {
        let error = try await failure(try TestHome(credentials: "[default]\n\(Self.keys)"), [name: "x-secret"])
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("\(name) is set and ") == true)
        #expect(error?.description.contains("x-secret") == false)
    }

    @Test func whenNothingIsConfiguredTheErrorSaysWhatWasAsked() async throws {
        let error = try await failure(try TestHome(), ["AWS_ACCESS_KEY_ID": ""])
        #expect(error?.code == .notConfigured)
        let text = error?.description ?? ""
        for part in [
            "environment: AWS_ACCESS_KEY_ID is not set", "profile default: there is no such profile in ",
            "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            "container endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and",
            "instance metadata: AWS_EC2_METADATA_DISABLED is true",
        ] { #expect(text.contains(part), "\(text)") }
    }

    @Test func aMetadataServiceThatIsNoneOfAWSIsOneOfThoseThatWereAsked() async throws {
        let server = try ScriptedServer([.answer(status: 404, body: "no such page")])
        defer { server.stop() }
        let variables = ["AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url]
        let error = try await failure(try TestHome(), variables)
        #expect(error?.code == .notConfigured)
        for part in ["environment: ", "container endpoint: ", "instance metadata: the instance has no role"] {
            #expect(error?.description.contains(part) == true)
        }
    }

    @Test func aChosenProfileMustExist() async throws {
        let home = try TestHome(config: "[default]\n\(Self.keys)")
        for error in [
            try await failure(home, ["AWS_PROFILE": "absent"]), try await failure(home, profile: "absent"),
        ] {
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.source == "profile absent")
            #expect(error?.reason.contains("/.aws/config and ") == true)
        }
    }

    @Test func aRoleIsAssumedWithItsSourceProfile() async throws {
        let server = try ScriptedServer([.answer(status: 200, body: Self.answer)])
        defer { server.stop() }
        let home = try TestHome(
            config: """
                [profile role]
                role_arn = arn:aws:iam::111122223333:role/demo
                source_profile = base
                role_session_name = me@here
                external_id = a/b c
                duration_seconds = 900
                region = eu-west-1
                """,
            credentials: "[base]\n\(Self.keys)"
        )
        let provider = try provider(home, ["AWS_PROFILE": "role", "AWS_ENDPOINT_URL_STS": server.url])
        for _ in 0..<3 {
            let found = try await provider.credentials(forcesRefresh: false)
            #expect(
                found
                    == AWSCredentials(
                        accessKeyID: "ASIAROLE",
                        secretAccessKey: "role&secret",
                        sessionToken: "role-token",
                        expiration: Timestamp(iso8601: "2026-11-24T23:25:35Z")
                    )
            )
        }
        #expect(server.requests.count == 1)
        let request = try #require(server.requests.first)
        #expect(
            request.body
                == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fdemo"
                + "&RoleSessionName=me%40here&DurationSeconds=900&ExternalId=a%2Fb%20c"
        )
        #expect(
            request.field("Authorization")?.hasPrefix(
                "AWS4-HMAC-SHA256 Credential=AKPROFILE/20261124/eu-west-1/sts/aws4_request, "
                    + "SignedHeaders=content-type;host;x-amz-date, "
            ) == true
        )
    }

    @Test func rolesMayBeChained() async throws {
        let server = try ScriptedServer([.answer(status: 200, body: Self.answer)])
        defer { server.stop() }
        let home = try TestHome(
            config: """
                [profile a]
                role_arn = arn:a
                source_profile = b
                [profile b]
                role_arn = arn:b
                source_profile = b
                \(Self.keys)
                [profile c]
                role_arn = arn:c
                source_profile = d
                [profile d]
                role_arn = arn:d
                credential_source = Environment
                """
        )
        // Static keys of a profile that was reached beat its role.
        _ = try await provider(home, ["AWS_ENDPOINT_URL": server.url], profile: "a").credentials(forcesRefresh: false)
        #expect(server.requests.map { $0.body.contains("RoleArn=arn%3Aa&") } == [true])
        // A profile may be its own source.
        _ = try await provider(home, ["AWS_ENDPOINT_URL": server.url], profile: "b").credentials(forcesRefresh: false)
        #expect(server.requests.count == 2)
        let variables = [
            "AWS_ENDPOINT_URL": server.url, "AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "env-secret",
        ]
        _ = try await provider(home, variables, profile: "c").credentials(forcesRefresh: false)
        #expect(server.requests.dropFirst(2).map { $0.body.contains("RoleArn=arn%3Ad&") } == [true, false])
        #expect(server.requests.last?.field("X-Amz-Security-Token") == "role-token")
        #expect(server.requests[2].field("Authorization")?.contains("Credential=AKENV/") == true)
    }

    @Test(arguments: [
        ("[default]\nrole_arn = r\n", "exactly one of source_profile and credential_source"),
        ("[default]\nrole_arn = r\nsource_profile = a\ncredential_source = Environment\n", "exactly one of"),
        (
            "[default]\nrole_arn = r\nsource_profile = a\n[profile a]\nrole_arn = s\nsource_profile = default\n",
            "circle"
        ),
        ("[default]\nrole_arn = r\nsource_profile = default\n", "circle"),
        ("[default]\nrole_arn = r\nsource_profile = a\n", "there is no such profile"),
        ("[default]\nrole_arn = r\nsource_profile = a\n[profile a]\nregion = x\n", "no setting that gives credentials"),
        ("[default]\nrole_arn = r\ncredential_source = Moon\n", "credential_source is none of"),
        ("[default]\nrole_arn = r\nduration_seconds = 5\nsource_profile = a\n", "duration_seconds"),
        ("[default]\naws_access_key_id = x\n", "only one of"), ("[default]\nsso_session = s\n", "profile default"),
        ("[default]\nsso_start_url = s\n", "credential_process"),
        ("[default]\nweb_identity_token_file = /t\n", "no role_arn"),
        ("[default]\ncredential_process = 'a\n", "quotation"),
    ])
    func aProfileThatContradictsItselfIsAnError(config: String, words: String) async throws {
        let error = try await failure(try TestHome(config: config))
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func aRefusalOfSTSIsShown() async throws {
        let server = try ScriptedServer([
            .answer(
                status: 403,
                body:
                    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                    + "<Message>not you</Message></Error>"
                    + "<RequestId>id-9</RequestId></ErrorResponse>"
            )
        ])
        defer { server.stop() }
        let home = try TestHome(config: "[default]\nrole_arn = r\nsource_profile = default\n\(Self.keys)")
        let error = try await failure(home, ["AWS_ENDPOINT_URL": server.url])
        #expect(error?.code == .failed)
        #expect(
            error?.description
                == "profile default: STS AssumeRole: AccessDenied: not you (status 403, request id-9)"
        )
    }

    @Test func aWebIdentityTokenIsReadForEachSession() async throws {
        let server = try ScriptedServer([
            .answer(status: 200, body: Self.answer),
            .answer(
                status: 400,
                body: "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>token-2 is bad"
                    + "</Message></Error></ErrorResponse>"
            ),
        ])
        defer { server.stop() }
        let home = try TestHome()
        let file = try home.write("token-1\n", to: "token")
        let provider = try provider(
            home,
            [
                "AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_ARN": "arn:r", "AWS_ROLE_SESSION_NAME": "s",
                "AWS_ENDPOINT_URL_STS": server.url,
            ]
        )
        #expect(try await provider.credentials(forcesRefresh: false).accessKeyID == "ASIAROLE")
        try home.write("token-2", to: "token")
        let error = await #expect(throws: CredentialsError.self) {
            try await provider.credentials(forcesRefresh: true)
        }
        #expect(
            server.requests.map(\.body)
                == ["token-1", "token-2"].map {
                    "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=s"
                        + "&WebIdentityToken=\($0)"
                }
        )
        #expect(server.requests.allSatisfy { $0.field("Authorization") == nil })
        #expect(error?.description.contains("token-2") == false)
        #expect(error?.description.contains("[secret] is bad") == true)
    }

    @Test func aWebIdentityWithoutRoleOrFileIsAnError() async throws {
        let home = try TestHome()
        let withoutRole = try await failure(home, ["AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent"])
        #expect(withoutRole?.code == .invalidConfiguration)
        let withoutFile = try await failure(home, ["AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": "r"])
        #expect(withoutFile?.code == .failed)
        #expect(withoutFile?.reason.contains("/nonexistent") == true)
    }

    @Test func aProcessGivesCredentials() async throws {
        let home = try TestHome()
        let file = try home.write(
            #"{"Version":1,"AccessKeyId":"AKPROC","SecretAccessKey":"s","SessionToken":"t","#
                + #""Expiration":"2026-12-01T00:00:00Z"}"#,
            to: "answer"
        )
        try home.write("[default]\ncredential_process = cat '\(file)'\n", to: ".aws/config")
        let found = try await provider(home).credentials(forcesRefresh: false)
        #expect(found.accessKeyID == "AKPROC")
        #expect(found.sessionToken == SecretBytes(Array("t".utf8)))
        #expect(found.expiration == Timestamp(iso8601: "2026-12-01T00:00:00Z"))
    }

    @Test(arguments: [
        ("sh -c 'echo hidden; echo complaint >&2; exit 3'", "exits with status 3: complaint"),
        ("sh -c 'kill -9 $$'", "was ended by a signal"), ("sh -c 'kill -TERM $$'", "was ended by a signal"),
        ("/nonexistent/command", "cannot be started: /nonexistent/command: No such file"),
        ("echo hidden", "not a JSON object"), (#"echo '{"Version":2}'"#, "not of Version 1"),
        (#"echo '{"Version":1,"AccessKeyId":"hidden"}'"#, "no AccessKeyId and SecretAccessKey"),
        ("head -c 200000 /dev/zero", "writes more than can be credentials"),
    ])
    func aProcessThatFailsIsExplainedByItsStandardErrorOnly(command: String, words: String) async throws {
        let error = try await failure(try TestHome(config: "[default]\ncredential_process = \(command)\n"))
        #expect(error?.code == .failed)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hidden") == false)
    }

    @Test func aProcessEndsWithTheTask() async throws {
        let provider = ProcessCredentialsProvider(command: "sleep 600", source: "test")
        let task = Task { try await provider.credentials(forcesRefresh: false) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

struct CommandLineSplittingTests {
    // The words are those that Python's shlex.split gives.
    @Test(arguments: [
        ("a b  c", ["a", "b", "c"]), (" 'a b' \"c d\" ", ["a b", "c d"]), (#"a\ b c\\d"#, ["a b", #"c\d"#]),
        (#""a\"b" 'c\d'"#, [#"a"b"#, #"c\d"#]), ("a'b'c", ["abc"]), ("''", [""]), (#""\x""#, [#"\x"#]), ("", []),
        ("$HOME `x` *", ["$HOME", "`x`", "*"]),
    ])
    func splitsAsAShell(line: String, words: [String]) {
        #expect(CommandLineSplitting.words(of: line) == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\"])
    func whatDoesNotEndIsRefused(line: String) {
        #expect(CommandLineSplitting.words(of: line) == nil)
    }
}
