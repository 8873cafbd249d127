import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSServiceClients

/// What becomes of answers that are refusals, and how often they are asked for.
struct ServiceFaultTests {
    @Test func throttlingIsRepeatedAndThenSucceeds() async throws {
        let service = try ScriptedService([.error("ThrottlingException"), .error("ThrottlingException"), .dataKey])
        defer { service.server.stop() }
        let answer = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        #expect(answer.plaintext == SecretBytes([UInt8](repeating: 0x61, count: 32)))
        #expect(answer.ciphertextBlob == [1, 2, 3])
        #expect(answer.keyID == TestValues.keyARN)
        #expect(service.server.requests.count == 3)
        // 1 s for throttling, doubled, times a random fraction, which is 1 here.
        #expect(service.clock.sleeps == [.seconds(1), .seconds(2)])
    }

    @Test(arguments: [
        ("ThrottlingException", 400, Duration.seconds(1)), ("LimitExceededException", 400, .seconds(1)),
        ("SomethingNew", 429, .seconds(1)), ("KMSInternalException", 500, .milliseconds(50)),
        ("KeyUnavailableException", 500, .milliseconds(50)), ("DependencyTimeoutException", 503, .milliseconds(50)),
        ("RequestTimeout", 400, .milliseconds(50)), ("SomethingNew", 502, .milliseconds(50)),
    ])
    func whatMayPassIsTriedThreeTimes(code: String, status: Int, first: Duration) async throws {
        let service = try ScriptedService([.error(code, status: status, message: "Try later")])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == AWSServiceError.Code(code))
        #expect(error?.message == "Try later")
        #expect(error?.httpStatus == status)
        #expect(error?.requestID == "request-7")
        #expect(error?.attempts == 3)
        #expect(service.server.requests.count == 3)
        #expect(service.clock.sleeps == [first, first * 2])
    }

    @Test(arguments: [
        ("AccessDeniedException", 400), ("NotFoundException", 400), ("NotFoundException", 404),
        ("DisabledException", 409), ("KMSInvalidStateException", 409), ("InvalidKeyUsageException", 400),
        ("IncorrectKeyException", 400), ("InvalidCiphertextException", 400), ("ValidationException", 400),
        ("UnrecognizedClientException", 400), ("SomethingNew", 400), ("SomethingNew", 501),
    ])
    func theCallersFaultIsNotRepeated(code: String, status: Int) async throws {
        let service = try ScriptedService([.error(code, status: status)])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == AWSServiceError.Code(code))
        #expect(error?.attempts == 1)
        #expect(service.server.requests.count == 1)
        #expect(service.clock.sleeps.isEmpty)
    }

    @Test func anErrorPageIsRepeatedAndShownInPart() async throws {
        let service = try ScriptedService([.answer(status: 500, body: "<html>\u{1}gateway</html>")])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == AWSServiceError.Code("HTTP500"))
        #expect(error?.message == "<html> gateway</html>")
        #expect(error?.attempts == 3)
    }

    @Test(arguments: [
        ("AccessDeniedException:http://internal.amazon.com/coral/", "AccessDeniedException"),
        ("com.amazonaws.kms#NotFoundException", "NotFoundException"), ("a b", "HTTP400"), ("", "HTTP400"),
        ("#", "HTTP400"), (":a", "HTTP400"), ("a#b#C", "C"),
    ])
    func theCodeIsFoundInTheHeader(text: String, code: String) async throws {
        let service = try ScriptedService([
            .answer(status: 400, fields: ["x-amzn-ErrorType": text], body: #"{"Message":"No"}"#)
        ])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == AWSServiceError.Code(code))
        #expect(error?.message == "No")
    }

    @Test(arguments: [
        (["x-amzn-errortype": "A"], #"{"__type":"B","code":"C"}"#, "A"),
        (["x-amzn-errortype": ""], #"{"__type":"B","code":"C"}"#, "B"),
        ([:], #"{"__type":"com.amazonaws.dynamodb.v20120810#B","code":"C"}"#, "B"), ([:], #"{"code":"C"}"#, "C"),
        ([:], #"{"__type":"B:http://internal.amazon.com/coral/com.amazon.coral.validate/"}"#, "B"),
        ([:], #"{"__type":7}"#, "HTTP400"), ([:], "{}", "HTTP400"),
    ])
    func theCodeIsFoundInHeaderAndBodyInThisOrder(fields: [String: String], body: String, code: String) async throws {
        let service = try ScriptedService([.answer(status: 400, fields: fields, body: body)])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == AWSServiceError.Code(code))
        #expect(error?.message == "")
    }

    @Test func aSuccessGivesBackWhatTheLastRetryTook() async throws {
        let steps = Array(repeating: ScriptedServer.Step.error("KMSInternalException", status: 500), count: 33)
        // 11 requests of three attempts take 308; two that succeed at their second attempt take and give back 14 each.
        let flaky: [ScriptedServer.Step] = [.error("KMSInternalException", status: 500), .dataKey]
        let service = try ScriptedService(steps + flaky + flaky + [.error("KMSInternalException", status: 500)])
        defer { service.server.stop() }
        let client = try service.kms
        for _ in 0..<11 { _ = try? await client.generateDataKey(TestValues.dataKeyRequest) }
        for _ in 0..<2 { _ = try await client.generateDataKey(TestValues.dataKeyRequest) }
        #expect(service.server.requests.count == 37)
        for _ in 0..<20 { _ = try? await client.generateDataKey(TestValues.dataKeyRequest) }
        // 192 are left, which pay for 13 retries.
        #expect(service.server.requests.count == 37 + 20 + 13)
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let service = try ScriptedService([.answer(status: 307, fields: ["Location": "http://127.0.0.1:1/"], body: "")])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == AWSServiceError.Code("HTTP307"))
        #expect(error?.attempts == 1)
    }

    @Test func theServicesOwnDelayIsKept() async throws {
        let service = try ScriptedService([
            .error("ThrottlingException", fields: ["x-amz-retry-after": "3000"]),
            .error("ThrottlingException", fields: ["x-amz-retry-after": "60000"]), .dataKey,
        ])
        defer { service.server.stop() }
        _ = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        // Longer than our own second, then cut at five seconds beyond our own two.
        #expect(service.clock.sleeps == [.seconds(3), .seconds(7)])
    }

    @Test func retriesEndWithTheTimeForTheWhole() async throws {
        var service = try ScriptedService([.error("ThrottlingException")])
        defer { service.server.stop() }
        service.configuration.retries.operationTimeout = .seconds(2)
        let error = try await service.failure()
        #expect(error?.attempts == 2)
        #expect(service.clock.sleeps == [.seconds(1)])
    }

    @Test func oneAttemptMeansNoRetry() async throws {
        var service = try ScriptedService([.error("ThrottlingException")])
        defer { service.server.stop() }
        service.configuration.retries.maximumAttempts = 1
        #expect(try await service.failure()?.attempts == 1)
    }

    @Test func aServiceInTroubleIsAskedLessAndLess() async throws {
        let service = try ScriptedService([.error("KMSInternalException", status: 500)])
        defer { service.server.stop() }
        let client = try service.kms
        for _ in 0..<30 {
            await #expect(throws: AWSServiceError(.init("KMSInternalException"), "", service: "", operation: "")) {
                try await client.generateDataKey(TestValues.dataKeyRequest)
            }
        }
        // The allowance of 500 pays for 35 retries at 14 each, however many requests there are.
        #expect(service.server.requests.count == 30 + 35)
    }

    @Test func idAndNumberOfTheAttemptAreSentAlong() async throws {
        let service = try ScriptedService([.error("ThrottlingException"), .dataKey, .dataKey])
        defer { service.server.stop() }
        let client = try service.kms
        _ = try await client.generateDataKey(TestValues.dataKeyRequest)
        let requests = service.server.requests
        #expect(requests.map { $0.field("amz-sdk-request") } == ["attempt=1; max=3", "attempt=2; max=3"])
        #expect(Set(requests.map { $0.field("amz-sdk-invocation-id") }).count == 1)
    }
}

struct RedactionTests {
    // Unicode's general category Cc is U+0000 to U+001F and U+007F to U+009F.
    @Test(arguments: ["\u{0}", "\u{1B}", "\u{1F}", "\u{7F}", "\u{80}", "\u{9F}"])
    func controlCharactersBecomeBlanks(character: String) {
        #expect(Redaction([]).apply("a\(character)b".utf8) == "a b")
    }

    @Test(arguments: [" ", "~", "\u{A0}", "é", "\u{2028}", "🔑"])
    func otherCharactersStay(character: String) {
        #expect(Redaction([]).apply("a\(character)b".utf8) == "a\(character)b")
    }

    @Test func secretsAreReplaced() {
        let redaction = Redaction([SecretBytes(Array("token".utf8)), SecretBytes([])])
        #expect(redaction.apply("token, tokentoken; toke".utf8) == "[secret], [secret][secret]; toke")
    }
}
