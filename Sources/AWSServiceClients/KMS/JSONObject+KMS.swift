internal import AWSMaterialProviders
internal import StrictJSON

extension JSONObject {
    /// Adds an encryption context, unless it is empty.
    ///
    /// - Parameters:
    ///   - context: the context.
    ///   - name: the member's name.
    mutating func add(context: EncryptionContext, as name: String) {
        guard !context.isEmpty else { return }
        self[name] = .object(
            JSONObject(context.entries.map { Member(name: $0.key, value: .string($0.value)) })
        )
    }

    /// Adds grant tokens, unless there are none.
    ///
    /// - Parameter grantTokens: the tokens.
    mutating func add(grantTokens: [String]) {
        guard !grantTokens.isEmpty else { return }
        self["GrantTokens"] = .array(grantTokens.map { .string($0) })
    }

    /// Adds an encryption algorithm, unless there is none.
    ///
    /// - Parameter algorithm: the algorithm.
    mutating func add(algorithm: KMS.EncryptionAlgorithm?) {
        guard let algorithm else { return }
        self["EncryptionAlgorithm"] = .string(algorithm.rawValue)
    }
}
