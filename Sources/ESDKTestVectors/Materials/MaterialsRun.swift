import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import StrictJSON

/// A run over a set of the material providers: materials for encryption are made, and recovered from their encrypted data keys.
package struct MaterialsRun: Sendable {
    private let set: MaterialsSet
    private let options: RunOptions
    private let selected: [Int]
    /// The filters that match no test.
    package let idleFilters: [String]

    /// How many tests run.
    package var count: Int { selected.count }

    package init(_ set: MaterialsSet, options: RunOptions) {
        self.set = set
        self.options = options
        let selection = TestSelection(set, options: options)
        selected = selection.items.map(\.test)
        idleFilters = selection.idleFilters
    }

    /// Runs the tests.
    ///
    /// - Parameter report: called with each result, in the order of the file.
    package func run(report: @escaping @Sendable (TestResult) -> Void) async -> RunReport {
        let start = ContinuousClock.now
        let runner = MaterialsRunner(keys: set.keys, cache: KeyCache(), aws: options.aws)
        let results = await ParallelRun(options).results(of: selected.count, report: { report($1) }) { index in
            await runner.run(set.tests[selected[index]])
        }
        return RunReport(
            sets: [SetReport(path: set.path, producer: set.producer, results: results.map(\.result))],
            selectedCount: selected.count,
            seconds: (ContinuousClock.now - start) / .seconds(1),
            repetition: Repetition(command: "materials", options: "")
        )
    }
}

extension TestSelection {
    fileprivate init(_ set: MaterialsSet, options: RunOptions) {
        self.init(set.tests.map { ($0.id, $0.description) }, of: set.path, options)
    }
}

/// Runs single tests.
struct MaterialsRunner: Sendable {
    private let keys: KeyTable
    private let builder: EncryptKeyringBuilder

    init(keys: KeyTable, cache: KeyCache, aws: AWSServices? = nil) {
        self.keys = keys
        builder = EncryptKeyringBuilder(keys: keys, cache: cache, aws: aws, isSeeded: false)
    }

    func run(_ test: MaterialsTest) async -> TestResult {
        var cases: [CaseResult] = []
        let verdict: Verdict
        do {
            switch test.content {
            case .success(let instructions): verdict = try await run(instructions, &cases)
            case .failure(let error) where error.code == .unsupported: verdict = .skipped(error.reason)
            case .failure(let error): verdict = .failed(.brokenSet, error.reason)
            }
        } catch let error as Verdict {
            verdict = error
        } catch {
            verdict = .failed(.harnessError, "\(error)")
        }
        return TestResult(
            id: test.id,
            description: test.description,
            status: verdict.status,
            suite: test.suite,
            keyring: test.keys?.summary(keys: keys),
            cases: cases,
            reason: verdict.reason,
            failure: verdict.failure
        )
    }

    /// The policy under which a suite encrypts.
    private func policy(_ suite: AlgorithmSuite) -> CommitmentPolicy {
        suite.isCommitting ? .requireEncryptRequireDecrypt : .forbidEncryptAllowDecrypt
    }

    private func run(_ test: MaterialsInstructions, _ cases: inout [CaseResult]) async throws -> Verdict {
        guard let encrypt = test.encrypt else {
            guard let given = test.given, let decrypt = test.decrypt else {
                throw Verdict.skipped("nothing is described")
            }
            return try await recover(
                Wanted(
                    dataKey: given.plaintextDataKey.map { SecretBytes($0) },
                    encryptedDataKeys: given.encryptedDataKeys,
                    encryptionContext: test.encryptionContext,
                    requiredContextKeys: given.requiredContextKeys
                ),
                test,
                decrypt,
                &cases
            )
        }
        let request = EncryptionMaterialsRequest(
            encryptionContext: test.encryptionContext,
            commitmentPolicy: policy(test.suite),
            algorithmSuite: test.suite,
            requiredEncryptionContextKeys: test.requiredContextKeys,
            maximumPlaintextLength: test.maximumPlaintextLength
        )
        let manager: MaterialsManagers.Made
        let materials: EncryptionMaterials
        do {
            manager = try MaterialsManagers(builder: builder, isEncrypt: true).manager(for: encrypt)
            materials = try await manager.manager.encryptionMaterials(for: request)
        } catch let error as Verdict {
            throw error
        } catch {
            guard case .refusedOnEncrypt = test.expectation, let error = error as? EncryptionSDKError,
                error.category != .service
            else {
                return noted(.failed(.refused, "no materials for encryption: \(error)"), "encrypt", &cases)
            }
            return noted(Verdict(status: .passed, reason: "refused: \(error)"), "encrypt", &cases)
        }
        if case .refusedOnEncrypt(let reason) = test.expectation {
            return noted(.failed(.accepted, "materials were made that must not be: \(reason)"), "encrypt", &cases)
        }
        _ = noted(Verdict(status: .passed), "encrypt", &cases)
        if let cached = manager.cached {
            let again = try await manager.manager.encryptionMaterials(for: request)
            let isAsked = cached.allowsAnother(of: test.maximumPlaintextLength, test.suite) ? 1 : 2
            if let verdict = cached.problem(isAsked) ?? problem(again, like: materials) {
                return noted(.failed(.disagreement, verdict), "encrypt from the cache", &cases)
            }
            _ = noted(Verdict(status: .passed), "encrypt from the cache", &cases)
        }
        guard let decrypt = test.decrypt else { throw Verdict.skipped("no decryption is described") }
        return try await recover(
            Wanted(
                dataKey: materials.plaintextDataKey,
                encryptedDataKeys: materials.encryptedDataKeys,
                encryptionContext: materials.storedEncryptionContext,
                requiredContextKeys: materials.requiredEncryptionContext.map(\.key)
            ),
            test,
            decrypt,
            &cases
        )
    }

