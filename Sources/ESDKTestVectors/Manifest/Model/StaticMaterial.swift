/// Materials that a `static-material` key entry spells out.
package struct StaticMaterial: Hashable, Sendable {
    /// An encrypted data key.
    package struct EncryptedDataKey: Hashable, Sendable {
        /// The key provider id, as UTF-8 bytes.
        package let providerID: [UInt8]

        /// The key provider information.
        package let providerInfo: [UInt8]

        /// The encrypted data key.
        package let ciphertext: [UInt8]
    }

    /// The algorithm suite.
    package let suite: UInt16

    /// The encryption context.
    package let encryptionContext: ContextPairs

    /// The encrypted data keys.
    package let encryptedDataKeys: [EncryptedDataKey]

    /// The context keys, as UTF-8 bytes, that are authenticated but not stored.
    package let requiredContextKeys: [[UInt8]]

    /// The plaintext data key, if there is one.
    package let plaintextDataKey: [UInt8]?
}
