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
            // A slow source: whoever waits for it meanwhile must lose nothing.
            await Task.yield()
            defer { index += 1 }
            return chunks[index]
        }
    }
}
