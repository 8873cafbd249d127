import AWSEncryptionSDK

/// What libcrypto alone does over the memory that a message takes, from one array into another.
///
/// `openssl speed` works on one buffer that stays in the first-level cache, and is not a limit for that.
struct LibcryptoLimit: ~Copyable {
    private let loop: LibcryptoLoop
    private let frames: Range<Int>
    private let frameLength: Int
    private let message: LargePages
    private let plaintext: LargePages
    /// What the last call with new memory gave.
    private var new = LargePages(0)

    /// Prepares the loop for messages of a suite, whose signed ones are hashed by SHA-384.
    init(_ suite: AlgorithmSuite, frameLength: Int, size: Int) throws(BenchError) {
        loop = try LibcryptoLoop(suite, frameLength: frameLength, isHashing: suite.signature != nil)
        frames = 0..<size / frameLength
        self.frameLength = frameLength
        message = LargePages(cleared: LibcryptoLoop.messageLength(frames: frames.count, frameLength: frameLength))
        plaintext = LargePages(cleared: frames.count * frameLength)
    }

    /// Carries out an operation once and gives 10^6 bytes per CPU second.
    ///
    /// A message must have been encrypted before one can be decrypted. New memory is treated as an assignment treats a
    /// new array: it takes the place of the last one, which is freed then.
    mutating func measure(_ operation: Operation, _ bytes: [UInt8]) throws(BenchError) -> Double {
        let start = CPUClock.seconds()
        let isIntact: Bool
        switch operation {
        case .encrypt: isIntact = loop.encrypt(frames, of: bytes, into: message)
        case .decrypt: isIntact = loop.decrypt(frames, of: message, into: plaintext)
        case .encryptNewArray:
            let new = LargePages(LibcryptoLoop.messageLength(frames: frames.count, frameLength: frameLength))
            isIntact = loop.encrypt(frames, of: bytes, into: new)
            self.new = new
        case .decryptNewArray:
            let new = LargePages(frames.count * frameLength)
            isIntact = loop.decrypt(frames, of: message, into: new)
            self.new = new
        }
        let seconds = CPUClock.seconds() - start
        guard isIntact else { throw BenchError("libcrypto does not open what it has sealed") }
        return Double(frames.count * frameLength) / 1e6 / seconds
    }
}