    private func problem(_ materials: EncryptionMaterials, like first: EncryptionMaterials) -> String? {
        guard materials.plaintextDataKey == first.plaintextDataKey,
            materials.encryptedDataKeys == first.encryptedDataKeys
        else { return "a second request has other materials" }
        return nil
    }

    private func noted(_ verdict: Verdict, _ name: String, _ cases: inout [CaseResult]) -> Verdict {
        cases.append(
            CaseResult(name: name, status: verdict.status, reason: verdict.reason, failure: verdict.failure)
        )
        return verdict
    }

    // MARK: Decryption

    /// What decryption starts from, and what must come of it.
    private struct Wanted {
        let dataKey: SecretBytes?
        let encryptedDataKeys: [EncryptedDataKey]
        let encryptionContext: EncryptionContext
        let requiredContextKeys: [String]
    }

    private func recover(
        _ wanted: Wanted,
        _ test: MaterialsInstructions,
        _ description: KeyDescription,
        _ cases: inout [CaseResult]
    ) async throws -> Verdict {
        let manager = try MaterialsManagers(builder: builder, isEncrypt: false).manager(for: description)
        let request = DecryptMaterialsRequest(
            algorithmSuite: test.suite,
            commitmentPolicy: policy(test.suite),
            encryptedDataKeys: wanted.encryptedDataKeys,
            encryptionContext: wanted.encryptionContext,
            reproducedEncryptionContext: test.reproducedContext
        )
        let rounds = manager.cached == nil ? ["decrypt"] : ["decrypt", "decrypt from the cache"]
        var verdict = Verdict(status: .passed)
        for name in rounds {
            verdict = await self.verdict(wanted, test, request, manager.manager)
            if verdict.status == .passed, name != rounds[0], let problem = manager.cached?.problem(1) {
                verdict = .failed(.disagreement, problem)
            }
            guard noted(verdict, name, &cases).status == .passed, case .success = test.expectation else {
                return verdict
            }
        }
        return verdict
    }

    private func verdict(
        _ wanted: Wanted,
        _ test: MaterialsInstructions,
        _ request: DecryptMaterialsRequest,
        _ manager: any CryptographicMaterialsManager
    ) async -> Verdict {
        let materials: DecryptionMaterials
        do {
            materials = try await manager.decryptMaterials(for: request)
        } catch {
            // What could not be reached was not refused.
            guard case .refusedOnDecrypt = test.expectation, let error = error as? EncryptionSDKError,
                error.category != .service
            else { return .failed(.refused, "the materials are not recovered: \(error)") }
            return Verdict(status: .passed, reason: "refused: \(error)")
        }
        if case .refusedOnDecrypt(let reason) = test.expectation {
            return .failed(.accepted, "materials were recovered that must not be: \(reason)")
        }
        guard materials.plaintextDataKey == wanted.dataKey else {
            return .failed(.wrongPlaintext, "another data key was recovered")
        }
        let required = Set(materials.requiredEncryptionContext.map { Array($0.key.utf8) })
        guard required == Set(wanted.requiredContextKeys.map { Array($0.utf8) }) else {
            return .failed(.wrongPlaintext, "other context keys are required than were on encryption")
        }
        return Verdict(status: .passed)
    }
}

// MARK: - Materials managers

/// Makes the materials managers that key descriptions ask for.
private struct MaterialsManagers {
    let builder: EncryptKeyringBuilder
    let isEncrypt: Bool

