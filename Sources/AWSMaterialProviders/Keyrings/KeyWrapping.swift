import ESDKCrypto
import ESDKSystem

// spec: keyring-interface/key-provider-id, raw-aes-keyring/changelog, raw-rsa-keyring/changelog
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
                "the key namespace \(TerminalText.quoted(keyNamespace)) is reserved for AWS KMS keyrings; choose one that does not start with aws-kms"
            )
        }
        namespace = Array(keyNamespace.utf8)
        name = Array(keyName.utf8)
        guard namespace.count <= Int(UInt16.max), name.count <= Int(UInt16.max) else {
            throw EncryptionSDKError(.invalidConfiguration, "key namespace and key name take at most 65,535 bytes each")
        }
    }

    var description: String {
        TerminalText.escaped("\(String(decoding: namespace, as: UTF8.self))/\(String(decoding: name, as: UTF8.self))")
    }
}

extension SecretBytes {
    /// This data key sealed by AES-GCM, as raw AES, ECDH and hierarchical keyrings wrap it: appends the wrapped key and its tag.
    ///
    /// - Throws: `cryptographicLibrary`.
    func wrap(
        iv: Span<UInt8>,
        context: Span<UInt8>,
        under wrappingKey: SecretBytes,
        cipher: AESGCM.KeyLength,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        do {
            var sealer = try AESGCM.Sealer(cipher, key: wrappingKey.span)
            try output.append(addingCapacity: count + AESGCM.tagLength) {
                (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
                try sealer.seal(span, iv: iv, authenticating: context, appendingTo: &slot)
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
}

extension SecretBytes {
    /// A data key opened by AES-GCM, as raw AES, ECDH and hierarchical keyrings wrap it.
    ///
    /// - Throws: `unwrappingFailed` when the tag does not verify: another wrapping key, another encryption context, or damage.
    static func unwrapped(
        from ciphertext: Span<UInt8>,
        tag: Span<UInt8>,
        iv: Span<UInt8>,
        context: Span<UInt8>,
        under wrappingKey: SecretBytes,
        cipher: AESGCM.KeyLength
    ) throws(EncryptionSDKError) -> SecretBytes {
        do {
            var opener = try AESGCM.Opener(cipher, key: wrappingKey.span)
            return try SecretBytes(count: ciphertext.count) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                try opener.open(ciphertext, tag: tag, iv: iv, authenticating: context, appendingTo: &output)
            }
        } catch  where error.code == .authenticationFailed {
            throw EncryptionSDKError(
                .unwrappingFailed,
                "does not open under this wrapping key: the key or the encryption context is another, or it is damaged"
            )
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
}
