/// What a decrypt-generate test does to a good message before it is written.
package enum Tampering: Hashable, Sendable {
    /// Nothing.
    case none
    /// Every proper, non-empty prefix of the message becomes a test of its own.
    case truncate
    /// The message with any one bit inverted becomes a test of its own.
    case mutate
    /// The message is sealed without the signature that its encryption context announces.
    case halfSign
    /// The provider info of every encrypted data key is replaced by each of these texts in turn, UTF-8, before the header is sealed.
    case changeProviderInfo([[UInt8]])
}
