import AWSMaterialProviders
import ESDKTestVectors
import TestSupport
import Testing

@testable import MessageForge

@Suite("Reproduction runner")
struct ReproductionRunnerTests {
    static func run(_ test: DecryptTest) async throws -> TestResult {
        let dataKey = [UInt8](1...32)
        let set = MadeUpSet.make([test], keys: [MadeUpSet.entry("key", .dataKey(dataKey))])
        return try #require(await MadeUpSet.runner(set).run(test))
    }

    static func message() throws -> [UInt8] {
        try MessageBuilder.build(Blueprints.make(.aes256GCMHKDFSHA512CommitKeyECDSAP384)).bytes
    }

    @Test("An opened message passes; its signature is carried over and verified")
    func passes() async throws {
        let result = try await Self.run(MadeUpSet.test("t", message: Self.message(), keys: .dataKey(key: "key")))
        #expect(result.status == .passed)
        #expect(result.suite == "0578")
        #expect(result.cases.first?.name == "message")
        #expect(result.cases.first?.reason == "signature carried over; it verifies")
        #expect(result.cases.dropFirst().map(\.status) == [.skipped, .skipped])
    }

    @Test("A test that must not open is skipped, even if it opens")
    func mustFail() async throws {
        let result = try await Self.run(
            MadeUpSet.test("t", message: Self.message(), keys: .dataKey(key: "key"), mustOpen: false)
        )
        #expect(result.status == .skipped)
        #expect(result.reason == "must not open")
        #expect(result.cases.isEmpty)
    }

    @Test("A message that decryption refuses is skipped with the refusal")
    func refused() async throws {
        var message = try Self.message()
        message[message.count - 1] ^= 1
        let result = try await Self.run(MadeUpSet.test("t", message: message, keys: .dataKey(key: "key")))
        #expect(result.status == .skipped)
        #expect(result.reason?.hasPrefix("not opened: ") == true)
    }

    @Test("A test without its key is broken, one for a service is skipped")
    func keys() async throws {
        let broken = try await Self.run(MadeUpSet.test("t", message: Self.message(), keys: .dataKey(key: "none")))
        #expect(broken.status == .failed)
        #expect(broken.failure == .brokenSet)
        let service = try await Self.run(
            MadeUpSet.test("t", message: Self.message(), keys: .awsKMSMRKDiscovery(region: "r", filter: nil))
        )
        #expect(service.status == .skipped)
    }
}
