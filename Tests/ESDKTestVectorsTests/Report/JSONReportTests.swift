import AWSEncryptionSDK
import ESDKCrypto
import ESDKTestVectors
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("The JSON report")
struct JSONReportTests {
    private func render(_ report: RunReport) throws -> JSONValue {
        try StrictJSON.parse(JSONReport.render(report), source: "report")
    }

    private func names(_ value: JSONValue?) -> [String] { value?.object?.members.map(\.name) ?? [] }

    @Test("the members of the schema, in its order")
    func schema() throws {
        let report = try render(.mixed)
        #expect(
            names(report) == [
                "schema", "client", "sets", "total", "passed", "failed", "skipped", "duration_seconds", "repeat",
                "tests", "selected", "ended", "complete",
            ]
        )
        #expect(names(report["client"]) == ["name", "version", "libcrypto"])
        #expect(names(report["sets"]?.array?.first) == ["path", "client", "total", "passed", "failed", "skipped"])
        for test in report["tests"]?.array ?? [] {
            #expect(
                names(test) == ["id", "set", "description", "status", "suite", "keyring", "cases", "reason", "failure"]
            )
            for item in test["cases"]?.array ?? [] { #expect(names(item) == ["name", "status", "reason"]) }
        }
    }

    @Test("what its members say")
    func values() throws {
        let report = try render(.mixed)
        #expect(report["schema"] == .integer(1))
        #expect(report["client"]?["name"] == .string(EncryptionSDK.clientName))
        #expect(report["client"]?["version"] == .string(EncryptionSDK.version))
        #expect(report["client"]?["libcrypto"] == .string(OpenSSLVersion.text))
        #expect(report["total"] == .integer(4))
        #expect(report["passed"] == .integer(1))
        #expect(report["failed"] == .integer(2))
        #expect(report["skipped"] == .integer(1))
        #expect(report["duration_seconds"] == .number(1.5))
        #expect(report["complete"] == .bool(true))
        let set = try #require(report["sets"]?.array?.first)
        #expect(set["path"] == .string("set"))
        #expect(set["client"] == .string("made-up 1.0"))
        #expect(set["total"] == .integer(4))
        let tests = try #require(report["tests"]?.array)
        #expect(tests.map { $0["id"]?.string } == ["a", "b", "c", "d"])
        #expect(tests.map { $0["status"]?.string } == ["passed", "skipped", "failed", "failed"])
        #expect(tests.map { $0["suite"]?.string } == ["0478", "0578", "0478", nil])
        #expect(tests[0]["description"] == .string("the first"))
        #expect(tests[1]["description"] == .null)
        #expect(tests[1]["keyring"] == .string("aws-kms"))
        #expect(tests[3]["keyring"] == .null)
        #expect(tests[3]["cases"] == .array([]))
        #expect(tests[2]["reason"] == .string("one-shot: refused: x"))
        #expect(tests[2]["cases"]?.array?.first?["name"] == .string("one-shot"))
        #expect(tests[2]["cases"]?.array?.first?["status"] == .string("failed"))
        #expect(tests[2]["cases"]?.array?.first?["reason"] == .string("refused: x"))
        #expect(tests[0]["cases"]?.array?.first?["reason"] == .null)
    }

    @Test("an interrupted run says that it is not complete, at the very end of the file")
    func incomplete() throws {
        let text = String(decoding: try JSONReport.render(.of([.sample(id: "a", .passed)], selected: 2)), as: UTF8.self)
        #expect(text.hasSuffix("  \"complete\": false\n}\n") || text.hasSuffix("  \"complete\":false\n}\n"))
    }

    @Test(
        "ids of whatever characters come back as they are",
        arguments: ["\0", "\u{1}\n\"\\/", "\u{10FFFF}\u{2028}", "e\u{301}"]
    )
    func characters(id: String) throws {
        let report = try render(.of([.sample(id: id, .failed, reason: id)], path: id))
        let test = try #require(report["tests"]?.array?.first)
        for member in ["id", "set", "reason"] {
            #expect(test[member]?.string.map { Array($0.utf8) } == Array(id.utf8))
        }
    }
}

