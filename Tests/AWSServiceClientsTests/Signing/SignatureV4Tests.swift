import ESDKCrypto
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
