import ESDKCrypto
import ESDKSystem
import Foundation
import StrictJSON
import TestSupport
import Testing

@testable import AWSServiceClients

/// Signatures of ours beside those that botocore makes of the same requests, live.
struct BotocoreSignatureTests {
    private struct Example {
        let host: String
        let path: String
        let scope: SigningScope
        let fields: [HTTPField]
        let token: String?
        let body: [UInt8]
        let time: Timestamp

        var json: JSONValue {
            [
                "url": .string("https://\(host)\(path)"),
                "region": .string(scope.region),
                "service": .string(scope.service),
                "fields": .object(
                    JSONObject(fields.map { JSONObject.Member(name: $0.name, value: .string($0.value)) })
                ),
                "body": .string(Base64.encode(body)),
                "token": token.map { .string($0) } ?? .null,
                "time": .string(time.basicFormat),
            ]
        }

        func authorization() throws -> String {
            var signed = fields + [HTTPField("Host", host), HTTPField("X-Amz-Date", time.basicFormat)]
            if let token { signed.append(HTTPField("X-Amz-Security-Token", token)) }
            return try SignatureV4(
                method: "POST",
                path: path,
                fields: signed,
                body: body.span,
                credentials: AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: TestValues.secretKey),
                scope: scope,
                time: time
            ).authorization
        }
    }

    private static var examples: [Example] {
        let hosts = [
            "kms.us-west-2.amazonaws.com", "127.0.0.1:5200", "dynamodb-fips.us-east-1.amazonaws.com", "[::1]:8000",
        ]
        let paths = ["/", "/base/path", "/a%20b/./c/..", "//x//y/", "/~tilde-_.", "/caf%C3%A9"]
        let scopes = [("us-west-2", "kms"), ("eu-west-1", "dynamodb"), ("cn-north-1", "sts")]
        let tokens = [nil, "TOKEN+/=", "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEU="]
        let values = ["TrentService.Decrypt", "  inner   blanks  ", "\"quoted  text\"", "comma, separated"]
        return (0..<144).map { index in
            let (region, service) = scopes[index % 3]
            return Example(
                host: hosts[index % 4],
                path: paths[index / 4 % 6],
                scope: SigningScope(region: region, service: service),
                fields: [
                    HTTPField("Content-Type", "application/x-amz-json-1.1"),
                    HTTPField("X-Amz-Target", values[index / 2 % 4]),
                ],
                token: tokens[index / 5 % 3],
                body: (0..<(index * 7)).map { UInt8(truncatingIfNeeded: $0 * index) },
                time: Timestamp(secondsSinceEpoch: 1_440_938_160 + Double(index) * 10_000_019)
            )
        }
    }

    @Test(Botocore.isThere)
    func botocoreSignsAlike() throws {
        let examples = Self.examples
        var input = Data()
        for example in examples { input += try StrictJSON.serialize(example.json, pretty: false) + [0x0A] }
        let theirs = try Botocore.lines(of: "sign_with_botocore.py", input: input)
        #expect(theirs.count == examples.count)
        for (example, authorization) in zip(examples, theirs) {
            #expect(try example.authorization() == authorization, "\(example)")
        }
    }
}

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

/// The Python of the local AWS, which has botocore: what others do, live.
enum Botocore {
    private static let python = ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS_PYTHON"]

    /// Lets a test run where there is one.
    static let isThere = ConditionTrait.enabled(if: python != nil, Comment(rawValue: LocalAWS.comment))

    /// Runs a script of `scripts/local-aws-server`.
    ///
    /// - Parameters:
    ///   - script: its name.
    ///   - input: its standard input.
    /// - Returns: the lines that it prints.
    static func lines(of script: String, input: Data = Data()) throws -> [String] {
        let file = try TemporaryFolder()
        let words = [try #require(python), "-B", RepositoryFiles.path("scripts/local-aws-server/\(script)")]
        try file.write("input", [UInt8](input))
        let output = try TestProcess.run(words, input: .reading(SystemPath(file.file("input"))))
        #expect(output.status == 0, "\(output.standardError)")
        return output.standardOutput.split(separator: "\n").map(String.init)
    }
}
