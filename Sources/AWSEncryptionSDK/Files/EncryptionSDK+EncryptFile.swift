public import AWSMaterialProviders

extension EncryptionSDK {
    /// Encrypts a file into another one.
    ///
    /// The output appears under its name, replacing what was there, only when the message is complete; until then it is a temporary
    /// file in the same directory. Memory is bounded by the frame length, whatever the size of the file.
    ///
    /// - Parameters:
    ///   - inputPath: the plaintext.
    ///   - outputPath: where the message goes.
    ///   - keyring: makes and wraps the data key.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil for the default of the commitment policy.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; a longer file is refused.
    /// - Throws: `EncryptionSDKError`, `inputOutput` for files among them; `CancellationError`.
    @discardableResult
    public func encryptFile(
        _ inputPath: String,
        to outputPath: String,
        keyring: any Keyring,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) async throws -> WrittenMessage {
        try await encryptFile(
            inputPath,
            to: outputPath,
            materialsManager: DefaultCMM(keyring: keyring),
            encryptionContext: encryptionContext,
            algorithmSuite: algorithmSuite,
            frameLength: frameLength,
            maximumPlaintextLength: maximumPlaintextLength
        )
    }

    /// Encrypts a file into another one, with materials of a cryptographic materials manager.
    ///
    /// - Parameters:
    ///   - inputPath: the plaintext.
    ///   - outputPath: where the message goes.
    ///   - materialsManager: assembles the materials.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; a longer file is refused.
    /// - Throws: `EncryptionSDKError`, `inputOutput` for files among them; `CancellationError`.
    @discardableResult
    public func encryptFile(
        _ inputPath: String,
        to outputPath: String,
        materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) async throws -> WrittenMessage {
        let input = try FileDescriptor.reading(inputPath)
        return try await FileDescriptor.replacingFile(at: outputPath) { output in
            var encryptor = encryptor(
                materialsManager: materialsManager,
                encryptionContext: encryptionContext,
                algorithmSuite: algorithmSuite,
                frameLength: frameLength,
                maximumPlaintextLength: maximumPlaintextLength
            )
            var bytes: [UInt8] = []
            var chunk: [UInt8] = []
            repeat {
                try input.read(upTo: Self.fileChunkLength, into: &chunk)
                try await encryptor.update(chunk, appendingTo: &bytes)
                try output.writeAll(bytes.span)
                bytes.removeAll(keepingCapacity: true)
                try Task.checkCancellation()
            } while !chunk.isEmpty
            let message = encryptor.message
            try await encryptor.finish(appendingTo: &bytes)
            try output.writeAll(bytes.span)
            guard let message else { throw EncryptionSDKError(.encryptorFinished, "the message was not started") }
            return message
        }
    }
}
