import AWSEncryptionSDK
import AWSMaterialProviders
package import ESDKSystem
import Glibc
import StrictJSON

/// This library as one peer among others: the adapter contract, version 2, of `scripts/interop`.
///
/// An adapter encrypts or decrypts what a manifest says, writes the outputs to a folder and, test by test, what came of each to
/// `report.jsonl`. It does not judge, and is not told what a plaintext ought to be.
package struct AdapterRun: Sendable {
    package enum Action: String, Sendable, CaseIterable {
        case encrypt, decrypt
    }

    private static let contract = 2

    private let action: Action
    private let work: Work

    /// What there is to do.
    private enum Work: Sendable {
        case encrypt(EncryptSet, ScenarioEncryptor)
        case decrypt(VectorSet, TestPreparation)
    }

    /// The keys of the manifest.
    package let keys: KeyTable

    /// Reads the manifest of an action.
    ///
    /// - Parameters:
    ///   - manifest: `awses-encrypt` or `awses-decrypt`, in any version that is read here.
    ///   - conventions: as which other implementation messages are written.
    ///   - prepare: looks for AWS, for the keys of the manifest; nil where there is none.
    /// - Throws: `VectorError` where it cannot be read; what `prepare` throws.
    package init(
        _ action: Action,
        manifest: String,
        conventions: Set<WireConvention> = [],
        prepare: (KeyTable) async throws -> AWSServices? = { _ in nil }
    ) async throws {
        self.action = action
        let cache = KeyCache()
        switch action {
        case .encrypt:
            let set = try EncryptSetLoader.load(manifest, kind: .encrypt)
            keys = set.keys
            let builder = EncryptKeyringBuilder(
                keys: set.keys,
                cache: cache,
                aws: try await prepare(set.keys),
                isSeeded: false
            )
            work = .encrypt(set, ScenarioEncryptor(keyrings: builder, seed: nil, conventions: conventions))
        case .decrypt:
            let sets = try VectorSetLoader.load(manifest)
            guard let set = sets.first, sets.count == 1 else {
                throw VectorError(.malformed, path: manifest, reason: "is a list of manifests; name one of them")
            }
            keys = set.keys
            let aws = try await prepare(set.keys)
            work = .decrypt(set, TestPreparation(keys: set.keys, folder: set.folder, cache: cache, aws: aws))
        }
    }

    /// Runs every test, in the order of the manifest.
    ///
    /// - Parameter folder: a folder that exists, for the outputs and the report.
    /// - Throws: what ends an adapter: a test that the manifest does not describe, or a file that cannot be read or written.
    package func run(to folder: SystemPath) async throws {
        var report = try Report(folder)
        try report.write([
            "contract": .integer(Int64(Self.contract)), "command": .string(action.rawValue),
            "client": ["name": "esdk", "version": .string(EncryptionSDK.version)],
        ])
        switch work {
        case .encrypt(let set, let encryptor):
            let plaintexts = PlaintextStore(set, seed: nil)
            for (number, test) in set.tests.enumerated() {
                let outcome = try await outcome(test, encryptor, plaintexts)
                try report.write(outcome, of: test.id, number)
            }
        case .decrypt(let set, let preparation):
            for (number, test) in set.decryptTests.enumerated() {
                try report.write(await outcome(test, preparation), of: test.id, number)
            }
        }
        try report.close()
    }

    // MARK: Tests

    /// What came of a test.
    fileprivate enum Outcome {
        case done([UInt8])
        /// The library raised this error.
        case refused(String)
        /// There is no code for it here.
        case unsupported(String)
    }

    private func outcome(
        _ test: EncryptTest,
        _ encryptor: ScenarioEncryptor,
        _ plaintexts: PlaintextStore
    ) async throws -> Outcome {
        switch test.content {
        case .failure(let error): return try unsupported(error)
        case .success(let instructions):
            let plaintext = try plaintexts.bytes(instructions.plaintextName)
            do {
                return .done(try await encryptor.message(instructions, plaintext: plaintext, id: test.id))
            } catch {
                return error.code == .unsupported ? .unsupported(error.reason) : .refused(error.reason)
            }
        }
    }

    /// What a manifest says that is wrong ends the adapter; what it says that is not known here is an outcome.
    private func unsupported(_ error: VectorError) throws -> Outcome {
        guard error.code == .unsupported else { throw error }
        return .unsupported(error.reason)
    }

    private func outcome(_ test: DecryptTest, _ preparation: TestPreparation) async throws -> Outcome {
        switch test.content {
        case .failure(let error): return try unsupported(error)
        case .success(let instructions):
            switch preparation.keyringUse(for: instructions) {
            case .usable(let keyring, _), .opensNothing(let keyring, _):
                let committing = test.declaredSuite.flatMap { try? AlgorithmSuite(id: $0) }?.isCommitting ?? false
                return try await outcome(
                    instructions,
                    preparation,
                    keyring,
                    committing ? .requireEncryptRequireDecrypt : .forbidEncryptAllowDecrypt
                )
            case .unavailable(let reason): return .unsupported(reason)
            case .invalid(let error): return .refused("\(error)")
            case .broken(let reason): throw VectorError.broken(reason)
            }
        }
    }

    private func outcome(
        _ instructions: DecryptInstructions,
        _ preparation: TestPreparation,
        _ keyring: any Keyring,
        _ policy: CommitmentPolicy
    ) async throws -> Outcome {
        let message: [UInt8]
        let manager: any CryptographicMaterialsManager
        let context: EncryptionContext
        do {
            message = try preparation.message(of: instructions)
            manager = try preparation.materialsManager(for: instructions, keyring: keyring)
            context = try preparation.suppliedContext(of: instructions)
        } catch {
            throw VectorError.broken(error.reason ?? "the test cannot be run")
        }
        let isUnsignedOnly = instructions.method == .streamingUnsignedOnly
        do {
            return .done(try await Self.decrypt(message, manager, context, policy, isUnsignedOnly: isUnsignedOnly))
        } catch let error as EncryptionSDKError {
            return .refused("\(error)")
        }
    }

    private static func decrypt(
        _ message: [UInt8],
        _ manager: any CryptographicMaterialsManager,
        _ context: EncryptionContext,
        _ policy: CommitmentPolicy,
        isUnsignedOnly: Bool
    ) async throws -> [UInt8] {
        let client = try EncryptionSDK(
            commitmentPolicy: policy,
            maximumBufferedBytes: max(message.count, EncryptionSDK.defaultMaximumBufferedBytes)
        )
        guard isUnsignedOnly else {
            return try await client.decrypt(message, using: manager, encryptionContext: context).plaintext
        }
        let decryptor = client.decryptor(using: manager, encryptionContext: context, signedMessages: .refuse)
        var plaintext: [UInt8] = []
        try await decryptor.update(message, appendingTo: &plaintext)
        _ = try await decryptor.finish(appendingTo: &plaintext)
        return plaintext
    }
}

