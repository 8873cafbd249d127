public import AWSMaterialProviders

/// A decrypted message.
public struct DecryptionResult: Sendable {
    /// The plaintext, all of it authenticated.
    public let plaintext: [UInt8]
    /// What is known of the message besides.
    public let message: VerifiedMessage
}

/// What is known of a message whose header has been verified.
public struct VerifiedMessage: Sendable {
    /// The header.
    public let header: MessageHeader
    /// Every authenticated pair: those stored in the header and those that the caller supplied.
    public let encryptionContext: EncryptionContext
    /// Which encrypted data key was opened, and by which keyring.
    public let dataKeyOrigin: DecryptionMaterials.DataKeyOrigin?
    /// Oddities that were accepted.
    public let diagnostics: [MessageDiagnostic]

    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { header.algorithmSuite }

    init(header: MessageHeader, materials: DecryptionMaterials, neededNetV4_0_0Rules: Bool) {
        self.header = header
        encryptionContext = materials.encryptionContext
        dataKeyOrigin = materials.dataKeyOrigin
        diagnostics = header.diagnostics + (neededNetV4_0_0Rules ? [.netV4_0_0Retry] : [])
    }
}
