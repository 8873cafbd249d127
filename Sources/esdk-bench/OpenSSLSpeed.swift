/// The `openssl speed` of this machine: what the algorithms alone can do.
enum OpenSSLSpeed {
    /// The throughput of one algorithm on blocks of one length, measured for a second of CPU time.
    ///
    /// - Returns: 10^6 bytes per CPU second.
    static func measure(_ algorithm: String, blockLength: Int) throws(BenchError) -> Double {
        let arguments = ["speed", "-mr", "-seconds", "1", "-evp", algorithm, "-bytes", "\(blockLength)"]
        let output = try ChildProcess.run("openssl", arguments).output
        // A machine-readable line of results: +F:number:name:bytes per second.
        for line in output.split(separator: "\n") where line.hasPrefix("+F:") {
            if let rate = line.split(separator: ":").last.flatMap({ Double($0) }) { return rate / 1e6 }
        }
        throw BenchError("openssl speed printed no result for \(algorithm)")
    }

    /// The version of the command, which need not be that of the library that this program runs with.
    static func version() throws(BenchError) -> String {
        String(try ChildProcess.run("openssl", ["version"]).output.prefix { $0 != "\n" })
    }
}
