import ESDKCrypto

/// The encryption context: pairs of text that are authenticated with a message and not encrypted
/// (framework/structures.md, Encryption Context).
///
/// On the wire the texts are UTF-8 bytes, and so they are here: keys are compared and ordered as bytes, never by the canonical
/// equivalence of `String`, which would take two different keys for one.
public struct EncryptionContext: Sendable, Hashable {
    /// One pair.
    public struct Entry: Sendable, Hashable {
        /// The key as UTF-8.
        public let keyBytes: [UInt8]
        /// The value as UTF-8.
        public let valueBytes: [UInt8]

        /// A pair of texts.
        public init(key: String, value: String) {
            keyBytes = Array(key.utf8)
            valueBytes = Array(value.utf8)
        }

        /// A pair of texts as bytes, which must be UTF-8 (see `EncryptionContext.init(entries:)`).
        public init(keyBytes: [UInt8], valueBytes: [UInt8]) {
            self.keyBytes = keyBytes
            self.valueBytes = valueBytes
        }

        /// The key as text.
        public var key: String { String(decoding: keyBytes, as: UTF8.self) }
        /// The value as text.
        public var value: String { String(decoding: valueBytes, as: UTF8.self) }
    }

    /// The key that holds the public key of a signed message; reserved for the library.
    public static let publicKeyName = "aws-crypto-public-key"

    /// The pairs, ascending by the bytes of the key, each key once.
    public private(set) var entries: [Entry]

    /// An empty context.
    public init() { entries = [] }

    /// A context of the given pairs.
    public init(_ pairs: [String: String]) {
        entries = pairs.map { Entry(key: $0.key, value: $0.value) }
        entries.sort { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
    }

    /// A context of the given pairs, in any order.
    ///
    /// - Throws: `duplicateEncryptionContextKey`, `invalidEncryptionContextText`.
    public init(entries: [Entry]) throws(EncryptionSDKError) {
        for entry in entries {
            guard String(validating: entry.keyBytes, as: UTF8.self) != nil,
                String(validating: entry.valueBytes, as: UTF8.self) != nil
            else {
                throw EncryptionSDKError(
                    .invalidEncryptionContextText,
                    "a key or value of the encryption context is not UTF-8"
                )
            }
        }
        self.entries = entries.sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        for (left, right) in zip(self.entries, self.entries.dropFirst()) where left.keyBytes == right.keyBytes {
            throw EncryptionSDKError(
                .duplicateEncryptionContextKey,
                "the key \"\(left.key)\" stands twice in the encryption context"
            )
        }
    }

    /// A context of pairs that are known to be UTF-8 and to have different keys.
    package init(unique entries: [Entry], ascending: Bool) {
        self.entries = ascending ? entries : entries.sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
    }

    /// Whether there is no pair.
    public var isEmpty: Bool { entries.isEmpty }
    /// The number of pairs.
    public var count: Int { entries.count }

    /// The value of `key`, or nil.
    public subscript(key: String) -> String? {
        self[bytes: Array(key.utf8)].map { String(decoding: $0, as: UTF8.self) }
    }

    /// The value of a key given as UTF-8, or nil.
    package subscript(bytes key: [UInt8]) -> [UInt8]? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].keyBytes.lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        guard low < entries.count, entries[low].keyBytes == key else { return nil }
        return entries[low].valueBytes
    }

    /// The pairs that `isIncluded` picks.
    package func filter(_ isIncluded: (Entry) -> Bool) -> EncryptionContext {
        var result = self
        result.entries = entries.filter(isIncluded)
        return result
    }

    /// This context with `other`'s pairs, of which none may have a key of this one.
    package func adding(disjoint other: EncryptionContext) -> EncryptionContext {
        guard !other.isEmpty else { return self }
        var result = self
        result.entries = (entries + other.entries).sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        return result
    }
}

extension EncryptionContext: ExpressibleByDictionaryLiteral {
    /// A context written as a dictionary literal; of two equal keys the last one counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        var byKey: [[UInt8]: [UInt8]] = [:]
        for (key, value) in elements { byKey[Array(key.utf8)] = Array(value.utf8) }
        entries = byKey.map { Entry(keyBytes: $0.key, valueBytes: $0.value) }
        entries.sort { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
    }
}

extension EncryptionContext {
    /// The number of pairs and the pairs, each text after its two-byte length; nothing at all for an empty context
    /// (framework/structures.md, Serialization).
    ///
    /// - Throws: `encryptionContextTooLong` when a text, the number of pairs or the whole exceeds 65,535.
    package func serialized() throws(EncryptionSDKError) -> [UInt8] {
        guard !isEmpty else { return [] }
        let length = try serializedLength()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        bytes.append(bigEndian: UInt16(entries.count))  // fits: each pair takes at least four bytes
        for entry in entries {
            bytes.append(bigEndian: UInt16(entry.keyBytes.count))
            bytes.append(contentsOf: entry.keyBytes)
            bytes.append(bigEndian: UInt16(entry.valueBytes.count))
            bytes.append(contentsOf: entry.valueBytes)
        }
        return bytes
    }

    /// The length of the serialized form in bytes.
    ///
    /// - Throws: `encryptionContextTooLong` when a text, the number of pairs or the whole exceeds 65,535.
    package func serializedLength() throws(EncryptionSDKError) -> Int {
        guard !isEmpty else { return 0 }
        var length = 2
        for entry in entries {
            length += 4 + entry.keyBytes.count + entry.valueBytes.count
            guard length <= Int(UInt16.max) else {
                throw EncryptionSDKError(
                    .encryptionContextTooLong,
                    "the encryption context takes more than 65,535 bytes when serialized"
                )
            }
        }
        return length
    }
}
