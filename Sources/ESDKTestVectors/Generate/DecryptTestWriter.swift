import AWSMaterialProviders
import StrictJSON

/// Writes the tests of a decrypt manifest.
struct DecryptTestWriter {
    /// What a test says besides what its scenario does.
    struct Test {
        /// The id.
        let id: String
        /// The path of the message below the set's folder.
        let ciphertextPath: String
        /// What must come of decrypting.
        let expected: Expected
    }

    /// What must come of decrypting.
    enum Expected {
        /// The plaintext at a path below the set's folder.
        case plaintext(path: String)
        /// A refusal, and why.
        case refusal(String)
    }

    let format: SetFormat

    /// Why a scenario cannot be expressed; nil where it can.
    func problem(with instructions: EncryptInstructions) -> TestProblem? {
        do throws(TestProblem) {
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
    ) throws(TestProblem) -> JSONValue {
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
    private func members(_ instructions: EncryptInstructions) throws(TestProblem) -> JSONObject {
        switch format {
        case .v2, .v4: try listMembers(instructions)
        case .v5: try scenarioMembers(instructions)
        }
    }

    private func listMembers(_ instructions: EncryptInstructions) throws(TestProblem) -> JSONObject {
        var object: JSONObject = [
            "master-keys": try KeyDescriptionWriter(format: format).list(instructions.decryptKeys)
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

    private func scenarioMembers(_ instructions: EncryptInstructions) throws(TestProblem) -> JSONObject {
        guard instructions.method == .any else {
            throw .unsupported("a decryption method cannot be expressed in v5; v2 and v4 can")
        }
        var byCMM: [[UInt8]] = []
        if case .requiredEncryptionContext = instructions.cmm { byCMM = instructions.requiredContextKeys }
        return [
            "algorithmSuiteId": .string(instructions.suite.idText),
            "frame-size": .integer(Int64(instructions.frameLength)),
            "decryptKeyDescription": KeyDescriptionWriter(format: format).object(
                instructions.decryptKeys,
                requiredContextKeys: byCMM
            ),
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
