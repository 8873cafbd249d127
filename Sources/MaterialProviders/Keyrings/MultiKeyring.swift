/// Several keyrings as one (framework/multi-keyring.md): whatever one of them can open, it opens.
public struct MultiKeyring: Keyring {
    private let generator: (any Keyring)?
    private let childKeyrings: [any Keyring]

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

    /// Lets one keyring after the other try all encrypted data keys.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        try materials.requireNoDataKey()
        var refusals: [DataKeyRefusal] = []
        for keyring in keyrings {
            do {
                let result = try await keyring.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
                if result.plaintextDataKey != nil { return result }
                refusals.append(
                    DataKeyRefusal(
                        encryptedDataKey: nil,
                        keyring: keyring.description,
                        error: EncryptionSDKError(.noDataKey, "returned materials without a data key")
                    )
                )
            } catch let error as CancellationError {
                throw error
            } catch let error as EncryptionSDKError where error.code == .noDataKey && !error.refusals.isEmpty {
                refusals.append(contentsOf: error.refusals)
            } catch {
                let error = error as? EncryptionSDKError ?? EncryptionSDKError(.noDataKey, "\(error)")
                refusals.append(DataKeyRefusal(encryptedDataKey: nil, keyring: keyring.description, error: error))
            }
        }
        throw EncryptionSDKError(
            .noDataKey,
            "none of \(keyrings.count) keyrings opened an encrypted data key",
            refusals: refusals
        )
    }
}
