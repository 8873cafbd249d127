import AWSEncryptionSDK
import Glibc

/// One message on one thread and on several, in wall time.
struct LaneBench {
    private static let suites: [AlgorithmSuite] = [
        .aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA512CommitKeyECDSAP384,
    ]

    private let options: BenchOptions
    private let size: Int
    private let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    init(_ options: BenchOptions) {
        self.options = options
        size = options.size ?? 64 << 20
    }

    /// Measures in turns and prints the best of each.
    func run() async throws {
        print(
            """
            \(OpenSSLVersion.text)
            \(size) bytes in memory into an array whose storage is used again; MB (10^6 bytes) per second of wall time, on one thread and on
            \(cores), in turns; best of \(options.runs) rounds. It takes that many idle cores. C: libcrypto alone on as many threads, which share the
            frames; of a signed message one of them hashes.

            suite  operation      frame      one  several  ratio    C one  C several  C ratio
            """
        )
        let plaintext = Fixture.plaintext(size)
        for suite in Self.suites {
            let fixture = try Fixture(suite)
            let several = try EncryptionSDK(
                commitmentPolicy: fixture.client.commitmentPolicy,
                parallelism: cores
            )
            for frameLength in [4096, 65_536] where "\(suite.idText) \(frameLength)".contains(options.row ?? "") {
                var message: [UInt8] = []
                var output: [UInt8] = []
                let limit = LaneLimit(suite, frameLength: frameLength, size: size)
                var best: [String: [Double]] = [:]
                for _ in 0..<options.runs {
                    for (index, client) in [fixture.client, several].enumerated() {
                        let encryption = try await time {
                            _ = try await client.encrypt(
                                plaintext,
                                into: &message,
                                using: fixture.keyring,
                                algorithmSuite: suite,
                                frameLength: frameLength
                            )
                        }
                        let decryption = try await time {
                            _ = try await client.decrypt(message, into: &output, using: fixture.keyring)
                        }
                        let verification = try await time {
                            try await client.verify(message, using: fixture.keyring)
                        }
                        let threads = index == 0 ? 1 : cores
                        let sealing = try await time { try limit.encrypt(plaintext, threads: threads) }
                        let opening = try await time { try limit.decrypt(plaintext, threads: threads) }
                        for (operation, ours, theirs) in [
                            ("encrypt", encryption, sealing), ("decrypt", decryption, opening),
                            ("verify", verification, opening),
                        ] {
                            best[operation, default: [0, 0, 0, 0]][index].raise(to: ours)
                            best[operation, default: [0, 0, 0, 0]][index + 2].raise(to: theirs)
                        }
                    }
                }
                for operation in ["encrypt", "decrypt", "verify"] {
                    guard let rates = best[operation] else { continue }
                    print(
                        "\(suite.idText)   \(Text.left(operation, 7))\(Text.right("\(frameLength)", 13))\(Text.right("\(Int(rates[0]))", 9))"
                            + Text.right("\(Int(rates[1]))", 9) + Text.right(Decimal.hundredths(rates[1] / rates[0]), 7)
                            + Text.right("\(Int(rates[2]))", 9) + Text.right("\(Int(rates[3]))", 11)
                            + Text.right(Decimal.hundredths(rates[3] / rates[2]), 9)
                    )
                }
            }
        }
    }

    /// MB per second of wall time.
    private func time(_ body: () async throws -> Void) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try await body()
        return Double(size) / 1e6 / ((clock.now - start) / .seconds(1))
    }
}

extension Double {
    fileprivate mutating func raise(to value: Double) { self = max(self, value) }
}
