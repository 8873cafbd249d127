public import MaterialProviders

/// An encrypted message.
public struct EncryptionResult: Sendable {
    /// The message, all of it.
    public let ciphertext: [UInt8]
    /// Its header.
    public let header: MessageHeader
    /// Every authenticated pair: those stored in the header, the public key of a signed message among them, and those that a
    /// required-encryption-context CMM left out of it.
    public let encryptionContext: EncryptionContext

    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { header.algorithmSuite }
}
