import AWSEncryptionSDK
import ESDKCrypto
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
    /// The seed of all randomness; nil for the system's.
    package var seed: String?
    /// Conventions of other implementations to follow.
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
    /// The positions of the tests that run.
    private let selected: [Int]
    /// Filters that matched nothing.
    package let idleFilters: [String]

    /// The number of tests that run.
    package var count: Int { selected.count }

    /// A run of the tests of `set` that the options select.
    package init(_ set: EncryptSet, options: GenerationOptions) {
        self.set = set
        self.options = options
        format = options.format ?? SetFormat(answering: set.header)
        let selection = TestSelection(set, options: options.run)
        selected = selection.items.map(\.test)
        idleFilters = selection.idleFilters
    }

    /// Makes the set, several tests at a time.
    ///
    /// What is written does not depend on how many, nor on which other tests are selected.
    ///
    /// - Parameter report: called for each test, in the order of the manifest, one call at a time.
    /// - Returns: the result of each test. The set is there unless the run was interrupted or no test could be written.
    /// - Throws: `VectorError`; nothing is then left of the set.
    package func run(report: @escaping @Sendable (TestResult) -> Void) async throws(VectorError) -> GenerationReport {
        let start = ContinuousClock.now
        let output = try OutputFolder(
            options.output,
            replaces: options.replacesOutput,
            inputs: [set.manifestPath, set.keysPath, "\(set.folder.path)/plaintexts"],
            subfolders: ["ciphertexts", "plaintexts"]
        )
        do throws(VectorError) {
            let parallel = ParallelRun(options.run)
            // Interrupted, no test runs that would need them.
            let aliases = (try? await parallel.cancellingWhenOver { await self.aliases() }) ?? KMSAliases()
            let decryptingSet = set.resolving(aliases)
            let generator = generator(output: output, decryptingSet: decryptingSet, aliases: aliases)
            let generated = try await parallel.results(
                of: selected.count,
                report: { (_, generated: GeneratedTest) in report(generated.result) }
            ) { index async throws(VectorError) in
                try await generator.generate(set.tests[selected[index]], at: selected[index])
            }.map(\.result)
            let isWritten = generated.count == selected.count && generated.contains { !$0.vectors.isEmpty }
            if isWritten {
                let writer = DecryptSetWriter(format: format, set: decryptingSet, plaintexts: generator.plaintexts)
                try writer.write(generated, to: output)
                try output.commit()
            } else {
                output.discard()
            }
            return self.report(generated, isWritten: isWritten, seconds: (ContinuousClock.now - start) / .seconds(1))
        } catch {
            output.discard()
            throw error
        }
    }

    /// The aliases among the keys that the written tests are decrypted with.
    private func aliases() async -> KMSAliases {
        guard let aws = options.run.aws else { return KMSAliases() }
        let names = Set(selected.flatMap { (try? set.tests[$0].content.get())?.decryptKeys.keyNames ?? [] })
        return await KMSAliases(of: names, in: set.keys, aws: aws)
    }

    private func generator(output: OutputFolder, decryptingSet: EncryptSet, aliases: KMSAliases) -> TestGenerator {
        let cache = KeyCache()
        return TestGenerator(
            keys: set.keys,
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

    private func report(_ generated: [GeneratedTest], isWritten: Bool, seconds: Double) -> GenerationReport {
        let producer = Producer(name: EncryptionSDK.clientName, version: EncryptionSDK.version)
        let vectors = generated.flatMap(\.vectors)
        let positiveCount = vectors.count { $0.mustDecrypt }
        return GenerationReport(
            tests: RunReport(
                sets: [SetReport(path: set.manifestPath, producer: producer, results: generated.map(\.result))],
                selectedCount: selected.count,
                seconds: seconds
            ),
            format: format,
            positiveCount: positiveCount,
            negativeCount: vectors.count - positiveCount,
            isWritten: isWritten
        )
    }
}

/// The result of running an encrypt or decrypt-generate manifest.
package struct GenerationReport: Sendable {
    /// The tests of the manifest: passed if written, skipped if they cannot be, failed if broken.
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
