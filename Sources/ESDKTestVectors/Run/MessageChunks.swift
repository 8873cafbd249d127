/// A message cut into chunks, in order.
struct MessageChunks: Sequence, IteratorProtocol {
    /// The longest random chunk in bytes.
    private static let longestRandomChunk = 4096
    /// All chunks of one byte, so that a stream of bytes allocates nothing.
    private static let singleBytes: [[UInt8]] = (0...255).map { [UInt8($0)] }

    private let message: [UInt8]
    private let chunking: DecryptCase.Chunking
    private var offset = 0
    private var state: UInt64

    init(_ message: [UInt8], _ chunking: DecryptCase.Chunking, seed: UInt64) {
        self.message = message
        self.chunking = chunking
        state = seed | 1
    }

    mutating func next() -> [UInt8]? {
        guard offset < message.count else { return nil }
        switch chunking {
        case .whole:
            offset = message.count
            return message
        case .bytes:
            defer { offset += 1 }
            return Self.singleBytes[Int(message[offset])]
        case .random:
            let end = Swift.min(message.count, offset + randomLength())
            defer { offset = end }
            return Array(message[offset..<end])
        }
    }

    /// Short and long chunks alike: the number of bits is drawn first (xorshift64).
    private mutating func randomLength() -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        let limit = 1 << (state % 13)
        return 1 + Int((state >> 8) % UInt64(Swift.min(limit, Self.longestRandomChunk)))
    }
}
