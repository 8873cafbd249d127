package import AWSMaterialProviders

/// What a test of an encrypt or decrypt-generate manifest asks for.
package struct EncryptInstructions: Sendable {
    /// The name of the plaintext in the manifest's `plaintexts`.
    package let plaintextName: String

    /// The algorithm suite.
    package let suite: AlgorithmSuite

    /// The frame length in bytes; 0 for a message that is not framed.
    package let frameLength: Int

    /// The encryption context.
    package let encryptionContext: ContextPairs

    /// The encryption context that decryption is to be given, where the manifest states one.
    package let reproducedContext: ContextPairs?

    /// The materials manager that the test's `cmm` names.
    package let cmm: CMMSelection

    /// The keys that wrap the data key.
    package let encryptKeys: DescribedKeys

    /// The keys that the written test is decrypted with.
    package let decryptKeys: DescribedKeys

    /// What is done to the message.
    package let tampering: Tampering

    /// Which decrypting interface the written test is for.
    package let method: DecryptionMethod

    /// Why the message must be refused although it is not tampered with; nil where it must decrypt.
    package let refusal: String?

    /// The context keys, as UTF-8 bytes, that are authenticated and not stored: those that the description lists, and with `cmm`
    /// every key of the context.
    package var requiredContextKeys: [[UInt8]] {
        var required = encryptKeys.description.requiredContextKeys
        if case .requiredEncryptionContext = cmm {
            for pair in encryptionContext.pairs where !required.contains(pair.key) { required.append(pair.key) }
        }
        return required
    }
}
