import AWSHTTPTransport
import ESDKCrypto
import ESDKSystem
import Foundation
import StrictJSON
import TestSupport
import Testing

@testable import AWSServiceClients

/// Configuration as botocore, which the AWS command line is made of, reads it, live.
@Suite(.timeLimit(.minutes(5)))
struct BotocoreProfileTests {
    private struct Example: CustomTestStringConvertible {
        let name: String
        var config = ""
        var credentials = ""
        var variables: [String: String] = [:]
        var profile: String?
        /// What we read where botocore gives up.
        var ours: Answer?

        var testDescription: String { name }
    }

    private struct Answer: Equatable {
        var region: String?
        var id: String?
        var secret: String?
        var token: String?
        /// Whole seconds since the epoch.
        var until: String?
    }

    private static let keys = "aws_access_key_id = AKID\naws_secret_access_key = s3cr3t/+key\n"

    private static func process(_ expiration: String) -> String {
        let document = #"{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"s","SessionToken":"t","Expiration":"#
        return "[default]\ncredential_process = echo '\(document)\(expiration)}'\n"
    }

    private static let examples: [Example] =
        [
            Example(
                name: "indented settings",
                credentials: "[default]\n    aws_access_key_id = A\n    aws_secret_access_key = B\n"
            ),
            Example(
                name: "indented by tabs, and ever less",
                credentials: "[default]\n\t\taws_access_key_id = A\n\taws_secret_access_key = B\naws_session_token=C"
            ),
            Example(
                name: "indented section",
                config: "  [default]\n  region = r\n",
                credentials: "  [default]\n\(keys)"
            ),
            Example(
                name: "indented comment",
                credentials: "[default]\naws_access_key_id = A\n  # c\naws_secret_access_key = B\n"
            ),
            Example(
                name: "text after a section's name",
                config: "[default] text\nregion = r # no\n[profile a] ; c\n\(keys)",
                profile: "a"
            ),
            Example(
                name: "colons",
                config: "[default]\nregion: r\n",
                credentials: "[default]\naws_access_key_id: A\naws_secret_access_key:B"
            ),
            Example(name: "single quotes", config: "[profile 'Foo Two']\nregion = r\n\(keys)", profile: "Foo Two"),
            Example(name: "double quotes", config: "[profile \"Foo Two\"]\nregion = r\n\(keys)", profile: "Foo Two"),
            Example(name: "a backslash", config: "[profile Foo\\ Two]\nregion = r\n\(keys)", profile: "Foo Two"),
            Example(name: "a blank in the credentials file", credentials: "[Foo Two]\n\(keys)", profile: "Foo Two"),
            Example(name: "other characters", config: "[profile ä!$ß]\nregion = r\n\(keys)", profile: "ä!$ß"),
            Example(
                name: "a blank without quotes",
                config: "[profile Foo Two]\nregion = r\n",
                credentials: "[Foo Two]\n\(keys)",
                profile: "Foo Two",
                ours: Answer(region: "r", id: "AKID", secret: "s3cr3t/+key")
            ),
            Example(
                name: "SSO and keys",
                config:
                    "[profile dev]\nsso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = n\n",
                credentials: "[dev]\n\(keys)",
                profile: "dev",
                ours: Answer(id: "AKID", secret: "s3cr3t/+key")
            ),
            Example(
                name: "SSO and a process",
                config: process("null").replacing("[default]\n", with: "[default]\nsso_session = s\n"),
                ours: Answer(id: "ASIAX", secret: "s", token: "t")
            ),
            Example(
                name: "the credentials file before a process",
                config: process("null"),
                credentials: "[default]\n\(keys)"
            ),
            Example(name: "a process before the config file", config: process("null") + keys),
            Example(
                name: "a comment in a command",
                config: "[default]\ncredential_process = sh -c 'echo \"$0\"' #\n",
                ours: nil
            ),
            Example(name: "the older name of a token", credentials: "[default]\n\(keys)aws_security_token = t\n"),
            Example(
                name: "a variable in the name of a file",
                variables: ["AWS_CONFIG_FILE": "$HOME/.aws/${OTHER}", "OTHER": "other"]
            ),
            Example(name: "the home folder in the name of a file", variables: ["AWS_CONFIG_FILE": "~/.aws/other"]),
            Example(
                name: "a file that is a folder",
                config: "[default]\nregion = r\n",
                variables: ["AWS_SHARED_CREDENTIALS_FILE": "/"]
            ),
            Example(
                name: "a file in UTF-16",
                variables: [
                    "AWS_CONFIG_FILE": "~/.aws/utf16", "AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "A",
                    "AWS_SECRET_ACCESS_KEY": "B",
                ],
                ours: Answer(region: "r", id: "A", secret: "B")
            ),
            Example(
                name: "an odd line in another profile",
                config: "[default]\nregion = r\n\(keys)[profile other]\nodd\n= x\n",
                ours: Answer(region: "r", id: "AKID", secret: "s3cr3t/+key")
            ),
            Example(
                name: "an odd line, and a complete environment",
                config: "[default]\nodd\n",
                variables: ["AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"],
                ours: Answer(region: "r", id: "A", secret: "B")
            ),
            Example(name: "a missing profile", config: "[default]\n\(keys)", profile: "absent"),
            Example(
                name: "a missing profile by variable",
                config: "[default]\n\(keys)",
                variables: ["AWS_PROFILE": "absent"]
            ),
            Example(
                name: "both variables for the profile",
                config: "[profile a]\nregion = r-a\n[profile b]\nregion = r-b\n",
                variables: ["AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"]
            ),
            Example(
                name: "the other variable for the profile",
                config: "[profile a]\nregion = r-a\n",
                variables: ["AWS_DEFAULT_PROFILE": "a"]
            ),
            Example(name: "an expired session", config: process("\"2016-05-16T19:19:29Z\"")),
            Example(
                name: "an expired variable",
                variables: [
                    "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B",
                    "AWS_CREDENTIAL_EXPIRATION": "2016-05-16T19:19:29Z",
                ]
            ),
            Example(
                name: "seconds",
                config: process("2536499969"),
                ours: Answer(id: "ASIAX", secret: "s", token: "t", until: "2536499969")
            ),
        ]
        + [
            "2050-05-16T19:19:29UTC", "2050-05-16T19:19:29Z", "2050-05-16 19:19:29+00:00", "20500516T191929Z",
            "2050-05-16T19:19:29.123456+02:00", "Mon, 16 May 2050 19:19:29 GMT", "Mon May 16 19:19:29 UTC 2050",
            "16 May 2050 19:19:29 +0000", "2050-05-16T19:19:29 Z", "May 16, 2050 7:19 PM UTC", "2050-05-16T19:19Z",
            "20500516191929Z", "2050/05/16 19:19:29 UTC", "16-May-2050 19:19:29Z", "16-MAY-2050 19:19:29 UTC",
            "Monday, 16-May-50 19:19:29 GMT", "05/16/2050 19:19:29 UTC", "5/6/2050 7:19:29 PM +00:00",
            "16.05.2050 19:19:29 +02:00", "16/05/2050 19:19:29Z", "Mon May 16 07:19:29 PM UTC 2050",
            "Mon May 16 19:19:29 2050 +0000",
            "2050-05-16T19:19:29+05", "2050-05-16T19:19:29,123Z", "20500516T1919Z", "2050-05-16T19Z",
            "19:19:29 16 May 2050 UTC", "May 16th, 2050 at 19:19:29 UTC", "2050-May-16 19:19:29Z",
            "2050-05-16 19:19:29 UTC+3", "16 May 2050 19:19:29 GMT-0700", "Monday, 16 May 2050 19:19:29 -0300 (BRT)",
            "2050-05-16t19:19:29z", "05-06-2050 12:00:00 AM UTC", "2050-05-16T24:00:00Z", "2050-13-16T19:19:29Z",
            "soon",
            "16-May-2050 19:19:29 UTC tomorrow", "205005161919Z", "16May2050 19:19:29Z", "May-16-2050 19:19:29Z",
        ].map { Example(name: $0, config: process("\"\($0)\"")) }
        + ["2050-05-16 19:19:29 +0000 UTC", "2050-05-16 19:19:29.123456789 +0000 UTC"].map {
            // As Go prints times, which botocore does not read.
            Example(
                name: $0,
                config: process("\"\($0)\""),
                ours: Answer(id: "ASIAX", secret: "s", token: "t", until: "2536341569")
            )
        }
        + ["2016-05-16T19:19:29UTC", "Mon, 16 May 2016 19:19:29 GMT"].map {
            Example(name: $0, config: process("\"\($0)\""))
        }

