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

@Suite("Messages in chunks")
struct MessageChunksTests {
    private static let message = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    private func chunks(_ chunking: DecryptCase.Chunking, seed: UInt64 = 1, count: Int = 20_000) -> [[UInt8]] {
        Array(MessageChunks(Array(Self.message.prefix(count)), chunking, seed: seed))
    }

    @Test("all chunks together are the message, for any seed", arguments: [0, 1, 2, 3, 42, 1 << 63, UInt64.max])
    func together(seed: UInt64) {
        for chunking in [DecryptCase.Chunking.whole, .bytes, .random] {
            for count in [0, 1, 2, 20_000] {
                let chunks = chunks(chunking, seed: seed, count: count)
                #expect(chunks.flatMap(\.self) == Array(Self.message.prefix(count)))
                #expect(chunks.allSatisfy { !$0.isEmpty })
            }
        }
    }

    @Test("a message is one chunk, or as many as bytes, or some of many lengths")
    func lengths() {
        #expect(chunks(.whole).count == 1)
        #expect(chunks(.bytes).count == 20_000)
        let lengths = Set((1...20).flatMap { chunks(.random, seed: $0).dropLast().map(\.count) })
        #expect(lengths.contains(1))
        #expect(lengths.contains { $0 > 2048 })
        #expect(lengths.max() ?? 0 <= 4096)
    }

    @Test("one seed cuts a message in one way, another one in another")
    func seeds() {
        #expect(chunks(.random, seed: 7) == chunks(.random, seed: 7))
        #expect(chunks(.random, seed: 7).map(\.count) != chunks(.random, seed: 9).map(\.count))
    }

    @Test("the seed of a test is that of its id on every machine")
    func stableHash() {
        // Published values of 64-bit FNV-1a (draft-eastlake-fnv).
        #expect(StableHash.of("") == 0xCBF2_9CE4_8422_2325)
        #expect(StableHash.of("a") == 0xAF63_DC4C_8601_EC8C)
        #expect(StableHash.of("foobar") == 0x8594_4171_F739_67E8)
    }
}
