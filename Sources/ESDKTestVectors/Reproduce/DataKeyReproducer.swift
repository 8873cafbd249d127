import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// Wraps the data key of a message again like each of its encrypted data keys.
struct DataKeyReproducer {
    let dataKey: SecretBytes
    let context: WrappingContext
    /// The keys that it may be wrapped under.
    let keys: [any WrappingKey]

    /// Wraps the data key again like `encryptedDataKey`, number `index` of the header, which starts `offset` bytes into the message.
    func reproduce(_ encryptedDataKey: EncryptedDataKey, at index: Int, offset: Int) -> DataKeyReproduction {
        let candidates = keys.filter { $0.isNamed(by: encryptedDataKey) }
        guard !candidates.isEmpty else {
            if let zeros = RawAESWrappingKey.zeros(namedBy: encryptedDataKey),
                let again = try? zeros.rewrap(dataKey, like: encryptedDataKey, context: context.serialized),
                again.encryptedDataKey == encryptedDataKey
            {
                return DataKeyReproduction(
                    index: index,
                    outcome: .identical(key: "raw AES-256 key of zeros", randomness: again.randomness)
                )
            }
            let provider = String(decoding: encryptedDataKey.keyProviderID, as: UTF8.self)
            let reason =
                provider.hasPrefix("aws-kms")
                ? "carried over: wrapped by a service (\(provider))" : "carried over: its key (\(provider)) is not here"
            return DataKeyReproduction(index: index, outcome: .carriedOver(reason: reason))
        }
        var failures: [(key: any WrappingKey, reason: String)] = []
        for key in candidates {
            do {
                let again = try key.rewrap(dataKey, like: encryptedDataKey, context: context.serialized)
                if again.encryptedDataKey == encryptedDataKey {
                    let outcome = DataKeyReproduction.Outcome.identical(key: key.name, randomness: again.randomness)
                    return DataKeyReproduction(index: index, outcome: outcome)
                }
                let difference = difference(encryptedDataKey, again.encryptedDataKey, at: index, offset: offset)
                failures.append((key, explain(difference, of: encryptedDataKey, under: key)))
            } catch {
                failures.append((key, "\(error)"))
            }
        }
        let (key, reason) = failures[0]
        return DataKeyReproduction(index: index, outcome: .different(key: key.name, reason: reason))
    }

    /// The first difference, and the convention that makes it go away.
    private func explain(
        _ difference: MessageDifference,
        of original: EncryptedDataKey,
        under key: any WrappingKey
    ) -> String {
        guard key.bindsContext else { return "\(difference)" }
        for deviation in context.deviations {
            let attempt = try? key.rewrap(dataKey, like: original, context: deviation.bytes)
            if attempt?.encryptedDataKey == original {
                return "\(difference); it would be identical with \(deviation.name)"
            }
        }
        return "\(difference)"
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

    /// Other forms that have been seen or are near at hand, each with its name.
    var deviations: [(name: String, bytes: [UInt8])] {
        let withoutPublicKey = all.entries.filter { $0.key != EncryptionContext.publicKeyName }
        let required = all.entries.filter { pair in !stored.contains { $0.keyBytes == pair.keyBytes } }
        let utf16 = all.entries.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        var forms: [(String, [UInt8])] = [
            ("the encryption context without its count, as the community's Go wrote it", Self.pairs(all.entries)),
            ("an encryption context that is written as the count 0", [0, 0]),
            ("no encryption context", []),
            ("the encryption context in the order of the header", Self.counted(stored + required)),
            ("only the stored pairs of the encryption context", Self.counted(stored)),
            ("the encryption context without the public key", Self.counted(withoutPublicKey)),
            ("keys ordered by UTF-16, as JavaScript once did", Self.counted(utf16)),
        ]
        if 2...Self.mostPairsToPermute ~= all.count {
            forms += Self.permutations(all.entries).map { entries in
                let keys = entries.map { "\"\($0.key)\"" }.joined(separator: ", ")
                return ("keys in the order \(keys), as JavaScript's order by locale may be", Self.counted(entries))
            }
        }
        return forms.filter { $0.1 != serialized }
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
