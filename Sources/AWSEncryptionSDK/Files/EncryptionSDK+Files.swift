public import AWSMaterialProviders

extension EncryptionSDK {
    /// The length of the pieces in which files are read, in bytes.
    static let fileChunkLength = 256 << 10

    /// Decrypts a file into another one.
    ///
    /// - Parameters:
    ///   - inputPath: the message.
    ///   - outputPath: where the plaintext goes.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    /// - Throws: `EncryptionSDKError`, `inputOutput` for files among them; `CancellationError`.
    @discardableResult
    public func decryptFile(
        _ inputPath: String,
        to outputPath: String,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        let input = try FileDescriptor.reading(inputPath)
        return try await FileDescriptor.replacingFile(at: outputPath) { output in
            try await decrypt(
                input,
                to: output,
                using: materialsManager,
                encryptionContext: encryptionContext
            )
        }
    }

    private func decrypt(
        _ input: FileDescriptor,
        to output: FileDescriptor,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext
    ) async throws -> VerifiedMessage {
        // The output file has no name yet, so frames may go there before the signature has been verified.
        var decryptor = decryptor(
            using: materialsManager,
            encryptionContext: encryptionContext,
            signedMessages: .releaseFramesBeforeSignatureIsVerified
        )
        var plaintext: [UInt8] = []
        var chunk: [UInt8] = []
        while true {
            try input.read(upTo: Self.fileChunkLength, into: &chunk)
            if chunk.isEmpty { break }
            try await decryptor.update(chunk, appendingTo: &plaintext)
            try output.writeAll(plaintext.span)
            plaintext.removeAll(keepingCapacity: true)
            try Task.checkCancellation()
        }
        let message = decryptor.message
        var rest = try await decryptor.finish()
        while let chunk = try rest.next() { try output.writeAll(chunk.span) }
        guard let message else { throw EncryptionSDKError(.truncatedMessage, "the input ends inside the header") }
        return message
    }
}

extension EncryptionSDK {
    /// Encrypts a file into another one.
    ///
    /// - Parameters:
    ///   - inputPath: the plaintext.
    ///   - outputPath: where the message goes.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite; nil leaves the choice to the materials manager.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; a longer file is refused.
    /// - Throws: `EncryptionSDKError`, `inputOutput` for files among them; `CancellationError`.
    @discardableResult
    public func encryptFile(
        _ inputPath: String,
        to outputPath: String,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) async throws -> WrittenMessage {
        let input = try FileDescriptor.reading(inputPath)
        return try await FileDescriptor.replacingFile(at: outputPath) { output in
            var encryptor = encryptor(
                using: materialsManager,
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
