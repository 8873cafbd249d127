import ESDKTestVectors
import Testing

@Suite("The sets of a command line")
struct RequestedSetsTests {
    private func folder() throws -> FixtureFolder {
        let folder = try FixtureFolder()
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
        #expect(requested.repeated.first == "\(folder.path)/one")
    }

    @Test("a path that cannot be loaded is told as it was given")
    func missing() {
        let error = #expect(throws: LoadError.self) { try RequestedSets(["/nowhere/at/all"]) }
        #expect(error?.path == "/nowhere/at/all")
    }
}
