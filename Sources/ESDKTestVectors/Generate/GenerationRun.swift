import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import StrictJSON

/// How an encrypt or decrypt-generate manifest is run.
package struct GenerationOptions: Sendable {
    /// Which tests run, and how many at the same time.
    package var run: RunOptions
    /// The folder to write.
    package var output: String
    /// Whether a set that lies there is replaced.
    package var replacesOutput = false
    /// The format of the set; nil for the one that answers the manifest.
    package var format: SetFormat?
    /// What all randomness follows from; nil for the system's.
    package var seed: String?
    /// What is written as some other implementation does.
    package var conventions: Set<WireConvention> = []

    /// Default options.
    package init(run: RunOptions, output: String) {
        self.run = run
        self.output = output
    }
}

/// A run of an encrypt or decrypt-generate manifest: makes a decrypt set of it.
package struct GenerationRun: Sendable {
    private let set: EncryptSet
    private let options: GenerationOptions
    private let format: SetFormat
    /// The positions of the tests that are to run.
    private let selected: [Int]
    /// Filters that matched nothing.
    package let idleFilters: [String]

    /// How many tests are to run.
    package var count: Int { selected.count }

    /// A run of the tests of `set` that the options select.
    package init(_ set: EncryptSet, options: GenerationOptions) {
        self.set = set
        self.options = options
        format = options.format ?? SetFormat(answering: set.header)
        let selection = TestSelection([set.decryptSet], options: options.run)
        idleFilters = selection.idleFilters
        let names = Set(selection.items.map { JSONName($0.test.id) })
        selected = set.tests.indices.filter { names.contains(JSONName(set.tests[$0].id)) }
    }

    /// Makes the set, several tests at a time.
    ///
    /// What is written does not depend on how many, nor on which other tests are selected.
    ///
    /// - Parameter progress: called for each test that is through, one call at a time.
    /// - Returns: what came of each test. The set is there unless the run was interrupted or no test could be written.
    /// - Throws: `OutputError`; nothing is then left of the set.
    package func run(
        progress: @escaping @Sendable (_ failed: Bool) -> Void
    ) async throws(OutputError) -> GenerationReport {
        let start = ContinuousClock.now
        let output = try OutputFolder(
            options.output,
            replaces: options.replacesOutput,
            subfolders: ["ciphertexts", "plaintexts"]
        )
        let aliases = await aliases()
        let decryptingSet = set.resolving(aliases)
        let generator = generator(output: output, decryptingSet: decryptingSet, aliases: aliases)
        let collector = Collector(progress: progress)
        let aws = options.run.aws
        let jobs = min(options.run.jobs, max(selected.count, 1))
        // Cancelled, it returns all the same.
        try? await Interruption.cancelling(or: { aws?.lostConnection != nil }) {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<jobs { group.addTask { await work(generator, collector) } }
            }
        }
        if let error = collector.error {
            output.discard()
            throw error
        }
        let generated = collector.generated
        let vectors = generated.values.reduce(0) { count, test in
            if case .written(let vectors) = test { count + vectors.count } else { count }
        }
        let isComplete = generated.count == selected.count
        let isWritten = isComplete && vectors > 0
        if isWritten {
            try finish(output, generated: generated, plaintexts: generator.plaintexts, decryptingSet: decryptingSet)
        } else {
            output.discard()
        }
        return report(generated, isWritten: isWritten, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    /// Makes one test after the other until there is none left, the run is interrupted, or AWS can no longer be reached.
    private func work(_ generator: TestGenerator, _ collector: Collector) async {
        let aws = options.run.aws
        while !Interruption.hasHappened, aws?.lostConnection == nil, let next = collector.next(below: selected.count) {
            let position = selected[next]
            do throws(OutputError) {
                let generated = try await generator.generate(set.tests[position], at: position)
                // What failed while AWS went away, or was cancelled, says nothing about the test.
                if case .refused = generated, Task.isCancelled || aws?.lostConnection != nil { return }
                collector.put(generated, at: next)
            } catch {
                collector.stop(error)
            }
        }
    }

    /// The aliases among the keys that the written tests are decrypted with.
    private func aliases() async -> KMSAliases {
        guard let aws = options.run.aws else { return KMSAliases() }
        let names = Set(selected.flatMap { (try? set.tests[$0].content.get())?.decryptKeys.keyNames ?? [] })
        let keys = set.keys
        // Interrupted, no test runs that would need them.
        let aliases = try? await Interruption.cancelling(or: { aws.lostConnection != nil }) {
            await KMSAliases(of: names, in: keys, aws: aws)
        }
        return aliases ?? KMSAliases()
    }

    private func generator(output: OutputFolder, decryptingSet: EncryptSet, aliases: KMSAliases) -> TestGenerator {
        let cache = KeyCache()
        return TestGenerator(
            encryptor: ScenarioEncryptor(
                keyrings: EncryptKeyringBuilder(
                    keys: set.keys,
                    cache: cache,
                    aws: options.run.aws,
                    isSeeded: options.seed != nil
                ),
                seed: options.seed,
                conventions: options.conventions
            ),
            plaintexts: PlaintextStore(set, seed: options.seed),
            writer: DecryptTestWriter(format: format),
            verifier: VectorVerifier(decryptingSet, cache: cache, aws: options.run.aws),
            output: output,
            keyProblems: aliases.problems,
            reservedIDs: Set(set.tests.map { JSONName($0.id) })
        )
    }

    // MARK: - The files beside the messages

    private func finish(
        _ output: OutputFolder,
        generated: [Int: GeneratedTest],
        plaintexts: PlaintextStore,
        decryptingSet: EncryptSet
    ) throws(OutputError) {
        do {
            try writeManifests(output, generated: generated, decryptingSet: decryptingSet)
            try writePlaintexts(output, generated: generated, plaintexts: plaintexts)
        } catch {
            output.discard()
            throw error as? OutputError ?? OutputError(options.output, "cannot be written: \(error)")
        }
        try output.commit()
    }

    private func writeManifests(
        _ output: OutputFolder,
        generated: [Int: GeneratedTest],
        decryptingSet: EncryptSet
    ) throws {
        var tests: [JSONObject.Member] = []
        var unsupported: [JSONObject.Member] = []
        var used: Set<JSONName> = []
        for (index, position) in selected.enumerated() {
            let test = set.tests[position]
            switch generated[index] {
            case .written(let vectors)?:
                tests += vectors.map { JSONObject.Member(name: $0.id, value: $0.value) }
                used.formUnion((try? test.content.get())?.decryptKeys.keyNames ?? [])
            case .refused(let problem)?:
                // As the adapters of other implementations have it: what is broken is no mere lack of support.
                let reason = problem.verdict == .fails ? "ERROR " + problem.reason : problem.reason
                unsupported.append(JSONObject.Member(name: test.id, value: .string(reason)))
            case .interrupted?, nil: break
            }
        }
        let manifest: JSONValue = [
            "manifest": ["type": "awses-decrypt", "version": .integer(Int64(format.version))],
            "client": ["name": .string(EncryptionSDK.clientName), "version": .string(EncryptionSDK.version)],
            "keys": "file://keys.json",
            "tests": .object(JSONObject(tests)),
        ]
        try output.write(format.manifestName, ASCIIJSON.text(of: manifest))
        let keys = KeysManifestWriter(format: format, set: decryptingSet).manifest(used: used)
        try output.write("keys.json", ASCIIJSON.text(of: keys))
        try output.write("unsupported.json", ASCIIJSON.text(of: .object(JSONObject(unsupported))))
    }

    /// Writes the plaintexts that a written test names.
    private func writePlaintexts(
        _ output: OutputFolder,
        generated: [Int: GeneratedTest],
        plaintexts: PlaintextStore
    ) throws {
        var written: Set<JSONName> = []
        for (index, position) in selected.enumerated() {
            guard case .written(let vectors)? = generated[index], vectors.contains(where: \.mustDecrypt),
                let instructions = try? set.tests[position].content.get(),
                written.insert(JSONName(instructions.plaintextName)).inserted
            else { continue }
            let name = instructions.plaintextName
            try output.write(plaintexts.path(name), try plaintexts.bytes(name))
        }
    }

    // MARK: - The report

    private func report(_ generated: [Int: GeneratedTest], isWritten: Bool, seconds: Double) -> GenerationReport {
        var results: [TestResult] = []
        var positive = 0
        var negative = 0
        for (index, position) in selected.enumerated() {
            let test = set.tests[position]
            let status: TestStatus
            var reason: String?
            switch generated[index] {
            case .written(let vectors)?:
                status = .passed
                let opening = vectors.count { $0.mustDecrypt }
                positive += opening
                negative += vectors.count - opening
            case .refused(let problem)?:
                status = problem.verdict == .fails ? .failed : .skipped
                reason = problem.reason
            case .interrupted?, nil: continue
            }
            let instructions = try? test.content.get()
            results.append(
                TestResult(
                    id: test.id,
                    description: test.description,
                    status: status,
                    suite: instructions?.suite.description,
                    keyring: instructions?.encryptKeys.description.summary(keys: set.keys),
                    cases: [],
                    reason: reason,
                    failure: status == .failed ? .brokenSet : nil
                )
            )
        }
        let producer = Producer(name: EncryptionSDK.clientName, version: EncryptionSDK.version)
        return GenerationReport(
            tests: RunReport(
                sets: [SetReport(path: set.manifestPath, producer: producer, results: results)],
                selectedCount: selected.count,
                seconds: seconds
            ),
            format: format,
            positiveCount: positive,
            negativeCount: negative,
            isWritten: isWritten
        )
    }
}

/// Hands out the tests and collects what came of them.
private final class Collector: Sendable {
    private struct State {
        var next = 0
        var generated: [Int: GeneratedTest] = [:]
        var error: OutputError?
    }

    private let state = Guarded(State())
    private let progress: @Sendable (Bool) -> Void

    init(progress: @escaping @Sendable (Bool) -> Void) { self.progress = progress }

    /// The next test; nil when there is none, or files cannot be written.
    func next(below count: Int) -> Int? {
        state.withLock { state in
            guard state.next < count, state.error == nil else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func put(_ test: GeneratedTest, at index: Int) {
        state.withLock { state in
            if case .interrupted = test { return }
            state.generated[index] = test
            if case .refused(let problem) = test { progress(problem.verdict == .fails) } else { progress(false) }
        }
    }

    func stop(_ error: OutputError) {
        state.withLock { state in state.error = state.error ?? error }
    }

    var error: OutputError? { state.withLock { $0.error } }
    var generated: [Int: GeneratedTest] { state.withLock { $0.generated } }
}

/// What came of running an encrypt or decrypt-generate manifest.
package struct GenerationReport: Sendable {
    /// The tests of the manifest: passed where they were written, skipped where they cannot be, failed where they are broken.
    package let tests: RunReport
    /// The format.
    package let format: SetFormat
    /// How many written tests must decrypt.
    package let positiveCount: Int
    /// How many written tests must be refused.
    package let negativeCount: Int
    /// Whether there is a set now: not after an interruption, and not without tests.
    package let isWritten: Bool

    /// The last line for people.
    package var summary: String {
        guard isWritten else { return "nothing was written\n" }
        return "\(positiveCount + negativeCount) tests written (awses-decrypt \(format.rawValue)): "
            + "\(positiveCount) must decrypt, \(negativeCount) must be refused\n"
    }
}
