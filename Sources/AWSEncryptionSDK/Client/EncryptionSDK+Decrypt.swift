public import AWSMaterialProviders
import ESDKCrypto

extension EncryptionSDK {
    /// Decrypts a message that is in memory (client-apis/decrypt.md).
    ///
    /// The plaintext is returned whole and only after everything, the signature included, has been verified.
    ///
    /// - Parameters:
    ///   - message: the message, all of it.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; what a custom keyring or materials manager throws.
    public func decrypt(
        _ message: [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> DecryptionResult {
        var plaintext: [UInt8] = []
        let verified = try await decrypt(
            message,
            into: &plaintext,
            using: materialsManager,
            encryptionContext: encryptionContext
        )
        return DecryptionResult(plaintext: plaintext, message: verified)
    }

    /// Decrypts a message that is in memory into an array whose storage is used again.
    ///
    /// - Parameters:
    ///   - message: the message, all of it.
    ///   - plaintext: its content is replaced by the whole plaintext, after everything has been verified; empty when this throws.
    ///   - materialsManager: a keyring or a cryptographic materials manager.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; what a custom keyring or materials manager throws.
    public func decrypt(
        _ message: [UInt8],
        into plaintext: inout [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        // A local array while frames arrive: the caller's stays empty until the end of the message has been verified.
        var output: [UInt8] = []
        swap(&output, &plaintext)
        output.removeAll(keepingCapacity: true)
        do {
            let verified = try await decrypt(message, appendingTo: &output, materialsManager, encryptionContext)
            swap(&output, &plaintext)
            return verified
        } catch {
            zeroize(&output)
            throw error
        }
    }

    private func decrypt(
        _ message: [UInt8],
        appendingTo output: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ encryptionContext: EncryptionContext
    ) async throws -> VerifiedMessage {
        // Nothing is released before the end, so nothing need be held back for the signature.
        var configuration = readerConfiguration(maximumUnitLength: .max)
        configuration.holdsBackFinalFrame = false
        var reader = MessageReader(configuration)
        let headerLength = try reader.read(message.span, appendingTo: &output)
        guard reader.needsMaterials else {
            try reader.finish()
            throw EncryptionSDKError(.truncatedMessage, "the input ends inside the header")
        }
        let verified = try await reader.start(using: materialsManager, reproducing: encryptionContext)
        // A plaintext is never longer than the body that it comes from.
        output.reserveLargeCapacity(message.count - headerLength)
        _ = try reader.read(message.span.extracting(headerLength...), appendingTo: &output)
        try reader.finish()
        return verified
    }
}

/// A decrypted message.
public struct DecryptionResult: Sendable {
    /// The plaintext, all of it authenticated.
    public let plaintext: [UInt8]
    /// What is known of the message besides.
    public let message: VerifiedMessage
}
