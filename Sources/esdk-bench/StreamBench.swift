import AWSEncryptionSDK
import Glibc

/// The peak memory of encrypting and decrypting a file.
struct StreamBench {
    private static let frameLength = 1 << 20
    private static let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey

    private let size: Int

    init(_ options: BenchOptions) { size = options.size ?? 1 << 30 }

    /// Makes a file, runs each step in a fresh process, prints their peaks, and removes the files.
    func run() throws {
        let directory = try Self.temporaryDirectory()
        let plain = "\(directory)/plain"
        let message = "\(directory)/message"
        let decrypted = "\(directory)/decrypted"
        defer {
            for path in [plain, message, decrypted] { unsafe unlink(path) }
            unsafe rmdir(directory)
        }
        try Self.makeSparseFile(plain, size: size)
        let program = "/proc/self/exe"
        let encryption = try MeasuredRun(program, [StreamStep.encryptFile.rawValue, plain, message])
        let decryption = try MeasuredRun(program, [StreamStep.decryptFile.rawValue, message, decrypted])
        print(
            """
            \(Self.suite.idText), frames of \(Self.frameLength) bytes, a file of \(size) bytes, each step in a fresh process
            encrypt: \(description(of: encryption))
            decrypt: \(description(of: decryption))
            """
        )
    }

    /// One step, in the process that is measured.
    static func perform(_ step: StreamStep, _ options: BenchOptions) async throws {
        guard options.paths.count == 2 else { throw BenchError("\(step.rawValue) takes two files", isUsage: true) }
        let fixture = try Fixture(suite)
        switch step {
        case .encryptFile:
            try await fixture.client.encryptFile(
                options.paths[0],
                to: options.paths[1],
                using: fixture.keyring,
                algorithmSuite: suite,
                frameLength: frameLength
            )
        case .decryptFile:
            try await fixture.client.decryptFile(options.paths[0], to: options.paths[1], using: fixture.keyring)
        }
    }

    private static func temporaryDirectory() throws(BenchError) -> String {
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/esdk-bench-XXXXXX".utf8CString)
        let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return false }
            return unsafe mkdtemp(start) != nil
        }
        guard isMade else { throw BenchError("no temporary directory in \(parent)") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// A file of zeros that takes no room on the disk.
    private static func makeSparseFile(_ path: String, size: Int) throws(BenchError) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BenchError("cannot make \(path)") }
        defer { close(file) }
        guard ftruncate(file, size) == 0 else { throw BenchError("cannot make \(path) of \(size) bytes") }
    }

    private func description(of outcome: MeasuredRun) -> String {
        let peak = outcome.peakResidentBytes
        let tenths = peak * 10 / (1 << 20)
        let rate = Int(Double(size) / 1e6 / outcome.cpuSeconds)
        return
            "peak resident \(peak) bytes (\(tenths / 10).\(tenths % 10) MiB), \(rate) MB per CPU second, file access included"
    }
}

/// What the measurement of streams does in separate processes, so that each has its own peak.
enum StreamStep: String {
    case encryptFile = "stream-step-encrypt"
    case decryptFile = "stream-step-decrypt"
}
