import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// Decrypts the messages of one set, each in several ways.
struct DecryptRunner: TestRunner {
    private let options: RunOptions
    private let preparation: TestPreparation
    private let plaintexts: PlaintextCache

    init(set: VectorSet, options: RunOptions, cache: KeyCache) {
        self.options = options
        preparation = TestPreparation(set: set, cache: cache, aws: options.aws)
        plaintexts = PlaintextCache(folder: set.folder)
    }

    func run(_ test: DecryptTest) async -> TestResult? {
        var suite = test.declaredSuite.map(AlgorithmSuite.text(ofID:))
        func result(
            _ status: TestStatus,
            _ reason: String?,
            failure: FailureKind? = nil,
            cases: [CaseResult] = []
        ) -> TestResult {
            preparation.result(of: test, suite: suite, status, reason, failure: failure, cases: cases)
        }
        do throws(TestPreparation.Verdict) {
            let instructions = try preparation.instructions(of: test)
            let message = try preparation.message(of: instructions)
            suite = TestPreparation.suite(in: message) ?? suite
            let expected = try expectedPlaintext(instructions.expected)
            let keyring: any Keyring
            let leftOut: [String]
            switch try preparation.keyring(for: instructions) {
            case .refused(let error): return result(.passed, "refused: no keyring can be made: \(error)")
            case .ready(let usable, let reasons): (keyring, leftOut) = (usable, reasons)
            }
            let materialsManager = try preparation.materialsManager(for: instructions, keyring: keyring)
            let context = try preparation.suppliedContext(of: instructions)
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
                throw TestPreparation.Verdict(status: .failed, reason: "\(error)", failure: .harnessError)
            }
            var cases: [CaseResult] = []
            var isRefusedByKMS = false
            var codes: Set<EncryptionSDKError.Code> = []
            var diagnostics: [MessageDiagnostic] = []
            for kind in DecryptCase.plan(instructions.method, messageLength: message.count) {
                let (outcome, found) = await attempt.decrypt(kind)
                if case .error(is CancellationError) = outcome { return nil }
                if case .error(let error as EncryptionSDKError) = outcome {
                    codes.insert(error.code)
                    isRefusedByKMS = isRefusedByKMS || error.refusals.contains { $0.error.code == .awsRefusal }
                }
                diagnostics = found
                cases.append(Judge.judge(outcome, expecting: expected, named: kind.name))
            }
            let verdict = Judge.verdict(on: cases, codes: codes, leftOut: leftOut)
            let standInNote = verdict.failure == .refused && isRefusedByKMS ? options.aws?.standInNote : nil
            let notes = diagnostics.map(\.rawValue).joined(separator: ", ")
            return result(
                verdict.status,
                verdict.reason.map { reason in standInNote.map { "\(reason)\n\($0)" } ?? reason }
                    ?? (notes.isEmpty ? nil : notes),
                failure: verdict.failure,
                cases: cases
            )
        } catch {
            return result(error.status, error.reason, failure: error.failure)
        }
    }

    /// The plaintext that must come of the test, or nil for a refusal.
    private func expectedPlaintext(_ expected: ExpectedResult) throws(TestPreparation.Verdict) -> [UInt8]? {
        guard case .plaintext(let resource) = expected else { return nil }
        do { return try plaintexts.bytes(of: resource) } catch { throw .unreadable("plaintext", error) }
    }
}

/// The expected plaintexts of a set: one file is shared by thousands of tests.
final class PlaintextCache: Sendable {
    /// Larger files are read for each test anew.
    private static let longestCached = 8 << 20
    private static let capacity = 256 << 20

    private struct State {
        var files: [VectorURI: [UInt8]] = [:]
        var size = 0
    }

    private let folder: VectorFolder
    private let state = Guarded(State())

    init(folder: VectorFolder) { self.folder = folder }

    func bytes(of resource: VectorResource) throws(VectorFileError) -> [UInt8] {
        guard case .file(let uri) = resource else {
            return try folder.read(resource, limit: TestPreparation.largestFile)
        }
        if let known = state.withLock({ $0.files[uri] }) { return known }
        let bytes = try folder.read(uri, limit: TestPreparation.largestFile)
        if bytes.count <= Self.longestCached {
            state.withLock { state in
                guard state.size + bytes.count <= Self.capacity, state.files.updateValue(bytes, forKey: uri) == nil
                else { return }
                state.size += bytes.count
            }
        }
        return bytes
    }
}
