import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// Seals the regular frames of a message on several threads.
///
/// Each batch has its own sequence numbers, and no two threads have the same batch: no IV is used twice.
struct SealingLanes: Sendable {
    private let suite: AlgorithmSuite
    private let messageID: [UInt8]
    private let contentKey: SecretBytes
    private let firstNumber: UInt32
    private let layout: FrameLayout
    let framesEach: Int

    /// The length of a batch on the wire and of its plaintext, in bytes.
    var batchLength: Int { framesEach * layout.length }
    var plaintextLength: Int { framesEach * layout.contentLength }

    /// Lanes for frames from `firstNumber` on, so many in each batch.
    init(_ header: MessageHeader, _ contentKey: SecretBytes, from firstNumber: UInt32, framesEach: Int) {
        suite = header.algorithmSuite
        messageID = header.messageID
        self.contentKey = contentKey
        self.firstNumber = firstNumber
        layout = FrameLayout(kind: .regular, contentLength: Int(header.frameLength))
        self.framesEach = framesEach
    }

    /// What one thread seals frames with.
    func makeSealer() throws(EncryptionSDKError) -> BodySealer {
        try BodySealer(suite: suite, messageID: messageID, contentKey: contentKey, from: firstNumber)
    }

    /// Seals a batch.
    func seal(
        _ batch: Int,
        _ content: Span<UInt8>,
        with sealer: inout BodySealer,
        appendingTo output: inout OutputSpan<UInt8>
    ) throws(EncryptionSDKError) {
        sealer.seek(to: firstNumber + UInt32(batch * framesEach))
        do {
            try sealer.sealRegularFrames(framesEach, of: content, layout, appendingTo: &output)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// Seals the batches at the start of `content` and appends their frames.
    ///
    /// - Parameters:
    ///   - content: so many batches of plaintext.
    ///   - count: the number of batches.
    ///   - lanes: the number of threads.
    ///   - signer: hashes the frames in order.
    ///   - output: takes the frames.
    /// - Throws: `cryptographicLibrary`; nothing is appended then.
    func seal(
        _ content: Span<UInt8>,
        count: Int,
        lanes: Int,
        hashingWith signer: InTurn<MessageSigner?>?,
        appendingTo output: inout [UInt8]
    ) throws {
        let start = output.count
        let outcome = MemoryBatches.run(
            count,
            on: lanes,
            from: content,
            each: plaintextLength,
            appendingTo: &output,
            each: batchLength
        ) { batches in
            var sealer = try makeSealer()
            while let batch = batches.take() {
                try batches.withPieces(of: batch) { (content, frames) throws(EncryptionSDKError) in
                    try seal(batch, content, with: &sealer, appendingTo: &frames)
                    if let signer { batches.deliver(batch) { try signer.value?.update(frames.span) } }
                }
            }
        }
        if case .failure(let error) = outcome {
            output.removeSubrange(start...)
            throw error
        }
    }
}
