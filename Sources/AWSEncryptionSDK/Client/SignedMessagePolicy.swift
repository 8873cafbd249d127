import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// What a stream does with a signed message, whose plaintext may not be trusted before the signature at its very end has been
/// verified.
///
/// Unsigned messages stream frame by frame under each of the policies.
public enum SignedMessagePolicy: Sendable, Hashable {
    /// Where held plaintext waits.
    public enum Holding: Sendable, Hashable {
        /// In memory up to the client's `maximumBufferedBytes`, and in a temporary file from there on.
        ///
        /// The file holds plaintext. It has no name, only this process can read it, and it is gone when the process is. It lies in
        /// `directory`; if that is nil, in the directory that `TMPDIR` names when the message arrives, or else in `/tmp`.
        case memoryThenTemporaryFile(directory: String? = nil)
        /// In memory; more than the client's `maximumBufferedBytes` is refused with `bufferLimitExceeded`.
        case inMemory
        /// In a temporary file from the start, like that of `memoryThenTemporaryFile`.
        case temporaryFile(directory: String? = nil)
    }

    /// Refuses signed messages right after the header: for streams that must never wait.
    case refuse
    /// Hands out nothing before the signature has been verified.
    case holdUntilVerified(Holding)
    /// Hands out frames, each authenticated by itself, *before* the signature has been verified; only the final frame waits for it.
    ///
    /// Code that acts on the frames must be able to undo everything if the end of the stream throws.
    case releaseFramesBeforeSignatureIsVerified

    /// The policy unless another one is chosen: nothing is handed out before the signature has been verified, and messages of any size
    /// can be read, because plaintext beyond the client's `maximumBufferedBytes` waits in an unnamed temporary file.
    public static let `default` = SignedMessagePolicy.holdUntilVerified(.memoryThenTemporaryFile())
}

/// The plaintext that waits for the end of its message: what a signed message held back.
///
/// Empty for an unsigned one.
struct HeldPlaintext: Sendable {
    /// The length of the chunks that come from a temporary file, in bytes.
    private static let chunkLength = 256 << 10

    private let maximumLength: Int
    private var holding = SignedMessagePolicy.Holding.inMemory
    private var buffer: [UInt8] = []
    private var file: FileDescriptor?
    /// How much of the file has been handed out, in bytes.
    private var fileOffset = 0

    /// Shows tests what plaintext leaves behind when it is wiped.
    var inspection: (@Sendable (Span<UInt8>) -> Void)?

    init(maximumLength: Int) { self.maximumLength = maximumLength }

    /// The next piece of the plaintext, or nil at its end.
    ///
    /// - Throws: `inputOutput` if the temporary file cannot be read.
    mutating func next() throws(EncryptionSDKError) -> [UInt8]? {
        if let file {
            let chunk = try withSystemErrors { () throws(SystemError) in
                try file.read(upTo: Self.chunkLength, at: fileOffset)
            }
            fileOffset += chunk.count
            return chunk.isEmpty ? nil : chunk
        }
        guard !buffer.isEmpty else { return nil }
        defer { buffer = [] }
        return buffer
    }

    /// Says where the plaintext is to wait; to be called before anything is held.
    mutating func prepare(_ holding: SignedMessagePolicy.Holding) throws(EncryptionSDKError) {
        self.holding = holding
        if case .temporaryFile(let directory) = holding { file = try Self.makeFile(in: directory) }
    }

    /// Adds what `body` appends; if it throws, or if too much is held, everything is wiped.
    mutating func append(
        _ body: (inout [UInt8]) throws(EncryptionSDKError) -> Int
    ) throws(EncryptionSDKError) -> Int {
        do throws(EncryptionSDKError) {
            let count = try body(&buffer)
            if file == nil && buffer.count > maximumLength { try spill() }
            if let file {
                try withSystemErrors { () throws(SystemError) in try file.writeAll(buffer.span) }
                buffer.removeAll(keepingCapacity: buffer.capacity <= Self.chunkLength * 2)
            }
            return count
        } catch {
            zeroize(&buffer, inspection: inspection)
            file = nil
            throw error
        }
    }

    /// Moves on to a temporary file, if the policy has one.
    private mutating func spill() throws(EncryptionSDKError) {
        guard case .memoryThenTemporaryFile(let directory) = holding else {
            throw EncryptionSDKError(
                .bufferLimitExceeded,
                "the plaintext of a signed message is held until its signature has been verified, and exceeds \(maximumLength) "
                    + "bytes; raise maximumBufferedBytes or hold it in a temporary file"
            )
        }
        file = try Self.makeFile(in: directory)
    }

    private static func makeFile(in directory: String?) throws(EncryptionSDKError) -> FileDescriptor {
        try withSystemErrors { () throws(SystemError) in
            try .unnamedTemporary(in: directory.map { SystemPath($0) })
        }
    }
}

extension HeldPlaintext: CustomReflectable {
    /// A mirror without the plaintext.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
