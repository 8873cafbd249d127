import AWSMaterialProviders
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

/// A small matrix.
private enum SmallMatrix {
    static let keys = Fixture.keys()

    static func text(
        contexts: String =
            #""empty": {"pairs": {}}, "one": {"pairs": {"k": "v"}}, "full": {"filled-to": 65535, "costly": true}"#,
        limit: Int = 6000,
        leftOut: String = ""
    ) -> String {
        #"""
        {"schema": 1, "keys": "file://keys.json", "limit": \#(limit), "suites": ["0014", "0478", "0578"], "frame-lengths": [0, 1, 512],
         "plaintexts": {"unframed": ["0", "9"], "framed": ["0", "frame", "2*frame+1", "frame-1"]},
         "contexts": {\#(contexts)},
         "keyrings": {"aes": {"encrypt": \#(Fixture.aesDescription)},
           "required": {"encrypt": {"type": "required-encryption-context-cmm", "underlying": \#(Fixture.aesDescription),
             "requiredEncryptionContextKeys": ["tenant"]}, "required": {"tenant": "42"}}},
         "left-out": [\#(leftOut)]}
        """#
    }

    static func read(_ text: String = text()) throws -> TestMatrix {
        let folder = try TemporaryFolder()
        try folder.write("keys.json", keys)
        try folder.write("matrix.json", text)
        return try TestMatrix.read("\(folder.path)/matrix.json")
    }

    /// The plan of a matrix, as its readers see it.
    static func plan(_ text: String = text()) throws -> (set: EncryptSet, manifest: JSONValue, leftOut: JSONValue) {
        let folder = try TemporaryFolder()
        try MatrixEnumeration(read(text)).write(to: "\(folder.path)/plan", replaces: false)
        return (
            try EncryptSetLoader.load("\(folder.path)/plan", kind: .encrypt),
            try StrictJSON.parse(folder.read("plan/encrypt-manifest.json"), source: ""),
            try StrictJSON.parse(folder.read("plan/left-out.json"), source: "")
        )
    }
}

@Suite("Enumeration of a matrix")
struct MatrixEnumerationTests {
    private struct Values {
        let suite: UInt16
        let keyring: String
        let frameLength: Int
        let size: String
        /// The keys of the context, but for the one that the materials manager requires.
        let keys: [String]
    }

    private func values(_ set: EncryptSet) throws -> [Values] {
        try set.tests.map { test in
            let instructions = try test.content.get()
            let isRequired = !instructions.encryptKeys.description.requiredContextKeys.isEmpty
            return Values(
                suite: instructions.suite.id,
                keyring: isRequired ? "required" : "aes",
                frameLength: instructions.frameLength,
                size: instructions.plaintextName,
                keys: instructions.encryptionContext.pairs.map { String(decoding: $0.key, as: UTF8.self) }
                    .filter { $0 != "tenant" }
            )
        }
    }

    @Test("suites, keyrings and frame lengths are combined in full")
    func full() throws {
        let (set, _, _) = try SmallMatrix.plan()
        let cells = Set(try values(set).map { "\($0.suite) \($0.keyring) \($0.frameLength)" })
        #expect(cells.count == 3 * 2 * 3)
        #expect(set.tests.count >= 18)
    }

    @Test("lengths and contexts meet each other and every other value")
    func pairs() throws {
        let all = try values(SmallMatrix.plan().set)
        for length in ["p0", "p9"] {
            for keys in [[], ["k"], ["filling"]] {
                #expect(all.contains { $0.frameLength == 0 && $0.size == length && $0.keys == keys })
            }
            #expect(Set(all.filter { $0.size == length && $0.frameLength == 0 }.map(\.suite)).count == 3)
        }
        #expect(Set(all.filter { $0.frameLength == 512 }.map(\.size)) == ["p0", "p511", "p512", "p1025"])
        #expect(Set(all.filter { $0.frameLength == 1 }.map(\.size)) == ["p0", "p1", "p3"])
    }

    @Test("ids follow from what is asked for, and the same matrix gives the same plan")
    func stable() throws {
        let (_, first, _) = try SmallMatrix.plan()
        let (_, second, _) = try SmallMatrix.plan()
        #expect(first == second)
        // Another name of a context is not another test.
        let renamed = SmallMatrix.text().replacing(#""one": {"pairs""#, with: #""uno": {"pairs""#)
        let (_, third, _) = try SmallMatrix.plan(renamed)
        #expect(third["tests"]?.object?.names == first["tests"]?.object?.names)
        let changed = SmallMatrix.text().replacing(#"{"k": "v"}"#, with: #"{"k": "w"}"#)
        let (_, fourth, _) = try SmallMatrix.plan(changed)
        #expect(fourth["tests"]?.object?.names != first["tests"]?.object?.names)
    }

    @Test("a context is filled up to its length, less what a signed suite adds")
    func filled() throws {
        let contexts = #""full": {"filled-to": 65535}"#
        let (set, _, _) = try SmallMatrix.plan(SmallMatrix.text(contexts: contexts))
        for test in set.tests {
            let instructions = try test.content.get()
            let length = instructions.encryptionContext.pairs.reduce(2) { $0 + 4 + $1.key.count + $1.value.count }
            let publicKey = instructions.suite.signature == nil ? 0 : 4 + "aws-crypto-public-key".utf8.count + 68
            #expect(length + publicKey == 65_535)
        }
    }

    @Test("what a reader supplies holds what its materials manager requires")
    func supplied() throws {
        for test in try SmallMatrix.plan().set.tests {
            let instructions = try test.content.get()
            let supplied = Set((instructions.reproducedContext ?? ContextPairs()).pairs.map(\.key))
            #expect(supplied.isSuperset(of: instructions.encryptKeys.description.requiredContextKeys))
            #expect(Set(instructions.encryptionContext.pairs.map(\.key)).isSuperset(of: supplied))
        }
    }

    @Test("exceptions are left out, and said with their number and reason")
    func exceptions() throws {
        let leftOut = #"""
            {"keyrings": ["req*"], "suites": ["0578"], "reason": "because"}, {"contexts": ["one"], "frame-lengths": [1], "reason": "why not"},
            {"what": "the moon", "reason": "too far"}
            """#
        let (set, _, json) = try SmallMatrix.plan(SmallMatrix.text(leftOut: leftOut))
        let all = try values(set)
        #expect(!all.contains { $0.keyring == "required" && $0.suite == 0x0578 })
        #expect(!all.contains { $0.frameLength == 1 && $0.keys == ["k"] })
        #expect(all.contains { $0.frameLength == 0 && $0.keys == ["k"] })
        let entries = try #require(json["left-out"]?.array)
        #expect(entries[0]["combinations"] == 3)
        #expect(entries[0]["reason"] == "because")
        #expect(entries[2]["what"] == "the moon")
        #expect(json["tests"] == .integer(Int64(set.tests.count)))
    }

    @Test("a matrix of more tests than its limit is refused")
    func limit() throws {
        #expect(throws: VectorError(.malformed, reason: "")) {
            try MatrixEnumeration(SmallMatrix.read(SmallMatrix.text(limit: 17)))
        }
    }

    @Test(
        "a matrix with a wrong member is refused, and says where",
        arguments: [
            (#""schema": 1"#, #""schema": 2"#, "schema"),
            (#""suites": ["0014""#, #""suites": ["0015""#, "0015"),
            (#""frame-1""#, #""frame/2""#, "frame/2"),
            (#""key": "aes""#, #""key": "gone""#, "gone"),
            (#""required": {"tenant": "42"}"#, #""required": {}"#, "required"),
        ]
    )
    func malformed(_ text: String, _ replacement: String, _ reason: String) throws {
        let error = #expect(throws: VectorError.self) {
            try SmallMatrix.read(SmallMatrix.text().replacing(text, with: replacement))
        }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test(
        "the matrix of this project has every suite, no hole of its own and nothing for lint, and its materials come out as they should"
    )
    func ownMatrix() async throws {
        let matrix = try TestMatrix.read(RepositoryFiles.path("manifests/matrix.json"))
        #expect(Set(matrix.suites.map(\.id)) == Set(AlgorithmSuite.all.map(\.id)))
        let enumeration = try MatrixEnumeration(matrix)
        #expect((2000...6000).contains(enumeration.count))
        let folder = try TemporaryFolder()
        try enumeration.write(to: "\(folder.path)/plan", replaces: false)
        var coverage = SetCoverage()
        try coverage.add("\(folder.path)/plan/encrypt-manifest.json")
        let wanted = try SetCoverage(of: matrix)
        #expect(coverage.holes(against: wanted) == [])
        for shape in SetCoverage.ContextShape.allCases {
            for suite in matrix.suites { #expect(wanted.cells[.init(suite: suite.idText, shape: shape)] != nil) }
        }
        let findings = try VectorLint.run(["\(folder.path)/plan"]).findings
        #expect(findings.map(\.description) == [])
        let materials = try MaterialsSet.load("\(folder.path)/plan")
        let results = await MaterialsRun(materials, options: RunOptions(jobs: 2, task: .decrypt)).run { _ in }
        #expect(results.counts.passed == materials.tests.count)
        #expect(materials.tests.count > 300)
        // A plan takes the place of a plan.
        try enumeration.write(to: "\(folder.path)/plan", replaces: true)
    }
}
