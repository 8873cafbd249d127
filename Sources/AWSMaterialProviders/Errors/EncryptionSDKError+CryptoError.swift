package import ESDKCrypto

extension EncryptionSDKError {
    /// A failure of the library where none was to be expected from the input.
    package init(unexpected error: CryptoError, at place: Place? = nil) {
        self.init(.cryptographicLibrary, error.reason, at: place)
    }
}
