import AWSMaterialProviders
import StrictJSON

/// One test of an encrypt or decrypt-generate manifest that has been run.
struct GeneratedTest: RunResult {
    /// A test of the decrypt manifest.
    struct Vector: Sendable {
        let id: String
        let value: JSONValue
        let mustDecrypt: Bool
    }

    /// The test that was run.
    let test: EncryptTest
    /// Passed if it was written, skipped if it cannot be, failed if it is broken.
    let result: TestResult
    /// The tests that were written for it.
    let vectors: [Vector]

    var status: TestStatus { result.status }
}

/// Makes the tests of a decrypt manifest from those of an encrypt or decrypt-generate manifest.
struct TestGenerator: Sendable {
    /// The keys that the tests encrypt with.
    let keys: KeyTable
    let encryptor: ScenarioEncryptor
    let plaintexts: PlaintextStore
    let writer: DecryptTestWriter
    let verifier: VectorVerifier
    let output: OutputFolder
    /// Why entries of the keys manifest cannot be written for decryption: tests that are decrypted with them cannot be either.
    let keyProblems: [JSONName: VectorError]
    /// The ids of all tests of the manifest, none of which a test that is derived from another may have.
    let reservedIDs: Set<JSONName>

    /// Makes the decrypt tests of one test, and writes their messages.
    ///
    /// - Parameters:
    ///   - test: the test.
    ///   - position: its position in the manifest, which names files whose test's id cannot.
    /// - Returns: the result; nil if the run ended first.
    /// - Throws: `VectorError` where a file cannot be written.
    func generate(_ test: EncryptTest, at position: Int) async throws(VectorError) -> GeneratedTest? {
        var batch = Batch(test: test, position: position)
        do {
            try await generate(&batch)
            return GeneratedTest(test: test, result: result(of: test, nil), vectors: batch.vectors)
        } catch let error as VectorError where error.code == .notWritable {
            throw error
        } catch {
            for name in batch.files { output.remove(name) }
            guard let problem = error as? VectorError else { return nil }
            return GeneratedTest(test: test, result: result(of: test, problem), vectors: [])
        }
    }

    private func result(of test: EncryptTest, _ problem: VectorError?) -> TestResult {
        let instructions = try? test.content.get()
        let isBroken = problem.map { $0.code != .unsupported } ?? false
        return TestResult(
            id: test.id,
            description: test.description,
            status: problem == nil ? .passed : isBroken ? .failed : .skipped,
            suite: instructions?.suite.idText,
            keyring: instructions?.encryptKeys.description.summary(keys: keys),
            cases: [],
            reason: problem?.reason,
            failure: isBroken ? .brokenSet : nil
        )
    }

    /// What has been made of a test so far.
    private struct Batch {
        let test: EncryptTest
        let position: Int
        var vectors: [GeneratedTest.Vector] = []
        var files: [String] = []
        /// Whether the message that the tests are altered from opens here.
        var opens = false
    }

