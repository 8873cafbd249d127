import AWSEncryptionSDK
import Glibc

/// Throughput beside what libcrypto alone does over the same memory.
struct ThroughputBench {
    private static let suites: [AlgorithmSuite] = [
        .aes128GCM, .aes256GCMHKDFSHA256, .aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA512CommitKeyECDSAP384,
    ]
    private static let frameLengths = [64, 256, 1024, 4096, 65536, 1 << 20]
    /// How often each round repeats each operation; the machine may be disturbed at any one time.
    private static let repetitions = 3

    private let options: BenchOptions
    private let size: Int
    private let wanted: String

    init(_ options: BenchOptions) {
        self.options = options
        size = options.size ?? 64 << 20
        wanted = options.row ?? ""
    }

    /// Measures everything round by round, in turns with libcrypto alone, and prints the best of each.
    ///
    /// Called from no actor, so that one thread does everything: a caller on the main actor has its memory touched by one thread and freed
    /// by another. New memory is as fast as what the system finds for it, which in a virtual machine varies much from one moment to the next.
    @concurrent
    func run() async throws {
        // A path that cannot be written should not cost minutes first.
        if let path = options.jsonPath { try OutputFile.write("", to: path) }
        var table = ThroughputTable(
            libcrypto: OpenSSLVersion.text,
            size: size,
            runs: options.runs
        )
        let plaintext = Fixture.plaintext(size)
        for round in 1...options.runs {
            for frameLength in Self.frameLengths {
                for suite in Self.suites where "\(suite.idText) \(frameLength)".contains(wanted) {
                    ErrorOutput.write("round \(round) of \(options.runs): \(suite.idText), frames of \(frameLength)\n")
                    let fixture = try Fixture(suite)
                    try await measure(fixture, plaintext: plaintext, frameLength: frameLength, &table)
                }
            }
        }
        print(table.text)
        if let path = options.jsonPath { try OutputFile.write(table.json, to: path) }
    }

    private func measure(
        _ fixture: Fixture,
        plaintext: [UInt8],
        frameLength: Int,
        _ table: inout ThroughputTable
    ) async throws {
        var limit = try LibcryptoLimit(fixture.suite, frameLength: frameLength, size: plaintext.count)
        var message: [UInt8] = []
        var output: [UInt8] = []
        try await encrypt(plaintext, into: &message, fixture, frameLength)
        _ = try limit.measure(.encrypt, plaintext)
        for operation in options.operations {
            for _ in 0..<Self.repetitions {
                let start = CPUClock.seconds()
                switch operation {
                case .decrypt: try await decrypt(message, into: &output, fixture)
                case .encrypt: try await encrypt(plaintext, into: &output, fixture, frameLength)
                case .decryptNewArray: output = try await decrypt(message, fixture).plaintext
                case .encryptNewArray: output = try await encrypt(plaintext, fixture, frameLength).ciphertext
                }
                let seconds = CPUClock.seconds() - start
                guard output.count >= plaintext.count else { throw BenchError("\(operation) gave too little") }
                table.record(
                    Double(plaintext.count) / 1e6 / seconds,
                    limit: try limit.measure(operation, plaintext),
                    suite: fixture.suite,
                    frameLength: frameLength,
                    operation: operation
                )
            }
        }
    }

    private func encrypt(
        _ plaintext: [UInt8],
        into output: inout [UInt8],
        _ fixture: Fixture,
        _ frameLength: Int
    ) async throws {
        _ = try await fixture.client.encrypt(
            plaintext,
            into: &output,
            using: fixture.keyring,
            encryptionContext: fixture.context,
            algorithmSuite: fixture.suite,
            frameLength: frameLength
        )
    }

    private func decrypt(_ message: [UInt8], into output: inout [UInt8], _ fixture: Fixture) async throws {
        _ = try await fixture.client.decrypt(
            message,
            into: &output,
            using: fixture.keyring,
            encryptionContext: fixture.context
        )
    }

    private func encrypt(_ plaintext: [UInt8], _ fixture: Fixture, _ frameLength: Int) async throws -> EncryptionResult
    {
        try await fixture.client.encrypt(
            plaintext,
            using: fixture.keyring,
            encryptionContext: fixture.context,
            algorithmSuite: fixture.suite,
            frameLength: frameLength
        )
    }

    private func decrypt(_ message: [UInt8], _ fixture: Fixture) async throws -> DecryptionResult {
        try await fixture.client.decrypt(message, using: fixture.keyring, encryptionContext: fixture.context)
    }
}
