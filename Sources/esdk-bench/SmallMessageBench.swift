import AWSEncryptionSDK

/// What one small message costs, beside libcrypto's part of it.
struct SmallMessageBench {
    private static let plaintextLength = 100
    private static let messages = 5000
    private static let suites = [AlgorithmSuite.aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA256]

    private let batches: Int
    private let wanted: String
    private let plaintext = Fixture.plaintext(Self.plaintextLength)

    init(_ options: BenchOptions) {
        batches = options.runs * 4
        wanted = options.row ?? ""
    }

    /// Measures batches of messages, each beside a batch of libcrypto's, and prints the best: called from the main actor and from none.
    @MainActor
    func run() async throws {
        print(
            """
            \(OpenSSLVersion.text)
            \(Self.plaintextLength) bytes, raw AES-256 keyring, one pair of context; CPU time in µs, best of \(batches) × \
            \(Self.messages) messages.
            libcrypto alone: the same calls in a loop as in C: random bytes, HKDF by one context, the data key's wrapping, header tag
            and frame.

            suite  caller          encrypt  decrypt     both  ratio
            """
        )
        for suite in Self.suites {
            let names = ["main actor", "no actor"].map { "\(suite.idText)   \(Text.left($0, 15))" }
            let areWanted = names.map { wanted.isEmpty || $0.contains(wanted) }
            guard areWanted.contains(true) else { continue }
            let fixture = try Fixture(suite)
            let limit = try SmallMessageLimit(suite, plaintext: plaintext)
            var floor = PairCost()
            var costs = names.map { _ in PairCost() }
            for _ in 0..<batches {
                try await measure(limit, &floor)
                if areWanted[0] { try await measure(fixture, &costs[0]) }
                if areWanted[1] { try await measureElsewhere(fixture, &costs[1]) }
            }
            printRow("\(suite.idText)   \(Text.left("libcrypto alone", 15))", floor, floor)
            for (name, cost) in zip(names, costs) where !cost.sums.isEmpty { printRow(name, cost, floor) }
        }
    }

    private func printRow(_ name: String, _ cost: PairCost, _ limit: PairCost) {
        let ((encryption, decryption), floor) = (cost.best, limit.best.first + limit.best.second)
        print(
            name + Text.right(Decimal.tenths(encryption), 8) + Text.right(Decimal.tenths(decryption), 9)
                + Text.right(Decimal.tenths(encryption + decryption), 9)
                + Text.right(Decimal.hundredths((encryption + decryption) / floor), 7)
        )
    }

    @concurrent
    private func measureElsewhere(_ fixture: Fixture, _ cost: inout PairCost) async throws {
        try await measure(fixture, &cost)
    }

    private func measure(_ fixture: Fixture, _ cost: inout PairCost) async throws {
        var message: [UInt8] = []
        let encryption = try await PairCost.microseconds(calls: Self.messages) {
            for _ in 0..<Self.messages { message = try await fixture.encrypt(plaintext) }
        }
        let decryption = try await PairCost.microseconds(calls: Self.messages) {
            for _ in 0..<Self.messages {
                let result = try await fixture.client.decrypt(message, using: fixture.keyring)
                guard result.plaintext.count == Self.plaintextLength else { throw BenchError("decrypted too little") }
            }
        }
        cost.record(encryption, decryption)
    }

    private func measure(_ limit: borrowing SmallMessageLimit, _ cost: inout PairCost) async throws {
        let start = CPUClock.seconds()
        try limit.encrypt(Self.messages)
        let middle = CPUClock.seconds()
        try limit.decrypt(Self.messages)
        let perCall = 1e6 / Double(Self.messages)
        cost.record((middle - start) * perCall, (CPUClock.seconds() - middle) * perCall)
    }
}
