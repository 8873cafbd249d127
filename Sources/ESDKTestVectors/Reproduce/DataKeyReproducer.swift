import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// Wraps the data key of a message again like each of its encrypted data keys.
///
/// A message has up to 65,535 encrypted data keys, and a set any number of keys, so what is tried is bounded: at most `mostKeys` keys for
/// one encrypted data key, and the search for the convention that explains a difference in full for the first `mostSearches` that differ.
struct DataKeyReproducer {
    /// The most keys of one name that an encrypted data key is tried with.
    static let mostKeys = 32
    /// How many encrypted data keys of a message are explained by trying every order of the encryption context.
    static let mostSearches = 1

    private let dataKey: SecretBytes
    private let context: WrappingContext
    /// The keys that it may be wrapped under.
    private let keys: WrappingKeys
    /// How often every order of the encryption context has been tried.
    private var searches = 0
    /// The convention that explained the last difference.
    private var convention: WrappingContext.Deviation?

    init(dataKey: SecretBytes, context: WrappingContext, keys: WrappingKeys) {
        self.dataKey = dataKey
        self.context = context
        self.keys = keys
    }

    /// Wraps the data key again like `encryptedDataKey`, number `index` of the header, which starts `offset` bytes into the message.
    mutating func reproduce(_ encryptedDataKey: EncryptedDataKey, at index: Int, offset: Int) -> DataKeyReproduction {
        DataKeyReproduction(index: index, outcome: outcome(encryptedDataKey, at: index, offset: offset))
    }

    private mutating func outcome(
        _ original: EncryptedDataKey,
        at index: Int,
        offset: Int
    ) -> DataKeyReproduction.Outcome {
        var first: (key: any WrappingKey, result: Result<EncryptedDataKey, any Error>)?
        var unknown: String?
        for key in keys.keys(namedBy: original, limit: Self.mostKeys) {
            do {
                let again = try key.rewrap(dataKey, like: original, context: context.serialized)
                if again.encryptedDataKey == original {
                    return .identical(key: key.name, randomness: again.randomness)
                }
                if key.isDescribed { first = first ?? (key, .success(again.encryptedDataKey)) }
            } catch let error as VectorError where error.code == .unsupported {
                unknown = unknown ?? error.reason
            } catch {
                if key.isDescribed { first = first ?? (key, .failure(error)) }
            }
        }
        if let unknown { return .carriedOver(reason: "carried over: \(unknown)") }
        guard let (key, result) = first else { return withoutKey(original) }
        switch result {
        case .success(let again):
            let difference = difference(original, again, at: index, offset: offset)
            return .different(key: key.name, reason: explain(difference, of: original, under: key))
        case .failure(let error):
            return .different(key: key.name, reason: "\(error)")
        }
    }

    /// What becomes of an encrypted data key that no key is here for.
    private func withoutKey(_ original: EncryptedDataKey) -> DataKeyReproduction.Outcome {
        if let zeros = RawAESWrappingKey.zeros(namedBy: original),
            let again = try? zeros.rewrap(dataKey, like: original, context: context.serialized),
            again.encryptedDataKey == original
        {
            return .identical(key: "raw AES-256 key of zeros", randomness: again.randomness)
        }
        let provider = String(decoding: original.keyProviderID, as: UTF8.self)
        return .carriedOver(
            reason: provider.hasPrefix("aws-kms")
                ? "carried over: wrapped by a service (\(provider))" : "carried over: its key (\(provider)) is not here"
        )
    }

    /// The first difference, and the convention that makes it go away.
    private mutating func explain(
        _ difference: MessageDifference,
        of original: EncryptedDataKey,
        under key: any WrappingKey
    ) -> String {
        guard key.bindsContext else { return "\(difference)" }
        func explains(_ deviation: WrappingContext.Deviation) -> Bool {
            let attempt = try? key.rewrap(dataKey, like: original, context: deviation.bytes)
            return attempt?.encryptedDataKey == original
        }
        if let convention, explains(convention) { return Self.text(difference, convention) }
        var found = context.deviations.first(where: explains)
        if found == nil, searches < Self.mostSearches {
            searches += 1
            found = context.orders.first(where: explains)
        }
        guard let found else { return "\(difference)" }
        convention = found
        return Self.text(difference, found)
    }

    private static func text(_ difference: MessageDifference, _ deviation: WrappingContext.Deviation) -> String {
        "\(difference); it would be identical with \(deviation.name)"
    }

