/// Key namespace and key name of a raw keyring, as they stand in an encrypted data key.
///
/// Readers from master key providers know the namespace as *provider id* and the name as *key id*.
struct RawKeyIdentity: Sendable, CustomStringConvertible {
    let namespace: [UInt8]
    let name: [UInt8]

    init(keyNamespace: String, keyName: String) throws(EncryptionSDKError) {
        guard !keyNamespace.utf8.starts(with: "aws-kms".utf8) else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the key namespace \"\(keyNamespace)\" is kept for AWS KMS keyrings; choose one that does not start with aws-kms"
            )
        }
        namespace = Array(keyNamespace.utf8)
        name = Array(keyName.utf8)
        guard namespace.count <= Int(UInt16.max), name.count <= Int(UInt16.max) else {
            throw EncryptionSDKError(.invalidConfiguration, "key namespace and key name take at most 65,535 bytes each")
        }
    }

    var description: String {
        "\(String(decoding: namespace, as: UTF8.self))/\(String(decoding: name, as: UTF8.self))"
    }
}
