import AWSEncryptionSDK
import ESDKSystem

/// What libcrypto alone does to one message on several threads, which share its frames and wait for nothing but the end.
///
/// A signature is over the whole message in order: there one thread of several does nothing but hash.
final class LaneLimit: Sendable {
    private let suite: AlgorithmSuite
    private let frameLength: Int
    private let frameCount: Int
    private let message: LargePages
    private let output: LargePages

    init(_ suite: AlgorithmSuite, frameLength: Int, size: Int) {
        self.suite = suite
        self.frameLength = frameLength
        frameCount = size / frameLength
        message = LargePages(cleared: LibcryptoLoop.messageLength(frames: frameCount, frameLength: frameLength))
        output = LargePages(cleared: frameCount * frameLength)
    }

    /// Encrypts a plaintext on so many threads.
    func encrypt(_ plaintext: [UInt8], threads: Int) throws(BenchError) {
        try run(plaintext, threads) { loop, frames in loop.encrypt(frames, of: plaintext, into: self.message) }
    }

    /// Decrypts what was encrypted last; `plaintext` is as long as what is hashed.
    func decrypt(_ plaintext: [UInt8], threads: Int) throws(BenchError) {
        try run(plaintext, threads) { loop, frames in loop.decrypt(frames, of: self.message, into: self.output) }
    }

    private func run(
        _ plaintext: [UInt8],
        _ threads: Int,
        _ body: @Sendable (borrowing LibcryptoLoop, Range<Int>) -> Bool
    ) throws(BenchError) {
        let isSigned = suite.signature != nil
        let isHashingApart = isSigned && threads > 1
        let sharers = isHashingApart ? threads - 1 : threads
        let next = Guarded(0)
        let failure = Guarded<BenchError?>(nil)
        Lanes.run(threads) {
            let number = next.withLock { number in
                number += 1
                return number - 1
            }
            do throws(BenchError) {
                let loop = try LibcryptoLoop(
                    self.suite,
                    frameLength: self.frameLength,
                    isHashing: isSigned && (!isHashingApart || number == sharers)
                )
                let frames =
                    self.frameCount * min(number, sharers) / sharers..<self.frameCount * min(number + 1, sharers)
                    / sharers
                guard number == sharers ? loop.hash(plaintext) : body(loop, frames) else {
                    throw BenchError("libcrypto does not open what it has sealed")
                }
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
