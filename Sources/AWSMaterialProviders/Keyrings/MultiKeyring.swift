/// Several keyrings as one (framework/multi-keyring.md): it opens what any of them can open.
public struct MultiKeyring: Keyring {
    private let generator: (any Keyring)?
    private let childKeyrings: [any Keyring]

    // spec: multi-keyring/inputs, multi-keyring/generator-keyring, multi-keyring/child-keyrings
    /// A keyring of `generator` and `childKeyrings`, tried in this order.
    ///
    /// - Throws: `invalidConfiguration` when there is neither.
    public init(generator: (any Keyring)?, childKeyrings: [any Keyring] = []) throws(EncryptionSDKError) {
        guard generator != nil || !childKeyrings.isEmpty else {
            throw EncryptionSDKError(.invalidConfiguration, "a multi-keyring needs a generator or a child keyring")
        }
        self.generator = generator
        self.childKeyrings = childKeyrings
    }

    private var keyrings: [any Keyring] { (generator.map { [$0] } ?? []) + childKeyrings }

    /// The keyring's name in errors.
    public var description: String { "multi-keyring of \(keyrings.count)" }

    // spec: multi-keyring/onencrypt
    /// Lets the generator make the data key, and every keyring wrap it: generator first, then the children in their order.
    ///
    /// - Throws: `dataKeyAlreadyPresent` when there is a generator and a data key; `invalidMaterials` when there is neither, or when
    ///   a keyring breaks its contract; what any of the keyrings throws: none is left out.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        var result = materials
        if let generator {
            guard result.plaintextDataKey == nil else {
                throw EncryptionSDKError(
                    .dataKeyAlreadyPresent,
                    "the encryption materials hold a data key, which the generator of a multi-keyring is to make"
                )
            }
            result = try await generator.onEncrypt(consume result)
        }
        guard let dataKey = result.plaintextDataKey else {
            throw EncryptionSDKError(
                .invalidMaterials,
                generator.map { "the generator \($0) made no data key" }
                    ?? "a multi-keyring without a generator was given no data key to wrap; name a generator"
            )
        }
        for keyring in childKeyrings {
            // Handed over, so that adding to the list of encrypted data keys does not copy it.
            result = try await keyring.onEncrypt(consume result)
            guard result.plaintextDataKey == dataKey else {
                throw EncryptionSDKError(.invalidMaterials, "the child keyring \(keyring) exchanged the data key")
            }
        }
        return result
    }

    // spec: multi-keyring/ondecrypt
    /// Lets one keyring after the other try all encrypted data keys.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try materials.requireNoDataKey()
        var refusals = DataKeyRefusals()
        for keyring in keyrings {
            try Task.checkCancellation()
            do {
                let result = try await keyring.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
                if result.plaintextDataKey != nil { return result }
                refusals.add(
                    EncryptionSDKError(.noDataKey, "returned materials without a data key"),
                    by: keyring.description
                )
            } catch let error as CancellationError {
                throw error
            } catch {
                let error = error as? EncryptionSDKError ?? EncryptionSDKError(keyringFailure: error)
                refusals.add(error, by: keyring.description)
            }
        }
        throw refusals.error("none of \(keyrings.count) keyrings opened an encrypted data key")
    }
}
