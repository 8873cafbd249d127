import ESDKSystem

/// How one message is divided among threads.
///
/// Each lane has its own cipher context and works on batches of whole frames; what it has done is hashed and handed out in order.
package struct LaneSettings: Sendable {
    /// How many threads work on a message; one means that nothing is divided.
    package var count: Int
    /// How much a batch holds at least, in bytes, and a quarter of what it may hold, unless a single frame is longer.
    package var batchLength = 256 << 10
    /// Shorter pieces of a message are not divided: starting threads would take as long.
    package var minimumLength = 2 << 20

    /// How many batches a lane is to have at least, so that lanes end at about the same time.
    private static let batchesEach = 4
    /// How many times as long as `batchLength` batches become where there is enough: a processor that fetches memory ahead fetches in
    /// vain at the end of a batch.
    private static let longestBatch = 4

    /// How much memory the batches of a file may take in all, in bytes.
    static let windowLength = 16 << 20

    init(count: Int) { self.count = count }

    /// How frames are gathered into batches.
    ///
    /// - Parameters:
    ///   - frames: how many frames there are.
    ///   - frameLength: the length of each on the wire, in bytes.
    /// - Returns: nil where dividing does not pay.
    func batches(of frames: Int, _ frameLength: Int) -> Batches? {
        guard count > 1, frames > 1, frames >= minimumLength / frameLength else { return nil }
        let share = frames * frameLength / (count * Self.batchesEach)
        let length = min(max(share, batchLength), batchLength * Self.longestBatch)
        let framesEach = max(length / frameLength, 1)
        let batches = Batches(count: frames / framesEach, framesEach: framesEach)
        return batches.count > 1 ? batches : nil
    }

    /// Batches of equally many frames; frames beyond the last whole batch belong to none.
    struct Batches {
        let count: Int
        let framesEach: Int
    }
}
