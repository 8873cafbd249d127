import AWSMaterialProviders
import StrictJSON

/// Decrypts tests before they are written, from nothing but what will be written.
struct VectorVerifier: Sendable {
    private let keys: KeyTable
    private let preparation: TestPreparation
    private let options: RunOptions

    /// A verifier.
    ///
    /// - Parameters:
    ///   - set: the set, with the keys as they will be written.
    ///   - cache: keys that have been parsed.
    ///   - aws: what key descriptions of AWS KMS run against; nil to do without them.
    init(_ set: EncryptSet, cache: KeyCache, aws: AWSServices?) {
        keys = set.keys
        preparation = TestPreparation(set: set.decryptSet, cache: cache, aws: aws)
        options = RunOptions(jobs: 1)
    }

    /// Decrypts a message in the first way that its test asks for.
    ///
    /// - Parameters:
    ///   - test: the test as it will be written.
    ///   - id: its id.
    ///   - message: the message.
    ///   - plaintext: what must come of it; nil for a refusal.
    ///   - isAltered: whether the message is one that opened here before it was altered: the credentials may use its keys, and that
    ///     they are denied them is then a refusal like others.
    /// - Throws: a skip where no key is usable here, and a failure where it does not meet its expectation.
    func verify(
        _ test: JSONValue,
        id: String,
        message: [UInt8],
        plaintext: [UInt8]?,
        isAltered: Bool = false
    ) async throws(TestProblem) {
        var log = DiagnosticLog()
        let instructions = try DecryptTestReader(keys: keys).read(id: id, test, log: &log).content.get()
        let attempt: Attempt
        let leftOut: [String]
        do {
            let keyring: any Keyring
            switch try preparation.keyring(for: instructions) {
            case .ready(let usable, let reasons): (keyring, leftOut) = (usable, reasons)
            case .refused: return
            }
            attempt = try Attempt(
                message: message,
                materialsManager: preparation.materialsManager(for: instructions, keyring: keyring),
                context: preparation.suppliedContext(of: instructions),
                options: options,
                seed: StableHash.of(id)
            )
        } catch let verdict as TestPreparation.Verdict {
            throw verdict.status == .skipped ? .unsupported(verdict.reason) : .broken(verdict.reason)
        } catch {
            throw .broken("cannot be decrypted: \(error)")
        }
        guard let way = DecryptCase.plan(instructions.method, messageLength: message.count).first else { return }
        let (outcome, _) = await attempt.decrypt(way)
        if isAltered, case .error(let error) = outcome, Judge.isForbidden(error) { return }
        let result = Judge.judge(outcome, expecting: plaintext, named: way.name)
        switch result.status {
        case .failed: throw .broken("is not as it should be before it is written: \(result.reason ?? "failed")")
        case .skipped: throw .unsupported(result.reason ?? "cannot be tried")
        case .passed: break
        }
        if !leftOut.isEmpty, case .error(let error as EncryptionSDKError) = outcome, error.code == .noDataKey {
            throw .unsupported("refused for want of keys: \(leftOut.joined(separator: "; "))")
        }
    }
}

extension EncryptSet {
    /// The tests as those of a decrypt set, for what selects, prepares and reports on such.
    var decryptSet: VectorSet {
        VectorSet(
            path: manifestPath,
            manifestPath: manifestPath,
            header: header,
            producer: Producer(name: nil, version: nil),
            folder: folder,
            keys: keys,
            decryptTests: tests.map { test in
                let instructions = try? test.content.get()
                return DecryptTest(
                    id: test.id,
                    description: test.description,
                    keys: instructions?.decryptKeys.description,
                    declaredSuite: instructions?.suite.id,
                    declaredFrameLength: instructions?.frameLength,
                    content: .failure(.unsupported("to be encrypted"))
                )
            },
            diagnostics: []
        )
    }
}
