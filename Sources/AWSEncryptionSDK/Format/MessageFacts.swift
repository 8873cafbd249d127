public import AWSMaterialProviders

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
    /// Whether the file could not be replaced at once, such as at a mount point, so that its contents were replaced in place.
    ///
    /// Had that been interrupted, the file would be incomplete. False where there is no file.
    public internal(set) var wasWrittenInPlace = false

    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { header.algorithmSuite }

    init(header: MessageHeader, materials: borrowing DecryptionMaterials, neededNetV4_0_0Rules: Bool) {
        self.header = header
        encryptionContext = materials.encryptionContext
        dataKeyOrigin = materials.dataKeyOrigin
        diagnostics = neededNetV4_0_0Rules ? header.diagnostics + [.netV4_0_0Retry] : header.diagnostics
    }
}

/// What is known of a message that is being, or has been, encrypted.
public struct WrittenMessage: Sendable {
    /// The header.
    public let header: MessageHeader
    /// Every authenticated pair: those stored in the header, the public key of a signed message among them, and those that a
    /// required-encryption-context CMM left out of it.
    public let encryptionContext: EncryptionContext
    /// Whether the file could not be replaced at once, such as at a mount point, so that its contents were replaced in place.
    ///
    /// Had that been interrupted, the file would be incomplete. False where there is no file.
    public internal(set) var wasWrittenInPlace = false

    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { header.algorithmSuite }
}
