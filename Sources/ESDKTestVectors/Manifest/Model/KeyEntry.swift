/// One key of a keys manifest.
package struct KeyEntry: Sendable {
    /// The name by which key descriptions refer to it.
    package let name: String

    /// The `key-id`: what a raw keyring has as key name, what a KMS keyring is configured with.
    ///
    /// It is not checked on loading: negative tests have malformed ones.
    package let keyID: String

    /// Whether the manifest says that the key encrypts; informational.
    package let encrypt: Bool?

    /// Whether the manifest says that the key decrypts; informational.
    package let decrypt: Bool?

    /// The stated length in bits; 0 counts as unstated.
    package let bits: Int?

    /// The key itself.
    package let material: KeyMaterial

    /// An entry.
    package init(name: String, keyID: String, encrypt: Bool?, decrypt: Bool?, bits: Int?, material: KeyMaterial) {
        self.name = name
        self.keyID = keyID
        self.encrypt = encrypt
        self.decrypt = decrypt
        self.bits = bits
        self.material = material
    }
}
