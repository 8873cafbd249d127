import CryptoPrimitives
public import MaterialProviders

extension EncryptionSDK {
    /// Decrypts a message that is in memory (client-apis/decrypt.md).
    ///
    /// The plaintext is returned whole and only after everything, the signature included, has been verified.
    ///
    /// - Parameters:
    ///   - message: the message, all of it.
    ///   - keyring: opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with. A pair that is not stored in the message is
    ///     authenticated with it. Any key is allowed.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; what a custom keyring throws.
    public func decrypt(
        _ message: [UInt8],
        keyring: any Keyring,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> DecryptionResult {
        try await decrypt(message, materialsManager: DefaultCMM(keyring: keyring), encryptionContext: encryptionContext)
    }

    /// Decrypts a message that is in memory, with materials of a cryptographic materials manager.
    ///
    /// - Parameters:
    ///   - message: the message, all of it.
    ///   - materialsManager: assembles the materials.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; what a custom keyring or materials manager throws.
    public func decrypt(
        _ message: [UInt8],
        materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> DecryptionResult {
        var reader = MessageReader(readerConfiguration(maximumUnitLength: .max))
        var plaintext: [UInt8] = []
        do {
            let headerLength = try reader.read(message.span, appendingTo: &plaintext)
            guard reader.needsMaterials, let header = reader.parsedHeader else {
                try reader.finish()
                throw EncryptionSDKError(.truncatedMessage, "the input ends inside the header")
            }
            let materials = try await materialsManager.decryptMaterials(
                for: header,
                client: self,
                context: encryptionContext
            )
            try reader.start(with: materials)
            // A plaintext is never longer than the body that it comes from.
            plaintext.reserveCapacity(message.count - headerLength)
            _ = try reader.read(message.span.extracting(headerLength...), appendingTo: &plaintext)
            try reader.finish()
            return DecryptionResult(
                plaintext: plaintext,
                message: VerifiedMessage(
                    header: header,
                    materials: materials,
                    neededNetV4_0_0Rules: reader.neededNetV4_0_0Rules
                )
            )
        } catch {
            zeroize(&plaintext)
            throw error
        }
    }
}

extension CryptographicMaterialsManager {
    /// The materials of the message with this header.
    func decryptMaterials(
        for header: MessageHeader,
        client: EncryptionSDK,
        context: EncryptionContext
    ) async throws -> DecryptionMaterials {
        try await decryptMaterials(
            for: DecryptMaterialsRequest(
                algorithmSuite: header.algorithmSuite,
                commitmentPolicy: client.commitmentPolicy,
                encryptedDataKeys: header.encryptedDataKeys,
                encryptionContext: header.encryptionContext,
                reproducedEncryptionContext: context
            )
        )
    }
}
