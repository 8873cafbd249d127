/// The order in which JavaScript's `localeCompare` puts texts, as far as a few rules tell: ASCII exactly, most of Latin, Greek and
/// Cyrillic, other scripts roughly.
///
/// Base characters come first, the shorter text before the longer; then accents; then case, small letters before capital ones. Texts
/// that differ in none of them tie.
struct LocaleOrder: Sendable {
    /// The script that comes before Latin; nil for none.
    private var firstScript: Group?
    private var putsCapitalsFirst = false
    private var ignoresPunctuation = false

    /// The order of en-US, which most other locales share.
    static let root = LocaleOrder()
    /// The root order, and those of writers in other locales: Cyrillic before Latin (Russian, Ukrainian, Bulgarian, Serbian), Greek
    /// before Latin, capitals before small letters (Danish), no punctuation (Thai).
    static let all = [
        root, LocaleOrder(firstScript: .cyrillic), LocaleOrder(firstScript: .greek),
        LocaleOrder(putsCapitalsFirst: true), LocaleOrder(ignoresPunctuation: true),
    ]

    /// Whether texts are in this order; those that tie are in any.
    func isAscending(_ texts: [String]) -> Bool {
        let keys = texts.map(key)
        return zip(keys, keys.dropFirst()).allSatisfy { !$1.precedes($0) }
    }

    /// The places of texts in this order, and the ranges of places that tie.
    func sorted(_ texts: [String]) -> (order: [Int], ties: [Range<Int>]) {
        let keys = texts.map(key)
        let order = texts.indices.sorted { keys[$0].precedes(keys[$1]) }
        var ties: [Range<Int>] = []
        var start = 0
        for end in order.indices.dropFirst() where keys[order[start]] != keys[order[end]] {
            if end - start > 1 { ties.append(start..<end) }
            start = end
        }
        if order.count - start > 1 { ties.append(start..<order.count) }
        return (order, ties)
    }

    // MARK: - Keys

    /// What is compared, level by level.
    private struct Key: Equatable {
        var bases: [UInt64] = []
        var accents: [UInt32] = []
        var cases: [UInt8] = []

        func precedes(_ other: Key) -> Bool {
            if bases != other.bases { return bases.lexicographicallyPrecedes(other.bases) }
            if accents != other.accents { return accents.lexicographicallyPrecedes(other.accents) }
            return cases.lexicographicallyPrecedes(other.cases)
        }
    }

    private func key(_ text: String) -> Key {
        var key = Key()
        for character in text {
            let small = character.lowercased()
            let isCapital = small != String(character)
            let decomposed = Self.decomposed[Character(small.count == 1 ? small : String(character))]
            for scalar in decomposed ?? Array(small.unicodeScalars) { add(scalar, isCapital, to: &key) }
        }
        return key
    }

    private func add(_ scalar: Unicode.Scalar, _ isCapital: Bool, to key: inout Key) {
        guard !Self.isIgnored(scalar) else { return }
        if scalar.properties.canonicalCombiningClass != .notReordered {
            let place = Self.marks.firstIndex(of: scalar).map(UInt32.init)
            key.accents.append(2 + (place ?? scalar.value))
            return
        }
        let (group, value) = Self.place(of: scalar)
        if ignoresPunctuation, group == .punctuation || group == .space { return }
        let shown = group == firstScript ? .first : group
        key.bases.append(UInt64(shown.rawValue) << 32 | UInt64(value))
        key.accents.append(1)
        key.cases.append(isCapital != putsCapitalsFirst ? 1 : 0)
    }

