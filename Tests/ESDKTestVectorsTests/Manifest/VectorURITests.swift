import ESDKTestVectors
import Testing

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
        let problem = #expect(throws: TestProblem.self) { try VectorURI(text) }
        #expect(problem?.verdict == .fails)
    }

    @Test("other schemes skip the test", arguments: ["s3://bucket/key", "https://example.com/x", "http://x", "ftp:x"])
    func schemes(text: String) {
        let problem = #expect(throws: TestProblem.self) { try VectorURI(text) }
        #expect(problem?.verdict == .skipped)
    }

    @Test("two spellings of one path are one file, canonically equivalent paths are two")
    func equality() throws {
        #expect(try VectorURI("file://a/b") == VectorURI("a\\.\\b"))
        #expect(try Set([VectorURI("\u{e9}"), VectorURI("e\u{301}")]).count == 2)
    }
}