    private func difference(
        _ original: EncryptedDataKey,
        _ again: EncryptedDataKey,
        at index: Int,
        offset: Int
    ) -> MessageDifference {
        let parts: [(MessageField.DataKeyPart, found: [UInt8], expected: [UInt8])] = [
            (.keyProviderID, original.keyProviderID, again.keyProviderID),
            (.keyProviderInfo, original.keyProviderInfo, again.keyProviderInfo),
            (.ciphertext, original.ciphertext, again.ciphertext),
        ]
        // The caller has found that one of them differs.
        let place = parts.firstIndex { $0.found != $0.expected } ?? parts.count - 1
        let (part, found, expected) = parts[place]
        let pair = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }
        let start = pair?.offset ?? min(found.count, expected.count)
        let partOffset = parts[..<place].reduce(offset + 2) { $0 + $1.found.count + 2 }
        return MessageDifference(
            field: .encryptedDataKey(index, part),
            offset: partOffset + start,
            expected: Array(expected.dropFirst(start)),
            found: Array(found.dropFirst(start))
        )
    }
}

/// What came of wrapping a message's data key again like one of its encrypted data keys.
package struct DataKeyReproduction: Sendable {
    /// The position of the encrypted data key in the header, from 0.
    package let index: Int
    /// What came of it.
    package let outcome: Outcome

    /// What came of it.
    package enum Outcome: Sendable {
        /// It was wrapped again, to the same bytes.
        case identical(key: String, randomness: [RecoveredRandomness])
        /// No key that could wrap it again is here.
        case carriedOver(reason: String)
        /// It was wrapped again, to other bytes.
        case different(key: String, reason: String)
    }
}

/// The encryption context that the wrapping of a data key binds, as the specification serializes it and as implementations have.
struct WrappingContext: Sendable {
    /// All pairs, ascending.
    private let all: EncryptionContext
    /// The stored pairs in the order of the header.
    private let stored: [EncryptionContext.Entry]

    /// More pairs than this are not tried in every order.
    private static let mostPairsToPermute = 6

    ///   - all: all pairs, the public key and those that are not stored among them.
    ///   - stored: the stored pairs in the order of the header.
    init(all: EncryptionContext, stored: [EncryptionContext.Entry]) {
        self.all = all
        self.stored = stored
    }

    /// Count and pairs, ascending by the bytes of the key; nothing for no pairs.
    var serialized: [UInt8] { all.isEmpty ? [] : Self.counted(all.entries) }

    /// Another form of the encryption context.
    struct Deviation {
        /// The form in words.
        let name: String
        /// The bytes that the wrapping binds.
        let bytes: [UInt8]
    }

    /// Other forms that have been seen or are near at hand.
    var deviations: [Deviation] {
        let withoutPublicKey = all.entries.filter { $0.key != EncryptionContext.publicKeyName }
        let required = all.entries.filter { pair in !stored.contains { $0.keyBytes == pair.keyBytes } }
        let utf16 = all.entries.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        let forms = [
            ("the encryption context without its count, as the community's Go wrote it", Self.pairs(all.entries)),
            ("an encryption context that is written as the count 0", [0, 0]),
            ("no encryption context", []),
            ("the encryption context in the order of the header", Self.counted(stored + required)),
            ("only the stored pairs of the encryption context", Self.counted(stored)),
            ("the encryption context without the public key", Self.counted(withoutPublicKey)),
            ("keys ordered by UTF-16, as JavaScript once did", Self.counted(utf16)),
        ]
        return forms.filter { $0.1 != serialized }.map { Deviation(name: $0.0, bytes: $0.1) }
    }

    /// Every other order of a few pairs, made one at a time: up to 720, each as long as the encryption context.
    var orders: some Sequence<Deviation> {
        let orders = 2...Self.mostPairsToPermute ~= all.count ? Self.permutations(Array(all.entries.indices)) : []
        let (entries, serialized) = (all.entries, serialized)
        return orders.lazy.map { order in
            let pairs = order.map { entries[$0] }
            let keys = pairs.map { "\"\($0.key)\"" }.joined(separator: ", ")
            return Deviation(
                name: "keys in the order \(keys), as JavaScript's order by locale may be",
                bytes: Self.counted(pairs)
            )
        }.filter { $0.bytes != serialized }
    }

    private static func counted(_ entries: [EncryptionContext.Entry]) -> [UInt8] {
        UInt16(truncatingIfNeeded: entries.count).bigEndianBytes + pairs(entries)
    }

    private static func pairs(_ entries: [EncryptionContext.Entry]) -> [UInt8] {
        entries.flatMap { entry in
            [entry.keyBytes, entry.valueBytes].flatMap { UInt16(truncatingIfNeeded: $0.count).bigEndianBytes + $0 }
        }
    }

    private static func permutations<Element>(_ elements: [Element]) -> [[Element]] {
        guard let first = elements.first else { return [[]] }
        return permutations(Array(elements.dropFirst())).flatMap { rest in
            (0...rest.count).map { place in
                var permutation = rest
                permutation.insert(first, at: place)
                return permutation
            }
        }
    }
}
