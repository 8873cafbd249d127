/// What a test asks for.
package struct DecryptInstructions: Sendable {
    /// The message.
    package let ciphertext: VectorResource

    /// The key description as written; see `keyring` and `requiredContextKeys` for its parts.
    package let keys: KeyDescription

    /// Which decrypting interface is to be used.
    package let method: DecryptionMethod

    /// The materials manager that the test's `cmm` names.
    package let cmm: CMMSelection

    /// The encryption context in the test: the `reproduced-encryption-context` or the `encryption-context`.
    ///
    /// Without pairs it says nothing.
    package let encryptionContext: ContextPairs

    /// What must come of it.
    package let expected: ExpectedResult

    /// Instructions.
    package init(
        ciphertext: VectorResource,
        keys: KeyDescription,
        method: DecryptionMethod = .any,
        cmm: CMMSelection = .unspecified,
        encryptionContext: ContextPairs = ContextPairs(),
        expected: ExpectedResult
    ) {
        self.ciphertext = ciphertext
        self.keys = keys
        self.method = method
        self.cmm = cmm
        self.encryptionContext = encryptionContext
        self.expected = expected
    }
}

extension DecryptInstructions {
    /// The keyring, without the materials managers around it.
    package var keyring: KeyDescription { keys.withoutManagers }

    /// The context keys, as UTF-8 bytes, that must be authenticated: those the description lists, and with `cmm` every
    /// key of `encryptionContext`.
    package var requiredContextKeys: [[UInt8]] {
        var required = keys.requiredContextKeys
        if case .requiredEncryptionContext = cmm {
            for pair in encryptionContext.pairs where !required.contains(pair.key) { required.append(pair.key) }
        }
        return required
    }

    /// The context to pass to decryption, whatever the materials manager: pairs that the message stores must then agree with it, and
    /// those that it does not store are authenticated all the same.
    package var suppliedContext: ContextPairs? { encryptionContext.isEmpty ? nil : encryptionContext }
}
