import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// Opens the regular frames of a message on several threads.
///
/// Only frames that open are its business: before the first batch that does not open as a whole it stops, and the one thread that reads
/// everything else goes on there, and finds out why.
struct OpeningLanes: Sendable {
    private let header: MessageHeader
    private let contentKey: SecretBytes
    private let firstNumber: UInt32
    let framesEach: Int

    /// The length of a batch on the wire and of its plaintext, in bytes.
    let batchLength: Int
    let plaintextLength: Int

    /// Lanes for frames from `firstNumber` on, so many in each batch.
    init(_ header: MessageHeader, _ contentKey: SecretBytes, from firstNumber: UInt32, framesEach: Int) {
        self.header = header
        self.contentKey = contentKey
        self.firstNumber = firstNumber
        self.framesEach = framesEach
        let layout = BodyLayout(frameLength: Int(header.frameLength))
        batchLength = framesEach * layout.regularLength
        plaintextLength = framesEach * layout.frameLength
    }

    /// What one thread opens frames with.
    func makeOpener() throws(EncryptionSDKError) -> BodyOpener {
        do {
            let opener = try AESGCM.Opener(header.algorithmSuite.contentKeyLength, key: contentKey.span)
            return BodyOpener(header: header, opener: opener, from: firstNumber)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// Opens a batch.
    ///
    /// - Returns: whether all of its frames have opened.
    func open(
        _ batch: Int,
        _ bytes: Span<UInt8>,
        with body: inout BodyOpener,
        appendingTo output: inout OutputSpan<UInt8>
    ) -> Bool {
        body.seek(to: firstNumber + UInt32(batch * framesEach))
        return body.openRegularFrames(of: bytes, appendingTo: &output).opened == framesEach
    }

    /// Opens a batch into an array, whose contents it replaces.
    ///
    /// - Returns: whether all of its frames have opened.
    func open(
        _ batch: Int,
        _ bytes: Span<UInt8>,
        with body: inout BodyOpener,
        into plaintext: inout [UInt8]
    ) -> Bool {
        plaintext.removeAll(keepingCapacity: true)
        var isOpen = false
        plaintext.append(addingCapacity: plaintextLength) { room in
            isOpen = open(batch, bytes, with: &body, appendingTo: &room)
        }
        return isOpen
    }

    /// Opens the batches at the start of `bytes` and appends their plaintext.
    ///
    /// - Parameters:
    ///   - bytes: so many batches.
    ///   - count: the number of batches.
    ///   - lanes: the number of threads.
    ///   - check: hashes the frames in order.
    ///   - output: takes the plaintext.
    /// - Returns: the number of batches.
    /// - Throws: `cryptographicLibrary` when hashing fails.
    func open(
        _ bytes: Span<UInt8>,
        count: Int,
        lanes: Int,
        hashingWith check: InTurn<SignatureCheck?>?,
        appendingTo output: inout [UInt8]
    ) throws -> Int {
        let start = output.count
        let outcome = MemoryBatches.run(
            count,
            on: lanes,
            from: bytes,
            each: batchLength,
            appendingTo: &output,
            each: plaintextLength
        ) { batches in
            var body = try makeOpener()
            while let batch = batches.take() {
                batches.withPieces(of: batch) { bytes, plaintext in
                    guard open(batch, bytes, with: &body, appendingTo: &plaintext) else {
                        return batches.stop(before: batch)
                    }
                    if let check { batches.deliver(batch) { try check.value?.update(bytes) } }
                }
            }
        }
        // Later batches may have been opened before the first one that was refused.
        let opened = (try? outcome.get()) ?? 0
        if opened < count { zeroize(&output, from: start + opened * plaintextLength) }
        return try outcome.get()
    }
    /// Opens the batches at the start of `bytes` and drops their plaintext.
    ///
    /// - Parameters:
    ///   - bytes: so many batches.
    ///   - count: the number of batches.
    ///   - lanes: the number of threads, each of which holds the plaintext of one batch.
    ///   - check: hashes the frames in order.
    /// - Returns: the number of batches.
    /// - Throws: `cryptographicLibrary` when hashing fails.
    func verify(
        _ bytes: Span<UInt8>,
        count: Int,
        lanes: Int,
        hashingWith check: InTurn<SignatureCheck?>?
    ) throws -> Int {
        var nothing: [UInt8] = []
        let outcome = MemoryBatches.run(
            count,
            on: lanes,
            from: bytes,
            each: batchLength,
            appendingTo: &nothing,
            each: 0
        ) { batches in
            var plaintext: [UInt8] = []
            defer { zeroize(&plaintext) }
            var body = try makeOpener()
            while let batch = batches.take() {
                batches.withPieces(of: batch) { bytes, _ in
                    guard open(batch, bytes, with: &body, into: &plaintext) else {
                        return batches.stop(before: batch)
                    }
                    if let check { batches.deliver(batch) { try check.value?.update(bytes) } }
                }
            }
        }
        return try outcome.get()
    }
}
