public import AWSMaterialProviders

extension EncryptionSDK {
    /// An encryptor that is pushed the plaintext chunk by chunk.
    ///
    /// - Parameters:
    ///   - keyring: makes and wraps the data key.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil for the default of the commitment policy.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; more are refused the moment they arrive.
    public func encryptor(
        keyring: any Keyring,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) -> MessageEncryptor {
        encryptor(
            materialsManager: DefaultCMM(keyring: keyring),
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            maximumPlaintextLength: maximumPlaintextLength
        )
    }

    /// An encryptor that is pushed the plaintext chunk by chunk, with materials of a cryptographic materials manager.
    ///
    /// - Parameters:
    ///   - materialsManager: assembles the materials.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; more are refused the moment they arrive.
    public func encryptor(
        materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) -> MessageEncryptor {
        let settings = EncryptionSettings(
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            maximumPlaintextLength: maximumPlaintextLength,
            maximumPendingLength: maximumBufferedBytes
        )
        return MessageEncryptor(client: self, materialsManager: materialsManager, settings: settings)
    }

    /// The message of a plaintext that arrives in chunks, as an asynchronous sequence of chunks.
    ///
    /// - Parameters:
    ///   - source: the plaintext, in chunks of any size.
    ///   - keyring: makes and wraps the data key.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil for the default of the commitment policy.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; more are refused the moment they arrive.
    public func encryptStream<Source: AsyncSequence>(
        _ source: Source,
        keyring: any Keyring,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) -> EncryptedStream<Source> where Source.Element == [UInt8] {
        encryptStream(
            source,
            materialsManager: DefaultCMM(keyring: keyring),
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            maximumPlaintextLength: maximumPlaintextLength
        )
    }

    /// The message of a plaintext that arrives in chunks, with materials of a cryptographic materials manager.
    ///
    /// - Parameters:
    ///   - source: the plaintext, in chunks of any size.
    ///   - materialsManager: assembles the materials.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; more are refused the moment they arrive.
    public func encryptStream<Source: AsyncSequence>(
        _ source: Source,
        materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) -> EncryptedStream<Source> where Source.Element == [UInt8] {
        EncryptedStream(source: source) {
            encryptor(
                materialsManager: materialsManager,
                encryptionContext: encryptionContext,
                algorithmSuite: algorithmSuite,
                frameLength: frameLength,
                maximumPlaintextLength: maximumPlaintextLength
            )
        }
    }
}
