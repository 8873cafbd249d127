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

    /// Whether the context came from a `reproduced-encryption-context`, which is always passed to decryption.
    package let isContextReproduced: Bool

    /// What must come of it.
    package let expected: ExpectedResult

    /// Instructions.
    package init(
        ciphertext: VectorResource,
        keys: KeyDescription,
        method: DecryptionMethod = .any,
        cmm: CMMSelection = .unspecified,
        encryptionContext: ContextPairs = ContextPairs(),
        isContextReproduced: Bool = false,
        expected: ExpectedResult
    ) {
        self.ciphertext = ciphertext
        self.keys = keys
        self.method = method
        self.cmm = cmm
        self.encryptionContext = encryptionContext
        self.isContextReproduced = isContextReproduced
        self.expected = expected
    }
}

extension DecryptInstructions {
    /// The keyring, without the materials managers around it.
    package var keyring: KeyDescription { keys.withoutManagers }

    /// Whether a required-encryption-context materials manager is asked for, by the description or by `cmm`.
    package var requiresContext: Bool {
        if case .requiredEncryptionContext = cmm { true } else { keys.hasRequiredContextManager }
    }

    /// The context keys, as UTF-8 bytes, that must be authenticated: those the description lists, and with `cmm` every
    /// key of `encryptionContext`.
    package var requiredContextKeys: [[UInt8]] {
        var required = keys.requiredContextKeys
        if case .requiredEncryptionContext = cmm {
            for pair in encryptionContext.pairs where !required.contains(pair.key) { required.append(pair.key) }
        }
        return required
    }

    /// The context to pass to decryption: for a required-context test and for a reproduced context; elsewhere nothing
    /// is passed, since the test's context is that of the encryptor and informational.
    package var suppliedContext: ContextPairs? {
        (requiresContext || isContextReproduced) && !encryptionContext.isEmpty ? encryptionContext : nil
    }
}
