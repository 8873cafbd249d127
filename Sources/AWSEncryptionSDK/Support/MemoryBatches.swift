import ESDKSystem

/// Batches of a message in memory, of which each turns one piece of the input into one piece of the output.
///
/// The only place where several threads write to the same array, each to the pieces of its own batches.
@safe struct MemoryBatches: @unchecked Sendable {
    private let order: OrderedBatches
    private let input: UnsafeBufferPointer<UInt8>
    private let inputLength: Int
    private let output: UnsafeMutableBufferPointer<UInt8>
    private let outputLength: Int

    /// Runs a lane on each of some threads, and appends what all of them have written, also where the work ended early.
    ///
    /// - Parameters:
    ///   - count: the number of batches.
    ///   - lanes: the number of threads.
    ///   - input: at least `count` pieces.
    ///   - inputLength: the length of each piece, in bytes.
    ///   - output: takes the pieces of output.
    ///   - outputLength: the length of each, in bytes; a lane leaves no byte of a piece unset that is to be used.
    ///   - lane: takes batches until there is none left; what it throws ends all of the work.
    /// - Returns: the number of batches that were finished, from the first one on, or why the work ended.
    static func run(
        _ count: Int,
        on lanes: Int,
        from input: Span<UInt8>,
        each inputLength: Int,
        appendingTo output: inout [UInt8],
        each outputLength: Int,
        _ lane: @Sendable (MemoryBatches) throws -> Void
    ) -> Result<Int, any Error> {
        precondition(count * inputLength <= input.count, "there is less input than batches")
        let order = OrderedBatches(count: count)
        unsafe input.withUnsafeBufferPointer { input in
            output.append(addingCapacity: count * outputLength) { slot in
                unsafe slot.withUnsafeMutableBufferPointer { room, initialized in
                    let batches = unsafe MemoryBatches(
                        order: order,
                        input: input,
                        inputLength: inputLength,
                        output: UnsafeMutableBufferPointer(rebasing: room[initialized...]),
                        outputLength: outputLength
                    )
                    Lanes.run(min(lanes, count)) {
                        // Others may have delivered batches by now: what fails here ends the work as a whole.
                        do { try lane(batches) } catch { order.stop(before: 0, because: error) }
                    }
                    initialized += count * outputLength
                }
            }
        }
        return Result { try order.outcome() }
    }

    /// Takes the next batch; nil when there is none left.
    func take() -> Int? { order.take() }

    /// Ends the work before a batch.
    func stop(before batch: Int) { order.stop(before: batch) }

    /// Runs `body` when all batches before this one have been delivered, unless the work has ended before it.
    func deliver(_ batch: Int, _ body: () throws -> Void) { order.deliver(batch, body) }

    /// Hands `body` the input of a batch that this thread has taken, and the room for its output.
    func withPieces<Failure>(
        of batch: Int,
        _ body: (Span<UInt8>, inout OutputSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        let source = unsafe input[batch * inputLength..<(batch + 1) * inputLength]
        let room = unsafe output[batch * outputLength..<(batch + 1) * outputLength]
        var output = unsafe OutputSpan(buffer: UnsafeMutableBufferPointer(rebasing: room), initializedCount: 0)
        try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(rebasing: source)), &output)
    }
}
