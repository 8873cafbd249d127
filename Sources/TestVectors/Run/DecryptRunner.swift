import AWSEncryptionSDK
import CryptoPrimitives
import MaterialProviders

/// Runs the tests of one set.
struct DecryptRunner: Sendable {
    private let set: VectorSet
    private let options: RunOptions
    private let builder: KeyringBuilder
    private let plaintexts: PlaintextCache

    init(set: VectorSet, options: RunOptions, cache: KeyCache) {
        self.set = set
        self.options = options
        builder = KeyringBuilder(keys: set.keys, cache: cache, aws: options.aws)
        plaintexts = PlaintextCache(folder: set.folder)
    }

    /// Why a test ends before decryption is tried.
    private struct Verdict: Error {
        let status: TestStatus
        let reason: String
        var failure: FailureKind?

        static func skipped(_ reason: String) -> Verdict { Verdict(status: .skipped, reason: reason) }
        static func broken(_ reason: String) -> Verdict {
            Verdict(status: .failed, reason: reason, failure: .brokenSet)
        }
    }

    func run(_ test: DecryptTest) async -> TestResult {
        var suite = test.declaredSuite.map(AlgorithmSuite.text(ofID:))
        func result(
            _ status: TestStatus,
            _ reason: String?,
            failure: FailureKind? = nil,
            cases: [CaseResult] = []
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
        do throws(Verdict) {
            let instructions = try instructions(of: test)
            let message = try read(instructions.ciphertext)
            suite = Self.suite(in: message) ?? suite
            let expected = try expectedPlaintext(instructions.expected)
            let materialsManager: any CryptographicMaterialsManager
            let leftOut: [String]
            switch try preparation(for: instructions) {
            case .refused(let error): return result(.passed, "refused: no keyring can be made: \(error)")
            case .ready(let manager, let reasons): (materialsManager, leftOut) = (manager, reasons)
            }
            let context = try Self.context(instructions.suppliedContext)
            let attempt: Attempt
            do {
                attempt = try Attempt(
                    message: message,
                    materialsManager: materialsManager,
                    context: context,
                    options: options,
                    seed: StableHash.of(test.id)
                )
            } catch {
                throw Verdict(status: .failed, reason: "\(error)", failure: .harnessError)
            }
            var cases: [CaseResult] = []
            var codes: Set<EncryptionSDKError.Code> = []
            var diagnostics: [MessageDiagnostic] = []
            for kind in DecryptCase.plan(instructions.method, messageLength: message.count) {
                let (outcome, found) = await attempt.decrypt(kind)
                if case .error(let error as EncryptionSDKError) = outcome {
                    codes.insert(error.code)
                    options.aws?.note(error)
                }
                diagnostics = found
                cases.append(Judge.judge(outcome, expecting: expected, named: kind.name))
            }
            let isUndecided = !leftOut.isEmpty && codes.contains(.noDataKey)
            let notTried = isUndecided ? "\nnot tried: \(leftOut.joined(separator: "; "))" : ""
            if let failed = cases.first(where: { $0.status == .failed }) {
                return result(
                    .failed,
                    "\(failed.name): \(failed.reason ?? "failed")\(notTried)",
                    failure: failed.failure,
                    cases: cases
                )
            }
            if let skipped = cases.first(where: { $0.status == .skipped }) {
                return result(.skipped, skipped.reason, cases: cases)
            }
            guard codes.count <= 1 else {
                let names = codes.map(\.name).sorted().joined(separator: ", ")
                return result(
                    .failed,
                    "the cases refuse for different reasons: \(names)",
                    failure: .disagreement,
                    cases: cases
                )
            }
            if isUndecided {
                // A keyring that is left out might have opened it: the refusal would be an empty one.
                return result(.skipped, "refused for want of keys\(notTried)", cases: cases)
            }
            let notes = diagnostics.map(\.rawValue).joined(separator: ", ")
            return result(.passed, notes.isEmpty ? nil : notes, cases: cases)
        } catch {
            return result(error.status, error.reason, failure: error.failure)
        }
    }

    // MARK: - What a test needs

    private func instructions(of test: DecryptTest) throws(Verdict) -> DecryptInstructions {
        switch test.content {
        case .success(let instructions): return instructions
        case .failure(let problem):
            switch problem.verdict {
            case .fails: throw .broken(problem.reason)
            case .skipped: throw .skipped(problem.reason)
            }
        }
    }

    private func read(_ resource: VectorResource) throws(Verdict) -> [UInt8] {
        do { return try set.folder.read(resource) } catch { throw .broken("ciphertext: \(error)") }
    }

    /// The plaintext that must come of the test, or nil for a refusal.
    private func expectedPlaintext(_ expected: ExpectedResult) throws(Verdict) -> [UInt8]? {
        guard case .plaintext(let resource) = expected else { return nil }
        do { return try plaintexts.bytes(of: resource) } catch { throw .broken("plaintext: \(error)") }
    }

    /// What a test is decrypted with.
    private enum Preparation {
        /// A materials manager, and why keyrings were left out of it.
        case ready(any CryptographicMaterialsManager, leftOut: [String])
        /// Nothing: the test makes its own key identifier invalid, and is to be refused.
        case refused(EncryptionSDKError)
    }

    private func preparation(for instructions: DecryptInstructions) throws(Verdict) -> Preparation {
        let keyring: any Keyring
        let leftOut: [String]
        switch builder.keyring(for: instructions.keyring) {
        case .usable(let usable, let reasons):
            (keyring, leftOut) = (usable, reasons)
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
        let required = instructions.requiredContextKeys.map { String(decoding: $0, as: UTF8.self) }
        do {
            guard !required.isEmpty else { return .ready(DefaultCMM(keyring: keyring), leftOut: leftOut) }
            return .ready(
                try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: required, keyring: keyring),
                leftOut: leftOut
            )
        } catch {
            throw .broken("\(error)")
        }
    }

    private static func context(_ pairs: ContextPairs?) throws(Verdict) -> EncryptionContext {
        do {
            return try EncryptionContext(
                entries: (pairs?.pairs ?? []).map { EncryptionContext.Entry(keyBytes: $0.key, valueBytes: $0.value) }
            )
        } catch {
            throw .broken("encryption context: \(error)")
        }
    }

    /// The suite that the bytes of a message name, for reports: nothing about them has been checked.
    private static func suite(in message: [UInt8]) -> String? {
        guard message.count >= 4, 1...2 ~= message[0] else { return nil }
        let offset = message[0] == 1 ? 2 : 1
        let id = UInt16(message[offset]) << 8 | UInt16(message[offset + 1])
        return (try? AlgorithmSuite(id: id))?.description
    }
}
