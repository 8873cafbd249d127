import Testing

@testable import ESDKTestVectors

@Suite("The cases of a test")
struct DecryptCaseTests {
    @Test("a test is decrypted one-shot and streamed whole, byte by byte and at random")
    func all() {
        #expect(
            DecryptCase.plan(.any, messageLength: 500).map(\.name)
                == ["one-shot", "stream whole", "stream 1-byte", "stream random"]
        )
    }

    @Test("a streaming-unsigned-only test is streamed in that way alone")
    func unsignedOnly() {
        let cases = DecryptCase.plan(.streamingUnsignedOnly, messageLength: 500)
        #expect(cases.map(\.name) == ["unsigned-only whole", "unsigned-only 1-byte", "unsigned-only random"])
        #expect(cases.allSatisfy { $0.isUnsignedOnly })
        #expect(DecryptCase.plan(.any, messageLength: 500).allSatisfy { !$0.isUnsignedOnly })
    }

    static let methods: [DecryptionMethod] = [.any, .streamingUnsignedOnly]

    @Test("messages of more than 64 KiB are not streamed byte by byte", arguments: methods)
    func limit(method: DecryptionMethod) {
        #expect(DecryptCase.plan(method, messageLength: 65_536).contains { $0.chunking == .bytes })
        let long = DecryptCase.plan(method, messageLength: 65_537)
        #expect(!long.contains { $0.chunking == .bytes })
        #expect(long.count == DecryptCase.plan(method, messageLength: 0).count - 1)
    }
}
