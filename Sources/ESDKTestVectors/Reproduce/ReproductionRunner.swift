import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import MessageForge

extension VectorTask {
    /// Each message is rebuilt byte for byte.
    package static let reproduce = VectorTask(command: "reproduce", looksAtOtherTests: true) {
        ReproductionRunner(set: $0, options: $1, cache: $2)
    }
}

/// Rebuilds the messages of one set.
package struct ReproductionRunner: TestRunner {
    private let options: RunOptions
    private let preparation: TestPreparation
    private let reproducer: MessageReproducer

    /// A runner for the tests of `set`.
    ///
    /// - Parameters:
    ///   - set: the set.
    ///   - options: commitment policy and retry policy decide what is opened, the book of rules which data keys were damaged on purpose.
    ///   - cache: keys that have been parsed.
    package init(set: VectorSet, options: RunOptions, cache: KeyCache) {
        self.options = options
        preparation = TestPreparation(keys: set.keys, folder: set.folder, cache: cache, aws: options.aws)
        reproducer = MessageReproducer(keysOf: set, cache: cache)
    }

    /// Rebuilds the message of a test and compares the two.
    package func run(_ test: DecryptTest) async -> TestResult? {
        var suite = test.declaredSuite.map(AlgorithmSuite.text(ofID:))
        var cases: [CaseResult] = []
        var verdict = Verdict(status: .passed)
        var (message, rebuilt): ([UInt8], [UInt8]?) = ([], nil)
        do {
            let instructions: DecryptInstructions
            (message, instructions) = try input(of: test)
            suite = TestPreparation.suite(in: message)?.idText ?? suite
            let reproduction = try reproducer.reproduce(await open(message, instructions))
            let isDamaged = options.rules?[test.id]?.hasDamagedDataKeys ?? false
            cases = Self.cases(of: reproduction, damagedOnPurpose: isDamaged)
            if !reproduction.differences.isEmpty { rebuilt = reproduction.rebuilt.bytes }
            if let failed = cases.first(where: { $0.status == .failed }) {
                verdict = .failed(failed.failure ?? .notReproduced, "\(failed.name): \(failed.reason ?? "failed")")
            } else {
                let notes = MessageConvention.found(in: reproduction.blueprint).map(\.description)
                if !notes.isEmpty { verdict.reason = notes.joined(separator: ", ") }
            }
        } catch let early as Verdict {
            verdict = early
        } catch is CancellationError {
            return nil
        } catch {
            // The message has been opened, so the fault is the harness's.
            verdict = .failed(.harnessError, "\(error)")
        }
        let isShown = preparation.dissects(verdict, options)
        let fields = isShown ? DissectedField.all(of: message, comparedWith: rebuilt) : []
        return preparation.result(of: test, suite: suite, verdict, cases: cases, message: fields)
    }

    /// Opens the message of a test and rebuilds it.
    ///
    /// - Throws: when the test cannot be run, must not open, or does not; `DissectionError`, `BlueprintError`, `CryptoError`.
    package func reproduce(_ test: DecryptTest) async throws -> MessageReproduction {
        let (message, instructions) = try input(of: test)
        return try reproducer.reproduce(await open(message, instructions))
    }

    private func input(
        of test: DecryptTest
    ) throws(Verdict) -> (message: [UInt8], instructions: DecryptInstructions) {
        let instructions = try preparation.instructions(of: test)
        if case .refusal = instructions.expected { throw .skipped("must not open") }
        return (try preparation.message(of: instructions), instructions)
    }

    /// Opens a message and takes what its bytes do not tell.
    private func open(
        _ message: [UInt8],
        _ instructions: DecryptInstructions
    ) async throws -> OpenedMessage {
        let noting = DataKeyNotingKeyring(try preparation.keyring(for: instructions).keyring)
        let materialsManager = try preparation.materialsManager(for: instructions, keyring: noting)
        let context = try preparation.suppliedContext(of: instructions)
        let sdk = try EncryptionSDK(
            commitmentPolicy: options.commitmentPolicy,
            netV4_0_0RetryPolicy: options.allowsNetV4_0_0Retry ? .allowRetry : .forbidRetry
        )
        let opened: DecryptionResult
        do {
            opened = try await sdk.decrypt(message, using: materialsManager, encryptionContext: context)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Verdict.skipped("not opened: \(error)")
        }
        guard let materials = noting.materials, let dataKey = materials.plaintextDataKey else {
            throw Verdict.failed(.harnessError, "no data key was noted")
        }
        return OpenedMessage(
            bytes: message,
            plaintext: opened.plaintext,
            dataKey: dataKey,
            encryptionContext: materials.encryptionContext,
            requiredEncryptionContext: materials.requiredEncryptionContext,
            rules: opened.message.diagnostics.contains(.netV4_0_0Retry) ? .netV4_0_0 : .specification
        )
    }

    /// - Parameter isDamaged: whether the book of rules says that data keys were damaged after they were wrapped: what was done to them
    ///   is not to be told from the message.
    private static func cases(
        of reproduction: MessageReproduction,
        damagedOnPurpose isDamaged: Bool
    ) -> [CaseResult] {
        let isIdentical = reproduction.isIdentical
        let message = CaseResult(
            name: "message",
            status: isIdentical ? .passed : .failed,
            reason: isIdentical && reproduction.signatureVerifies == true
                ? "signature carried over; it verifies" : reproduction.reason,
            failure: isIdentical ? nil : .notReproduced
        )
        return [message]
            + reproduction.dataKeys.map { dataKey in
                let name = "encrypted data key \(dataKey.index)"
                return switch dataKey.outcome {
                case .identical: CaseResult(name: name, status: .passed, reason: nil, failure: nil)
                case .carriedOver(let reason):
                    CaseResult(name: name, status: .skipped, reason: reason, failure: nil)
                case .different(let key, let reason) where isDamaged:
                    CaseResult(
                        name: name,
                        status: .skipped,
                        reason: "damaged on purpose: \(key): \(reason)",
                        failure: nil
                    )
                case .different(let key, let reason):
                    CaseResult(name: name, status: .failed, reason: "\(key): \(reason)", failure: .notReproduced)
                }
            }
    }
}

/// A keyring around another one that notes the data key which that one opened.
///
/// The library never hands out a data key; a reproduction needs it as one of its inputs.
final class DataKeyNotingKeyring: Keyring {
    private let underlying: any Keyring
    private let noted = Guarded<DecryptionMaterials?>(nil)

    /// The materials with the data key, once it has been opened.
    var materials: DecryptionMaterials? { noted.withLock(\.self) }

    var description: String { underlying.description }

    init(_ underlying: any Keyring) { self.underlying = underlying }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "this keyring only decrypts")
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        let opened = try await underlying.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
        noted.withLock { $0 = opened }
        return opened
    }
}
