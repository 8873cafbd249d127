import AWSEncryptionSDK
import ESDKSystem
import Glibc

/// Many messages under one keyring, by one task and by as many as there are cores.
struct TaskBench {
    private static let plaintextLength = 1024
    private static let messages = 100_000
    private static let suites = [AlgorithmSuite.aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA256]
    private static let directions = ["encrypt", "decrypt"]

    /// Seconds for all messages.
    private struct Seconds {
        var wall = Double.infinity
        var cpu = Double.infinity

        mutating func lower(to other: Seconds) { self = Seconds(wall: min(wall, other.wall), cpu: min(cpu, other.cpu)) }
    }

    private struct Row: Hashable {
        let suite: AlgorithmSuite
        let direction: String
        let isOurs: Bool

        var name: String { "\(suite.idText)   \(direction)   \(isOurs ? "esdk" : "libcrypto alone")" }
    }

    private let runs: Int
    private let wanted: String
    private let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    private let plaintext = Fixture.plaintext(Self.plaintextLength)

    init(_ options: BenchOptions) {
        runs = options.runs
        wanted = options.row ?? ""
    }

    /// Measures in turns and prints the best of each.
    @concurrent
    func run() async throws {
        print(
            """
            \(OpenSSLVersion.text)
            \(Self.messages) messages of \(Self.plaintextLength) bytes, one raw AES-256 keyring and one client; thousands of messages per \
            second of wall time,
            by one task and by \(cores), in turns; best of \(runs) rounds. It takes that many idle cores; the last column, CPU time of one
            task to that of several, shows without them what tasks cost each other. libcrypto alone: the same calls on threads.

            suite  operation                    one  several  ratio    CPU
            """
        )
        let rows = Self.suites.flatMap { suite in
            Self.directions.flatMap { direction in
                [true, false].map { Row(suite: suite, direction: direction, isOurs: $0) }
            }
        }.filter { wanted.isEmpty || $0.name.contains(wanted) }
        var best = Dictionary(uniqueKeysWithValues: rows.map { ($0, [Seconds(), Seconds()]) })
        for _ in 0..<runs {
            for row in rows {
                for (index, tasks) in [1, cores].enumerated() {
                    let seconds = try await row.isOurs ? measure(row, tasks: tasks) : measureLimit(row, threads: tasks)
                    best[row]?[index].lower(to: seconds)
                }
            }
        }
        for row in rows {
            guard let times = best[row] else { continue }
            let rates = times.map { Double(Self.messages) / 1000 / $0.wall }
            print(
                Text.left(row.name, 32) + Text.right("\(Int(rates[0]))", 7) + Text.right("\(Int(rates[1]))", 9)
                    + Text.right(Decimal.hundredths(rates[1] / rates[0]), 7)
                    + Text.right(Decimal.hundredths(times[0].cpu / times[1].cpu), 7)
            )
        }
    }

    private func measure(_ row: Row, tasks: Int) async throws -> Seconds {
        let fixture = try Fixture(row.suite)
        let message = try await fixture.encrypt(plaintext)
        let plaintext = plaintext
        let isEncrypting = row.direction == "encrypt"
        return try await Self.seconds {
            try await withThrowingTaskGroup { group in
                for _ in 0..<tasks {
                    group.addTask {
                        for _ in 0..<Self.messages / tasks {
                            if isEncrypting {
                                _ = try await fixture.encrypt(plaintext)
                            } else {
                                _ = try await fixture.client.decrypt(message, using: fixture.keyring)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private func measureLimit(_ row: Row, threads: Int) async throws -> Seconds {
        let failure = Guarded<BenchError?>(nil)
        let plaintext = plaintext
        let seconds = try await Self.seconds {
            await Lanes.runApart(threads) {
                do throws(BenchError) {
                    let limit = try SmallMessageLimit(row.suite, plaintext: plaintext)
                    let count = Self.messages / threads
                    try limit.encrypt(row.direction == "encrypt" ? count : 1)
                    if row.direction == "decrypt" { try limit.decrypt(count) }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return seconds
    }

    private static func seconds(_ body: () async throws -> Void) async throws -> Seconds {
        let clock = ContinuousClock()
        let (start, cpu) = (clock.now, CPUClock.seconds())
        try await body()
        return Seconds(wall: (clock.now - start) / .seconds(1), cpu: CPUClock.seconds() - cpu)
    }
}
