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
