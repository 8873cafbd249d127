import AWSMaterialProviders
import AWSServiceClients
import TestSupport
import Testing

@testable import AWSHTTPTransport
@testable import AWSServiceClients

struct ResponseHeaderTests {
    private func fields(of lines: [String]) -> [HTTPField] {
        let buffer = ResponseBuffer()
        for line in lines {
            let isTaken = Array((line + "\r\n").utf8).withUnsafeBytes { buffer.appendHeaderLine($0) }
            #expect(isTaken)
        }
        return buffer.response(status: 200).headers
    }

    // RFC 9110, section 5.5: a field value does not include leading or trailing whitespace.
    @Test(arguments: ["x-id:one two", "x-id: one two", "x-id: \t one two \t "])
    func blanksAroundAValueAreNoPartOfIt(line: String) {
        let fields = fields(of: ["HTTP/1.1 200 OK", line, ""])
        #expect(fields.map(\.name) == ["x-id"])
        #expect(fields.map(\.value) == ["one two"])
    }

    @Test func valuesMayBeEmptyAndHoldColons() {
        let fields = fields(of: ["HTTP/1.1 200 OK", "Empty:", "Blank: ", "Time: 12:36:00"])
        #expect(fields.map(\.name) == ["Empty", "Blank", "Time"])
        #expect(fields.map(\.value) == ["", "", "12:36:00"])
    }

    // RFC 9110, section 15.2: a final response follows interim ones.
    @Test func fieldsOfAnInterimResponseDoNotCount() {
        let fields = fields(of: ["HTTP/1.1 103 Early Hints", "Link: style", "", "HTTP/1.1 200 OK", "x-id: 1", ""])
        #expect(fields.map(\.name) == ["x-id"])
    }

    @Test func namesCompareWithoutRegardToCase() {
        let field = HTTPField("X-Amzn-RequestId", "1")
        #expect(field.isNamed("x-amzn-requestid"))
        #expect(!field.isNamed("x-amzn-requestie"))
        #expect(!field.isNamed("x-amzn-request"))
        // A backquote and an at sign differ in the bit that tells cases of letters apart.
        #expect(!HTTPField("a@", "").isNamed("a`"))
    }
}

/// What requests say of themselves.
struct UserAgentTests {
    private static let plain = "aws-encryption-sdk-swift/\(LibraryVersion.text) ua/2.1 os/linux lang/swift m/E"

    @Test(arguments: [
        (nil, nil, ""), ("", nil, ""), ("app", nil, " app/app"), ("app", "s", " app/app s"), (nil, "s", " s"),
        ("a/b c(d)", nil, " app/a-b-c-d-"), ("fünf", nil, " app/f--nf"),
        (String(repeating: "x", count: 60), nil, " app/" + String(repeating: "x", count: 50)),
        ("a\r\nX: y", nil, " app/a--X--y"),
    ])
    func theFieldHasItsParts(application: String?, suffix: String?, end: String) {
        #expect(UserAgent.value(applicationID: application, suffix: suffix) == Self.plain + end)
    }

    @Test func aKeyStoreSaysSoToKMS() async throws {
        let service = try ScriptedService([.error("AccessDeniedException")])
        defer { service.server.stop() }
        let store = try KeyStore(
            tableName: "table",
            logicalKeyStoreName: "table",
            kmsConfiguration: .kmsKeyARN(TestValues.keyARN),
            dynamoDBClient: service.dynamoDB,
            kmsClient: service.kms
        )
        await #expect(throws: EncryptionSDKError(.awsAccessDenied, "")) { _ = try await store.createKey() }
        let request = try #require(service.server.requests.first)
        #expect(request.field("X-Amz-Target") == "TrentService.GenerateDataKeyWithoutPlaintext")
        #expect(request.field("User-Agent") == "\(Self.plain) aws-kms-hierarchy")
    }
}
