import ESDKCrypto
import ESDKSystem

/// The encryption context: pairs of text that are authenticated with a message and not encrypted
/// (framework/structures.md, Encryption Context).
///
/// It reads and writes like a dictionary of strings:
///
/// ```swift
/// var context: EncryptionContext = ["tenant": "blue", "purpose": "backup"]
/// context["year"] = "2026"
/// for (key, value) in context { print(key, value) }
/// ```
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
    package static let publicKeyNameBytes = Array(publicKeyName.utf8)

    /// The pairs, ascending by the bytes of the key, each key once.
    public private(set) var entries: [Entry]

    // MARK: - Making one

    /// An empty context.
    public init() { entries = [] }

    /// A context of the given pairs.
    public init(_ pairs: [String: String]) {
        entries = Self.sorted(pairs.map { Entry(key: $0.key, value: $0.value) })
    }

    /// A context of the given pairs, in any order.
    ///
    /// - Throws: `duplicateEncryptionContextKey` when two keys have the same bytes.
    public init(uniqueKeysWithValues pairs: some Sequence<(String, String)>) throws(EncryptionSDKError) {
        entries = Self.sorted(pairs.map { Entry(key: $0.0, value: $0.1) })
        try checkUnique()
    }

    /// A context of the given pairs, in any order.
    ///
    /// - Throws: `duplicateEncryptionContextKey`, `invalidEncryptionContextText`.
    public init(entries: [Entry]) throws(EncryptionSDKError) {
        for entry in entries {
            guard entry.keyBytes.isUTF8, entry.valueBytes.isUTF8 else {
                throw EncryptionSDKError(
                    .invalidEncryptionContextText,
                    "a key or value of the encryption context is not UTF-8"
                )
            }
        }
        self.entries = Self.sorted(entries)
        try checkUnique()
    }

    /// A context of pairs that are known to be UTF-8 and to have different keys.
    package init(unique entries: [Entry], ascending: Bool) {
        self.entries = ascending ? entries : Self.sorted(entries)
    }

    /// A context that is serialized in the given order, as a program bound a data key to it that sorts otherwise.
    ///
    /// It is for a keyring to serialize: looking up keys in it does not work.
    package init(boundInOrder entries: [Entry]) { self.entries = entries }

    private static func sorted(_ entries: [Entry]) -> [Entry] {
        entries.sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
    }

    private func checkUnique() throws(EncryptionSDKError) {
        for (left, right) in zip(entries, entries.dropFirst()) where left.keyBytes == right.keyBytes {
            throw EncryptionSDKError(
                .duplicateEncryptionContextKey,
                "the key \(TerminalText.quoted(left.key)) occurs twice in the encryption context"
            )
        }
    }

    // MARK: - Reading and changing it

    /// Whether it has no pairs.
    public var isEmpty: Bool { entries.isEmpty }
    /// The number of pairs.
    public var count: Int { entries.count }
    /// The keys, ascending by their bytes.
    public var keys: [String] { entries.map(\.key) }
    /// The values, in the order of their keys.
    public var values: [String] { entries.map(\.value) }

    /// The pairs as a dictionary.
    ///
    /// Keys that differ in their bytes and are equal as `String`s, such as é in one character and in two, are one key of a
    /// dictionary: it has the value of the last of them.
    public var dictionary: [String: String] {
        Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The value of `key`, or nil; setting nil removes the pair.
    public subscript(key: String) -> String? {
        get { self[bytes: Array(key.utf8)].map { String(decoding: $0, as: UTF8.self) } }
        set {
            let key = Array(key.utf8)
            let index = index(of: key)
            let range = index..<(isPresent(key, at: index) ? index + 1 : index)
            entries.replaceSubrange(
                range,
                with: newValue.map { [Entry(keyBytes: key, valueBytes: Array($0.utf8))] } ?? []
            )
        }
    }

    /// The value of a key given as UTF-8, or nil.
    package subscript(bytes key: [UInt8]) -> [UInt8]? {
        let index = index(of: key)
        return isPresent(key, at: index) ? entries[index].valueBytes : nil
    }

    /// Where `key` stands, or would stand.
    private func index(of key: [UInt8]) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].keyBytes.lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isPresent(_ key: [UInt8], at index: Int) -> Bool {
        index < entries.count && entries[index].keyBytes == key
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
        result.entries = Self.sorted(entries + other.entries)
        return result
    }
}

// MARK: - Like a dictionary

extension EncryptionContext: ExpressibleByDictionaryLiteral {
    /// A context written as a dictionary literal; of two equal keys the last one counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}

extension EncryptionContext: Sequence {
    /// Gives the pairs as texts, ascending by the bytes of the key.
    public struct Iterator: IteratorProtocol, Sendable {
        var entries: IndexingIterator<[Entry]>

        /// The next pair.
        public mutating func next() -> (key: String, value: String)? {
            entries.next().map { ($0.key, $0.value) }
        }
    }

    /// The pairs as texts, ascending by the bytes of the key.
    public func makeIterator() -> Iterator { Iterator(entries: entries.makeIterator()) }

    /// The number of pairs.
    public var underestimatedCount: Int { count }
}

extension EncryptionContext: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The pairs as in a dictionary literal, with control characters escaped: `["purpose": "backup", "tenant": "blue"]`.
    public var description: String {
        guard !isEmpty else { return "[:]" }
        return "[\(map { "\(TerminalText.quoted($0)): \(TerminalText.quoted($1))" }.joined(separator: ", "))]"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// The pairs.
    public var customMirror: Mirror {
        Mirror(self, children: map { (label: TerminalText.quoted($0), value: $1) }, displayStyle: .dictionary)
    }
}

// MARK: - On the wire

extension EncryptionContext {
    // spec: structures/serialization, structures/key-value-pair-entries
    /// The bytes that are authenticated: the number of pairs and the pairs, each text after its length, all numbers in two bytes;
    /// nothing at all for an empty context (framework/structures.md, Serialization).
    ///
    /// What a keyring binds a wrapped data key to.
    ///
    /// - Returns: at most 65,535 bytes.
    /// - Throws: `encryptionContextTooLong` when a text, the number of pairs or the whole exceeds 65,535.
    public func serialized() throws(EncryptionSDKError) -> [UInt8] {
        guard !isEmpty else { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(try serializedLength())
        serialize(appendingTo: &bytes)
        return bytes
    }

    /// Appends the serialized form of a context whose `serializedLength` is known to be within bounds.
    package func serialize(appendingTo bytes: inout [UInt8]) {
        guard !isEmpty else { return }
        bytes.append(bigEndian: UInt16(entries.count))  // fits: each pair takes at least four bytes
        for entry in entries {
            bytes.append(bigEndian: UInt16(entry.keyBytes.count))
            bytes.append(bytesOf: entry.keyBytes.span)
            bytes.append(bigEndian: UInt16(entry.valueBytes.count))
            bytes.append(bytesOf: entry.valueBytes.span)
        }
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
