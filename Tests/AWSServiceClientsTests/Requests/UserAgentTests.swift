import AWSMaterialProviders
import Testing

@testable import AWSServiceClients

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
