package import AWSMaterialProviders
package import ESDKCrypto
package import MessageForge

/// A message that decryption has opened, with the inputs that its bytes do not tell.
package struct OpenedMessage: Sendable {
    /// The message.
    package let bytes: [UInt8]
    /// The plaintext.
    package let plaintext: [UInt8]
    /// The data key.
    package let dataKey: SecretBytes
    /// All pairs of the encryption context, those that are not stored among them.
    package let encryptionContext: EncryptionContext
    /// The pairs that are authenticated and not stored.
    package let requiredEncryptionContext: EncryptionContext
    /// By whose rules it was opened.
    package let rules: KeyDerivationRules

    /// An opened message.
    package init(
        bytes: [UInt8],
        plaintext: [UInt8],
        dataKey: SecretBytes,
        encryptionContext: EncryptionContext,
        requiredEncryptionContext: EncryptionContext = EncryptionContext(),
        rules: KeyDerivationRules = .specification
    ) {
        self.bytes = bytes
        self.plaintext = plaintext
        self.dataKey = dataKey
        self.encryptionContext = encryptionContext
        self.requiredEncryptionContext = requiredEncryptionContext
        self.rules = rules
    }

    /// What follows the header in the additional data of its tag: ESDK-NET 4.0.0 wrote the count 0 where there is nothing.
    func headerTagSuffix() throws -> [UInt8] {
        let serialized = try requiredEncryptionContext.serialized()
        return rules == .netV4_0_0 && serialized.isEmpty ? [0, 0] : serialized
    }
}
