import AWSEncryptionSDK

/// What one small message costs under keyrings that make the most of a call to AWS, beside a raw AES keyring.
struct KeyringBench {
    private static let plaintextLength = 100
    private static let messages = 2000
    /// ECDSA takes so long that fewer will do.
    private static let signedMessages = 100
    private static let tasks = 8
    private static let branchKeyID = "3f43a9af-08c5-4317-b694-3d3e883dcaef"
    private static let unsigned = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
    private static let signed = AlgorithmSuite.aes256GCMHKDFSHA512CommitKeyECDSAP384

    private struct Row {
        let name: String
        let suite: AlgorithmSuite?
        /// Encrypts and decrypts a batch; CPU microseconds for one call of each.
        let measure: () async throws -> (Double, Double)
    }

    private let batches: Int
    private let wanted: String
    private let plaintext = Fixture.plaintext(Self.plaintextLength)

    init(_ options: BenchOptions) {
        batches = options.runs * 4
        wanted = options.row ?? ""
    }

    /// Measures all rows batch by batch and prints them.
    @concurrent
    func run() async throws {
        let rows = try rows().filter { "\(($0.suite ?? Self.unsigned).idText) \($0.name)".contains(wanted) }
        var costs = rows.map { _ in PairCost() }
        for _ in 0...batches {
            for (index, row) in rows.enumerated() {
                let (encryption, decryption) = try await row.measure()
                costs[index].record(encryption, decryption)
            }
        }
        print(
            """
            \(Self.plaintextLength) bytes, one pair of context, warm caches; CPU microseconds for a call, user and system, best of
            \(batches + 1) interleaved batches of \(Self.messages) (signed: \(Self.signedMessages)), and the median of both together; ratio to \
            the raw AES keyring of
            the suite. libcrypto: \(OpenSSLVersion.text)

            suite  keyring                                  encrypt  decrypt     both   median  ratio
            """
        )
        for (row, cost) in zip(rows, costs) {
            let both = cost.best.first + cost.best.second
            let suite = row.suite ?? Self.unsigned
            let peer = zip(rows, costs).first { $0.0.suite == suite }?.1.best ?? cost.best
            print(
                "\(suite.idText)   \(Text.left(row.name, 38))" + Text.right(Decimal.tenths(cost.best.first), 9)
                    + Text.right(Decimal.tenths(cost.best.second), 9) + Text.right(Decimal.tenths(both), 9)
                    + Text.right(Decimal.tenths(cost.median), 9)
                    + Text.right(Decimal.hundredths(both / (peer.first + peer.second)), 7)
            )
        }
    }

    private func rows() throws -> [Row] {
        let hierarchical = try keyring(.default())
        let storm = try StormTrackingSettings()
        let shared = try LocalCryptographicMaterialsCache(entryCapacity: 1000)
        let kms = try AWSKMSKeyring(kmsKeyID: InProcessKMS.keyARN, kmsClient: InProcessKMS())
        return [
            floor(),
            try row("raw AES-256", Self.unsigned, nil),
            try row("hierarchical, default cache", Self.unsigned, hierarchical),
            try row("hierarchical, \(Self.tasks) tasks at once", Self.unsigned, hierarchical, tasks: Self.tasks),
            try row("hierarchical, single-threaded", Self.unsigned, keyring(.singleThreaded(entryCapacity: 1000))),
            try row("hierarchical, multi-threaded", Self.unsigned, keyring(.multiThreaded(entryCapacity: 1000))),
            try row("hierarchical, storm-tracking", Self.unsigned, keyring(.stormTracking(storm))),
            try row("hierarchical, shared", Self.unsigned, keyring(.shared(shared))),
            try row("AWS KMS, answered in the process", Self.unsigned, kms),
            try row("raw AES-256", Self.signed, nil),
            try row("hierarchical, default cache", Self.signed, hierarchical),
            try row("AWS KMS, answered in the process", Self.signed, kms),
        ]
    }

    private func keyring(_ cache: CacheType) throws -> HierarchicalKeyring {
        let key = try BranchKeyMaterials(
            branchKeyID: Self.branchKeyID,
            version: "9ee3b5ad-0e9f-4a6c-a2a6-d0b7bcf4b8a5",
            branchKey: SecretBytes([UInt8](repeating: 5, count: BranchKeyMaterials.keyLength))
        )
        return try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore([key]),
            branchKeyID: Self.branchKeyID,
            timeToLive: .seconds(3600),
            cache: cache
        )
    }

    /// The cryptography alone.
    private func floor() -> Row {
        let floor = CryptographyFloor(plaintext: plaintext)
        let plaintext = plaintext
        return Row(name: "hierarchical, the cryptography alone", suite: nil) {
            var sealed = CryptographyFloor.Sealed()
            let encryption = try await PairCost.microseconds(calls: Self.messages) {
                for _ in 0..<Self.messages { sealed = try floor.encrypt() }
            }
            let decryption = try await PairCost.microseconds(calls: Self.messages) {
                for _ in 0..<Self.messages {
                    guard try floor.decrypt(sealed) == plaintext else { throw BenchError("decrypted something else") }
                }
            }
            return (encryption, decryption)
        }
    }

    private func row(
        _ name: String,
        _ suite: AlgorithmSuite,
        _ keyring: (any Keyring)?,
        tasks: Int = 1
    ) throws -> Row {
        let fixture = try Fixture(suite, keyring: keyring)
        let plaintext = plaintext
        let messages = suite == Self.signed ? Self.signedMessages : Self.messages
        return Row(name: name, suite: suite) {
            let message = try await fixture.encrypt(plaintext)
            let encryption = try await PairCost.microseconds(calls: messages) {
                try await Self.run(messages, tasks: tasks) { _ = try await fixture.encrypt(plaintext) }
            }
            let decryption = try await PairCost.microseconds(calls: messages) {
                try await Self.run(messages, tasks: tasks) {
                    guard try await fixture.client.decrypt(message, using: fixture.keyring).plaintext == plaintext
                    else {
                        throw BenchError("decrypted something else")
                    }
                }
            }
            return (encryption, decryption)
        }
    }

    /// Calls `body` so many times, shared among tasks.
    private static func run(
        _ count: Int,
        tasks: Int,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard tasks > 1 else {
            for _ in 0..<count { try await body() }
            return
        }
        try await withThrowingTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask { for _ in 0..<count / tasks { try await body() } }
            }
            try await group.waitForAll()
        }
    }
}
