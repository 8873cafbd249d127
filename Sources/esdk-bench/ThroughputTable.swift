import AWSEncryptionSDK

/// The best throughput of each row, and what libcrypto alone reaches.
struct ThroughputTable {
    private struct Row: Hashable {
        let suite: AlgorithmSuite
        let frameLength: Int
        let operation: Operation
    }

    private let libcrypto: String
    private let size: Int
    private let runs: Int
    private var order: [Row] = []
    /// 10^6 bytes per CPU second.
    private var best: [Row: Double] = [:]
    /// The same of libcrypto alone.
    private var limits: [Row: Double] = [:]

    init(libcrypto: String, size: Int, runs: Int) {
        self.libcrypto = libcrypto
        self.size = size
        self.runs = runs
    }

    mutating func record(_ rate: Double, limit: Double, suite: AlgorithmSuite, frameLength: Int, operation: Operation) {
        let row = Row(suite: suite, frameLength: frameLength, operation: operation)
        if best[row] == nil { order.append(row) }
        best[row] = max(best[row] ?? 0, rate)
        limits[row] = max(limits[row] ?? 0, limit)
    }

    private func limit(_ row: Row) -> Double { limits[row] ?? 0 }

    private func ratio(_ row: Row) -> Double { (best[row] ?? 0) / limit(row) }

    var text: String {
        var lines = [
            libcrypto,
            "\(size) bytes, one call of encrypt or decrypt on arrays in memory; MB (10^6 bytes) per CPU second, user and system; best of",
            "\(runs) rounds. Into an array whose storage is used again, or into a new one, for which the system clears fresh memory. The",
            "limit is a loop over libcrypto alone in the same run, with the same frames: in memory that is used again, or for a new",
            "array on new pages of 2 MiB, freed like the array. For 0578 SHA-384 follows each frame in the limit too.",
            "",
            "suite  operation                frame     MB/s    limit  ratio",
        ]
        for row in order {
            lines.append(
                "\(row.suite.idText)   \(Text.left(row.operation.rawValue, 20))\(Text.right("\(row.frameLength)", 10))"
                    + Text.right("\(Int(best[row] ?? 0))", 9) + Text.right("\(Int(limit(row)))", 9)
                    + Text.right(Decimal.thousandths(ratio(row)), 7)
            )
        }
        return lines.joined(separator: "\n")
    }

    var json: String {
        let rows = order.map { row in
            "{\"suite\":\"\(row.suite.idText)\",\"frame\":\(row.frameLength),\"operation\":\"\(row.operation.rawValue)\","
                + "\"mb_per_cpu_second\":\(Decimal.thousandths(best[row] ?? 0)),\"limit\":\(Decimal.thousandths(limit(row))),\"ratio\":\(Decimal.thousandths(ratio(row)))}"
        }
        return "{\"libcrypto\":\"\(Self.escaped(libcrypto))\",\"rows\":[\n" + rows.joined(separator: ",\n") + "\n]}\n"
    }

    private static func escaped(_ text: String) -> String {
        String(text.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline })
    }
}
