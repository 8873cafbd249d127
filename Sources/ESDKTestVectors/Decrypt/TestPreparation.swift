import AWSEncryptionSDK
import AWSMaterialProviders

/// Gets what a test needs before its message can be decrypted.
struct TestPreparation: Sendable {
    /// Why a test ends before decryption is tried.
    struct Verdict: Error {
        let status: TestStatus
        let reason: String
        var failure: FailureKind?

        static func skipped(_ reason: String) -> Verdict { Verdict(status: .skipped, reason: reason) }
        static func broken(_ reason: String) -> Verdict {
            Verdict(status: .failed, reason: reason, failure: .brokenSet)
        }
        /// A file that cannot be read breaks the set; one that is merely too large is a limit of ours.
        static func unreadable(_ what: String, _ error: VectorFileError) -> Verdict {
            error.code == .tooLarge ? .skipped("\(what): \(error)") : .broken("\(what): \(error)")
        }
    }

    /// What a test is decrypted with.
    enum KeyringChoice {
        /// A keyring, and why others were left out of it.
        case ready(any Keyring, leftOut: [String])
        /// Nothing: the test makes its own key identifier invalid, and is to be refused.
        case refused(EncryptionSDKError)
    }

    /// The largest message or plaintext that is read, in bytes: it is held in memory, several times and for several
    /// tests at once.
    static let largestFile = 1 << 30

    private let set: VectorSet
    private let builder: KeyringBuilder

    init(set: VectorSet, cache: KeyCache, aws: AWSServices? = nil) {
        self.set = set
        builder = KeyringBuilder(keys: set.keys, cache: cache, aws: aws)
    }

    /// The result of a test of this set.
    func result(
        of test: DecryptTest,
        suite: String?,
        _ status: TestStatus,
        _ reason: String?,
        failure: FailureKind?,
        cases: [CaseResult]
    ) -> TestResult {
        TestResult(
            id: test.id,
            description: test.description,
            status: status,
            suite: suite,
            keyring: test.keys?.summary(keys: set.keys),
            cases: cases,
            reason: reason,
            failure: failure
        )
    }

    func instructions(of test: DecryptTest) throws(Verdict) -> DecryptInstructions {
        switch test.content {
        case .success(let instructions): return instructions
        case .failure(let problem):
            switch problem.verdict {
            case .fails: throw .broken(problem.reason)
            case .skipped: throw .skipped(problem.reason)
            }
        }
    }

    func message(of instructions: DecryptInstructions) throws(Verdict) -> [UInt8] {
        do {
            return try set.folder.read(instructions.ciphertext, limit: Self.largestFile)
        } catch {
            throw .unreadable("ciphertext", error)
        }
    }

    func keyring(for instructions: DecryptInstructions) throws(Verdict) -> KeyringChoice {
        switch builder.keyring(for: instructions.keyring) {
        case .usable(let keyring, let leftOut):
            return .ready(keyring, leftOut: leftOut)
        case .opensNothing(_, let reason), .unavailable(let reason):
            throw .skipped(reason)
        case .broken(let reason):
            throw .broken(reason)
        case .invalid(let error):
            guard case .refusal = instructions.expected else {
                throw Verdict(status: .failed, reason: "no keyring can be made: \(error)", failure: .refused)
            }
            return .refused(error)
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
            return try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: required, keyring: keyring)
        } catch {
            throw .broken("\(error)")
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
            throw .broken("encryption context: \(error)")
        }
    }

    /// The suite that the bytes of a message name, for reports: nothing about them has been checked.
    static func suite(in message: [UInt8]) -> String? {
        guard message.count >= 4, 1...2 ~= message[0] else { return nil }
        let offset = message[0] == 1 ? 2 : 1
        let id = UInt16(message[offset]) << 8 | UInt16(message[offset + 1])
        return (try? AlgorithmSuite(id: id))?.description
    }
}
