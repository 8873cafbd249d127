public import AWSMaterialProviders

extension EncryptionSDK {
    /// Encrypts a file into another one.
    ///
    /// The output is complete or absent: it appears under its name, replacing a regular file that is there, only when the message is
    /// complete and has reached the disk. A file that is replaced keeps its permissions, and a symbolic link is followed. Where a file
    /// cannot be replaced, such as at a mount point, its contents are replaced in place at the end. A device, pipe or socket is written
    /// through as the message is made.
    ///
    /// Memory is bounded by the frame length, whatever the size of the file. The work is done off the caller's actor.
    ///
    /// - Parameters:
    ///   - input: the plaintext: a path as a `String`, or as a `SystemPath` if it is not UTF-8. A `URL` needs
    ///     `AWSEncryptionSDKFoundation`.
    ///   - output: where the message goes.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which makes and wraps the data key. It is told the length of
    ///     a regular file.
    ///   - encryptionContext: pairs that are authenticated with the message. Keys that start with `aws-crypto-` are reserved.
    ///   - algorithmSuite: the suite. If nil, the materials manager chooses.
    ///   - frameLength: the length of a frame in bytes of plaintext, 1 to 2^32 - 1; one frame is held in memory.
    ///   - maximumPlaintextLength: the most bytes of plaintext; a longer file is refused. If nil, the length that a regular file has when
    ///     it is opened.
    /// - Throws: `EncryptionSDKError`, with the code `inputOutput` for files; `CancellationError`.
    @concurrent
    @discardableResult
    public func encryptFile(
        _ input: String,
        to output: String,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) async throws -> WrittenMessage {
        let source = try FileDescriptor.reading(input)
        let length = source.regularLength
        return try await FileDescriptor.replacingFile(at: output) { target in
            let encryptor = encryptor(
                using: materialsManager,
                encryptionContext: encryptionContext,
                algorithmSuite: algorithmSuite,
                frameLength: frameLength,
                maximumPlaintextLength: maximumPlaintextLength ?? length
            )
            var bytes: [UInt8] = []
            var chunk: [UInt8] = []
            repeat {
                try source.read(upTo: Self.fileChunkLength, into: &chunk)
                try await encryptor.update(chunk, appendingTo: &bytes)
                try target.writeAll(bytes.span)
                bytes.removeAll(keepingCapacity: true)
                try Task.checkCancellation()
            } while !chunk.isEmpty
            let message = try await encryptor.finish(appendingTo: &bytes)
            try target.writeAll(bytes.span)
            return message
        }
    }

    /// Decrypts a file into another one.
    ///
    /// The output is complete or absent: it appears under its name only after the whole message, including its signature, has been
    /// verified and has reached the disk; until then the plaintext lies in a temporary file that only its owner can read, and that has no
    /// name where the file system allows. The output is never readable by more users than the message is, and a file that is replaced
    /// keeps its permissions. A symbolic link is followed. Where a file cannot be replaced, such as at a mount point, its contents are
    /// replaced in place at the end. A device, pipe or socket receives the plaintext after everything has been verified.
    ///
    /// Memory is bounded by the frame length, whatever the size of the file, except for messages that have no frames, which this library
    /// reads but never writes: their body is held whole, up to the client's `maximumBufferedBytes`. The work is done off the caller's
    /// actor.
    ///
    /// - Parameters:
    ///   - input: the message: a path as a `String`, or as a `SystemPath` if it is not UTF-8. A `URL` needs `AWSEncryptionSDKFoundation`.
    ///   - output: where the plaintext goes.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    /// - Throws: `EncryptionSDKError`, with the code `inputOutput` for files; `CancellationError`.
    @concurrent
    @discardableResult
    public func decryptFile(
        _ input: String,
        to output: String,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        let source = try FileDescriptor.reading(input)
        return try await FileDescriptor.replacingFile(at: output) { target in
            try await decrypt(source, using: materialsManager, encryptionContext) {
                (plaintext) throws(EncryptionSDKError) in
                try target.writeAll(plaintext)
            }
        }
    }

    /// Verifies a message in a file without releasing any plaintext.
    ///
    /// Everything that decryption checks is checked: the data key is opened, and header, frames and signature are authenticated. Memory
    /// is bounded as by `decryptFile`. The work is done off the caller's actor.
    ///
    /// - Parameters:
    ///   - input: the message.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    /// - Throws: `EncryptionSDKError`, with the code `inputOutput` for files; `CancellationError`.
    @concurrent
    @discardableResult
    public func verifyFile(
        _ input: String,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        try await decrypt(FileDescriptor.reading(input), using: materialsManager, encryptionContext) { _ in }
    }

    /// The length of the pieces in which files are read, in bytes.
    private static let fileChunkLength = 256 << 10

    /// Hands `write` the plaintext frame by frame, before the signature has been verified: it must be able to take it all back.
    private func decrypt(
        _ source: FileDescriptor,
        using materialsManager: any CryptographicMaterialsManager,
        _ encryptionContext: EncryptionContext,
        write: (Span<UInt8>) throws(EncryptionSDKError) -> Void
    ) async throws -> VerifiedMessage {
        let decryptor = decryptor(
            using: materialsManager,
            encryptionContext: encryptionContext,
            signedMessages: .releaseFramesBeforeSignatureIsVerified
        )
        var plaintext: [UInt8] = []
        var chunk: [UInt8] = []
        while true {
            try source.read(upTo: Self.fileChunkLength, into: &chunk)
            if chunk.isEmpty { break }
            try await decryptor.update(chunk, appendingTo: &plaintext)
            try write(plaintext.span)
            plaintext.removeAll(keepingCapacity: true)
            try Task.checkCancellation()
        }
        let message = try await decryptor.finish(appendingTo: &plaintext)
        try write(plaintext.span)
        return message
    }
}
