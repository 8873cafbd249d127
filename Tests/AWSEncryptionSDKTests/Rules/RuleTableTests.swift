import Foundation
import TestSupport
import Testing

/// `Tests/RULES.md` against the tests that it names.
@Suite("Table of rules")
struct RuleTableTests {
    /// The files in which the name of a test begins with a rule's id, by the id.
    private static func namedInTests() throws -> [String: Set<String>] {
        let folder = RepositoryFiles.path("Tests")
        var files: [String: Set<String>] = [:]
        for path in try #require(FileManager.default.subpaths(atPath: folder)) where path.hasSuffix("Tests.swift") {
            let text = String(decoding: try RepositoryFiles.bytes("Tests/\(path)"), as: UTF8.self)
            let name = String(path.split(separator: "/").last?.dropLast(".swift".count) ?? "")
            for match in text.matches(of: /"([HBSPKM][0-9][0-9])(?:, ([HBSPKM][0-9][0-9]))?\b/) {
                for id in [match.1, match.2].compactMap({ $0 }) { files[String(id), default: []].insert(name) }
            }
        }
        return files
    }

    @Test("Each rule has the tests that the table names, and no rule of a test is missing from it")
    func table() throws {
        let text = String(decoding: try RepositoryFiles.bytes("Tests/RULES.md"), as: UTF8.self)
        var table: [String: Set<String>] = [:]
        for row in text.matches(of: /\| ([HBSPKM][0-9][0-9]) \| [^|]+ \| ([^|]+) \|/) {
            table[String(row.1)] = Set(row.2.split(separator: ", ").map(String.init))
        }
        #expect(table.count == 110)
        #expect(try table == Self.namedInTests())
    }
}
