/// Which decrypting interfaces a test is for.
package enum DecryptionMethod: Hashable, Sendable {
    /// All that apply.
    case any
    /// Only the streaming one that refuses signed messages before it releases plaintext.
    case streamingUnsignedOnly
}
