public import AWSMaterialProviders

/// What is known of a message that is being, or has been, encrypted.
public struct WrittenMessage: Sendable {
    /// The header.
    public let header: MessageHeader
    /// Every authenticated pair: those stored in the header, the public key of a signed message among them, and those that a
    /// required-encryption-context CMM left out of it.
    public let encryptionContext: EncryptionContext

    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { header.algorithmSuite }
}
