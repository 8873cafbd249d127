/// Why a measurement could not be carried out.
struct BenchError: Error {
    let reason: String
    /// Whether the command line is to blame.
    let isUsage: Bool

    init(_ reason: String, isUsage: Bool = false) {
        self.reason = reason
        self.isUsage = isUsage
    }
}