    private func generate(_ batch: inout Batch) async throws {
        let instructions = try batch.test.content.get()
        if let problem = writer.problem(with: instructions) { throw problem }
        for name in instructions.decryptKeys.keyNames {
            if let problem = keyProblems[name] { throw problem }
        }
        let plaintext = try plaintexts.bytes(instructions.plaintextName)
        let id = batch.test.id
        switch instructions.tampering {
        case .none:
            let message = try await encryptor.message(instructions, plaintext: plaintext, id: id)
            let wanted = instructions.refusal == nil ? plaintext : nil
            try await add(message, refusal: instructions.refusal, plaintext: wanted, instructions, to: &batch)
        case .truncate:
            let message = try await encryptor.message(instructions, plaintext: plaintext, id: id)
            try Self.checkCount(message.count - 1, "truncated messages")
            batch.opens = await opens(message, plaintext: plaintext, instructions, batch)
            for count in 1..<message.count {
                let reason = "Truncated at byte \(count)"
                let altered = Array(message[..<count])
                try await add(altered, as: "truncated-at-\(count)", refusal: reason, instructions, to: &batch)
            }
        case .mutate:
            let message = try await encryptor.message(instructions, plaintext: plaintext, id: id)
            try Self.checkCount(8 * message.count, "mutated messages")
            batch.opens = await opens(message, plaintext: plaintext, instructions, batch)
            for bit in 0..<8 * message.count {
                var altered = message
                altered[bit / 8] ^= 0x80 >> UInt8(bit % 8)
                let reason = "Bit \(bit) flipped"
                try await add(altered, as: "bit-\(bit)-flipped", refusal: reason, instructions, to: &batch)
            }
        case .halfSign:
            let message = try await encryptor.halfSignedMessage(instructions, plaintext: plaintext, id: id)
            let reason = "Unsigned message using a data key with a public key"
            try await add(message, refusal: reason, instructions, to: &batch)
        case .changeProviderInfo(let texts):
            let messages = try await encryptor.messages(
                instructions,
                withProviderInfo: texts,
                plaintext: plaintext,
                id: id
            )
            for (index, (message, text)) in zip(messages, texts).enumerated() {
                let suffix = messages.count == 1 ? nil : "provider-info-\(index + 1)"
                let shown = String(decoding: text, as: UTF8.self)
                let reason = "Incorrect encrypted data key provider info: \(shown)"
                try await add(message, as: suffix, refusal: reason, instructions, to: &batch)
            }
        }
    }

    /// The most messages that are derived from one by truncation or mutation; each is a file.
    static let mostDerived = 32_768

    private static func checkCount(_ count: Int, _ what: String) throws(VectorError) {
        guard count <= mostDerived else {
            throw .unsupported(
                "\(count) \(what) are more than the \(mostDerived) that are written; use a shorter plaintext"
            )
        }
    }

    /// Whether a message opens before it is altered.
    private func opens(
        _ message: [UInt8],
        plaintext: [UInt8],
        _ instructions: EncryptInstructions,
        _ batch: Batch
    ) async -> Bool {
        let path = plaintexts.path(instructions.plaintextName)
        let test = DecryptTestWriter.Test(id: batch.test.id, ciphertextPath: path, expected: .plaintext(path: path))
        do {
            let value = try writer.test(test, of: instructions, description: nil)
            try await verifier.verify(value, id: batch.test.id, message: message, plaintext: plaintext)
            return true
        } catch {
            return false
        }
    }

    /// Verifies and writes a message and its test.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - suffix: tells the test from others made of the same one; nil for the only one, which keeps the id.
    ///   - refusal: why it must be refused; nil if it must decrypt.
    ///   - plaintext: the plaintext that is expected; nil when a refusal is.
    private func add(
        _ message: [UInt8],
        as suffix: String? = nil,
        refusal: String?,
        plaintext: [UInt8]? = nil,
        _ instructions: EncryptInstructions,
        to batch: inout Batch
    ) async throws {
        if Interruption.hasHappened { throw CancellationError() }
        var id = batch.test.id
        var file = FileNames.name(for: id, at: batch.position)
        if let suffix {
            id += "-" + suffix
            file += "-" + suffix
            while reservedIDs.contains(JSONName(id)) {
                id += "-"
                file += "-"
            }
        }
        let path = "ciphertexts/" + file
        let plaintextPath = plaintexts.path(instructions.plaintextName)
        let value = try writer.test(
            DecryptTestWriter.Test(
                id: id,
                ciphertextPath: path,
                expected: refusal.map { .refusal($0) } ?? .plaintext(path: plaintextPath)
            ),
            of: instructions,
            description: description(of: batch.test, suffix: suffix)
        )
        try await verifier.verify(value, id: id, message: message, plaintext: plaintext, isAltered: batch.opens)
        try output.write(path, message)
        batch.files.append(path)
        batch.vectors.append(GeneratedTest.Vector(id: id, value: value, mustDecrypt: refusal == nil))
    }

    private func description(of test: EncryptTest, suffix: String?) -> String? {
        guard let suffix, let description = test.description else { return test.description }
        return "\(description) (\(suffix))"
    }
}
