package import AWSMaterialProviders

/// What a key description comes to when a message is to be decrypted.
package enum KeyringUse: Sendable {
    /// A keyring that may open a message, and why others that were described beside it are left out.
    ///
    /// What is left out might have opened the message: that no data key was found then says little.
    case usable(any Keyring, leftOut: [String] = [])
    /// A keyring that can be made and opens nothing, such as one with a public key only.
    ///
    /// It takes part, but a test needs another one.
    case opensNothing(any Keyring, reason: String)
    /// No keyring: something is missing here that the test does not define, such as AWS KMS.
    case unavailable(reason: String)
    /// No keyring: the test itself makes a key identifier invalid.
    case invalid(EncryptionSDKError)
    /// No keyring: the set is broken, such as by a key that it lacks.
    case broken(reason: String)
}
