/// Something about a message that is accepted and that a reader may want to know.
public enum MessageDiagnostic: String, Sendable, Hashable, CaseIterable {
    /// The empty encryption context is written as the length 2 and the count 0, not as the length 0, as the earliest browser
    /// client did.
    case nonCanonicalEmptyEncryptionContext = "non-canonical-empty-encryption-context"
    /// The keys of the encryption context are not in ascending order of their UTF-8 bytes.
    case unsortedEncryptionContext = "unsorted-encryption-context"
    /// The message was readable only by the rules of ESDK-NET 4.0.0 (see `NetV4_0_0RetryPolicy`).
    case netV4_0_0Retry = "net-4.0.0-retry"
}
