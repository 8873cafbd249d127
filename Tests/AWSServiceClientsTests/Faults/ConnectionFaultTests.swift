import AWSHTTPTransport
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSServiceClients

/// What becomes of connections that fail and of answers that are none.
@Suite(.timeLimit(.minutes(5)))
struct ConnectionFaultTests {
    @Test(arguments: [ScriptedServer.Step.cut, .close, .garbage])
    func aBrokenConnectionIsTriedThreeTimes(step: ScriptedServer.Step) async throws {
        let service = try ScriptedService([step])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == .noResponse)
        #expect(error?.attempts == 3)
        #expect(error?.message.hasPrefix("\(service.server.url): connection lost: ") == true)
        #expect(service.server.requests.count == 3)
    }

    @Test func aBrokenConnectionMaySucceedLater() async throws {
        let service = try ScriptedService([.cut, .close, .dataKey])
        defer { service.server.stop() }
        let answer = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        #expect(answer.ciphertextBlob == [1, 2, 3])
    }

    @Test func aPortWithoutListenerIsUnreachable() async throws {
        var service = try ScriptedService([.close])
        service.server.stop()
        service.configuration.endpoint = "http://127.0.0.1:1"
        let error = try await service.failure()
        #expect(error?.code == .endpointUnreachable)
        #expect(error?.attempts == 3)
        #expect(error?.message.hasPrefix("http://127.0.0.1:1: connection failed: ") == true)
        #expect(error?.requestID == nil)
    }

    @Test func aServerThatNeverAnswersRunsIntoTheTimeOut() async throws {
        var service = try ScriptedService([.hang])
        defer { service.server.stop() }
        service.configuration.retries.attemptTimeout = .milliseconds(150)
        service.configuration.retries.maximumAttempts = 2
        let error = try await service.failure()
        #expect(error?.code == .noResponse)
        #expect(error?.attempts == 2)
        #expect(error?.message.contains("timed out") == true)
    }

    @Test func anAnswerThatComesTooSlowlyRunsIntoTheTimeOut() async throws {
        var service = try ScriptedService([.trickle])
        defer { service.server.stop() }
        service.configuration.retries.attemptTimeout = .milliseconds(200)
        service.configuration.retries.maximumAttempts = 2
        let error = try await service.failure()
        #expect(error?.code == .noResponse)
        #expect(error?.attempts == 2)
        #expect(error?.message.contains("timed out") == true)
    }

    @Test(arguments: [
        #"{"KeyId":"x","Plaintext":"\#(TestValues.plaintext)""#, "<html>\(TestValues.plaintext)</html>", "",
        #"["\#(TestValues.plaintext)"]"#, #"{"a":1,"a":"\#(TestValues.plaintext)"}"#,
        #"{"\#(TestValues.plaintext)":1,"\#(TestValues.plaintext)":1}"#,
    ])
    func anAnswerThatIsNoJSONObjectIsTriedThreeTimesAndNotShown(body: String) async throws {
        let service = try ScriptedService([.answer(status: 200, body: body)])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == .invalidResponse)
        #expect(error?.attempts == 3)
        #expect(error?.description.contains(TestValues.plaintext) == false)
    }

    @Test(arguments: [
        (#"{}"#, "KeyId"), (#"{"KeyId":null,"Plaintext":"YQ==","CiphertextBlob":"YQ=="}"#, "KeyId"),
        (#"{"KeyId":7,"Plaintext":"YQ==","CiphertextBlob":"YQ=="}"#, "KeyId"),
        (#"{"KeyId":"k","Plaintext":"Y","CiphertextBlob":"YQ=="}"#, "Plaintext"),
        (#"{"KeyId":"k","Plaintext":"YQ=="}"#, "CiphertextBlob"),
    ])
    func anAnswerThatLacksAMemberSaysWhich(body: String, member: String) async throws {
        let service = try ScriptedService([.answer(status: 200, body: body)])
        defer { service.server.stop() }
        let error = try await service.failure()
        #expect(error?.code == .invalidResponse)
        #expect(error?.message.contains(member) == true)
        #expect(service.server.requests.count == 1)
    }

    @Test(arguments: [
        ScriptedServer.Step.flood,
        .answer(status: 200, body: "{\"KeyId\":\"" + String(repeating: "a", count: 5000) + "\"}"),
        .answer(status: 200, fields: ["X-Long": String(repeating: "a", count: 70_000)], body: "{}"),
    ])
    func anOversizedAnswerIsGivenUp(step: ScriptedServer.Step) async throws {
        var service = try ScriptedService([step])
        defer { service.server.stop() }
        service.configuration.maximumResponseLength = 4096
        let error = try await service.failure()
        #expect(error?.code == .invalidResponse)
        #expect(error?.attempts == 1)
        #expect(error?.message.contains("more than 4096 bytes") == true)
    }

    @Test func cancellingTheTaskEndsTheRequest() async throws {
        var service = try ScriptedService([.hang])
        defer { service.server.stop() }
        service.configuration.retries.attemptTimeout = .seconds(300)
        let client = try service.kms
        let server = service.server
        let task = Task { try await client.generateDataKey(TestValues.dataKeyRequest) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(server.requests.count == 1)
    }

    @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
        let service = try ScriptedService([.dataKey])
        defer { service.server.stop() }
        let client = try service.kms
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.generateDataKey(TestValues.dataKeyRequest)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(service.server.requests.isEmpty)
    }

    @Test func aConnectionIsKeptForTheNextRequest() async throws {
        var service = try ScriptedService([.dataKey])
        defer { service.server.stop() }
        // Not the transport of all tests, whose idle connections are more than are kept.
        service.configuration.transport = try CurlTransport()
        let client = try service.kms
        for _ in 0..<5 { _ = try await client.generateDataKey(TestValues.dataKeyRequest) }
        #expect(service.server.requests.count == 5)
        #expect(service.server.connectionCount == 1)
    }

    @Test func manyRequestsMayRunAtOnce() async throws {
        let service = try ScriptedService([.dataKey])
        defer { service.server.stop() }
        let client = try service.kms
        let lengths = try await withThrowingTaskGroup { group in
            for _ in 0..<100 {
                group.addTask { try await client.generateDataKey(TestValues.dataKeyRequest).plaintext.count }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(lengths == Array(repeating: 32, count: 100))
    }

    @Test func aTransportThatIsLetGoEndsItsThread() async throws {
        let server = try ScriptedServer([.dataKey])
        defer { server.stop() }
        for _ in 0..<20 {
            let transport = try CurlTransport()
            let response = try await transport.send(HTTPRequest(method: .get, url: server.url))
            #expect(response.status == 200)
        }
        #expect(server.requests.map(\.line) == Array(repeating: "GET / HTTP/1.1", count: 20))
    }

    @Test(arguments: ["ftp://127.0.0.1/", "http://127.0.0.1/ a", "127.0.0.1"])
    func whatIsNoHTTPURLIsNotSent(url: String) async throws {
        let transport = try CurlTransport()
        await #expect(throws: HTTPTransportError(.invalidRequest, "")) {
            try await transport.send(HTTPRequest(method: .get, url: url))
        }
    }

    @Test func aLineEndInAHeaderFieldIsNotSent() async throws {
        let server = try ScriptedServer([.dataKey])
        defer { server.stop() }
        let transport = try CurlTransport()
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(
                HTTPRequest(method: .get, url: server.url, headers: [HTTPField("X-Token", "secret\r\nX-Evil: 1")])
            )
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.description.contains("secret") == false)
        #expect(server.requests.isEmpty)
    }
}
