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
        preparation = TestPreparation(keys: set.keys, folder: set.folder, cache: cache, aws: aws)
        options = RunOptions(jobs: 1)
    }

    /// Decrypts a message in the first way that its test asks for.
    ///
    /// - Parameters:
    ///   - test: the test as it will be written.
    ///   - id: its id.
    ///   - message: the message.
    ///   - plaintext: the plaintext that is expected; nil when a refusal is.
    ///   - isAltered: whether the message is one that opened here before it was altered: the credentials may use its keys, and that
    ///     they are denied them is then a refusal like others.
    /// - Throws: a skip if no key is usable here, a failure if it does not meet its expectation.
    func verify(
        _ test: JSONValue,
        id: String,
        message: [UInt8],
        plaintext: [UInt8]?,
        isAltered: Bool = false
    ) async throws(VectorError) {
        var log = DiagnosticLog()
        var reader = DecryptTestReader(keys: keys)
        let instructions = try reader.read(id: id, test, log: &log).content.get()
        let attempt: DecryptAttempt
        let leftOut: [String]
        do throws(Verdict) {
            let usable = try preparation.keyring(for: instructions)
            leftOut = usable.leftOut
            attempt = try preparation.attempt(
                message,
                instructions,
                keyring: usable.keyring,
                options: options,
                seed: StableHash.of(id)
            )
        } catch {
            let reason = error.reason ?? "cannot be decrypted"
            switch error.status {
            case .passed: return
            case .skipped: throw .unsupported(reason)
            case .failed: throw .broken(reason)
            }
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
