import ESDKSystem
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Reports of earlier runs")
struct StoredReportTests {
    private func stored(_ report: RunReport) throws -> RunReport {
        let folder = try TemporaryFolder()
        let path = try folder.write("report.json", JSONReport.render(report))
        return try StoredReport.read(SystemPath(path))
    }

    /// A report with a known failure, and the fields of a message that was rebuilt otherwise.
    private static let dissected: RunReport = {
        var result = TestResult.sample(id: "a", .failed)
        result.known = "issue 1"
        result.keyDescription = #"{"type":"raw","key":"a"}"#
        let message: [UInt8] = [2, 4, 0x78] + (0..<61)
        result.message = DissectedField.all(of: message, comparedWith: message.dropLast() + [0xFF])
        return .of([result])
    }()

    @Test("a report that is read back makes the same report again", arguments: [RunReport.mixed, dissected])
    func comesBack(report: RunReport) throws {
        #expect(try JSONReport.render(stored(report)) == JSONReport.render(report))
    }

    @Test("a run that --max-failures stopped stays one, and known failures stay known")
    func stopped() throws {
        let report = try stored(
            RunReport(sets: Self.dissected.sets, selectedCount: 5, seconds: 1, hasReachedLimit: true)
        )
        #expect(report.ending == .maximumFailures)
        #expect(report.gap == "stopped by --max-failures: 1 of 5 tests ran")
        #expect(report.exitCode(failOnSkip: false) == 1)
        #expect(try stored(Self.dissected).exitCode(failOnSkip: false) == 0)
    }

    @Test("an interrupted run stays one")
    func interrupted() throws {
        let report = try stored(.of([.sample(id: "a", .passed)], selected: 9))
        #expect(!report.isComplete)
        #expect(report.exitCode(failOnSkip: false) == 3)
    }

    @Test(
        "what is not a report is refused, and the file is named",
        arguments: ["", "{", "[]", "{}", "{\"schema\": 2}", "{\"schema\": 1, \"tests\": 1}"]
    )
    func strangers(text: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("x.json", text)
        let failure = #expect(throws: VectorError.self) { try StoredReport.read(SystemPath(path)) }
        #expect(failure?.description.contains("x.json: ") == true)
    }

    @Test("a report that is cut off anywhere is refused")
    func cutOff() throws {
        let folder = try TemporaryFolder()
        let bytes = try JSONReport.render(.mixed)
        for length in stride(from: 0, to: bytes.count - 2, by: 7) {
            let path = try folder.write("x.json", Array(bytes[..<length]))
            #expect(throws: VectorError.self) { try StoredReport.read(SystemPath(path)) }
        }
    }

    @Test("shards become one report, and sets of one path one set")
    func merges() throws {
        let first = RunReport.of([.sample(id: "a", .passed), .sample(id: "c", .failed)])
        let second = RunReport.of([.sample(id: "b", .skipped)], seconds: 2)
        let merged = try RunReport(merging: [first, second])
        #expect(merged.sets.map { $0.results.map(\.id) } == [["a", "c", "b"]])
        #expect(merged.counts.total == 3)
        #expect(merged.seconds == 3.5)
        #expect(merged.isComplete)
    }

    @Test("a test with two results cannot be merged, however its id is spelled: ids are bytes")
    func twice() throws {
        let composed = RunReport.of([.sample(id: "\u{E9}", .passed)])
        let decomposed = RunReport.of([.sample(id: "e\u{301}", .passed)])
        #expect(try RunReport(merging: [composed, decomposed]).counts.total == 2)
        #expect(throws: RunReport.MergeError.self) { try RunReport(merging: [composed, composed]) }
        #expect(throws: RunReport.MergeError.self) { try RunReport(merging: []) }
    }

    @Test("one interrupted shard makes an interrupted run")
    func interruptedShard() throws {
        let merged = try RunReport(merging: [
            .of([.sample(id: "a", .passed)]), .of([.sample(id: "b", .passed)], selected: 2),
        ])
        #expect(!merged.isComplete)
    }

    @Test("reports of two clients cannot be merged")
    func clients() {
        let other = RunReport(
            sets: [],
            selectedCount: 0,
            seconds: 0,
            client: ReportClient(name: "another", version: "1", libcrypto: "x")
        )
        #expect(throws: RunReport.MergeError.self) { try RunReport(merging: [.mixed, other]) }
    }

