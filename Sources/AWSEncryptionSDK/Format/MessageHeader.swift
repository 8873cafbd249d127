public import AWSMaterialProviders

/// The header of a message (data-format/message-header.md).
public struct MessageHeader: Sendable {
    /// How the body is laid out.
    public enum ContentType: UInt8, Sendable {
        /// One block of any length.
        case nonFramed = 1
        /// Frames of equal length and a final frame.
        case framed = 2
    }

    /// The version of the message format: 1 or 2.
    public let version: UInt8
    /// The algorithm suite.
    public let algorithmSuite: AlgorithmSuite
    /// The random id of the message: 16 bytes in version 1, 32 in version 2.
    public let messageID: [UInt8]
    /// The pairs of the encryption context that are stored in the header.
    public let encryptionContext: EncryptionContext
    /// The encrypted data keys, in the order of the message.
    public let encryptedDataKeys: [EncryptedDataKey]
    /// How the body is laid out.
    public let contentType: ContentType
    /// The length of a regular frame in bytes of plaintext; 0 in a non-framed message.
    public let frameLength: UInt32
    /// The key commitment: 32 bytes in version 2, nothing in version 1.
    public let commitment: [UInt8]
    /// Oddities of the header that are accepted.
    public let diagnostics: [MessageDiagnostic]

    /// The IV of the header's tag; twelve zero bytes, not on the wire, in version 2.
    let tagIV: [UInt8]
    /// The header's tag.
    let tag: [UInt8]
    /// The length of the bytes that the tag covers.
    let bodyLength: Int
    /// The length of the whole header, IV and tag included.
    let length: Int
}

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
