import AWSMaterialProviders
import ESDKCrypto

/// An AES wrapping key, and data keys wrapped under it as a raw AES keyring expects them
/// (framework/raw-aes-keyring.md).
struct WrappingKey {
    var namespace = "test namespace"
    var name = "test key"
    var key = [UInt8](100..<132)
    var iv = [UInt8](1...12)

    func keyring() throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: namespace,
            keyName: name,
            wrappingKey: SecretBytes(key),
            wrappingAlgorithm: .aes256GCM
        )
    }

    /// The data key, bound to a context in ascending order, whatever the order given.
    func wrap(_ dataKey: [UInt8], context: [EncryptionContext.Entry]) throws -> EncryptedDataKey {
        let ascending = context.sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        let additionalData = Forge.serialized(ascending)
        var sealer = try AESGCM.Sealer(.aes256, key: key.span)
        let length = dataKey.count + AESGCM.tagLength
        let ciphertext = try [UInt8](capacity: length) { (output: inout OutputSpan<UInt8>) throws in
            try sealer.seal(dataKey.span, iv: iv.span, authenticating: additionalData.span, appendingTo: &output)
        }
        return EncryptedDataKey(
            keyProviderID: Array(namespace.utf8),
            keyProviderInfo: Array(name.utf8) + UInt32(128).bytes + UInt32(12).bytes + iv,
            ciphertext: ciphertext
        )
    }
}
