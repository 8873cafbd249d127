public import AWSMaterialProviders
import ESDKCrypto

/// What a stream does with a signed message, whose plaintext may not be trusted before the signature at its very end
/// has been verified.
///
/// Unsigned messages stream frame by frame under each of the policies.
public enum SignedMessagePolicy: Sendable, Hashable {
    /// Where held plaintext waits.
    public enum Holding: Sendable, Hashable {
        /// In memory, up to the client's `maximumBufferedBytes`.
        case inMemory
        /// In a temporary file in this directory that has no name, so that it is gone with the process.
        ///
        /// The file holds plaintext: choose a directory that may.
        case temporaryFile(directory: String)
    }

    /// Refuses signed messages right after the header: for streams that must never wait.
    case refuse
    /// Hands out nothing before the signature has been verified.
    case holdUntilVerified(Holding)
    /// Hands out frames, each authenticated by itself, *before* the signature has been verified; only the final frame
    /// waits for it.
    ///
    /// Whoever acts on the frames must be able to take everything back when the end of the stream throws.
    case releaseFramesBeforeSignatureIsVerified
}

/// The plaintext that waited for the end of its message: what a signed message held back.
///
/// Empty for an unsigned one.
public struct HeldPlaintext: Sendable {
    /// The length of the chunks that come from a temporary file, in bytes.
    private static let chunkLength = 256 << 10

    private let maximumLength: Int
    private var buffer: [UInt8] = []
    private var file: FileDescriptor?
    /// How much of the file has been handed out, in bytes.
    private var fileOffset = 0

    init(maximumLength: Int) { self.maximumLength = maximumLength }

    /// The next piece of the plaintext, or nil at its end.
    ///
    /// - Throws: `inputOutput` when the temporary file cannot be read.
    public mutating func next() throws(EncryptionSDKError) -> [UInt8]? {
        if let file {
            let chunk = try file.read(upTo: Self.chunkLength, at: fileOffset)
            fileOffset += chunk.count
            return chunk.isEmpty ? nil : chunk
        }
        guard !buffer.isEmpty else { return nil }
        defer { buffer = [] }
        return buffer
    }

    /// All of the plaintext that is left, in one array.
    ///
    /// - Throws: `inputOutput` when the temporary file cannot be read.
    public mutating func collect() throws(EncryptionSDKError) -> [UInt8] {
        guard var all = try next() else { return [] }
        while let chunk = try next() { all.append(contentsOf: chunk) }
        return all
    }

    /// Lets what follows wait in a temporary file.
    mutating func spool(in directory: String) throws(EncryptionSDKError) {
        file = try FileDescriptor.unnamedTemporary(directory: directory)
    }

    /// Adds what `body` appends; when it throws, or when too much is held, everything is wiped.
    mutating func append(
        _ body: (inout [UInt8]) throws(EncryptionSDKError) -> Int
    ) throws(EncryptionSDKError) -> Int {
        do throws(EncryptionSDKError) {
            let count = try body(&buffer)
            if let file {
                try file.writeAll(buffer.span)
                buffer.removeAll(keepingCapacity: true)
            } else if buffer.count > maximumLength {
                throw EncryptionSDKError(
                    .bufferLimitExceeded,
                    "the plaintext of a signed message is held until its signature has been verified, and exceeds \(maximumLength) "
                        + "bytes; raise maximumBufferedBytes or hold it in a temporary file"
                )
            }
            return count
        } catch {
            zeroize(&buffer)
            file = nil
            throw error
        }
    }
}
