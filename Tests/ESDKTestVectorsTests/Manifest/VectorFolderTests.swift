import ESDKTestVectors
import Foundation
import TestSupport
import Testing

@Suite("Files of a set")
struct VectorFolderTests {
    @Test("a file is read whole; an empty one is empty")
    func reads() throws {
        let fixture = try TemporaryFolder()
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 31) }
        try fixture.write("a/b", bytes)
        try fixture.write("empty", [])
        let folder = VectorFolder(fixture.path)
        #expect(try folder.read(VectorURI("file://a/b")) == bytes)
        #expect(try folder.read(VectorURI("empty")) == [])
        #expect(try folder.read(VectorResource.inline([7])) == [7])
    }

    @Test("a missing file, a folder and a file above the limit are told apart")
    func errors() throws {
        let fixture = try TemporaryFolder()
        try fixture.write("a/b", [1, 2, 3])
        let folder = VectorFolder(fixture.path)
        func code(_ name: String, limit: Int = .max) -> VectorError.Code? {
            do {
                _ = try folder.read(try VectorURI(name), limit: limit)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code("a/c") == .notFound)
        #expect(code("a/b/c") == .notFound)
        #expect(code("a") == .notRegular)
        #expect(code("a/b", limit: 2) == .tooLarge)
        #expect(code("a/b", limit: 3) == nil)
    }

    @Test("a FIFO is refused at once, not waited for")
    func pipe() throws {
        let fixture = try TemporaryFolder()
        try #require(mkfifo(fixture.path + "/pipe", 0o600) == 0)
        #expect(throws: VectorError(.notRegular, path: "", reason: "")) {
            try RegularFile.read(fixture.path + "/pipe")
        }
    }

    @Test("a symbolic link may not leave the folder, even to a folder whose path begins alike")
    func links() throws {
        let fixture = try TemporaryFolder()
        try fixture.write("set/inside", [1])
        try fixture.write("set-outside/file", [2])
        try fixture.link("set/good", to: "inside")
        try fixture.link("set/bad", to: "../set-outside/file")
        try fixture.link("set/folder", to: "../set-outside")
        try fixture.link("set/dangling", to: "nowhere")
        try fixture.link("linked-set", to: "set")
        let folder = VectorFolder(fixture.path + "/set")
        #expect(try folder.read(VectorURI("good")) == [1])
        for name in ["bad", "folder/file"] {
            #expect(throws: VectorError(.leavesFolder, path: "", reason: "")) { try folder.read(VectorURI(name)) }
        }
        #expect(throws: VectorError(.notFound, path: "", reason: "")) { try folder.read(VectorURI("dangling")) }
        // A set may itself be reached through a link.
        #expect(try VectorFolder(fixture.path + "/linked-set").read(VectorURI("good")) == [1])
    }
}

@Suite("URIs in manifests")
struct VectorURITests {
    static let accepted = [
        ("file://plaintexts/small", "plaintexts/small"), ("plaintexts/small", "plaintexts/small"),
        ("file:plaintexts/small", "plaintexts/small"), ("file://plaintexts\\small", "plaintexts/small"),
        ("file://./a//b/./c/", "a/b/c"), ("a/../b", "b"), ("a/b/../../c", "c"), ("%2e%2e/x", "%2e%2e/x"),
        ("file://a b", "a b"), ("...", "..."), ("a..", "a.."), ("\u{e9}/e\u{301}", "\u{e9}/e\u{301}"),
    ]

    @Test("relative to the manifest's folder, with and without file:", arguments: accepted)
    func accepts(text: String, path: String) throws {
        #expect(Array(try VectorURI(text).relativePath.utf8) == Array(path.utf8))
    }

    static let leaving = [
        "file:///etc/passwd", "/etc/passwd", "\\x", "file://../x", "..", "a/../../x", "a\\..\\..\\x", "file:/x",
        "C:\\x", "c:/x", "file://C:\\x", "", "file://", "file:", ".", "a/..", "./", "file://a\u{0}b",
        "/\u{301}etc", "..\\\u{301}/../..",
    ]

    @Test("what is absolute, leaves the folder or names no file fails the test", arguments: leaving)
    func refuses(text: String) {
        let problem = #expect(throws: VectorError.self) { try VectorURI(text) }
        #expect(problem?.code == .broken)
    }

    @Test("other schemes skip the test", arguments: ["s3://bucket/key", "https://example.com/x", "http://x", "ftp:x"])
    func schemes(text: String) {
        let problem = #expect(throws: VectorError.self) { try VectorURI(text) }
        #expect(problem?.code == .unsupported)
    }

    @Test("two spellings of one path are one file, canonically equivalent paths are two")
    func equality() throws {
        #expect(try VectorURI("file://a/b") == VectorURI("a\\.\\b"))
        #expect(try Set([VectorURI("\u{e9}"), VectorURI("e\u{301}")]).count == 2)
    }
}
