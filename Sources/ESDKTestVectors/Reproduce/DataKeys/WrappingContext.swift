import AWSMaterialProviders
import ESDKCrypto

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
