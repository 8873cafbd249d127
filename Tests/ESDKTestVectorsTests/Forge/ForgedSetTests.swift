import AWSMaterialProviders
import ESDKCrypto
import Foundation
import MessageForge
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

/// The set under `vectors/forged`, and how it is made.
@Suite("Forged messages")
struct ForgedSetTests {
    /// The seed of the set that is checked in.
    private static let seed = "1"
    private static let keysPath = RepositoryFiles.path("manifests/interop/keys.json")

    private static func keys() throws -> ForgeKeys { try ForgeKeys(keysPath, seed: seed) }

    /// The ids of rules that a message can break, or that demand that one be read, with the format's and the local keyrings'.
    private static let ids: Set<String> = {
        let numbers: [(Character, [Int])] = [
            ("H", Array(1...15) + Array(17...27) + [29, 30, 31]), ("B", Array(1...7) + Array(9...17)),
            ("S", Array(1...10) + [12]), ("P", [1, 6, 19]), ("K", [2, 5, 6, 8, 9, 13]),
        ]
        return Set(numbers.flatMap { letter, numbers in numbers.map { "\(letter)\($0 < 10 ? "0" : "")\($0)" } })
    }()

    @Test("The set that is checked in comes out again, byte for byte")
    func isReproducible() async throws {
        let folder = try TemporaryFolder()
        _ = try await ForgeRun(keys: Self.keys()).write(to: folder.file("set"))
        let checkedIn = RepositoryFiles.path("vectors/forged")
        let expected = try #require(FileManager.default.subpaths(atPath: checkedIn)).filter { $0 != "RESULTS.md" }
        let written = try #require(FileManager.default.subpaths(atPath: folder.file("set")))
        #expect(Set(written) == Set(expected))
        for path in expected where !RegularFile.isFolder("\(checkedIn)/\(path)") {
            let isSame = try folder.read("set/\(path)") == RegularFile.read("\(checkedIn)/\(path)")
            #expect(isSame, "\(path)")
        }
    }

    @Test("Every message is refused by the step, for the fault and after the plaintext that its rule says")
    func everyMessageGoesByTheBook() async throws {
        let path = RepositoryFiles.path("vectors/forged")
        var options = RunOptions(jobs: 2)
        options.rules = try RuleBook.read("\(path)/\(RuleBook.fileName)")
        for manifest in ["manifest.json", "decrypt-manifest.json"] {
            let sets = try VectorSetLoader.load("\(path)/\(manifest)")
            let selection = TestSelection(sets, options: options)
            let report = await VectorRun(sets, selection: selection, options: options).run { _, _ in }
            #expect(report.counts.passed > 800)
            for result in report.sets.flatMap(\.results) where result.status != .passed {
                Issue.record("\(result.id): \(result.reason ?? "")")
            }
        }
    }

