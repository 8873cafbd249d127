import AWSMaterialProviders
import StrictJSON

/// Writes the tests of a decrypt manifest.
struct DecryptTestWriter {
    /// The parts of a test that its scenario does not state.
    struct Test {
        /// The id.
        let id: String
        /// The path of the message below the set's folder.
        let ciphertextPath: String
        /// The expected result of decrypting it.
        let expected: Expected
    }

    /// The expected result of decrypting.
    enum Expected {
        /// The plaintext at a path below the set's folder.
        case plaintext(path: String)
        /// A refusal, and why.
        case refusal(String)
    }

    let format: SetFormat

    /// Why a scenario cannot be expressed; nil if it can.
    func problem(with instructions: EncryptInstructions) -> VectorError? {
        do throws(VectorError) {
            _ = try members(instructions)
            return nil
        } catch {
            return error
        }
    }

    /// A test.
    ///
    /// - Throws: a skip where the format cannot express it.
    func test(
        _ test: Test,
        of instructions: EncryptInstructions,
        description: String?
    ) throws(VectorError) -> JSONValue {
        let own = try members(instructions)
        let ciphertext = JSONValue.string("file://" + test.ciphertextPath)
        let isRefusal: Bool
        let result: JSONValue
        switch test.expected {
        case .plaintext(let path):
            isRefusal = false
            let uri = JSONValue.string("file://" + path)
            result = format == .v5 ? uri : ["output": ["plaintext": uri]]
        case .refusal(let reason):
            isRefusal = true
            result = ["error": ["error-description": .string(reason)]]
        }
        guard format == .v5 else {
            var object = JSONObject()
            if let description { object["description"] = .string(description) }
            object["ciphertext"] = ciphertext
            for member in own.members { object[member.name] = member.value }
            object["result"] = result
            return .object(object)
        }
        var scenario: JSONObject = [
            "type": isRefusal ? "negative-esdk" : "positive-esdk",
            "description": .string(description ?? test.id),
            "ciphertext": ciphertext,
            "result": result,
        ]
        for member in own.members { scenario[member.name] = member.value }
        return ["decryption-scenario": .object(scenario)]
    }

    /// The members that follow from the scenario.
    private func members(_ instructions: EncryptInstructions) throws(VectorError) -> JSONObject {
        switch format {
        case .v2, .v4: try listMembers(instructions)
        case .v5: try scenarioMembers(instructions)
        }
    }

    private func listMembers(_ instructions: EncryptInstructions) throws(VectorError) -> JSONObject {
        var object: JSONObject = [
            "master-keys": try instructions.decryptKeys.list(in: format)
        ]
        if instructions.method == .streamingUnsignedOnly { object["decryption-method"] = "streaming-unsigned-only" }
        let required = requiredContextKeys(instructions)
        if !required.isEmpty {
            guard format == .v4 else {
                throw .unsupported("a required encryption context cannot be expressed in v2; v4 and v5 can")
            }
            let all = Set(instructions.encryptionContext.pairs.map(\.key))
            guard Set(required) == all,
                instructions.reproducedContext.map({ Set($0.pairs) == Set(instructions.encryptionContext.pairs) })
                    ?? true
            else {
                throw .unsupported("a required encryption context of some pairs only cannot be expressed in v4; v5 can")
            }
        }
        if format == .v4 {
            object["cmm"] = required.isEmpty ? "Default" : "RequiredEncryptionContext"
            object["encryption-context"] = Self.object(instructions.encryptionContext)
        }
        return object
    }

    private func scenarioMembers(_ instructions: EncryptInstructions) throws(VectorError) -> JSONObject {
        guard instructions.method == .any else {
            throw .unsupported("a decryption method cannot be expressed in v5; v2 and v4 can")
        }
        var byCMM: [[UInt8]] = []
        if case .requiredEncryptionContext = instructions.cmm { byCMM = instructions.requiredContextKeys }
        return [
            "algorithmSuiteId": .string(instructions.suite.idText),
            "frame-size": .integer(Int64(instructions.frameLength)),
            "decryptKeyDescription": instructions.decryptKeys.object(requiredContextKeys: byCMM),
            "reproduced-encryption-context": Self.object(
                instructions.reproducedContext ?? instructions.encryptionContext
            ),
        ]
    }

    /// The keys of pairs that decryption must be given: those that the message does not store, and those that are asked for.
    private func requiredContextKeys(_ instructions: EncryptInstructions) -> [[UInt8]] {
        var required = instructions.requiredContextKeys
        for key in instructions.decryptKeys.description.requiredContextKeys where !required.contains(key) {
            required.append(key)
        }
        return required
    }

    private static func object(_ context: ContextPairs) -> JSONValue {
        .object(
            JSONObject(
                context.pairs.map { pair in
                    JSONObject.Member(
                        name: String(decoding: pair.key, as: UTF8.self),
                        value: .string(String(decoding: pair.value, as: UTF8.self))
                    )
                }
            )
        )
    }
}

extension SetFormat {
    /// The format that a manifest is answered in when none is asked for.
    ///
    /// An encrypt manifest is answered in the one that can express every keyring. Tests that must fail are at home in version 2, and
    /// a decrypt-generate manifest of version 4 has materials managers, which version 4 can express.
    package init(answering header: ManifestHeader) {
        switch (header.kind, header.version) {
        case (.encrypt, _): self = .v5
        case (_, 4): self = .v4
        default: self = .v2
        }
    }
}
