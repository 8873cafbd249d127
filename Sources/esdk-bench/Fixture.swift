import AWSEncryptionSDK
import Glibc

/// What all measurements share: a keyring, one pair of encryption context, a client for each suite.
struct Fixture {
    let client: EncryptionSDK
    let keyring: any Keyring
    let suite: AlgorithmSuite
    let context: EncryptionContext = ["purpose": "measurement"]

    /// A fixture over a keyring.
    ///
    /// - Parameters:
    ///   - suite: the algorithm suite.
    ///   - keyring: a raw AES keyring when it is nil.
    init(_ suite: AlgorithmSuite, keyring: (any Keyring)? = nil) throws {
        client = try EncryptionSDK(
            commitmentPolicy: suite.isCommitting ? .requireEncryptRequireDecrypt : .forbidEncryptAllowDecrypt
        )
        self.keyring = try keyring ?? Self.rawAESKeyring()
        self.suite = suite
    }

    private static func rawAESKeyring() throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "bench",
            keyName: "aes-256",
            wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
    }

    /// A message.
    func encrypt(_ plaintext: [UInt8]) async throws -> [UInt8] {
        try await client.encrypt(plaintext, using: keyring, encryptionContext: context, algorithmSuite: suite)
            .ciphertext
    }

    /// Bytes that are not all alike.
    static func plaintext(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return [UInt8](capacity: count) { output in
            for _ in 0..<count {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                output.append(UInt8(truncatingIfNeeded: state >> 56))
            }
        }
    }
}

/// What is measured: one call on arrays in memory.
enum Operation: String, CaseIterable {
    /// Into an array whose storage is used again.
    case decrypt
    /// Into an array whose storage is used again.
    case encrypt
    /// Into a new array, for which the system clears fresh memory.
    case decryptNewArray = "decrypt-new-array"
    /// Into a new array, for which the system clears fresh memory.
    case encryptNewArray = "encrypt-new-array"
}

/// CPU time of this process, user and system, on all cores.
enum CPUClock {
    /// The seconds used so far.
    static func seconds() -> Double {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage)
    }

    /// User and system time together.
    static func seconds(_ usage: rusage) -> Double { seconds(usage.ru_utime) + seconds(usage.ru_stime) }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

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
