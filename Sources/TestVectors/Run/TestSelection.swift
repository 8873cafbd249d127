import Glibc

/// Which tests of the sets are to run.
package struct TestSelection: Sendable {
    /// A test of a set.
    struct Item: Sendable {
        let set: Int
        let test: DecryptTest
    }

    /// The tests, set by set, in the order of the files.
    let items: [Item]
    /// Filters that matched nothing.
    package let idleFilters: [String]

    /// How many tests are to run.
    package var count: Int { items.count }

    /// Selects by the filters and the shard of `options`; a test is selected when one of the filters matches its id or description.
    package init(_ sets: [VectorSet], options: RunOptions) {
        var matched: Set<String> = []
        var items: [Item] = []
        for (index, set) in sets.enumerated() {
            for test in set.decryptTests {
                var isSelected = options.filters.isEmpty
                for filter in options.filters where Self.matches(test, filter) {
                    matched.insert(filter)
                    isSelected = true
                }
                guard isSelected, options.shard?.contains(test.id) ?? true else { continue }
                items.append(Item(set: index, test: test))
            }
        }
        self.items = items
        idleFilters = options.filters.filter { !matched.contains($0) }
    }

    private static func matches(_ test: DecryptTest, _ filter: String) -> Bool {
        // An id may hold characters that mean something in a pattern: the id itself always matches.
        if test.id == filter { return true }
        return [test.id, test.description].contains { text in
            guard let text else { return false }
            return unsafe fnmatch(filter, text, 0) == 0
        }
    }
}
