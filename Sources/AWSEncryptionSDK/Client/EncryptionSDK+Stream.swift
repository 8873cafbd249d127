public import AWSMaterialProviders

extension EncryptionSDK {
    /// A decryptor that is pushed the message chunk by chunk.
    ///
    /// - Parameters:
    ///   - keyring: opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens when the message is signed.
    public func decryptor(
        keyring: any Keyring,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedMessagePolicy = .holdUntilVerified(.inMemory)
    ) -> MessageDecryptor {
        decryptor(
            materialsManager: DefaultCMM(keyring: keyring),
            encryptionContext: encryptionContext,
            signedMessages: signedMessages
        )
    }

    /// A decryptor that is pushed the message chunk by chunk, with materials of a cryptographic materials manager.
    ///
    /// - Parameters:
    ///   - materialsManager: assembles the materials.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens when the message is signed.
    public func decryptor(
        materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedMessagePolicy = .holdUntilVerified(.inMemory)
    ) -> MessageDecryptor {
        MessageDecryptor(
            client: self,
            materialsManager: materialsManager,
            encryptionContext: encryptionContext,
            policy: signedMessages
        )
    }

    /// The plaintext of a message that arrives in chunks, as an asynchronous sequence of chunks.
    ///
    /// - Parameters:
    ///   - source: the message, in chunks of any size.
    ///   - keyring: opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens when the message is signed.
    public func decryptStream<Source: AsyncSequence>(
        _ source: Source,
        keyring: any Keyring,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedMessagePolicy = .holdUntilVerified(.inMemory)
    ) -> DecryptedStream<Source> where Source.Element == [UInt8] {
        decryptStream(
            source,
            materialsManager: DefaultCMM(keyring: keyring),
            encryptionContext: encryptionContext,
            signedMessages: signedMessages
        )
    }

    /// The plaintext of a message that arrives in chunks, with materials of a cryptographic materials manager.
    ///
    /// - Parameters:
    ///   - source: the message, in chunks of any size.
    ///   - materialsManager: assembles the materials.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens when the message is signed.
    public func decryptStream<Source: AsyncSequence>(
        _ source: Source,
        materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedMessagePolicy = .holdUntilVerified(.inMemory)
    ) -> DecryptedStream<Source> where Source.Element == [UInt8] {
        DecryptedStream(source: source) {
            decryptor(
                materialsManager: materialsManager,
                encryptionContext: encryptionContext,
                signedMessages: signedMessages
            )
        }
    }
}
