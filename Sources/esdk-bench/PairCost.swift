/// What the two halves of a pair of calls cost, batch by batch: encrypt and decrypt, or what they are made of.
struct PairCost {
    /// CPU microseconds for one call, one value for each batch.
    private(set) var first: [Double] = []
    /// The same for the other half.
    private(set) var second: [Double] = []

    /// Adds a batch.
    ///
    /// - Parameters:
    ///   - first: CPU microseconds for one call of the first half.
    ///   - second: the same for the other half.
    mutating func record(_ first: Double, _ second: Double) {
        self.first.append(first)
        self.second.append(second)
    }

    /// The best batch of each half: what it costs where nothing disturbs it.
    var best: (first: Double, second: Double) { (first.min() ?? 0, second.min() ?? 0) }

    /// Both halves together, batch by batch.
    var sums: [Double] { zip(first, second).map { $0 + $1 } }

    /// The median of both halves together.
    var median: Double {
        let sums = sums.sorted()
        return sums.isEmpty ? 0 : sums[sums.count / 2]
    }

    /// CPU microseconds for one of `calls` calls.
    static func microseconds(calls: Int, _ body: () async throws -> Void) async throws -> Double {
        let start = CPUClock.seconds()
        try await body()
        return (CPUClock.seconds() - start) / Double(calls) * 1e6
    }
}