@Suite("Requests for reports")
struct ReportRequestTests {
    @Test("a kind and a file, which may hold equals signs")
    func requests() {
        #expect(ReportRequest("json=a=b")?.path == "a=b")
        #expect(ReportRequest("json=a")?.kind.rawValue == "json")
        #expect(ReportRequest("junit=x/y.xml")?.kind.rawValue == "junit")
        #expect(ReportRequest("tap=x")?.kind.rawValue == "tap")
        for text in ["", "json", "json=", "=x", "JSON=x", "xhtml=x"] { #expect(ReportRequest(text) == nil) }
    }

    @Test("a file that is read is not replaced by a report, under whatever name")
    func inputs() throws {
        let folder = try TemporaryFolder()
        let input = try folder.write("manifest.json", "{}")
        try folder.link("link", to: "manifest.json")
        for name in ["manifest.json", "link"] {
            let request = try #require(ReportRequest("json=\(folder.path)/\(name)"))
            let failure = #expect(throws: ReportFiles.Failure.self) {
                try ReportFiles([request], sparing: ["/absent", input])
            }
            #expect(failure?.description.hasSuffix("/\(name): is an input of this command; name another one") == true)
        }
        #expect(try RegularFile.read(input) == Array("{}".utf8))
    }

    @Test("a file of a set is not replaced by a report", arguments: ["m.json", "keys.json", "c", "p", "link"])
    func filesOfASet(name: String) throws {
        let folder = try TemporaryFolder()
        for file in ["m.json", "keys.json", "c", "p"] { try folder.write(file, "content") }
        try folder.link("link", to: "c")
        let test = DecryptTest(
            id: "t",
            description: nil,
            keys: nil,
            declaredSuite: nil,
            declaredFrameLength: nil,
            content: .success(
                DecryptInstructions(
                    ciphertext: .file(try VectorURI("file://c")),
                    keys: .multi(generator: nil, children: []),
                    expected: .plaintext(.file(try VectorURI("p")))
                )
            )
        )
        let set = VectorSet(
            path: "set",
            manifestPath: folder.file("m.json"),
            header: ManifestHeader(kind: .decrypt, type: "awses-decrypt", version: 2),
            producer: Producer(name: nil, version: nil),
            folder: VectorFolder(folder.path),
            keys: KeyTable(declaredVersion: 3, entries: [], path: folder.file("keys.json")),
            decryptTests: [test],
            diagnostics: []
        )
        let request = try #require(ReportRequest("tap=\(folder.path)/\(name)"))
        let failure = #expect(throws: ReportFiles.Failure.self) { try ReportFiles([request], of: [set]) }
        #expect(failure?.description.hasSuffix("belongs to the set set; name another one") == true)
        #expect(try folder.text(name) == "content")
        _ = try ReportFiles([#require(ReportRequest("tap=\(folder.path)/new"))], of: [set])
    }
}

extension RunReport {
    /// A report of one set.
    static func of(_ results: [TestResult], path: String = "set", selected: Int? = nil, seconds: Double = 1.5)
        -> RunReport
    {
        RunReport(
            sets: [SetReport(path: path, producer: Producer(name: "made-up", version: "1.0"), results: results)],
            selectedCount: selected ?? results.count,
            seconds: seconds
        )
    }

    /// One result of each kind.
    static let mixed = of([
        .sample(
            id: "a",
            .passed,
            description: "the first",
            suite: "0478",
            keyring: "raw aes-256",
            cases: [
                CaseResult(name: "one-shot", status: .passed, reason: nil, failure: nil),
                CaseResult(name: "stream whole", status: .passed, reason: nil, failure: nil),
            ]
        ),
        .sample(id: "b", .skipped, suite: "0578", keyring: "aws-kms", reason: "only AWS KMS can open this message"),
        .sample(
            id: "c",
            .failed,
            suite: "0478",
            keyring: "raw aes-256",
            cases: [CaseResult(name: "one-shot", status: .failed, reason: "refused: x", failure: .refused)],
            reason: "one-shot: refused: x",
            failure: .refused
        ),
        .sample(id: "d", .failed, reason: "ciphertext: set/c: no such file", failure: .brokenSet),
    ])
}