    private func home(_ example: Example) throws -> TestHome {
        let home = try TestHome(config: example.config, credentials: example.credentials)
        try home.write("[default]\nregion = other\n\(Self.keys)", to: ".aws/other")
        let utf16 =
            Data([0xFF, 0xFE]) + "[default]\nregion = wide\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        try utf16.write(to: home.folder.appending(path: ".aws/utf16"))
        return home
    }

    private static let basic = ["PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true"]

    private func ours(_ example: Example, _ home: TestHome) async -> Answer? {
        do {
            let configuration = try AWSClientConfiguration(
                transport: NotingTransport(""),
                environment: home.environment(example.variables.merging(Self.basic) { $1 }),
                profile: example.profile
            )
            var answer = Answer(region: configuration.region)
            do {
                let found = try await configuration.credentials.credentials(forcesRefresh: false)
                answer.id = found.accessKeyID
                answer.secret = String(copying: found.secretAccessKey.span)
                answer.token = found.sessionToken.map { String(copying: $0.span) }
                answer.until = found.expiration.map { "\($0.microsecondsSinceEpoch / 1_000_000)" }
            } catch let error as CredentialsError where error.code == .notConfigured {
            }
            return answer
        } catch {
            return nil
        }
    }

    private func theirs(_ examples: [(example: Example, home: TestHome)]) throws -> [Answer?] {
        var input = Data()
        for (example, home) in examples {
            let variables = example.variables.merging(Self.basic) { $1 }.merging(["HOME": home.folder.path()]) { $1 }
            let json: JSONValue = [
                "variables": .object(
                    JSONObject(variables.map { JSONObject.Member(name: $0.key, value: .string($0.value)) })
                ),
                "profile": example.profile.map { .string($0) } ?? .null,
            ]
            input += try StrictJSON.serialize(json, pretty: false) + [0x0A]
        }
        return try Botocore.lines(of: "profiles_of_botocore.py", input: input).map { line in
            let json = try StrictJSON.parse(Array(line.utf8), source: "botocore")
            guard json["error"] == nil else { return nil }
            return Answer(
                region: json["region"]?.string,
                id: json["id"]?.string,
                secret: json["secret"]?.string,
                token: json["token"]?.string,
                until: json["until"]?.string
            )
        }
    }

