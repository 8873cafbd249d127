import ESDKCrypto
import ESDKSystem
import Foundation
import TestSupport
import Testing

@testable import AWSServiceClients

/// Signatures against the published suite and against botocore's.
struct SignatureV4Tests {
    @Test("The published suite", arguments: try SigningSuite.load().cases)
    func signsAsThePublishedSuiteHasIt(example: SigningSuite.Case) throws {
        let suite = try SigningSuite.load()
        let request = try ParsedRequest(example.request)
        let time = try #require(Timestamp(iso8601: suite.time))
        var fields = request.fields + [HTTPField("X-Amz-Date", time.basicFormat)]
        if let token = example.token, !example.omitsToken { fields.append(HTTPField("X-Amz-Security-Token", token)) }
        if example.signsBody {
            let hash = Hex.encode(try Digest.hash(.sha256, of: request.body.span))
            fields.append(HTTPField("x-amz-content-sha256", hash))
        }
        let signed = try SignatureV4(
            method: request.method,
            path: request.path,
            fields: fields,
            body: request.body.span,
            credentials: AWSCredentials(accessKeyID: suite.accessKeyID, secretAccessKey: suite.secretAccessKey),
            scope: SigningScope(region: suite.region, service: suite.service),
            time: time
        )
        #expect(signed.canonicalRequest == example.canonicalRequest)
        #expect(signed.stringToSign == example.stringToSign)
        #expect(signed.signature == example.signature)
        #expect(signed.authorization.hasSuffix(", Signature=\(example.signature)"))
    }

    @Test("botocore's answers", arguments: KnownSignature.all)
    func signsAsBotocoreDoes(example: KnownSignature) throws {
        let time = try #require(Timestamp(iso8601: "2015-08-30T12:36:00Z"))
        var fields = [
            HTTPField("Host", example.host), HTTPField("Content-Type", example.contentType),
            HTTPField("X-Amz-Date", time.basicFormat),
        ]
        if let token = example.token { fields.append(HTTPField("X-Amz-Security-Token", token)) }
        if let target = example.target { fields.append(HTTPField("X-Amz-Target", target)) }
        let signed = try SignatureV4(
            method: "POST",
            path: "/",
            fields: fields,
            body: Array(example.body.utf8).span,
            credentials: AWSCredentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                sessionToken: example.token
            ),
            scope: example.scope,
            time: time
        )
        let hash = Hex.encode(try Digest.hash(.sha256, of: Array(signed.canonicalRequest.utf8).span))
        #expect(hash.hasPrefix(example.canonicalRequestHash))
        #expect(signed.signature == example.signature)
        #expect(
            signed.authorization
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/\(example.scope.region)/\(example.scope.service)"
                + "/aws4_request, SignedHeaders=\(example.signedNames), Signature=\(example.signature)"
        )
    }
}

/// A request that botocore 1.44.5 signed for the key pair of AWS's suite at 2015-08-30T12:36:00Z; a second signer,
/// curl's `--aws-sigv4` among them, agreed.
struct KnownSignature: CustomTestStringConvertible {
    let host: String
    let scope: SigningScope
    var contentType = "application/x-amz-json-1.1"
    var target: String?
    var token: String?
    let body: String
    var signedNames = "content-type;host;x-amz-date;x-amz-target"
    let canonicalRequestHash: String
    let signature: String

    var testDescription: String { "\(target ?? "AssumeRole") at \(host)" }

    private static let dataKey =
        #"{"KeyId":"alias/example","NumberOfBytes":32,"EncryptionContext":{"purpose":"test"}}"#

