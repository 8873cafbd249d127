import ESDKCrypto
import Foundation
import StrictJSON
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
