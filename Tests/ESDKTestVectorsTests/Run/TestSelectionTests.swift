import ESDKTestVectors
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("The sets of a command line")
struct RequestedSetsTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for set in ["one", "two"] {
            try folder.write("\(set)/manifest.json", Fixture.manifest("\"t\": \(Fixture.test)"))
            try folder.write("\(set)/keys.json", Fixture.keys())
        }
        return folder
    }

    @Test("a slash at the end of a path does not count")
    func trailingSlash() throws {
        let folder = try folder()
        #expect(try RequestedSets(["\(folder.path)/one//"]).sets.map(\.path) == ["\(folder.path)/one"])
        #expect(
            try RequestedSets(["\(folder.path)/"]).sets.map(\.path) == ["\(folder.path)/one", "\(folder.path)/two"]
        )
    }

    @Test("a set runs once, however often and by whatever paths it is named")
    func repeated() throws {
        let folder = try folder()
        try folder.link("link", to: "one")
        let paths = ["one", "two", "one/", "./one", "two/../one", "link", "one/manifest.json", "."].map {
            "\(folder.path)/\($0)"
        }
        let requested = try RequestedSets(paths)
        #expect(requested.sets.map(\.path) == ["\(folder.path)/one", "\(folder.path)/two"])
        // The folder above holds the link as well.
        #expect(requested.repeated.count == 5 + 3)
        #expect(requested.repeated.first == "\(folder.path)/one: given twice")
    }

    @Test("a shard has its tests alone, and all shards have each test once")
    func shards() throws {
        let folder = try TemporaryFolder()
        let ids = (0..<20).map { "test \($0)" }
        let tests = ids.map { "\"\($0)\": \(Fixture.test)" }.joined(separator: ", ")
        try folder.write("manifest.json", Fixture.manifest(tests))
        try folder.write("keys.json", Fixture.keys())
        var found: [String] = []
        for index in 1...3 {
            let shard = try #require(RunOptions.Shard(index: index, count: 3))
            let set = try #require(try RequestedSets([folder.path], shard: shard).sets.first)
            #expect(!set.decryptTests.isEmpty && set.decryptTests.allSatisfy { shard.contains($0.id) })
            found += set.decryptTests.map(\.id)
        }
        #expect(found.sorted() == ids.sorted())
    }

    @Test("a path that cannot be loaded is told as it was given")
    func missing() {
        let error = #expect(throws: VectorError.self) { try RequestedSets(["/nowhere/at/all"]) }
        #expect(error?.path == "/nowhere/at/all")
    }
}

@Suite("Which tests run")
struct TestSelectionTests {
    private func set(_ tests: [(id: String, description: String?)]) -> VectorSet {
        VectorSet(
            path: "set",
            manifestPath: "set/manifest.json",
            header: ManifestHeader(kind: .decrypt, type: "awses-decrypt", version: 2),
            producer: Producer(name: nil, version: nil),
            folder: VectorFolder("."),
            keys: KeyTable(declaredVersion: 3, entries: []),
            decryptTests: tests.map { id, description in
                DecryptTest(
                    id: id,
                    description: description,
                    keys: nil,
                    declaredSuite: nil,
                    declaredFrameLength: nil,
                    content: .failure(.broken("for a test"))
                )
            },
            diagnostics: []
        )
    }

    private func select(
        _ sets: [VectorSet],
        _ filters: [String] = [],
        shard: RunOptions.Shard? = nil
    ) -> TestSelection {
        var options = RunOptions(jobs: 1)
        options.filters = filters
        options.shard = shard
        return TestSelection(sets, options: options)
    }

    /// The ids of the selected tests.
    private func ids(
        _ sets: [VectorSet],
        _ filters: [String] = [],
        shard: RunOptions.Shard? = nil
    ) -> [String] {
        select(sets, filters, shard: shard).items.map { sets[$0.set].decryptTests[$0.test].id }
    }

    @Test("tests keep the order of the sets and of their files")
    func order() {
        let sets = [set([("b", nil), ("a", nil)]), set([("a", nil)])]
        #expect(select(sets).items.map(\.set) == [0, 0, 1])
        #expect(ids(sets) == ["b", "a", "a"])
        #expect(select(sets, ["a"]).items.map(\.set) == [0, 1])
        #expect(ids(sets, ["a"]) == ["a", "a"])
    }

    @Test("a pattern matches a whole id or a whole description, plain text a part of one, and an id only itself")
    func patterns() {
        let sets = [set([("abc", "first test"), ("abd", nil), ("xabc", "")])]
        #expect(select(sets, ["ab*"]).count == 2)
        #expect(ids(sets, ["ab"]) == ["abc", "abd", "xabc"])
        #expect(ids(sets, ["abc"]) == ["abc"])
        #expect(ids(sets, ["rst te"]) == ["abc"])
        #expect(ids(sets, ["first*"]) == ["abc"])
        #expect(select(sets, ["*"]).count == 3)
        #expect(ids(sets, [""]) == ["xabc"])
    }

    @Test("exclusions take tests away from those that filters select")
    func exclusions() {
        let sets = [set([("abc", "first test"), ("abd", nil), ("xabc", "")])]
        func ids(_ filters: [String], _ exclusions: [String]) -> [String] {
            var options = RunOptions(jobs: 1)
            options.filters = filters
            options.exclusions = exclusions
            return TestSelection(sets, options: options).names(in: sets).map(\.id)
        }
        #expect(ids([], ["abc"]) == ["abd", "xabc"])
        #expect(ids([], ["*c"]) == ["abd"])
        #expect(ids(["ab*"], ["first"]) == ["abd"])
        var options = RunOptions(jobs: 1)
        options.exclusions = ["nothing"]
        #expect(TestSelection(sets, options: options).idleFilters == ["nothing"])
    }

    @Test("filters that match nothing are told, each once")
    func idle() {
        let selection = select([set([("a", nil)])], ["x", "a", "x", "y*"])
        #expect(selection.count == 1)
        #expect(selection.idleFilters == ["x", "y*"])
        #expect(select([set([("a", nil)])]).idleFilters == [])
    }

    @Test("an id with U+0000, which no argument can hold, is matched by a pattern")
    func nul() {
        let sets = [set([("a\0b", nil), ("a", nil), ("ab", nil)])]
        #expect(ids(sets, ["a?b"]) == ["a\0b"])
        #expect(ids(sets, ["a"]) == ["a"])
        #expect(select(sets, ["a*"]).count == 3)
    }

    @Test("a shard is told by its number, from 1, and how many there are")
    func shards() throws {
        for (index, count) in [(0, 3), (4, 3), (1, 0), (-1, 3), (1, -1)] {
            #expect(RunOptions.Shard(index: index, count: count) == nil)
        }
        let names = (0..<200).map { "test \($0)" }
        let all = try (1...7).map { try #require(RunOptions.Shard(index: $0, count: 7)) }
        for id in names { #expect(all.count { $0.contains(id) } == 1) }
        // Where a test runs does not change with the tests around it.
        let few = ids([set(names.prefix(20).map { ($0, nil) })], shard: all[2])
        let many = ids([set(names.map { ($0, nil) })], shard: all[2])
        #expect(!few.isEmpty)
        #expect(few.allSatisfy { many.contains($0) })
    }
}
