import AWSEncryptionSDK

/// What one small message costs.
struct SmallMessageBench {
    private static let plaintextLength = 100
    private static let messages = 5000
    private static let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey

    private let batches: Int

    init(_ options: BenchOptions) { batches = options.runs * 4 }

    /// Measures batches of messages and prints the best.
    @concurrent
    func run() async throws {
        let fixture = try Fixture(Self.suite)
        let plaintext = Fixture.plaintext(Self.plaintextLength)
        var encryption = Double.infinity
        var decryption = Double.infinity
        for _ in 0..<batches {
            var message: [UInt8] = []
            encryption = min(
                encryption,
                try await Self.cost {
                    message = try await fixture.client.encrypt(
                        plaintext,
                        using: fixture.keyring,
                        encryptionContext: fixture.context,
                        algorithmSuite: Self.suite
                    ).ciphertext
                }
            )
            decryption = min(
                decryption,
                try await Self.cost {
                    let result = try await fixture.client.decrypt(message, using: fixture.keyring)
                    guard result.plaintext.count == Self.plaintextLength else {
                        throw BenchError("decrypted too little")
                    }
                }
            )
        }
        print(
            """
            \(Self.suite.idText), \(Self.plaintextLength) bytes, raw AES-256 keyring, one pair of context; CPU time, best of \(batches) × \
            \(Self.messages) messages
            encrypt \(Decimal.tenths(encryption)) µs
            decrypt \(Decimal.tenths(decryption)) µs
            encrypt + decrypt \(Decimal.tenths(encryption + decryption)) µs
            """
        )
    }

    /// Microseconds for one call.
    private static func cost(_ body: () async throws -> Void) async throws -> Double {
        let start = CPUClock.seconds()
        for _ in 0..<messages { try await body() }
        return (CPUClock.seconds() - start) / Double(messages) * 1e6
    }
}
