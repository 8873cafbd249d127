import AWSMaterialProviders
import ESDKCrypto

/// A key under which data keys are wrapped, and which wraps one again as it was wrapped before.
///
/// It shares nothing with the library's keyrings but the cryptographic primitives, so that each checks the other.
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
    /// - Throws: `VectorError` when `original` does not have the form that this key gives; `CryptoError`.
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

extension AESGCM {
    /// Ciphertext and tag of a data key.
    static func wrap(
        _ dataKey: SecretBytes,
        under key: SecretBytes,
        iv: [UInt8],
        additionalData: [UInt8]
    ) throws -> [UInt8] {
        guard let length = KeyLength(rawValue: key.count) else {
            throw VectorError.broken("an AES key has 16, 24 or 32 bytes, not \(key.count)")
        }
        var sealer = try Sealer(length, key: key.span)
        return try [UInt8](capacity: dataKey.count + tagLength) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try sealer.seal(dataKey.span, iv: iv.span, authenticating: additionalData.span, appendingTo: &output)
        }
    }
}

/// What was drawn at random when a data key was wrapped, recovered from the encrypted data key.
package struct RecoveredRandomness: Sendable, Hashable {
    /// What it was drawn for.
    package enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// An IV of AES-GCM: 12 bytes.
        case iv
        /// The seed of an OAEP padding: as many bytes as its hash has.
        case oaepSeed = "oaep-seed"
        /// A PKCS #1 v1.5 padding string: bytes that are not zero.
        case pkcs1Padding = "pkcs1-ps"
        /// The salt of a key derivation: 16 or 32 bytes.
        case salt
    }

    /// What it was drawn for.
    package let purpose: Purpose
    /// The bytes.
    package let bytes: [UInt8]

    init(_ purpose: Purpose, _ bytes: some Sequence<UInt8>) {
        self.purpose = purpose
        self.bytes = Array(bytes)
    }
}

extension KeyringBuilder {
    /// The keys of all descriptions, each once: a message may hold data keys that keyrings of other tests wrapped.
    ///
    /// Keys that cannot be had, such as those of a service, are left out.
    func wrappingKeys(of descriptions: [KeyDescription]) -> [any WrappingKey] {
        var known: Set<KeyDescription> = []
        var found: [any WrappingKey] = []
        for leaf in descriptions.flatMap(\.leaves) where known.insert(leaf).inserted {
            // What is wrong with a key is said when its keyring is made.
            found += (try? leaf.kind.wrappingKeys(self)) ?? []
        }
        return found
    }
}
