import AWSMaterialProviders
import ESDKCrypto

/// A key under which data keys are wrapped, and which wraps one again as it was wrapped before.
///
/// It shares nothing with the library's keyrings but the cryptographic primitives, so that each checks the other.
protocol WrappingKey: Sendable {
    /// The key in words.
    var name: String { get }

    /// What encrypted data keys call this key; it is found by that.
    var identifier: [UInt8] { get }

    /// What an encrypted data key may call a key of this kind.
    static func identifiers(in encryptedDataKey: EncryptedDataKey) -> [[UInt8]]

    /// Whether an encrypted data key with the identifier of this key names it.
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

    /// Whether a key description says how this key wraps, so that an encrypted data key that differs is wrong.
    var isDescribed: Bool { get }
}

extension WrappingKey {
    var isDescribed: Bool { true }

    static func identifiers(in encryptedDataKey: EncryptedDataKey) -> [[UInt8]] { [encryptedDataKey.keyProviderInfo] }
}

/// Wrapping keys, found by what encrypted data keys call them: a set may have as many keys as tests.
struct WrappingKeys: Sendable {
    private struct Place: Hashable {
        let kind: ObjectIdentifier
        let identifier: [UInt8]
    }

    private var kinds: [any WrappingKey.Type] = []
    private var places: [Place: [(number: Int, key: any WrappingKey)]] = [:]
    private var count = 0

    /// An index of `keys`, which are found in their order.
    init(_ keys: [any WrappingKey] = []) {
        for key in keys { add(key) }
    }

    mutating func add(_ key: some WrappingKey) {
        let kind = type(of: key)
        if !kinds.contains(where: { $0 == kind }) { kinds.append(kind) }
        places[Place(kind: ObjectIdentifier(kind), identifier: key.identifier), default: []].append((count, key))
        count += 1
    }

    /// The first keys that an encrypted data key names, in their order.
    ///
    /// - Parameters:
    ///   - encryptedDataKey: the encrypted data key.
    ///   - limit: how many are returned at most; those that a description names come first.
    func keys(namedBy encryptedDataKey: EncryptedDataKey, limit: Int) -> [any WrappingKey] {
        var found: [(number: Int, key: any WrappingKey)] = []
        for kind in kinds {
            for identifier in Set(kind.identifiers(in: encryptedDataKey)) {
                let place = Place(kind: ObjectIdentifier(kind), identifier: identifier)
                found += (places[place] ?? []).lazy.filter { $0.key.isNamed(by: encryptedDataKey) }.prefix(limit)
            }
        }
        return found.sorted { $0.number < $1.number }.prefix(limit).map(\.key)
    }
}

/// A type of key that wraps in more ways than its descriptions say.
protocol UndescribedKeyType: KeyType {
    /// The key, for encrypted data keys that no description fits; `nil` where there is none.
    func undescribed(_ entry: KeyEntry, _ builder: KeyringBuilder) -> (any WrappingKey)?
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
    /// The keys of all descriptions, each once, then those that no description has to name.
    ///
    /// A message may hold data keys that keyrings of other tests wrapped. Keys that are not at hand, such as those of a service, are
    /// left out.
    func wrappingKeys(of descriptions: [KeyDescription]) -> WrappingKeys {
        var known: Set<KeyDescription> = []
        var found = WrappingKeys()
        for leaf in descriptions.flatMap(\.leaves) where known.insert(leaf).inserted {
            // What is wrong with a key is said when its keyring is made.
            for key in (try? leaf.kind.wrappingKeys(self)) ?? [] { found.add(key) }
        }
        for entry in keys.entries {
            guard let key = entry.material.key(as: (any UndescribedKeyType).self) else { continue }
            if let key = key.undescribed(entry, self) { found.add(key) }
        }
        return found
    }
}
