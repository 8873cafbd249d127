import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import Glibc

// Lanes for files: each thread reads a batch of frames, seals or opens it, and writes it when its turn has come. While one writes,
// others read and compute; nothing is copied from one thread to another.

extension MessageWriter {
    /// Seals the regular frames of a regular file on several threads, if there are so many; what follows them is left in the source.
    ///
    /// - Parameters:
    ///   - source: the plaintext.
    ///   - unread: the number of bytes that have been taken from the source and not been sealed yet.
    ///   - sink: gets the frames.
    ///   - settings: how to divide the frames.
    /// - Returns: whether that was done, and `unread` bytes are to be dropped.
    mutating func sealInLanes(
        _ source: FileSource,
        unread: Int,
        to sink: inout FileSink,
        _ settings: LaneSettings
    ) async throws -> Bool {
        guard let place = try source.rest(with: unread), let (lanes, count) = lanes(forLength: place.count, settings),
            let threads = settings.threads(forBatchesOf: lanes.plaintextLength + lanes.batchLength)
        else { return false }
        try source.beginReadingRest(unread)
        try accept(count * lanes.plaintextLength)
        let signer = takeSigner()
        let turn = InTurn(sink)
        let batches = OrderedBatches(count: count)
        await batches.run(on: threads) {
            var content: [UInt8] = []
            var frames: [UInt8] = []
            var sealer = try lanes.makeSealer()
            while let batch = batches.take() {
                do {
                    let offset = place.lowerBound + batch * lanes.plaintextLength
                    try source.read(lanes.plaintextLength, at: offset, into: &content)
                    frames.removeAll(keepingCapacity: true)
                    try frames.append(addingCapacity: lanes.batchLength) {
                        (room: inout OutputSpan<UInt8>) throws(EncryptionSDKError) in
                        try lanes.seal(batch, content.span, with: &sealer, appendingTo: &room)
                    }
                } catch {
                    return batches.stop(before: batch, because: error)
                }
                batches.deliver(batch) {
                    try signer?.value?.update(frames.span)
                    try turn.value.write(frames.span, isReleased: true)
                }
            }
        }
        // After the lock that the last delivery gave up: what it left in `turn` is there for this thread, too.
        let sealed = Result { try batches.outcome() }
        sink = turn.value
        skip(try sealed.get(), of: lanes, signer)
        try source.seek(to: place.lowerBound + count * lanes.plaintextLength)
        return true
    }
}

extension MessageReader {
    /// Opens the regular frames of a regular file on several threads, if there are so many; what follows them is left in the source.
    ///
    /// - Parameters:
    ///   - source: the message.
    ///   - unread: the number of bytes that have been taken from the source and not been read yet.
    ///   - sink: gets the plaintext.
    ///   - isReleased: whether a device or pipe may have it.
    ///   - settings: how to divide the frames.
    /// - Returns: whether that was done, and `unread` bytes are to be dropped.
    mutating func openInLanes(
        _ source: FileSource,
        unread: Int,
        to sink: inout FileSink?,
        isReleased: Bool,
        _ settings: LaneSettings
    ) async throws -> Bool {
        guard let place = try source.rest(with: unread), let (lanes, count) = lanes(forLength: place.count, settings),
            let threads = settings.threads(forBatchesOf: lanes.plaintextLength + lanes.batchLength)
        else { return false }
        try source.beginReadingRest(unread)
        let check = takeSignatureCheck()
        let turn = InTurn(sink)
        let batches = OrderedBatches(count: count)
        await batches.run(on: threads) {
            var frames: [UInt8] = []
            var plaintext: [UInt8] = []
            // Batches after one that did not open are never handed out.
            defer { zeroize(&plaintext) }
            var body = try lanes.makeOpener()
            while let batch = batches.take() {
                do {
                    try source.read(lanes.batchLength, at: place.lowerBound + batch * lanes.batchLength, into: &frames)
                } catch {
                    return batches.stop(before: batch, because: error)
                }
                guard lanes.open(batch, frames.span, with: &body, into: &plaintext) else {
                    return batches.stop(before: batch)
                }
                batches.deliver(batch) {
                    try check?.value?.update(frames.span)
                    try turn.value?.write(plaintext.span, isReleased: isReleased)
                }
            }
        }
        let outcome = Result { try batches.outcome() }
        sink = turn.value
        let opened = try outcome.get()
        skip(opened, of: count, lanes, check)
        try source.seek(to: place.lowerBound + opened * lanes.batchLength)
        return true
    }
}

extension OrderedBatches {
    /// Runs `lane` on so many threads that belong to no task; what it throws, and a cancelled task, ends the work.
    fileprivate func run(on threads: Int, _ lane: @escaping @Sendable () throws -> Void) async {
        await withTaskCancellationHandler {
            await Lanes.runApart(threads) {
                do { try lane() } catch { self.stop(before: 0, because: error) }
            }
        } onCancel: {
            cancel()
        }
    }
}

extension LaneSettings {
    /// How many threads work on the batches of a file: one more than lanes, for when one waits for its turn or for the disk.
    ///
    /// - Parameter length: the memory that a thread needs, in bytes.
    /// - Returns: nil if memory does not suffice for two.
    fileprivate func threads(forBatchesOf length: Int) -> Int? {
        let threads = min(count + 1, Self.windowLength / length)
        return threads > 1 ? threads : nil
    }
}