    /// A manager, and its cache if it has one.
    struct Made {
        let manager: any CryptographicMaterialsManager
        var cached: CachedMaterialsManager?
    }

    func manager(for description: KeyDescription) throws -> Made {
        switch description.kind {
        case let kind as RequiredEncryptionContext:
            let keys = kind.keys.map { String(decoding: $0, as: UTF8.self) }
            let underlying = try manager(for: kind.underlying)
            return Made(
                manager: try RequiredEncryptionContextCMM(
                    requiredEncryptionContextKeys: keys,
                    underlying: underlying.manager
                ),
                cached: underlying.cached
            )
        case let kind as Caching:
            guard kind.identifiersAgree else {
                throw Verdict.skipped("it expects the cache identifiers of a draft that was never released")
            }
            let counting = CountingManager(try manager(for: kind.underlying).manager)
            return Made(
                manager: try CachingCMM(
                    underlying: counting,
                    cache: LocalCryptographicMaterialsCache(entryCapacity: 10),
                    timeToLive: .seconds(kind.timeToLive ?? 60),
                    limitBytes: kind.limitBytes ?? UInt64(Int64.max),
                    limitMessages: kind.limitMessages ?? 1 << 32
                ),
                cached: CachedMaterialsManager(counting: counting, kind: kind)
            )
        case let kind as StaticMaterialKeyring:
            guard let material = builder.decrypting.keys[kind.key.text]?.material.key(as: StaticMaterial.self) else {
                throw Verdict.failed(.brokenSet, "the static material \(ManifestText.quoted(kind.key.text)) is missing")
            }
            return Made(manager: DefaultCMM(keyring: GivenMaterialsKeyring(material: material)))
        default: return Made(manager: DefaultCMM(keyring: try keyring(for: description)))
        }
    }

    private func keyring(for description: KeyDescription) throws(Verdict) -> any Keyring {
        guard isEncrypt else {
            switch builder.decrypting.keyring(for: description) {
            case .usable(let keyring, _), .opensNothing(let keyring, _): return keyring
            case .unavailable(let reason): throw .skipped(reason)
            case .broken(let reason): throw .failed(.brokenSet, reason)
            case .invalid(let error): throw .failed(.refused, "no keyring can be made: \(error)")
            }
        }
        do throws(VectorError) {
            return try builder.keyring(for: description)
        } catch {
            throw error.code == .unsupported ? .skipped(error.reason) : .failed(.brokenSet, error.reason)
        }
    }
}

/// What a caching materials manager was told, and how often it asked.
private struct CachedMaterialsManager {
    let counting: CountingManager
    let kind: Caching

    /// Whether an entry that was used for one message may be used for another of the same length.
    func allowsAnother(of length: UInt64?, _ suite: AlgorithmSuite) -> Bool {
        guard let length, suite.keyDerivation != .identity else { return false }
        let (bytes, messages) = (kind.limitBytes ?? .max, kind.limitMessages ?? .max)
        return messages >= 2 && length <= bytes / 2
    }

    /// What is wrong where the manager below was not asked so many times.
    func problem(_ count: Int) -> String? {
        let asked = counting.count
        return asked == count
            ? nil : "for two requests the manager below the cache was asked \(asked) times, not \(count)"
    }
}

/// Passes requests on, and counts them.
private final class CountingManager: CryptographicMaterialsManager {
    private let underlying: any CryptographicMaterialsManager
    private let requests = Guarded(0)

    init(_ underlying: any CryptographicMaterialsManager) { self.underlying = underlying }

    var count: Int { requests.withLock { $0 } }

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        requests.withLock { $0 += 1 }
        return try await underlying.encryptionMaterials(for: request)
    }

    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        requests.withLock { $0 += 1 }
        return try await underlying.decryptMaterials(for: request)
    }
}

/// A keyring that gives out what a manifest spells out, right or wrong: what is made of it is the materials manager's to check.
private struct GivenMaterialsKeyring: Keyring {
    let material: StaticMaterial

    var description: String { "static materials" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        var materials = materials
        if let dataKey = material.plaintextDataKey { materials = try materials.settingDataKey(SecretBytes(dataKey)) }
        return materials.adding(
            material.encryptedDataKeys.map {
                EncryptedDataKey(
                    keyProviderID: $0.providerID,
                    keyProviderInfo: $0.providerInfo,
                    ciphertext: $0.ciphertext
                )
            }
        )
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        guard let dataKey = material.plaintextDataKey else { return materials }
        return try materials.settingDataKey(SecretBytes(dataKey), fromEncryptedDataKey: 0, by: description)
    }
}