/// The report of an adapter, a line of JSON for each test, and the outputs next to it.
private struct Report {
    private let folder: SystemPath
    private let file: FileDescriptor
    private var counts = [0, 0, 0]
    private static let statuses = ["done", "refused", "unsupported"]

    init(_ folder: SystemPath) throws {
        self.folder = folder
        file = try Self.create(folder.appending("report.jsonl"))
    }

    private static func create(_ path: SystemPath) throws -> FileDescriptor {
        try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
    }

    /// Writes a line at once: so the runner knows which test a process died of.
    func write(_ line: JSONValue) throws {
        let text = try StrictJSON.serialize(line, pretty: false) + [UInt8(ascii: "\n")]
        try file.writeAll(text.span)
    }

    mutating func write(_ outcome: AdapterRun.Outcome, of id: String, _ number: Int) throws {
        var line: JSONObject = ["id": .string(id)]
        let place: Int
        switch outcome {
        case .done(let output):
            let file = try Self.create(folder.appending(SystemPath("\(number)")))
            try file.writeAll(output.span)
            try file.close()
            place = 0
            line["file"] = .string("\(number)")
        case .refused(let reason):
            place = 1
            line["detail"] = .string(reason)
        case .unsupported(let reason):
            place = 2
            line["detail"] = .string(reason)
        }
        line["status"] = .string(Self.statuses[place])
        counts[place] += 1
        try write(.object(line))
    }

    func close() throws {
        var line: JSONObject = ["complete": true]
        for (name, count) in zip(Self.statuses, counts) { line[name] = .integer(Int64(count)) }
        try write(.object(line))
        try file.close()
    }
}
