import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

@testable import AWSServiceClients

/// Refused signatures: a wrong clock, expired credentials, and what errors may say of them.
struct SignatureFaultTests {
    /// Half an hour after the tests' clock.
    private static let serverDate = ["Date": "Tue, 24 Nov 2026 22:55:35 GMT"]

    @Test(arguments: [
        "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
        "SignatureDoesNotMatch", "AuthFailure",
    ])
    func aWrongClockIsCorrectedOnceAndForAll(code: String) async throws {
        let service = try ScriptedService([.error(code, status: 403, fields: Self.serverDate), .dataKey])
        defer { service.server.stop() }
        let client = try service.kms
        _ = try await client.generateDataKey(TestValues.dataKeyRequest)
        _ = try await client.generateDataKey(TestValues.dataKeyRequest)
        let times = service.server.requests.map { $0.field("X-Amz-Date") }
        #expect(times == ["20261124T222535Z", "20261124T225535Z", "20261124T225535Z"])
        #expect(service.clock.sleeps.isEmpty)
    }

    @Test func aClockIsCorrectedOnlyOnce() async throws {
        let service = try ScriptedService([.error("RequestTimeTooSkewed", fields: Self.serverDate)])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == AWSServiceError.Code("RequestTimeTooSkewed"))
        #expect(error?.attempts == 2)
    }

    @Test func aWrongKeyIsNotBlamedOnTheClock() async throws {
        let service = try ScriptedService([
            .error("InvalidSignatureException", fields: ["Date": "Tue, 24 Nov 2026 22:26:00 GMT"])
        ])
        defer { service.server.stop() }
        #expect(try await service.failure()?.attempts == 1)
    }

    @Test(arguments: [[:], ["Date": "yesterday"]])
    func withoutTheServersTimeNothingIsCorrected(fields: [String: String]) async throws {
        let service = try ScriptedService([.error("RequestTimeTooSkewed", fields: fields)])
        defer { service.server.stop() }
        #expect(try await service.failure()?.attempts == 1)
    }

    @Test(arguments: ["ExpiredTokenException", "ExpiredToken"])
    func expiredCredentialsAreRenewedOnce(code: String) async throws {
        var service = try ScriptedService([.error(code), .dataKey])
        defer { service.server.stop() }
        let provider = NumberedCredentials()
        service.configuration.credentials = provider
        _ = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        #expect(service.server.requests.map { $0.field("X-Amz-Security-Token") } == ["token-0", "token-1"])
    }

    @Test func onlyTheAttemptAfterTheRefusalAsksForNewCredentials() async throws {
        var service = try ScriptedService([.error("ExpiredToken"), .error("ThrottlingException"), .dataKey])
        defer { service.server.stop() }
        let provider = CountingCredentials { CountingCredentials.numbered($0) }
        service.configuration.credentials = provider
        _ = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        #expect(provider.asked == [false, true, false])
    }

    @Test func credentialsThatStayExpiredEndTheAttempts() async throws {
        let service = try ScriptedService([.error("ExpiredTokenException")])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == AWSServiceError.Code("ExpiredTokenException"))
        #expect(error?.attempts == 2)
    }

    @Test func withoutCredentialsNothingIsSent() async throws {
        var service = try ScriptedService([.dataKey])
        defer { service.server.stop() }
        service.configuration.credentials = NoCredentials()
        let error = try await service.failure()
        #expect(error?.code == .noCredentials)
        #expect(error?.attempts == 0)
        #expect(error?.message == "environment: there are none")
        #expect(service.server.requests.isEmpty)
    }

    @Test func errorsShowNoSecretThatAServiceRepeats() async throws {
        let text = "x-amz-security-token:\(TestValues.token) \(TestValues.secretKey) \(TestValues.plaintext) grant-1"
        for step in [
            ScriptedServer.Step.error("AccessDeniedException", message: text),
            .answer(status: 400, body: text),
            .answer(status: 400, fields: ["x-amzn-errortype": "A", "x-amzn-requestid": TestValues.token], body: text),
        ] {
            let service = try ScriptedService([step])
            defer { service.server.stop() }
            let client = try service.kms
            let error = await #expect(throws: AWSServiceError.self) {
                try await client.encrypt(
                    KMS.EncryptRequest(
                        keyID: TestValues.keyARN,
                        plaintext: SecretBytes([UInt8](repeating: 0x61, count: 32)),
                        grantTokens: ["grant-1"]
                    )
                )
            }
            var dumped = ""
            dump(error, to: &dumped)
            for secret in [TestValues.token, TestValues.secretKey, TestValues.plaintext, "grant-1"] {
                #expect(error?.description.contains(secret) == false)
                #expect(!dumped.contains(secret))
            }
            #expect(service.server.requests.first?.field("X-Amz-Security-Token") == TestValues.token)
        }
    }

    @Test func credentialsDoNotShowTheirSecrets() {
        var dumped = ""
        dump(TestValues.credentials, to: &dumped)
        dumped += "\(TestValues.credentials) \(String(reflecting: TestValues.credentials))"
        #expect(!dumped.contains(TestValues.secretKey))
        #expect(!dumped.contains(TestValues.token))
        #expect(dumped.contains("AKIDEXAMPLE"))
    }
}

/// Credentials with a new token for each renewal.
private final class NumberedCredentials: AWSCredentialsProvider {
    private let number = Guarded(0)

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        let number = number.withLock { number in
            if forcesRefresh { number += 1 }
            return number
        }
        return AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "s", sessionToken: "token-\(number)")
    }
}

private struct NoCredentials: AWSCredentialsProvider {
    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        throw CredentialsError(.notConfigured, source: "environment", "there are none")
    }
}
