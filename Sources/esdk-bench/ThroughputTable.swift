import AWSEncryptionSDK

/// The best throughput of each row, and what the algorithms alone reach.
struct ThroughputTable {
    private struct Row: Hashable {
        let suite: AlgorithmSuite
        let frameLength: Int
        let operation: Operation
    }

    private let libcrypto: String
    private let command: String
    private let size: Int
    private let runs: Int
    private var order: [Row] = []
    /// 10^6 bytes per CPU second.
    private var best: [Row: Double] = [:]
    private var baselines: [Int: [String: Double]] = [:]

    init(libcrypto: String, command: String, size: Int, runs: Int) {
        self.libcrypto = libcrypto
        self.command = command
        self.size = size
        self.runs = runs
    }

    /// The algorithms that work on every byte of a message of this suite, as `openssl speed` names them.
    static func baselines(of suite: AlgorithmSuite) -> [String] {
        let cipher = suite.dataKeyLength == 16 ? "aes-128-gcm" : "aes-256-gcm"
        switch suite.signature?.hash {
        case nil: return [cipher]
        case .sha256: return [cipher, "sha256"]
        default: return [cipher, "sha384"]
        }
    }

    mutating func record(_ rate: Double, suite: AlgorithmSuite, frameLength: Int, operation: Operation) {
        let row = Row(suite: suite, frameLength: frameLength, operation: operation)
        if best[row] == nil { order.append(row) }
        best[row] = max(best[row] ?? 0, rate)
    }

    mutating func recordBaseline(_ rate: Double, algorithm: String, frameLength: Int) {
        let known = baselines[frameLength]?[algorithm] ?? 0
        baselines[frameLength, default: [:]][algorithm] = max(known, rate)
    }

    /// What is possible with all algorithms of a suite one after the other, in 10^6 bytes per CPU second.
    private func limit(_ row: Row) -> Double {
        let rates = Self.baselines(of: row.suite).map { baselines[row.frameLength]?[$0] ?? 0 }
        return 1 / rates.reduce(0) { $0 + 1 / $1 }
    }

    private func ratio(_ row: Row) -> Double { (best[row] ?? 0) / limit(row) }

    var text: String {
        var lines = [
            "libcrypto of this program: \(libcrypto)",
            "libcrypto of openssl speed: \(command)",
            "\(size) bytes, one call of encrypt or decrypt on arrays in memory; MB (10^6 bytes) per CPU second,",
            "user and system; best of \(runs) rounds. Into an array whose storage is used again, or into a new one, for",
            "which the system clears fresh memory. The limit is openssl speed in the same run, for 0578 AES-GCM and",
            "SHA-384 one after the other.",
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
                + "\"mb_per_cpu_second\":\(Decimal.thousandths(best[row] ?? 0)),\"ratio\":\(Decimal.thousandths(ratio(row)))}"
        }
        return "{\"libcrypto\":\"\(Self.escaped(libcrypto))\",\"rows\":[\n" + rows.joined(separator: ",\n") + "\n]}\n"
    }

    private static func escaped(_ text: String) -> String {
        String(text.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline })
    }
}

/// The `openssl speed` of this machine: what the algorithms alone can do.
enum OpenSSLSpeed {
    /// The throughput of one algorithm on blocks of one length, measured for a second of CPU time.
    ///
    /// - Returns: 10^6 bytes per CPU second.
    static func measure(_ algorithm: String, blockLength: Int) throws(BenchError) -> Double {
        let arguments = ["speed", "-mr", "-seconds", "1", "-evp", algorithm, "-bytes", "\(blockLength)"]
        let output = try MeasuredRun("openssl", arguments).output
        // A machine-readable line of results: +F:number:name:bytes per second.
        for line in output.split(separator: "\n") where line.hasPrefix("+F:") {
            if let rate = line.split(separator: ":").last.flatMap({ Double($0) }) { return rate / 1e6 }
        }
        throw BenchError("openssl speed printed no result for \(algorithm)")
    }

    /// The version of the command, which need not be that of the library that this program runs with.
    static func version() throws(BenchError) -> String {
        String(try MeasuredRun("openssl", ["version"]).output.prefix { $0 != "\n" })
    }
}