    @Test("each change between two runs is of one kind, and new failures are regressions, too")
    func compares() {
        let statuses: [TestStatus?] = [.passed, .failed, .skipped, nil]
        var before: [TestResult] = []
        var after: [TestResult] = []
        for (number, pair) in statuses.flatMap({ old in statuses.map { (old, $0) } }).enumerated() {
            let id = "\(pair.0?.rawValue ?? "-")>\(pair.1?.rawValue ?? "-") \(number)"
            if let old = pair.0 { before.append(.sample(id: id, old)) }
            if let new = pair.1 { after.append(.sample(id: id, new)) }
        }
        let comparison = ReportComparison(.of(before), .of(after))
        func kinds(_ changes: [ReportComparison.Change]) -> [String] {
            changes.map { String($0.id.prefix { $0 != " " }) }.sorted()
        }
        #expect(kinds(comparison.regressions) == ["->failed", "passed>failed", "passed>skipped", "skipped>failed"])
        #expect(kinds(comparison.fixes) == ["failed>passed", "skipped>passed"])
        #expect(kinds(comparison.new) == ["->failed", "->passed", "->skipped"])
        #expect(kinds(comparison.gone) == ["failed>-", "passed>-", "skipped>-"])
        #expect(kinds(comparison.others) == ["failed>skipped"])
        #expect(comparison.text().hasSuffix("4 regressions, 2 fixed, 3 new, 3 gone, 1 changed otherwise\n"))
    }
}

@Suite("The HTML and Markdown reports")
struct PageReportTests {
    /// The report inside a page.
    private func data(_ page: String) throws -> JSONValue {
        let start = try #require(page.firstRange(of: "id=\"report\">"))
        let rest = page[start.upperBound...]
        let end = try #require(rest.firstRange(of: "</script>"))
        return try StrictJSON.parse(Array(rest[..<end.lowerBound].utf8), source: "page")
    }

    @Test("the page holds every test, and each text once")
    func holdsAll() throws {
        let page = String(decoding: try HTMLReport.render(.mixed), as: UTF8.self)
        let data = try data(page)
        #expect(data["tests"]?.array?.compactMap { $0.array?.first?.string } == ["a", "b", "c", "d"])
        let strings = try #require(data["strings"]?.array).compactMap { $0.string }
        #expect(Set(strings).count == strings.count)
        #expect(strings.contains("raw aes-256"))
        #expect(!page.contains("{{"))
    }

    @Test("a matrix becomes a page, and a file that is not one, or a broken one, does not")
    func matrix() throws {
        let folder = try TemporaryFolder()
        func render(_ text: String) throws -> String? {
            let path = try folder.write("matrix.json", text)
            return try MatrixPage.render(SystemPath(path)).map { String(decoding: $0, as: UTF8.self) }
        }
        let whole = try String(decoding: RepositoryFiles.bytes("scripts/interop/results.json"), as: UTF8.self)
        let page = try #require(try render(whole))
        #expect(try data(page)["cells"]?.array?.isEmpty == false)
        #expect(!page.contains("{{"))
        for word in ["http://", "src=", "@import", "url("] { #expect(!page.contains(word), "\(word)") }
        #expect(try render("{\"schema\": 1}") == nil)
        for (old, new) in [
            ("\"complete\": true", "\"complete\": false"), ("\"version\": 1", "\"version\": 2"),
            ("\"kind\": \"reads\"", "\"kind\": \"eats\""), ("\"plan\"", "\"plans\""), ("\"failures\"", "\"faults\""),
        ] {
            let broken = whole.replacing(old, with: new)
            #expect(broken != whole)
            #expect(throws: VectorError.self, "\(new)") { try render(broken) }
        }
    }

    @Test("nothing that a manifest holds ends the script, and nothing is loaded from elsewhere")
    func staysClosed() throws {
        let hostile = "</script><script>alert(1)</script><!--<script>"
        let page = String(
            decoding: try HTMLReport.render(.of([.sample(id: hostile, .failed, reason: hostile)], path: hostile)),
            as: UTF8.self
        )
        #expect(!page.contains("alert(1)</script>"))
        #expect(try data(page)["tests"]?.array?.first?.array?.first?.string == hostile)
        for word in ["http://", "https://", "src=", "@import", "url("] { #expect(!page.contains(word), "\(word)") }
    }

    @Test("what a set holds means nothing in Markdown, and long lists are cut with their number")
    func markdown() {
        let hostile = "a|b<img>`*_[x](y)\n# c"
        let failed = (0..<60).map { TestResult.sample(id: "\(hostile)\($0)", .failed, reason: hostile) }
        let text = String(decoding: MarkdownReport.render(.of(failed, path: hostile)), as: UTF8.self)
        #expect(!text.contains("<img>"))
        #expect(text.contains("and 10 more"))
        // Every line of a table has as many cells as its head.
        for line in text.split(separator: "\n") where line.hasPrefix("|") {
            let bars = line.replacing("\\|", with: "").count { $0 == "|" }
            #expect(bars == 7 || bars == 5, "\(line)")
        }
    }
}
