import AWSEncryptionSDK
import AWSMaterialProviders

/// Gets what a test needs before its message can be decrypted.
struct TestPreparation: Sendable {
    /// The largest message or plaintext that is read, in bytes: it is held in memory, several times and for several
    /// tests at once.
    static let largestFile = 1 << 30

    private let keys: KeyTable
    private let folder: VectorFolder
    private let builder: KeyringBuilder

    /// Gets what the tests of a set need.
    ///
    /// - Parameters:
    ///   - keys: the keys of the set.
    ///   - folder: the folder of the set.
    ///   - cache: keys that have been parsed.
    ///   - aws: what key descriptions of AWS KMS run against; nil to do without them.
    init(keys: KeyTable, folder: VectorFolder, cache: KeyCache, aws: AWSServices?) {
        self.keys = keys
        self.folder = folder
        builder = KeyringBuilder(keys: keys, cache: cache, aws: aws)
    }

    /// The result of a test of this set.
    ///
    /// - Parameter message: the fields of its message, for a failure.
    func result(
        of test: DecryptTest,
        suite: String?,
        _ verdict: Verdict,
        cases: [CaseResult],
        message: [DissectedField] = []
    ) -> TestResult {
        TestResult(
            id: test.id,
            description: test.description,
            status: verdict.status,
            suite: suite,
            keyring: test.keys?.summary(keys: keys),
            cases: cases,
            reason: verdict.reason,
            failure: verdict.failure,
            keyDescription: verdict.status == .passed && message.isEmpty ? nil : test.writtenKeys?.text,
            message: message
        )
    }

    /// Whether a result shows the fields of its message: every failure up to a number, and in a small run every test.
    ///
    /// The fields of a message take some kilobytes, those of twenty thousand messages a hundred megabytes.
    func dissects(_ verdict: Verdict, _ options: RunOptions) -> Bool {
        guard verdict.status == .failed || options.dissectsEveryMessage else { return false }
        return dissections.withLock { left in
            left -= 1
            return left >= 0
        }
    }

    private let dissections = Guarded(1000)

    func instructions(of test: DecryptTest) throws(Verdict) -> DecryptInstructions {
        switch test.content {
        case .success(let instructions): return instructions
        case .failure(let problem):
            throw problem.code == .unsupported ? .skipped(problem.reason) : .failed(.brokenSet, problem.reason)
        }
    }

    func message(of instructions: DecryptInstructions) throws(Verdict) -> [UInt8] {
        do {
            return try folder.read(instructions.ciphertext, limit: Self.largestFile)
        } catch {
            throw .unreadable("ciphertext", error)
        }
    }

    /// What the key description of a test comes to.
    func keyringUse(for instructions: DecryptInstructions) -> KeyringUse { builder.keyring(for: instructions.keyring) }

    /// What the message of a test is decrypted with, and why other keyrings were left out of it.
    ///
    /// - Throws: a verdict when there is nothing to decrypt with. The test passes when it expects a refusal and makes its
    ///   own key identifier invalid.
    func keyring(
        for instructions: DecryptInstructions
    ) throws(Verdict) -> (keyring: any Keyring, leftOut: [String]) {
        switch keyringUse(for: instructions) {
        case .usable(let keyring, let leftOut): return (keyring, leftOut)
        case .opensNothing(_, let reason), .unavailable(let reason): throw .skipped(reason)
        case .broken(let reason): throw .failed(.brokenSet, reason)
        case .invalid(let error):
            guard case .refusal = instructions.expected else {
                throw .failed(.refused, "no keyring can be made: \(error)")
            }
            throw Verdict(status: .passed, reason: "refused: no keyring can be made: \(error)")
        }
    }

    /// The materials manager that the test asks for, over `keyring`.
    func materialsManager(
        for instructions: DecryptInstructions,
        keyring: any Keyring
    ) throws(Verdict) -> any CryptographicMaterialsManager {
        let required = instructions.requiredContextKeys.map { String(decoding: $0, as: UTF8.self) }
        guard !required.isEmpty else { return DefaultCMM(keyring: keyring) }
        do {
            return try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: required, underlying: keyring)
        } catch {
            throw .failed(.brokenSet, "\(error)")
        }
    }

    /// The encryption context that is passed to decryption.
    func suppliedContext(of instructions: DecryptInstructions) throws(Verdict) -> EncryptionContext {
        let pairs = instructions.suppliedContext?.pairs ?? []
        do {
            return try EncryptionContext(
                entries: pairs.map { EncryptionContext.Entry(keyBytes: $0.key, valueBytes: $0.value) }
            )
        } catch {
            throw .failed(.brokenSet, "encryption context: \(error)")
        }
    }

    /// A message with all that its test decrypts it with.
    func attempt(
        _ message: [UInt8],
        _ instructions: DecryptInstructions,
        keyring: any Keyring,
        options: RunOptions,
        seed: UInt64
    ) throws(Verdict) -> DecryptAttempt {
        let materialsManager = try materialsManager(for: instructions, keyring: keyring)
        let context = try suppliedContext(of: instructions)
        do {
            return try DecryptAttempt(
                message: message,
                materialsManager: materialsManager,
                context: context,
                options: options,
                seed: seed
            )
        } catch {
            throw .failed(.harnessError, "\(error)")
        }
    }

    /// The suite that the bytes of a message name: nothing about them has been checked.
    static func suite(in message: [UInt8]) -> AlgorithmSuite? {
        guard message.count >= 4, 1...2 ~= message[0] else { return nil }
        let offset = message[0] == 1 ? 2 : 1
        let id = UInt16(message[offset]) << 8 | UInt16(message[offset + 1])
        return try? AlgorithmSuite(id: id)
    }
}

extension Verdict {
    /// A file that cannot be read breaks the set; one that is only too large hits a limit of the harness.
    static func unreadable(_ what: String, _ error: VectorError) -> Self {
        error.code == .tooLarge ? .skipped("\(what): \(error)") : .failed(.brokenSet, "\(what): \(error)")
    }
}
