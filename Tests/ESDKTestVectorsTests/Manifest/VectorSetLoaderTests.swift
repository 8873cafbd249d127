import ESDKTestVectors
import Glibc
import TestSupport
import Testing

@Suite("Loading vector sets")
struct VectorSetLoaderTests {
    private func refusal(of folder: TemporaryFolder, _ name: String = "") -> VectorError? {
        do {
            _ = try folder.load(name)
            return nil
        } catch {
            return error as? VectorError
        }
    }

    @Test("a folder without a manifest of its own is searched one level down, its sets in the order of their names")
    func oneLevelDown() throws {
        let folder = try TemporaryFolder()
        for name in ["b", "a", "c/deeper"] {
            try folder.write("\(name)/manifest.json", Fixture.manifest("\"\(name)\": \(Fixture.test)"))
            try folder.write("\(name)/keys.json", Fixture.keys())
        }
        try folder.write("README.md", "text")
        try folder.write("empty/nothing", "")
        #expect(try folder.load().map(\.path) == ["a", "b"].map { "\(folder.path)/\($0)" })
        #expect(try folder.load("c").map(\.path) == ["\(folder.path)/c/deeper"])
        #expect(try VectorSetLoader.load(folder.path + "//").map(\.path).first == folder.path + "/a")
    }

