import Glibc
import StrictJSON

/// The vector sets at the paths of a command line, each once.
package struct RequestedSets: Sendable {
    /// The sets, in the order of the paths.
    package let sets: [VectorSet]
    /// The paths of sets that were left out, because an earlier path had led to them already, and why.
    package let repeated: [String]

    /// Loads the sets at `paths`; a slash at the end of a path does not count.
    ///
    /// - Parameters:
    ///   - paths: the paths.
    ///   - shard: the part of the tests that is enough, nil for all.
    /// - Throws: `VectorError`, for the first set that cannot be loaded.
    package init(_ paths: [String], shard: RunOptions.Shard? = nil) throws(VectorError) {
        var sets: [VectorSet] = []
        var repeated: [String] = []
        var known: Set<[UInt8]> = []
        for path in paths {
            for set in try VectorSetLoader.load(
                Self.withoutTrailingSlashes(path),
                where: { shard?.contains($0) ?? true }
            ) {
                let file = RegularFile.resolved(set.manifestPath) ?? set.manifestPath
                if known.insert(Array(file.utf8)).inserted {
                    sets.append(set)
                } else {
                    let isSamePath = sets.contains { $0.path.utf8.elementsEqual(set.path.utf8) }
                    repeated.append("\(set.path): given " + (isSamePath ? "twice" : "before under another path"))
                }
            }
        }
        self.sets = sets
        self.repeated = repeated
    }

    /// The same folder has one name in reports, however it was typed.
    private static func withoutTrailingSlashes(_ path: String) -> String {
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The tests of a run.
package struct TestSelection: Sendable {
    /// The place of a test: the number of its set, and its number in that set's file.
    struct Item: Sendable, Hashable {
        let set: Int
        let test: Int
    }

    /// What tests are selected by.
    private struct Name {
        let set: String
        let id: String
        let description: String?
    }

    /// The tests, set by set, in the order of the files.
    let items: [Item]
    /// Filters and exclusions that matched nothing.
    package let idleFilters: [String]

    /// The number of tests.
    package var count: Int { items.count }

    /// Selects tests of decrypt sets by the filters and the shard of `options`.
    ///
    /// A test is selected when one of the filters matches its id or description, and no exclusion does.
    package init(_ sets: [VectorSet], options: RunOptions) {
        self.init(
            sets.map { set in
                set.decryptTests.map { Name(set: set.path, id: $0.id, description: $0.description) }
            },
            options
        )
    }

    /// Selects tests of an encrypt manifest, whose set number is 0.
    init(_ set: EncryptSet, options: RunOptions) {
        self.init(
            [set.tests.map { Name(set: set.manifestPath, id: $0.id, description: $0.description) }],
            options
        )
    }

    /// Tests of a set, by id and description.
    init(_ tests: [(id: String, description: String?)], of path: String, _ options: RunOptions) {
        self.init([tests.map { Name(set: path, id: $0.id, description: $0.description) }], options)
    }

    private init(_ sets: [[Name]], _ options: RunOptions) {
        let patterns = options.filters + options.exclusions
        let ids = Set(patterns.isEmpty ? [] : sets.joined().map { Self.bytes(of: $0.id) })
        var filters = Self.unique(options.filters, ids)
        var exclusions = Self.unique(options.exclusions, ids)
        var items: [Item] = []
        for (set, names) in sets.enumerated() {
            for (test, name) in names.enumerated() {
                // All of them, so that each that matches anything is known.
                let isSelected = Self.anyMatches(&filters, name) || filters.isEmpty
                guard isSelected, !Self.anyMatches(&exclusions, name), options.shard?.contains(name.id) ?? true,
                    options.rerun?.contains(name.id, in: name.set) ?? true
                else { continue }
                items.append(Item(set: set, test: test))
            }
        }
        self.items = items
        idleFilters = (filters + exclusions).filter(\.isIdle).map(\.text)
    }

    private static func unique(_ texts: [String], _ ids: Set<[UInt8]>) -> [Filter] {
        var filters: [Filter] = []
        for text in texts where !filters.contains(where: { $0.bytes == bytes(of: text) }) {
            filters.append(Filter(text: text, isID: ids.contains(bytes(of: text))))
        }
        return filters
    }

    private static func anyMatches(_ filters: inout [Filter], _ name: Name) -> Bool {
        var isMatch = false
        for place in filters.indices where filters[place].matches(name) {
            filters[place].isIdle = false
            isMatch = true
        }
        return isMatch
    }

    /// The tests that were selected, as `esdk vectors … --list` prints them.
    package func names(in sets: [VectorSet]) -> [(path: String, id: String, description: String?)] {
        items.map { item in
            let test = sets[item.set].decryptTests[item.test]
            return (sets[item.set].path, test.id, test.description)
        }
    }

    /// What a test id or filter is compared by: two ids may be canonically equivalent and yet different.
    ///
    /// A text that a shell can hand over ends at U+0000, so that it counts as a character that a pattern can match.
    private static func bytes(of text: String) -> [UInt8] {
        text.utf8.contains(0) ? text.utf8.map { $0 == 0 ? 1 : $0 } : Array(text.utf8)
    }

    /// A pattern, a part of an id or description, or a whole id.
    private struct Filter {
        let text: String
        let bytes: [UInt8]
        /// Whether there is a test of just this id, whose characters may mean something else in a pattern: it alone is
        /// meant.
        let isID: Bool
        /// Whether it has none of the characters that mean something in a pattern: it may then stand anywhere.
        private let isPlain: Bool
        var isIdle = true

        init(text: String, isID: Bool) {
            self.text = text
            self.isID = isID
            bytes = TestSelection.bytes(of: text)
            isPlain = !bytes.isEmpty && !bytes.contains { "*?[\\".utf8.contains($0) }
        }

        func matches(_ name: Name) -> Bool {
            let id = TestSelection.bytes(of: name.id)
            if isID { return id == bytes }
            return [id, name.description.map(TestSelection.bytes(of:))].contains { candidate in
                guard let candidate else { return false }
                if isPlain { return candidate.firstRange(of: bytes) != nil }
                return unsafe fnmatch(text, String(decoding: candidate, as: UTF8.self), 0) == 0
            }
        }
    }
}

/// What failed in an earlier run, by set and id.
package struct FailedTests: Sendable {
    private let ids: [JSONName: Set<JSONName>]

    /// The failed tests of a report.
    package init(_ report: RunReport) {
        ids = Dictionary(
            report.sets.map { set in
                (JSONName(set.path), Set(set.results.filter { $0.status == .failed }.map { JSONName($0.id) }))
            },
            uniquingKeysWith: { $0.union($1) }
        )
    }

    /// How many there are.
    package var count: Int { ids.values.reduce(0) { $0 + $1.count } }

    /// Whether a test is among them.
    ///
    /// - Parameters:
    ///   - id: the test's id.
    ///   - path: the path of its set, as it was given in that run.
    func contains(_ id: String, in path: String) -> Bool { ids[JSONName(path)]?.contains(JSONName(id)) ?? false }
}
