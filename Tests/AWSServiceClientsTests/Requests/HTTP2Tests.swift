import AWSHTTPTransport
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSServiceClients

/// HTTP/2 where the server offers it, against a server that offers nothing else.
@Suite(HTTP2Server.isThere, .timeLimit(.minutes(5)))
struct HTTP2Tests {
    @Test func manyRequestsShareOneConnection() async throws {
        let server = try HTTP2Server()
        defer { server.stop() }
        let transport = try server.transport()
        // libcurl learns from the first connection that the server can do with one.
        #expect(try await server.statistics(over: transport).connections == 1)
        let url = server.url("/gather/64")
        let answers = try await withThrowingTaskGroup { group in
            for _ in 0..<64 {
                group.addTask { try await transport.send(HTTPRequest(method: .post, url: url)).text }
            }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers == Array(repeating: HTTP2Server.answer, count: 64))
        let statistics = try await server.statistics(over: transport)
        // The server answers none before it has all of them: they were under way at the same time.
        #expect(statistics.mostAtOnce == 64)
        #expect(statistics.connections == 1)
        #expect(statistics.requests == 64)
    }

    @Test func aClientOfKMSSpeaksIt() async throws {
        let server = try HTTP2Server()
        defer { server.stop() }
        let transport = try server.transport()
        var service = try ScriptedService([.close])
        defer { service.server.stop() }
        service.configuration.transport = transport
        service.configuration.endpoint = server.url()
        let client = try service.kms
        for _ in 0..<5 {
            let answer = try await client.generateDataKey(TestValues.dataKeyRequest)
            #expect(answer.plaintext == SecretBytes([UInt8](repeating: 0x61, count: 32)))
        }
        let statistics = try await server.statistics(over: transport)
        #expect(statistics.connections == 1)
        #expect(statistics.authorities == Array(repeating: "localhost:\(server.port)", count: 5))
    }

    @Test func aStreamThatFailsIsTriedAgainOverTheSameConnection() async throws {
        let server = try HTTP2Server()
        defer { server.stop() }
        let transport = try server.transport()
        var service = try ScriptedService([.close])
        defer { service.server.stop() }
        service.configuration.transport = transport
        service.configuration.endpoint = server.url("/reset/2")
        _ = try await service.kms.generateDataKey(TestValues.dataKeyRequest)
        let statistics = try await server.statistics(over: transport)
        #expect(statistics.requests == 3)
        #expect(statistics.connections == 1)
    }

    @Test func aStreamThatAlwaysFailsIsGivenUp() async throws {
        let server = try HTTP2Server()
        defer { server.stop() }
        var service = try ScriptedService([.close])
        defer { service.server.stop() }
        service.configuration.transport = try server.transport()
        service.configuration.endpoint = server.url("/reset/9")
        let error = try await service.failure()
        #expect(error?.code == .noResponse)
        #expect(error?.attempts == 3)
    }

    @Test func aConnectionThatTheServerEndsIsReplaced() async throws {
        let server = try HTTP2Server()
        defer { server.stop() }
        let transport = try server.transport()
        for _ in 0..<3 {
            let response = try await transport.send(HTTPRequest(method: .post, url: server.url("/goaway")))
            #expect(response.text == HTTP2Server.answer)
        }
        #expect(try await server.statistics(over: transport).requests == 3)
    }

    @Test func aRequestThatIsCancelledLeavesTheOthersTheirConnection() async throws {
        let server = try HTTP2Server()
        defer { server.stop() }
        let transport = try server.transport()
        _ = try await server.statistics(over: transport)
        let url = server.url("/hold")
        let held = (0..<8).map { _ in
            Task { try await transport.send(HTTPRequest(method: .post, url: url, timeout: .seconds(600))) }
        }
        while try await server.statistics(over: transport).mostAtOnce < 8 { await Task.yield() }
        for task in held.dropFirst(4) { task.cancel() }
        for task in held.dropFirst(4) {
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        while try await server.statistics(over: transport).cancelled < 4 { await Task.yield() }
        let response = try await transport.send(HTTPRequest(method: .post, url: server.url()))
        #expect(response.text == HTTP2Server.answer)
        let statistics = try await server.statistics(over: transport)
        #expect(statistics.cancelled == 4)
        #expect(statistics.connections == 1)
        for task in held { task.cancel() }
    }

    @Test func aBurstWithoutAConnectionIsAnsweredToo() async throws {
        let server = try HTTP2Server()
        defer { server.stop() }
        let transport = try server.transport()
        let url = server.url("/gather/32")
        let count = try await withThrowingTaskGroup { group in
            for _ in 0..<32 {
                group.addTask { try await transport.send(HTTPRequest(method: .post, url: url)).status }
            }
            return try await group.reduce(0) { $0 + ($1 == 200 ? 1 : 0) }
        }
        #expect(count == 32)
    }
}