    @Test("a file is taken as the manifest, whatever its name")
    func file() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("some.file", Fixture.manifest("\"t\": \(Fixture.test)"))
        try folder.write("keys.json", Fixture.keys())
        let set = try #require(try VectorSetLoader.load(path).first)
        #expect(set.path == path)
        #expect(set.folder.path == folder.path)
        #expect(set.header == ManifestHeader(kind: .decrypt, type: "awses-decrypt", version: 2))
        #expect(set.header.description == "awses-decrypt v2")
    }

    static let unusableManifests: [(String, VectorError.Code, String)] = [
        ("", .notJSON, "the document ends"), ("{", .notJSON, "line 1, column 2"), ("[]", .malformed, "not an object"),
        ("{}", .unknownType, "awses-decrypt"), (#"{"manifest": 5}"#, .malformed, "is an integer"),
        (#"{"manifest": {"version": 2}}"#, .malformed, #"no member "type""#),
        (#"{"manifest": {"type": "awses-x", "version": 2}}"#, .unknownType, #""awses-x" is not known"#),
        (#"{"manifest": {"type": "awses-decrypt", "version": 6}}"#, .unknownVersion, "versions 1, 2, 3, 4, 5 are"),
        (#"{"manifest": {"type": "awses-decrypt", "version": 0}}"#, .unknownVersion, "versions 1, 2, 3, 4, 5 are"),
        (#"{"manifest": {"type": "awses-decrypt"}}"#, .malformed, #"no member "version""#),
        (#"{"manifest": {"type": "awses-decrypt", "version": 2}}"#, .malformed, #"no "tests""#),
        (#"{"manifest": {"type": "awses-decrypt", "version": 2}, "tests": []}"#, .malformed, "an array"),
        (#"{"manifest": {"type": "awses-decrypt", "version": 2}, "tests": {}}"#, .emptySet, "nothing to decrypt"),
        (
            #"{"manifest": {"type": "awses-encrypt", "version": 5}}"#, .nothingToDecrypt,
            "is an encrypt manifest (awses-encrypt v5): nothing to decrypt here"
        ),
        (
            #"{"manifest": {"type": "awses-decrypt-generate", "version": 2}}"#, .nothingToDecrypt,
            "is a decrypt-generate manifest (awses-decrypt-generate v2): nothing to decrypt here"
        ),
        (#"{"manifest": {"type": "aws-mpl-encrypt", "version": 4}}"#, .nothingToDecrypt, "material providers"),
        (#"{"manifest": {"type": "awses-mpl-decrypt", "version": 4}}"#, .nothingToDecrypt, "without messages"),
        (#"{"manifest": {"type": "keys", "version": 3}}"#, .nothingToDecrypt, "is a keys manifest (keys v3)"),
        (#"{"manifest": {"type": "results"}}"#, .nothingToDecrypt, "results manifest of 2018"),
        (#"{"manifest": {"type": "test_case"}}"#, .nothingToDecrypt, "test-case manifest of 2018"),
        (#"{"manifest": {"type": "ciphertext"}}"#, .malformed, "test_cases"),
        (#"{"manifest": {"type": "ciphertext"}, "test_cases": []}"#, .emptySet, "nothing to decrypt"),
    ]

    @Test("a manifest that cannot be used is told in one line that says what to do", arguments: unusableManifests)
    func entryErrors(text: String, code: VectorError.Code, part: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("m.json", text)
        let error = try #require(refusal(of: folder, "m.json"))
        #expect(error.code == code)
        #expect(error.reason.contains(part), "\(error)")
        #expect(!error.description.contains("\n"))
        #expect(error.description.hasPrefix("\(folder.path)/m.json: "))
    }

    @Test("a path with nothing to load is told: missing, empty, no regular file")
    func nothing() throws {
        let folder = try TemporaryFolder()
        #expect(refusal(of: folder, "absent")?.code == .notFound)
        #expect(refusal(of: folder, "line\nbreak")?.description.contains("\n") == false)
        #expect(refusal(of: folder)?.code == .noManifest)
        #expect(throws: VectorError(.unreadable, path: "", reason: "")) { try VectorSetLoader.load("/dev/null") }
    }

    @Test("a folder that holds an encrypt manifest alone says so")
    func encryptOnly() throws {
        let folder = try TemporaryFolder()
        try folder.write("encrypt-manifest.json", #"{"manifest": {"type": "awses-encrypt", "version": 5}}"#)
        #expect(refusal(of: folder)?.code == .nothingToDecrypt)
        #expect(refusal(of: folder)?.path == "\(folder.path)/encrypt-manifest.json")
    }

    @Test("encrypt manifests one level down are no sets")
    func encryptBelow() throws {
        let folder = try TemporaryFolder()
        try folder.write("a/manifest.json", #"{"manifest": {"type": "awses-encrypt", "version": 2}}"#)
        #expect(refusal(of: folder)?.code == .noManifest)
        try folder.write("b/manifest.json", Fixture.manifest("\"t\": \(Fixture.test)"))
        try folder.write("b/keys.json", Fixture.keys())
        #expect(try folder.load().map(\.path) == [folder.path + "/b"])
    }

    @Test("a manifest.json that cannot be read is not passed over for another")
    func brokenEntry() throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", "{")
        try folder.write("other.json", Fixture.manifest("\"t\": \(Fixture.test)"))
        try folder.write("keys.json", Fixture.keys())
        #expect(refusal(of: folder)?.code == .notJSON)
    }

    static let unusableKeys = [
        "{", "[]", #"{"manifest": {"type": "keys", "version": 9}, "keys": {}}"#,
        #"{"manifest": {"type": "keys"}, "keys": {}}"#,
        #"{"manifest": {"type": "awses-decrypt", "version": 2}}"#, #"{"manifest": {"type": "keys", "version": 3}}"#,
        #"{"manifest": {"type": "keys", "version": 3}, "keys": []}"#, #"{"keys": {}}"#,
    ]

    @Test("a keys manifest that cannot be used keeps the set from loading", arguments: unusableKeys)
    func keysErrors(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", Fixture.manifest("\"t\": \(Fixture.test)"))
        try folder.write("keys.json", text)
        let error = try #require(refusal(of: folder))
        #expect(error.code == .keys)
        #expect(error.description.contains("keys"))
        #expect(!error.description.contains("\n"))
    }

    @Test("the keys URI is followed; keys.json beside the manifest stands in for one that is missing, and is named")
    func keysURI() throws {
        func set(_ member: String, files: [String]) throws -> VectorSet {
            let folder = try TemporaryFolder()
            try folder.write(
                "manifest.json",
                #"{"manifest": {"type": "awses-decrypt", "version": 2}, \#(member) "tests": {"t": \#(Fixture.test)}}"#
            )
            for file in files { try folder.write(file, Fixture.keys()) }
            return try #require(try folder.load().first)
        }
        #expect(try set(#""keys": "file://my/keys.file","#, files: ["my/keys.file"]).diagnostics == [])
        #expect(try set(#""keys": "file://absent.json","#, files: ["keys.json"]).diagnostics.count == 1)
        #expect(try set("", files: ["keys.json"]).diagnostics.count == 1)
        for member in [#""keys": "file://absent.json","#, "", #""keys": "file://../keys.json","#, #""keys": 5,"#] {
            #expect(throws: VectorError(.keys, path: "", reason: "")) { try set(member, files: []) }
        }
    }

    @Test("a folder or JSON file whose name is not UTF-8 is named, not passed over; any other file is")
    func namesThatAreNotUTF8() throws {
        func named(_ suffix: String) -> [CChar] { [-1] + suffix.utf8.map { CChar(bitPattern: $0) } + [0] }
        let folder = try TemporaryFolder()
        try folder.write("sets/one/manifest.json", Fixture.manifest("\"one\": \(Fixture.test)"))
        try folder.write("sets/one/keys.json", Fixture.keys())
        let descriptor = open("\(folder.path)/sets", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(descriptor) }
        close(openat(descriptor, named(".txt"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        #expect(try folder.load("sets").count == 1)
        close(openat(descriptor, named(".json"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        #expect(
            refusal(of: folder, "sets")?.reason == "the name of \"\u{FFFD}.json\" in it is not UTF-8; rename the file"
        )
        #expect(unlinkat(descriptor, named(".json"), 0) == 0)
        #expect(mkdirat(descriptor, named(""), 0o700) == 0)
        #expect(refusal(of: folder, "sets")?.reason == "the name of \"\u{FFFD}\" in it is not UTF-8; rename the folder")
    }

    @Test("a list of manifests loads each, and a list that names itself ends")
    func meta() throws {
        let folder = try TemporaryFolder()
        for name in ["one", "two"] {
            try folder.write("\(name)/manifest.json", Fixture.manifest("\"\(name)\": \(Fixture.test)"))
            try folder.write("\(name)/keys.json", Fixture.keys())
        }
        func list(_ entries: String) -> String {
            #"{"manifest": {"type": "meta", "version": 1}, "tests": [\#(entries)]}"#
        }
        try folder.write(
            "manifest.json",
            list(
                #"""
                {"manifest": "file://two/manifest.json", "type": "awses-decrypt"},
                 {"manifest": "file://one/manifest.json", "type": "awses-decrypt"}
                """#
            )
        )
        #expect(try folder.load().map { $0.decryptTests.map(\.id) } == [["two"], ["one"]])
        try folder.write("wrong.json", list(#"{"manifest": "one/manifest.json", "type": "awses-encrypt"}"#))
        #expect(refusal(of: folder, "wrong.json")?.code == .malformed)
        try folder.write("self.json", list(#"{"manifest": "self.json", "type": "meta"}"#))
        #expect(refusal(of: folder, "self.json")?.code == .malformed)
        let many = Array(repeating: #"{"manifest": "one/manifest.json"}"#, count: 40).joined(separator: ",")
        try folder.write("forty.json", list(many))
        #expect(try folder.load("forty.json").count == 40)
        try folder.write("very-many.json", list(many.replacing("one/manifest.json", with: "forty.json")))
        #expect(refusal(of: folder, "very-many.json")?.reason.contains("more than 1000 manifests") == true)
        try folder.write("empty.json", list(""))
        #expect(refusal(of: folder, "empty.json")?.code == .emptySet)
        try folder.write("absent.json", list(#"{"manifest": "nowhere.json"}"#))
        #expect(refusal(of: folder, "absent.json")?.code == .notFound)
        try folder.write("remote.json", list(#"{"manifest": "https://example.com/manifest.json"}"#))
        #expect(refusal(of: folder, "remote.json")?.code == .malformed)
    }
}
