import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

extension VectorTask {
    /// Each message is decrypted in several ways.
    package static let decrypt = VectorTask(command: "decrypt") { DecryptRunner(set: $0, options: $1, cache: $2) }
}

extension RunOptions {
    /// Options of a run that decrypts.
    ///
    /// - Parameter jobs: how many tests run at the same time, at least 1.
    package init(jobs: Int) { self.init(jobs: jobs, task: .decrypt) }
}

/// Decrypts the messages of one set, each in several ways.
struct DecryptRunner: TestRunner {
    private let options: RunOptions
    private let preparation: TestPreparation
    private let plaintexts: PlaintextCache

    init(set: VectorSet, options: RunOptions, cache: KeyCache) {
        self.options = options
        preparation = TestPreparation(keys: set.keys, folder: set.folder, cache: cache, aws: options.aws)
        plaintexts = PlaintextCache(folder: set.folder)
    }

    func run(_ test: DecryptTest) async -> TestResult? {
        var suite = test.declaredSuite.map(AlgorithmSuite.text(ofID:))
        var cases: [CaseResult] = []
        var verdict: Verdict
        var message: [UInt8] = []
        do throws(Verdict) {
            let instructions = try preparation.instructions(of: test)
            message = try preparation.message(of: instructions)
            suite = TestPreparation.suite(in: message)?.idText ?? suite
            let expected = try expectedPlaintext(instructions.expected)
            let (keyring, leftOut) = try preparation.keyring(for: instructions)
            let attempt = try preparation.attempt(
                message,
                instructions,
                keyring: keyring,
                options: options,
                seed: StableHash.of(test.id)
            )
            var errors: [any Error] = []
            var diagnostics: [MessageDiagnostic] = []
            for kind in DecryptCase.plan(instructions.method, messageLength: message.count) {
                let (outcome, found) = await attempt.decrypt(kind)
                if case .error(let error) = outcome {
                    if error is CancellationError { return nil }
                    errors.append(error)
                }
                diagnostics = found
                cases.append(Judge.judge(outcome, expecting: expected, named: kind.name))
            }
            let refusals = errors.compactMap { $0 as? EncryptionSDKError }
            verdict = Judge.verdict(on: cases, codes: Set(refusals.map(\.code)), leftOut: leftOut)
            if verdict.status == .passed, let rules = options.rules {
                let isUnsignedOnly = instructions.method == .streamingUnsignedOnly
                let released = await attempt.released(unsignedOnly: isUnsignedOnly)
                verdict = Self.verdict(by: rules, on: test.id, refusals, released: released) ?? verdict
            }
            if verdict.failure == .refused,
                refusals.contains(where: { $0.refusals.contains { $0.error.code == .awsRefusal } }),
                let note = options.aws?.standInNote
            {
                verdict.reason = verdict.reason.map { "\($0)\n\(note)" }
            }
            if verdict.reason == nil, !diagnostics.isEmpty {
                verdict.reason = diagnostics.map(\.rawValue).joined(separator: ", ")
            }
        } catch {
            verdict = error
        }
        let fields = preparation.dissects(verdict, options) ? DissectedField.all(of: message) : []
        return preparation.result(of: test, suite: suite, verdict, cases: cases, message: fields)
    }

    /// The verdict of a book of rules on a test that has met the expectation of its manifest; nil when it goes by the book.
    private static func verdict(
        by rules: RuleBook,
        on id: String,
        _ refusals: [EncryptionSDKError],
        released: [UInt8]
    ) -> Verdict? {
        guard let rule = rules[id] else { return .failed(.brokenSet, "the rules do not have this test") }
        let problem = rule.problem(errors: refusals, released: released)
        return problem.map { .failed(.againstRule, "\(rule.rule): \($0)") }
    }

    /// The plaintext that the test expects; nil when it expects a refusal.
    private func expectedPlaintext(_ expected: ExpectedResult) throws(Verdict) -> [UInt8]? {
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

    func bytes(of resource: VectorResource) throws(VectorError) -> [UInt8] {
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