    static let all = [
        KnownSignature(
            host: "kms.us-west-2.amazonaws.com",
            scope: SigningScope(region: "us-west-2", service: "kms"),
            target: "TrentService.GenerateDataKey",
            body: dataKey,
            canonicalRequestHash: "0a2248c5dfedd534",
            signature: "c536b402df059bc7ca63c9b7f71aa6aa6051d69993cec39c52d7fa5636e8dc73"
        ),
        KnownSignature(
            host: "kms.us-west-2.amazonaws.com",
            scope: SigningScope(region: "us-west-2", service: "kms"),
            target: "TrentService.GenerateDataKey",
            token: "TOKENEXAMPLE+/=",
            body: dataKey,
            signedNames: "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
            canonicalRequestHash: "7099c13508336b90",
            signature: "18cb56eb98f9b9c37449c3dc500ffc0e3d21d255fbb6bf35636b61f6310a88fb"
        ),
        KnownSignature(
            host: "dynamodb.eu-west-1.amazonaws.com",
            scope: SigningScope(region: "eu-west-1", service: "dynamodb"),
            contentType: "application/x-amz-json-1.0",
            target: "DynamoDB_20120810.GetItem",
            body: #"{"TableName":"KeyStore","Key":{"branch-key-id":{"S":"bk-1"},"type":{"S":"branch:ACTIVE"}}}"#,
            canonicalRequestHash: "136276fd5a04d5ba",
            signature: "76747bb30daf4fec9d005d29ae14c221d26250a593ccb88e7e00ee846760f77f"
        ),
        KnownSignature(
            host: "kms.cn-north-1.amazonaws.com.cn",
            scope: SigningScope(region: "cn-north-1", service: "kms"),
            target: "TrentService.Encrypt",
            body: #"{"KeyId":"alias/example","Plaintext":"AAECAw==","EncryptionContext":{"cl"#
                + "\u{E9}" + #"":"v"# + "\u{E4}" + #"rde"}}"#,
            canonicalRequestHash: "b97373cb9e72dfae",
            signature: "9993986cc8bc1ca3f03afdc9b64bd1ef6fcbc49f74dcb86cf121320de1385709"
        ),
        KnownSignature(
            host: "127.0.0.1:5200",
            scope: SigningScope(region: "us-east-1", service: "kms"),
            target: "TrentService.ListKeys",
            body: "{}",
            canonicalRequestHash: "5899c187f7a97519",
            signature: "8f4c2a714b1cb6e4c0bfb61a19857a321406fc7469a0b1607d3c9c412f3da0c5"
        ),
        KnownSignature(
            host: "sts.us-east-1.amazonaws.com",
            scope: SigningScope(region: "us-east-1", service: "sts"),
            contentType: "application/x-www-form-urlencoded; charset=utf-8",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fdemo"
                + "&RoleSessionName=demo&DurationSeconds=3600",
            signedNames: "content-type;host;x-amz-date",
            canonicalRequestHash: "f9e3340d41e83786",
            signature: "767dc82fb298440ff9878d45a58db81d8a717c211c07ed210e56535277687de7"
        ),
    ]
}

/// A request as the published suite writes it: LF as line end, no blank after the colon, values that go on in the next
/// line after blanks.
struct ParsedRequest {
    struct Malformed: Error {}

    let method: String
    let path: String
    let fields: [HTTPField]
    let body: [UInt8]

    init(_ text: String) throws {
        let end = text.range(of: "\n\n")
        let head = end.map { text[..<$0.lowerBound] } ?? text[...]
        body = Array((end.map { text[$0.upperBound...] } ?? "").utf8)
        var lines = head.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), let blank = first.firstIndex(of: " "), first.hasSuffix(" HTTP/1.1") else {
            throw Malformed()
        }
        method = String(first[..<blank])
        path = String(first[first.index(after: blank)...].dropLast(9))
        var fields: [(String, String)] = []
        for line in lines where !line.isEmpty {
            if line.hasPrefix(" "), let last = fields.popLast() {
                fields.append((last.0, last.1 + "\n" + line))
            } else {
                guard let colon = line.firstIndex(of: ":") else { throw Malformed() }
                fields.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
            }
        }
        self.fields = fields.map { HTTPField($0.0, $0.1) }
    }
}

extension String {
    fileprivate func range(of part: String) -> Range<String.Index>? {
        ranges(of: part).first
    }
}

/// The cases of AWS's published suite for signers that concern requests without a query and with normalised paths.
struct SigningSuite: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        let request: String
        let signsBody: Bool
        let omitsToken: Bool
        let token: String?
        let canonicalRequest: String
        let stringToSign: String
        let signature: String

        var testDescription: String { name }
    }

    let accessKeyID: String
    let secretAccessKey: String
    let region: String
    let service: String
    let time: String
    let cases: [Case]

    static func load() throws -> SigningSuite {
        let bytes = try RepositoryFiles.bytes("Tests/Vectors/signature-v4/aws-c-auth.json")
        return try JSONDecoder().decode(SigningSuite.self, from: Data(bytes))
    }
}
