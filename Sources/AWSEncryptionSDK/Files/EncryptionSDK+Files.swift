public import AWSMaterialProviders
public import ESDKSystem

extension EncryptionSDK {
    /// Encrypts a file into another one.
    ///
    /// The output is complete or absent: it appears under its name, replacing a regular file that is there, only when the message is
    /// complete and has reached the disk. A file that is replaced keeps its permissions and its access control list; its other names
    /// (hard links) keep the old contents. A symbolic link is followed. Where a file cannot be replaced, such as at a mount point, its
    /// contents are replaced in place at the end. A device, pipe or socket is written through as the message is made.
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
    /// - Returns: what is known of the message, and whether the output was written in place.
    /// - Throws: `EncryptionSDKError`, with the code `inputOutput` for files; `CancellationError`.
    @concurrent
    @discardableResult
    public func encryptFile(
        _ input: some FileLocation,
        to output: some FileLocation,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        algorithmSuite: AlgorithmSuite? = nil,
        frameLength: Int = defaultFrameLength,
        maximumPlaintextLength: UInt64? = nil
    ) async throws -> WrittenMessage {
        let (input, output) = (try input.systemPath(), try output.systemPath())
        return try await withSystemErrors {
            try await encrypt(
                FileSource(try .reading(input)),
                to: FileSink(FileOutput(output)),
                using: materialsManager,
                encryptionContext: encryptionContext,
                algorithmSuite: algorithmSuite,
                frameLength: frameLength,
                maximumPlaintextLength: maximumPlaintextLength
            )
        }
    }

    /// Decrypts a file into another one.
    ///
    /// The output is complete or absent: it appears under its name only after the whole message, including its signature, has been
    /// verified and has reached the disk; until then the plaintext lies in a temporary file that only its owner can read, and that has no
    /// name where the file system allows. The output is never readable by more users than the message is, and a file that is replaced
    /// keeps its permissions; its other names (hard links) keep the old contents. A symbolic link is followed. Where a file cannot be
    /// replaced, such as at a mount point, its contents are replaced in place at the end. A device, pipe or socket receives the plaintext
    /// after everything has been verified.
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
    /// - Returns: what is known of the message, and whether the output was written in place.
    /// - Throws: `EncryptionSDKError`, with the code `inputOutput` for files; `CancellationError`.
    @concurrent
    @discardableResult
    public func decryptFile(
        _ input: some FileLocation,
        to output: some FileLocation,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        let (input, output) = (try input.systemPath(), try output.systemPath())
        return try await withSystemErrors {
            let source = try FileDescriptor.reading(input)
            var rules = FileOutput.Rules()
            rules.noWiderThan = try source.status()
            return try await decrypt(
                FileSource(source),
                to: FileSink(FileOutput(output, rules)),
                using: materialsManager,
                encryptionContext: encryptionContext
            )
        }
    }

    /// Decrypts a part of a message in a file, reading only the frames that hold it.
    ///
    /// `decryptRange(_:of:using:encryptionContext:signedMessages:)` for a file, which must be a regular one. The work is done off the
    /// caller's actor.
    ///
    /// - Parameters:
    ///   - range: the part, in bytes of plaintext; what lies beyond the end is left out.
    ///   - input: the message.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    ///   - signedMessages: what happens if the message is signed.
    /// - Throws: `EncryptionSDKError`, with the code `inputOutput` for files; `CancellationError`.
    @concurrent
    public func decryptRange(
        _ range: Range<UInt64>,
        of input: some FileLocation,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext(),
        signedMessages: SignedRangePolicy = .refuse
    ) async throws -> DecryptionResult {
        let input = try input.systemPath()
        return try await withSystemErrors {
            try await decryptRange(
                range,
                of: RandomAccessFile(try .reading(input)),
                using: materialsManager,
                encryptionContext: encryptionContext,
                signedMessages: signedMessages
            )
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
        _ input: some FileLocation,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        let input = try input.systemPath()
        return try await withSystemErrors {
            try await decrypt(
                FileSource(try .reading(input)),
                to: nil,
                using: materialsManager,
                encryptionContext: encryptionContext
            )
        }
    }
}

/// What names a file: a `String`, a `SystemPath`, or with `AWSEncryptionSDKFoundation` a `URL`.
public protocol FileLocation: Sendable {
    /// The path as the operating system takes it.
    ///
    /// - Throws: `invalidConfiguration` if this does not name a file.
    func systemPath() throws(EncryptionSDKError) -> SystemPath
}

extension String: FileLocation {
    /// The path that the text spells in UTF-8.
    public func systemPath() -> SystemPath { SystemPath(self) }
}

extension SystemPath: FileLocation {
    /// This path.
    public func systemPath() -> SystemPath { self }
}