    @Test(Botocore.isThere)
    func everyConfigurationIsReadAsBotocoreReadsIt() async throws {
        let examples = try Self.examples.map { ($0, try home($0)) }
        let theirs = try theirs(examples)
        #expect(theirs.count == examples.count)
        for ((example, home), answer) in zip(examples, theirs) {
            let expected = example.ours ?? answer
            #expect(await ours(example, home) == expected, "\(example.name)")
        }
    }

    @Test(Botocore.isThere)
    func sessionsOfRolesAreSharedWithTheCommandLine() async throws {
        let role = """
            [profile role]
            role_arn = arn:aws:iam::111122223333:role/démo "x"
            source_profile = base
            external_id = a/b c
            mfa_serial = arn:aws:iam::111122223333:mfa/me
            duration_seconds = 3600
            [profile named]
            role_arn = arn:aws:iam::111122223333:role/demo
            source_profile = base
            role_session_name = me@here
            [profile base]
            \(Self.keys)
            """
        let home = try TestHome(config: role)
        let server = try ScriptedServer(
            ["ROLE", "NAMED"].map { id in
                .answer(
                    status: 200,
                    body: "<A><AccessKeyId>\(id)</AccessKeyId><SecretAccessKey>s&amp;</SecretAccessKey>"
                        + "<SessionToken>t</SessionToken><Expiration>2050-01-01T00:00:00Z</Expiration></A>"
                )
            }
        )
        defer { server.stop() }
        for (profile, id) in [("role", "ROLE"), ("named", "NAMED")] {
            let context = CredentialsContext(
                transport: try ScriptedService.transport.get(),
                environment: home.environment(["AWS_ENDPOINT_URL_STS": server.url]),
                clock: SystemTimeSource(),
                random: SystemRandomSource(),
                region: nil,
                mfaPrompt: { _ in " 123456\n" }
            )
            let provider = ProfileCredentialsProvider(name: profile, isChosen: true, context: context)
            for _ in 0..<2 { #expect(try await provider.credentials(forcesRefresh: false).accessKeyID == id) }
            let example = Example(name: profile, profile: profile)
            #expect(try theirs([(example, home)]) == [Answer(id: id, secret: "s&", token: "t", until: "2524608000")])
        }
        let bodies = server.requests.map(\.body)
        #expect(bodies.count == 2)
        #expect(
            bodies.first?.contains("&SerialNumber=arn%3Aaws%3Aiam%3A%3A111122223333%3Amfa%2Fme&TokenCode=123456")
                == true
        )
        let cache = home.folder.appending(path: ".aws/cli/cache").path()
        for name in try Folder.names(in: SystemPath(cache)) {
            #expect(try FileStatus(of: SystemPath(cache).appending(name)).permissions == 0o600)
        }
    }
}
