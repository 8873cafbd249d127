import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// What the caller of an encryption asked for, whatever the way the plaintext comes.
struct EncryptionSettings: Sendable {
    var commitmentPolicy: CommitmentPolicy
    /// The most encrypted data keys that the message may have, or nil for any number.
    var maximumEncryptedDataKeys: Int?
    var encryptionContext: EncryptionContext
    var algorithmSuite: AlgorithmSuite?
    var frameLength: Int
    /// The most bytes of plaintext, or nil when that is not known.
    var maximumPlaintextLength: UInt64?
    /// The most bytes of plaintext that may be held in memory.
    var maximumPendingLength = Int.max
    /// How plaintext that is there is divided among threads.
    var lanes = LaneSettings(count: 1)
    /// Where everything random about the message comes from, or nil for the system.
    var randomSource: (any RandomSource)?
}

extension EncryptionSettings {
    /// The suite that a materials manager chooses unless it has another mind.
    var expectedSuite: AlgorithmSuite { algorithmSuite ?? commitmentPolicy.defaultAlgorithmSuite }

    private static let reservedPrefix = Array("aws-crypto-".utf8)

    // spec: encrypt/get-the-encryption-materials, encrypt/output/algorithm-suite, message-header/message-id
    /// Checks the settings, gets the materials and checks them, and prepares the message.
    func makeWriter(using materialsManager: any CryptographicMaterialsManager) async throws -> MessageWriter {
        let checkedFrameLength = try Self.checkFrameLength(frameLength)
        try Self.checkContext(encryptionContext)
        if let suite = algorithmSuite { try commitmentPolicy.checkEncrypt(suite) }
        var request = EncryptionMaterialsRequest(
            encryptionContext: encryptionContext,
            commitmentPolicy: commitmentPolicy,
            algorithmSuite: algorithmSuite,
            maximumPlaintextLength: maximumPlaintextLength
        )
        request.randomSource = try randomSource ?? Self.systemRandomSource()
        let materials = try await materialsManager.encryptionMaterials(for: request)
        try materials.validate(for: request)
        try checkDataKeyCount(materials.encryptedDataKeys.count)
        return try MessageWriter(
            materials: consume materials,
            frameLength: checkedFrameLength,
            maximumPlaintextLength: maximumPlaintextLength,
            maximumPendingLength: maximumPendingLength,
            lanes: lanes
        )
    }

    private static func systemRandomSource() throws(EncryptionSDKError) -> any RandomSource {
        do {
            return try MessageRandomSource()
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    // spec: encrypt/frame-length
    private static func checkFrameLength(_ length: Int) throws(EncryptionSDKError) -> UInt32 {
        guard length > 0, let value = UInt32(exactly: length) else {
            throw EncryptionSDKError(
                .invalidFrameLength,
                "the frame length is \(length), and must be from 1 to 4,294,967,295; non-framed messages are read and not written"
            )
        }
        return value
    }

    // spec: encrypt/encryption-context
    private static func checkContext(_ context: EncryptionContext) throws(EncryptionSDKError) {
        for entry in context.entries where entry.keyBytes.starts(with: reservedPrefix) {
            throw EncryptionSDKError(
                .reservedEncryptionContextKey,
                "the encryption context key \(TerminalText.quoted(entry.key)) starts with aws-crypto-, which is reserved"
            )
        }
        _ = try context.serializedLength()
    }

    private func checkDataKeyCount(_ count: Int) throws(EncryptionSDKError) {
        guard let maximumEncryptedDataKeys, count > maximumEncryptedDataKeys else { return }
        throw EncryptionSDKError(
            .tooManyEncryptedDataKeys,
            "the message would have \(count) encrypted data keys, the configured maximum is \(maximumEncryptedDataKeys)"
        )
    }
}
