import AWSMaterialProviders

/// The order of the pairs in a header.
enum ContextOrder: Sendable, Hashable {
    case ascending
    case publicKeyLast
    case utf16
    case locale
    case other

    init(_ pairs: [EncryptionContext.Entry]) {
        let keys = pairs.map(\.keyBytes)
        func isAscending(_ keys: ArraySlice<[UInt8]>) -> Bool {
            zip(keys, keys.dropFirst()).allSatisfy { !$1.lexicographicallyPrecedes($0) }
        }
        let texts = pairs.map(\.key)
        if isAscending(keys[...]) {
            self = .ascending
        } else if texts.last == EncryptionContext.publicKeyName, isAscending(keys.dropLast()) {
            self = .publicKeyLast
        } else if zip(texts, texts.dropFirst()).allSatisfy({ !$1.utf16.lexicographicallyPrecedes($0.utf16) }) {
            self = .utf16
        } else if LocaleOrder.root.isAscending(texts) {
            self = .locale
        } else {
            self = .other
        }
    }

    /// Whether a locale may put the pairs in another order than that of their bytes: when it does, and when keys tie.
    static func differsByLocale(_ pairs: [EncryptionContext.Entry]) -> Bool {
        let keys = pairs.map(\.keyBytes).sorted { $0.lexicographicallyPrecedes($1) }
        let (order, ties) = LocaleOrder.root.sorted(keys.map { String(decoding: $0, as: UTF8.self) })
        return !ties.isEmpty || order != Array(keys.indices)
    }

    /// The order in words.
    var words: String {
        switch self {
        case .ascending: "by the bytes of the keys"
        case .publicKeyLast: "the public key comes last"
        case .utf16: "it is in the order of UTF-16, as JavaScript once wrote it"
        case .locale: "it is in the order of a locale, as JavaScript once wrote it"
        case .other: "it is in no order that is known here"
        }
    }
}

/// The orders of the pairs that JavaScript may have bound a data key to, the likely ones first.
///
/// Keys that a locale takes for equal keep the order in which the writer's program inserted them, which a reader cannot know: all
/// arrangements of those are tried, and of up to eight pairs all arrangements.
struct ContextOrderCandidates: Sequence, IteratorProtocol {
    private static let mostPermuted = 8

    private let pairs: [EncryptionContext.Entry]
    private var stages: [Arrangements]
    private var stage = 0

    init(_ pairs: [EncryptionContext.Entry]) {
        self.pairs = pairs
        let texts = pairs.map(\.key)
        let byUTF16 = texts.indices.sorted { texts[$0].utf16.lexicographicallyPrecedes(texts[$1].utf16) }
        stages = [Arrangements(byUTF16, permuting: [])]
        for order in LocaleOrder.all {
            let (sorted, ties) = order.sorted(texts)
            stages.append(Arrangements(sorted, permuting: ties))
        }
        if pairs.count <= Self.mostPermuted {
            stages.append(Arrangements(LocaleOrder.root.sorted(texts).order, permuting: [0..<pairs.count]))
        }
    }

    mutating func next() -> [EncryptionContext.Entry]? {
        while stage < stages.count {
            if let order = stages[stage].next() { return order.map { pairs[$0] } }
            stage += 1
        }
        return nil
    }
}

/// All arrangements of a list that differ in some of its ranges only, the given one first.
private struct Arrangements: IteratorProtocol {
    private let items: [Int]
    private let ranges: [Range<Int>]
    /// The places of the items: ascending at first.
    private var places: [Int]
    private var hasBegun = false

    init(_ items: [Int], permuting ranges: [Range<Int>]) {
        self.items = items
        self.ranges = ranges
        places = Array(items.indices)
    }

    mutating func next() -> [Int]? {
        guard hasBegun else {
            hasBegun = true
            return items
        }
        // Like the wheels of a counter: a range that has been through all of its arrangements moves the next one on.
        for range in ranges where advance(range) { return places.map { items[$0] } }
        return nil
    }

    /// Makes the next arrangement of a range in lexicographic order; after the last one comes the first, and the answer is false.
    private mutating func advance(_ range: Range<Int>) -> Bool {
        guard let pivot = range.dropLast().last(where: { places[$0] < places[$0 + 1] }) else {
            places[range].reverse()
            return false
        }
        if let successor = range.last(where: { places[$0] > places[pivot] }) { places.swapAt(pivot, successor) }
        places[(pivot + 1)..<range.upperBound].reverse()
        return true
    }
}