    @Test("Every rule that a message can break has messages, and none is about an unknown rule")
    func everyRuleHasMessages() throws {
        let book = try RuleBook.read(RepositoryFiles.path("vectors/forged/vectors.json"))
        #expect(Set(book.tests.map(\.test.rule)) == Self.ids)
        #expect(Set(book.rules.map(\.id)) == Self.ids)
        let table = String(decoding: try RepositoryFiles.bytes("Tests/RULES.md"), as: UTF8.self)
        for id in Self.ids { #expect(table.contains("| \(id) |"), "\(id)") }
    }

    @Test("A forged message differs from its twin, which opens")
    func twins() async throws {
        let set = try await ForgedSet(ForgeRules.all, keys: Self.keys())
        let tests = Dictionary(uniqueKeysWithValues: set.tests.map { ($0.id, $0) })
        for test in set.tests where test.book.refusal != nil {
            let twin = try #require(test.book.twin.flatMap { tests[$0] })
            #expect(twin.plaintext != nil, "\(twin.id)")
            let isSame = twin.message == test.message
            // What the reader supplies is the fault of P19, what it takes that of S10.
            #expect(!isSame || test.id.contains("/P19/") || test.id.contains("/S10/"), "\(test.id)")
        }
        #expect(Set(set.tests.map(\.fileName)).count == set.tests.count)
    }

    @Test("Another seed gives other messages under the same ids")
    func otherSeed() async throws {
        let rules = ForgeRules.all.filter { $0.id.hasSuffix("05") || $0.id.hasSuffix("19") }
        let first = try await ForgedSet(rules, keys: Self.keys())
        let second = try await ForgedSet(rules, keys: ForgeKeys(Self.keysPath, seed: "another"))
        #expect(first.tests.map(\.id) == second.tests.map(\.id))
        #expect(zip(first.tests, second.tests).allSatisfy { $0.message != $1.message })
    }

    @Test("Without a keys manifest, the rules of RSA and ECDH keyrings are left out, and said to be")
    func withoutKeys() async throws {
        let set = try await ForgedSet(ForgeRules.all, keys: ForgeKeys(nil, seed: "1"))
        let ids = " P19 K08 K09 K13".split(separator: " ").map(String.init)
        #expect(Set(set.leftOut) == Set(ids))
        #expect(!set.tests.contains { ids.contains($0.book.rule) })
    }

    @Test("A new rule is a list of edits")
    func newRule() async throws {
        let rule = ForgeRule(
            "X99",
            "an example",
            in: "message-header/structure",
            cases: [
                .refused("", "The type is 1.", on: .few.version1, .header, .unsupportedType) {
                    $0.message.overrides[.type] = [1]
                }
            ]
        )
        let set = try await ForgedSet([rule], keys: Self.keys())
        let test = try #require(set.tests.last)
        #expect(test.id == "forge/X99/v1-framed")
        #expect(test.message[1] == 1)
        #expect(test.book.flags == ["sealed-again"])
    }
}

/// `vectors.json`.
@Suite("Books of rules")
struct RuleBookTests {
    private func test(
        _ refusal: RuleBook.Refusal?,
        released: [UInt8] = [1, 2]
    ) throws -> RuleBook.Test {
        RuleBook.Test(
            rule: "X04",
            level: .must,
            refusal: refusal,
            releasable: try RuleBook.Prefix(released),
            done: "something",
            flags: [],
            twin: nil,
            body: 100,
            footer: 200
        )
    }

    private let error = EncryptionSDKError(.sequenceNumberMismatch, "", at: .init(offset: 150, frame: 4))

    @Test("A refusal goes by the book when fault, step and released plaintext do")
    func problems() throws {
        let book = try test(RuleBook.Refusal(stage: .body, code: "sequenceNumberMismatch"))
        #expect(book.problem(errors: [error], released: [1, 2]) == nil)
        #expect(book.problem(errors: [error], released: [1])?.contains("released 1 bytes, 2 may be") == true)
        #expect(book.problem(errors: [error], released: [1, 2, 3])?.contains("released 3 bytes") == true)
        #expect(book.problem(errors: [error], released: [1, 3])?.contains("not those of the message") == true)
        let other = EncryptionSDKError(.finalFrameTooLong, "", at: .init(offset: 150, frame: 4))
        #expect(book.problem(errors: [error, other], released: [1, 2])?.contains("finalFrameTooLong") == true)
        let early = EncryptionSDKError(.sequenceNumberMismatch, "", at: .init(offset: 50))
        #expect(book.problem(errors: [early], released: [1, 2])?.contains("stage header") == true)
        #expect(try test(nil).problem(errors: [error], released: [1, 2])?.contains("refused") == true)
        #expect(try test(nil).problem(errors: [], released: [1, 2]) == nil)
    }

    @Test("A limit that ends a stream says nothing about the rule")
    func limits() throws {
        let book = try test(RuleBook.Refusal(stage: .body, code: "sequenceNumberMismatch"))
        let limit = EncryptionSDKError(.bufferLimitExceeded, "")
        #expect(book.problem(errors: [error, limit], released: [1, 2]) == nil)
    }

