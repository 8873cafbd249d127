import AWSMaterialProviders
import ESDKCrypto

/// A key under which data keys are wrapped, and which wraps one again as it was wrapped before.
///
/// Written beside the library's keyrings, of which it shares only the cryptographic primitives, so that the one checks the other.
protocol WrappingKey: Sendable {
    /// The key in words.
    var name: String { get }

    /// Whether an encrypted data key names this key.
    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool

    /// Wraps a data key with the random part of an encrypted data key that names this key.
    ///
    /// - Parameters:
    ///   - dataKey: the data key of the message.
    ///   - original: what to take the random part from.
    ///   - context: the serialized encryption context that the wrapping binds; RSA binds none.
    /// - Throws: `RewrappingError` when `original` does not have the form that this key gives; `CryptoError`.
    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey

    /// Whether the wrapping binds the encryption context.
    var bindsContext: Bool { get }
}

/// A data key that was wrapped again.
struct RewrappedDataKey: Sendable {
    let encryptedDataKey: EncryptedDataKey
    /// The random part that was taken over.
    let randomness: [RecoveredRandomness]
}

/// An encrypted data key that has not the form that its key would give it.
struct RewrappingError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension AESGCM {
    /// Ciphertext and tag of a data key.
    static func wrap(
        _ dataKey: SecretBytes,
        under key: SecretBytes,
        iv: [UInt8],
        additionalData: [UInt8]
    ) throws -> [UInt8] {
        guard let length = KeyLength(rawValue: key.count) else {
            throw RewrappingError("an AES key has 16, 24 or 32 bytes, not \(key.count)")
        }
        var sealer = try Sealer(length, key: key.span)
        return try [UInt8](capacity: dataKey.count + tagLength) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try sealer.seal(dataKey.span, iv: iv.span, authenticating: additionalData.span, appendingTo: &output)
        }
    }
}
