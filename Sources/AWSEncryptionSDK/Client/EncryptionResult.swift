public import AWSMaterialProviders

/// An encrypted message.
public struct EncryptionResult: Sendable {
    /// The message, all of it.
    public let ciphertext: [UInt8]
    /// What is known of it besides.
    public let message: WrittenMessage

    /// The header.
    public var header: MessageHeader { message.header }
    /// Every authenticated pair, stored in the header or not.
    public var encryptionContext: EncryptionContext { message.encryptionContext }
    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { message.algorithmSuite }
}