    @Test("A test that the book does not have fails")
    func unknownTest() async throws {
        let folder = try TemporaryFolder()
        let path = RepositoryFiles.path("vectors/forged")
        let book = String(decoding: try RegularFile.read("\(path)/vectors.json"), as: UTF8.self)
        let renamed = book.replacing("forge/valid/v1-framed\": {", with: "forge/valid/v1-frames\": {")
        var options = RunOptions(jobs: 1)
        options.rules = try RuleBook.read(folder.write("vectors.json", renamed))
        options.filters = ["forge/valid/v1-framed"]
        let sets = try VectorSetLoader.load(path)
        let report = await VectorRun(sets, selection: TestSelection(sets, options: options), options: options).run {
            _,
            _ in
        }
        let result = try #require(report.sets.flatMap(\.results).first)
        #expect(result.failure == .brokenSet)
    }

    @Test(
        "Reproduction passes over data keys that the book calls damaged, and over no others",
        arguments: [true, false]
    )
    func damagedDataKeys(hasBook: Bool) async throws {
        let path = RepositoryFiles.path("vectors/forged")
        var options = RunOptions(jobs: 1, task: .reproduce)
        if hasBook { options.rules = try RuleBook.read("\(path)/vectors.json") }
        options.filters = ["forge/K06/v1-framed/next"]
        let sets = try VectorSetLoader.load(path)
        let run = VectorRun(sets, selection: TestSelection(sets, options: options), options: options)
        let result = try #require(await run.run { _, _ in }.sets.flatMap(\.results).first)
        #expect(result.failure == (hasBook ? nil : .notReproduced))
        let first = try #require(result.cases.first { $0.name == "encrypted data key 0" })
        #expect(first.status == (hasBook ? .skipped : .failed))
        #expect(first.reason?.hasPrefix("damaged on purpose: ") == hasBook)
        #expect(result.cases.first?.status == .passed)
        #expect(result.cases.last?.status == .passed)
    }

    @Test("What is written is read back")
    func roundTrip() async throws {
        let path = RepositoryFiles.path("vectors/forged/vectors.json")
        let book = try RuleBook.read(path)
        #expect(book.tests.count > 900)
        #expect(try ASCIIJSON.text(of: book.json) == RegularFile.read(path))
    }

    @Test("A book that was cut off is refused")
    func cutOff() throws {
        let folder = try TemporaryFolder()
        let text = String(decoding: try RepositoryFiles.bytes("vectors/forged/vectors.json"), as: UTF8.self)
        let count = try #require(text.firstMatch(of: /"numberOfTests": [0-9]+/))
        let fewer = folder.file("fewer.json")
        try folder.write("fewer.json", text.replacing(count.0, with: "\"numberOfTests\": 1"))
        #expect(throws: VectorError(.malformed, reason: "")) { try RuleBook.read(fewer) }
        let half = try folder.write("half.json", String(text.prefix(text.count / 2)))
        #expect(throws: VectorError(.notJSON, reason: "")) { try RuleBook.read(half) }
    }

    private static let python = ProcessInfo.processInfo.environment["ESDK_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }

    @Test("The file fits its schema, and one that does not is found", .enabled(if: python != nil, "needs ESDK_PYTHON"))
    func schema() throws {
        let folder = try TemporaryFolder()
        let python = try #require(Self.python)
        let check =
            "import fastjsonschema,json,sys; fastjsonschema.validate(*[json.load(open(f)) for f in sys.argv[1:]])"
        let path = RepositoryFiles.path("vectors/forged")
        func run(_ book: String) throws -> Int32 {
            try TestProcess.run([python, "-c", check, "\(path)/vectors.schema.json", book]).status
        }
        #expect(try run("\(path)/vectors.json") == 0)
        let text = String(decoding: try RegularFile.read("\(path)/vectors.json"), as: UTF8.self)
        for (old, new) in [("\"stage\": \"body\"", "\"stage\": \"bodies\""), ("\"level\": \"MUST\",", "")] {
            let altered = text.replacing(old, with: new)
            #expect(try run(folder.write("altered.json", altered)) != 0, "\(new)")
        }
    }
}
