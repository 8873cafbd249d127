/// Chunks as an asynchronous sequence, which may fail after the last one.
struct Chunks: AsyncSequence {
    /// What the source throws when it fails.
    struct SourceFailure: Error {}

    let chunks: [[UInt8]]
    var failsAtEnd = false

    func makeAsyncIterator() -> Iterator { Iterator(chunks: chunks, failsAtEnd: failsAtEnd) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let chunks: [[UInt8]]
        fileprivate let failsAtEnd: Bool
        private var index = 0

        fileprivate init(chunks: [[UInt8]], failsAtEnd: Bool) {
            self.chunks = chunks
            self.failsAtEnd = failsAtEnd
        }

        mutating func next() async throws -> [UInt8]? {
            guard index < chunks.count else {
                if failsAtEnd { throw SourceFailure() }
                return nil
            }
            // A slow source must not cost its reader anything.
            await Task.yield()
            defer { index += 1 }
            return chunks[index]
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood, 2014): the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

extension [UInt8] {
    /// Pieces whose lengths are random, empty ones among them.
    func randomChunks(upTo length: Int, using generator: inout SeededGenerator) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var offset = 0
        while offset < count {
            let end = Swift.min(offset + Int.random(in: 0...length, using: &generator), count)
            chunks.append(Array(self[offset..<end]))
            offset = end
        }
        return chunks
    }
}
