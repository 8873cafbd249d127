import AWSEncryptionSDK

/// What one small message costs.
struct SmallMessageBench {
    private static let plaintextLength = 100
    private static let messages = 5000
    private static let suites = [AlgorithmSuite.aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA256]

    private let batches: Int
    private let row: String

    init(_ options: BenchOptions) {
        batches = options.runs * 4
        row = options.row ?? ""
    }

    /// Measures batches of messages and prints the best, once from the main actor and once from none.
    @MainActor
    func run() async throws {
        print(
            """
            \(Self.plaintextLength) bytes, raw AES-256 keyring, one pair of context; CPU time in µs, best of \(batches) × \
            \(Self.messages) messages

            suite  caller          encrypt  decrypt     both
            """
        )
        for suite in Self.suites {
            try await measure(suite, from: "main actor")
            try await measureElsewhere(suite)
        }
    }

    @concurrent
    private func measureElsewhere(_ suite: AlgorithmSuite) async throws { try await measure(suite, from: "no actor") }

    private func measure(_ suite: AlgorithmSuite, from caller: String) async throws {
        let name = "\(suite.idText)   \(Text.left(caller, 12))"
        guard row.isEmpty || name.contains(row) else { return }
        let fixture = try Fixture(suite)
        let plaintext = Fixture.plaintext(Self.plaintextLength)
        var cost = PairCost()
        for _ in 0..<batches {
            var message: [UInt8] = []
            let encryption = try await PairCost.microseconds(calls: Self.messages) {
                for _ in 0..<Self.messages { message = try await fixture.encrypt(plaintext) }
            }
            let decryption = try await PairCost.microseconds(calls: Self.messages) {
                for _ in 0..<Self.messages {
                    let result = try await fixture.client.decrypt(message, using: fixture.keyring)
                    guard result.plaintext.count == Self.plaintextLength else {
                        throw BenchError("decrypted too little")
                    }
                }
            }
            cost.record(encryption, decryption)
        }
        let (encryption, decryption) = cost.best
        print(
            name + Text.right(Decimal.tenths(encryption), 11) + Text.right(Decimal.tenths(decryption), 9)
                + Text.right(Decimal.tenths(encryption + decryption), 9)
        )
    }
}