    /// Characters that count for nothing; keys that differ only in them tie.
    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x08, 0x0E...0x1F, 0x7F...0x84, 0x86...0x9F, 0x034F, 0xFE00...0xFE0F: true
        default: scalar.properties.generalCategory == .format
        }
    }

    // MARK: - Accents

    /// Accents, in their order.
    private static let marks: [Unicode.Scalar] = [
        "\u{301}", "\u{300}", "\u{306}", "\u{302}", "\u{30C}", "\u{30A}", "\u{308}", "\u{30B}", "\u{303}", "\u{307}",
        "\u{338}", "\u{327}", "\u{328}", "\u{304}", "\u{309}", "\u{323}", "\u{31B}",
    ]

    /// Small letters that sort as others do: those with accents, ligatures, and letters with a stroke.
    ///
    /// A `Character` equals whatever is canonically equivalent to it, which finds `é` under `e` and an accent.
    private static let decomposed: [Character: [Unicode.Scalar]] = {
        var table: [Character: [Unicode.Scalar]] = [:]
        let bases = "abcdefghijklmnopqrstuvwxyzαεηιουωρабвгеёжзиіїкоуыэюя".unicodeScalars
        func add(_ scalars: [Unicode.Scalar]) {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            table[Character(String(text))] = scalars
        }
        for base in bases {
            for mark in marks {
                add([base, mark])
                // Vietnamese has two of them.
                for second in ["\u{301}", "\u{300}", "\u{309}", "\u{303}", "\u{323}"] as [Unicode.Scalar]
                where ["\u{306}", "\u{302}", "\u{31B}"].contains(mark) { add([base, mark, second]) }
            }
        }
        for (letter, scalars) in [
            ("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("ĳ", "ij"), ("ø", "o\u{338}"), ("đ", "d\u{338}"),
            ("ð", "d\u{338}\u{338}"), ("ħ", "h\u{338}"), ("ł", "l\u{338}"), ("ґ", "г\u{338}"), ("ς", "σ\u{338}"),
        ] as [(Character, String)] { table[letter] = Array(scalars.unicodeScalars) }
        // A letter of its own, not a и with an accent.
        table["й"] = nil
        return table
    }()

    // MARK: - Base characters

    /// Groups of characters, in their order.
    private enum Group: UInt32 {
        case space, punctuation, symbol, emoji, currency, digit, first, latin, greek, cyrillic, script, hangul, kana
        case supplementary, han, unassigned, privateUse, replacement
    }

    /// ASCII's marks in their order, in each group before all others.
    private static let asciiMarks = Array("_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$".unicodeScalars)
    private static let cyrillic = Array("абвгдђеєжзѕиійјклљмнњопрстћуфхцчџшщъыьэюя".unicodeScalars)
    private static let pictographs: [ClosedRange<UInt32>] = [
        0x2190...0x2BFF, 0x1F000...0x1F0FF, 0x1FA00...0x1FA6F, 0x1F260...0x1F5FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF,
        0x1F600...0x1F8C1,
    ]

    private static func place(of scalar: Unicode.Scalar) -> (Group, UInt32) {
        let code = scalar.value
        if let place = asciiMarks.firstIndex(of: scalar) {
            return (scalar == "$" ? .currency : place < 23 ? .punctuation : .symbol, UInt32(place))
        }
        if let range = pictographs.firstIndex(where: { $0.contains(code) }) {
            return (.emoji, UInt32(range) << 24 | code)
        }
        switch scalar.properties.generalCategory {
        case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator: return (.space, code)
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return (.punctuation, code)
        case .currencySymbol: return (.currency, code)
        case .decimalNumber: return (.digit, UInt32(scalar.properties.numericValue ?? 0))
        case .unassigned: return (.unassigned, code)
        case .privateUse: return (.privateUse, code)
        case .mathSymbol, .modifierSymbol, .otherSymbol: return (scalar == "\u{FFFD}" ? .replacement : .symbol, code)
        default: return letter(code, scalar)
        }
    }

    private static func letter(_ code: UInt32, _ scalar: Unicode.Scalar) -> (Group, UInt32) {
        switch code {
        case ..<0x250, 0x1E00..<0x1F00:
            // Letters that follow another one.
            let after: [Unicode.Scalar: Unicode.Scalar] = ["ı": "i", "ŋ": "n", "ŧ": "t", "ĸ": "q", "þ": "z"]
            return (.latin, after[scalar].map { $0.value * 2 + 1 } ?? code * 2)
        case 0x370..<0x400, 0x1F00..<0x2000: return (.greek, code)
        case 0x400..<0x530: return (.cyrillic, cyrillic.firstIndex(of: scalar).map(UInt32.init) ?? code)
        case 0x1100..<0x1200, 0xAC00..<0xD7B0: return (.hangul, code)
        case 0x3040..<0x3130: return (.kana, 0x30A1...0x30F6 ~= code ? code - 0x60 : code)
        case 0x3400..<0xA000, 0xF900..<0xFB00, 0x20000..<0x32000: return (.han, code)
        case 0x10000...: return (.supplementary, code)
        default: return (.script, code)
        }
    }
}
