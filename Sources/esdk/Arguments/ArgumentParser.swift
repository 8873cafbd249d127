/// Tells options from operands by the conventions of GNU: `--jobs=3`, `--jobs 3`, `--jo 3`, `-j3`, `-qj 3`, options after operands,
/// and `--`, after which everything is an operand.
struct ArgumentParser {
    /// What was found, in order.
    struct Arguments {
        /// Options by their number, with their arguments; an option without one has an empty argument.
        var options: [(index: Int, argument: Word)] = []
        var operands: [Word] = []
    }

    enum Request {
        case run(Arguments)
        case help
        case usage
        case version
    }

    private let forms: [OptionForm]
    private let stopsAtOperand: Bool
    private let count: Int

    /// - Parameters:
    ///   - forms: the command's options.
    ///   - stopsAtOperand: whether the first operand ends the options, as the name of a command does.
    init(_ forms: [OptionForm], stopsAtOperand: Bool = false) {
        self.forms = forms + OptionForm.standard
        self.stopsAtOperand = stopsAtOperand
        count = forms.count
    }

    /// - Throws: `UsageError` for the first option that is not known or lacks its argument.
    func parse(_ words: ArraySlice<Word>) throws -> Request {
        var arguments = Arguments()
        var rest = words
        while let word = rest.popFirst() {
            let bytes = word.bytes
            if bytes == Array("--".utf8) {
                arguments.operands += rest
                break
            }
            guard bytes.first == UInt8(ascii: "-"), bytes.count > 1 else {
                arguments.operands.append(word)
                if stopsAtOperand {
                    arguments.operands += rest
                    break
                }
                continue
            }
            let found = bytes[1] == UInt8(ascii: "-") ? [try long(bytes[2...], &rest)] : try short(bytes[1...], &rest)
            for (index, argument) in found {
                guard index >= count else {
                    arguments.options.append((index, argument))
                    continue
                }
                switch forms[index].name {
                case OptionForm.help.name: return .help
                case OptionForm.usage.name: return .usage
                default: return .version
                }
            }
        }
        return .run(arguments)
    }

    private typealias Found = (index: Int, argument: Word)

    /// Reads `name` or `name=argument`.
    private func long(_ bytes: ArraySlice<UInt8>, _ rest: inout ArraySlice<Word>) throws -> Found {
        let equals = bytes.firstIndex(of: UInt8(ascii: "="))
        let name = try Word(Array(bytes[..<(equals ?? bytes.endIndex)])).text()
        let index = try index(of: name)
        let form = forms[index]
        if let equals {
            guard form.argument != nil else { throw UsageError("option '--\(form.name)' doesn't allow an argument") }
            return (index, Word(Array(bytes[(equals + 1)...])))
        }
        guard form.argument != nil else { return (index, Word("")) }
        guard let argument = rest.popFirst() else {
            throw UsageError("option '--\(form.name)' requires an argument")
        }
        return (index, argument)
    }

    private func index(of name: String) throws -> Int {
        if let exact = forms.firstIndex(where: { $0.name == name }) { return exact }
        let matches = forms.indices.filter { forms[$0].name.hasPrefix(name) }
        if matches.count == 1 { return matches[0] }
        guard matches.isEmpty || name.isEmpty else {
            let names = matches.map { "'--\(forms[$0].name)'" }.joined(separator: ", ")
            throw UsageError("option '--\(name)' is ambiguous: \(names)")
        }
        let near = Suggestion.nearest(to: name, among: forms.map(\.name))
        throw UsageError("unrecognized option '--\(name)'" + (near.map { "; did you mean '--\($0)'?" } ?? ""))
    }

    /// Reads a cluster of letters; the last one may have its argument behind it.
    private func short(_ bytes: ArraySlice<UInt8>, _ rest: inout ArraySlice<Word>) throws -> [Found] {
        var found: [Found] = []
        var bytes = bytes
        while let byte = bytes.popFirst() {
            // A question mark has long been a letter for help.
            let letter = byte == UInt8(ascii: "?") ? OptionForm.help.letter : Character(UnicodeScalar(byte))
            guard let index = forms.firstIndex(where: { $0.letter == letter && letter != nil }), byte < 0x80 else {
                throw UsageError("invalid option -- '\(String(decoding: CollectionOfOne(byte), as: UTF8.self))'")
            }
            guard forms[index].argument != nil else {
                found.append((index, Word("")))
                continue
            }
            if !bytes.isEmpty {
                found.append((index, Word(Array(bytes))))
            } else if let argument = rest.popFirst() {
                found.append((index, argument))
            } else {
                throw UsageError("option requires an argument -- '\(Character(UnicodeScalar(byte)))'")
            }
            break
        }
        return found
    }
}

/// What was probably meant by a word that is not known.
enum Suggestion {
    /// The candidate that is the fewest typing mistakes away: at most two, and less than half of the word.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { (distance: distance(Array(word), Array($0)), candidate: $0) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= 2 && best.distance * 2 < word.count ? best.candidate : nil
    }

    /// How many characters have to be inserted, left out, replaced or swapped with the next one.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        guard abs(a.count - b.count) <= 2 else { return Int.max / 2 }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
