package import ESDKSystem
import StrictJSON

/// Tests that are known to fail, each with a reason: the list that a CI job keeps, so that it fails on what is new.
///
/// The list is strict: a test in it that passes, and an entry that names no test, are failures of the list.
package struct KnownFailures: Sendable {
    /// A test that is known to fail.
    private struct Entry: Sendable {
        /// The last components of the set's path; nil for any set.
        let set: String?
        let id: JSONName
        let reason: String
        let link: String?

        var name: String { TerminalText.oneLine(set.map { "\($0) \(id.text)" } ?? id.text) }

        func isOf(set path: String) -> Bool {
            guard let set else { return true }
            let (wanted, given) = (Self.components(set), Self.components(path))
            return given.count >= wanted.count && given.suffix(wanted.count) == wanted[...]
        }

        /// The parts of a path as bytes: canonically equivalent names are different files.
        private static func components(_ path: String) -> [[UInt8]] {
            path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
        }
    }

    /// What a run says about the list.
    package struct Outcome: Sendable {
        /// How many tests failed as the list says.
        package fileprivate(set) var known = 0
        /// How many failed that it does not name.
        package fileprivate(set) var unknown = 0
        /// Entries whose test passed.
        package fileprivate(set) var passed: [String] = []
        /// Entries that name no test of the sets.
        package fileprivate(set) var stale: [String] = []

        /// Whether all went as the list says.
        package var isAsExpected: Bool { unknown == 0 && passed.isEmpty && stale.isEmpty }

        /// What is to be done about the list, and the totals; each line ends in a line feed.
        package func text() -> String {
            var text = ""
            for (title, names) in [
                ("passed, but known to fail; take them off the list:", passed),
                ("on the list, but in none of the sets:", stale),
            ] where !names.isEmpty {
                text += "\(title)\n" + names.map { "  \($0)\n" }.joined() + "\n"
            }
            return text + "\(known) failed as expected, \(unknown) unexpectedly\n"
        }
    }

    private let entries: [JSONName: [Entry]]

    /// Reads a list.
    ///
    /// - Parameter path: a JSON file, as `render` writes it.
    /// - Throws: when it cannot be read, is not such a list, or has an entry without a reason.
    package init(_ path: SystemPath) throws(VectorError) {
        func unusable(_ reason: String) -> VectorError { VectorError(.malformed, path: "\(path)", reason: reason) }
        let root = try JSONFile.read(path, limit: 64 << 20)
        guard root["schema"]?.integer == 1, let list = root["known-failures"]?.array else {
            throw unusable("is not a list of known failures: {\"schema\": 1, \"known-failures\": […]}")
        }
        var entries: [JSONName: [Entry]] = [:]
        for (number, item) in list.enumerated() {
            guard let id = item["id"]?.string else { throw unusable("entry \(number + 1) has no id") }
            guard let reason = item["reason"]?.string, !reason.isEmpty else {
                throw unusable("\(TerminalText.oneLine(id)) has no reason: say why it fails")
            }
            let name = JSONName(id)
            let entry = Entry(set: item["set"]?.string, id: name, reason: reason, link: item["link"]?.string)
            entries[name, default: []].append(entry)
        }
        self.entries = entries
    }

    /// Why a test is known to fail; nil where it is not.
    ///
    /// - Parameters:
    ///   - id: the test's id.
    ///   - path: the path of its set.
    package func reason(for id: String, in path: String) -> String? {
        entries[JSONName(id)]?.first { $0.isOf(set: path) }.map { entry in
            entry.link.map { "\(entry.reason) (\($0))" } ?? entry.reason
        }
    }

    /// A run in which each test on the list says why it is known to fail.
    package func marking(_ report: RunReport) -> RunReport {
        var report = report
        for set in report.sets.indices {
            let path = report.sets[set].path
            for test in report.sets[set].results.indices {
                report.sets[set].results[test].known = reason(for: report.sets[set].results[test].id, in: path)
            }
        }
        return report
    }

    /// Holds a run against the list.
    ///
    /// - Parameters:
    ///   - report: the run, which may have left tests out.
    ///   - sets: the sets with all of their tests.
    package func outcome(of report: RunReport, in sets: [VectorSet]) -> Outcome {
        outcome(of: report, ids: sets.map { ($0.path, $0.decryptTests.map(\.id)) })
    }

    func outcome(of report: RunReport, ids: [(path: String, ids: [String])]) -> Outcome {
        var outcome = Outcome()
        for set in report.sets {
            for result in set.results {
                let isKnown = reason(for: result.id, in: set.path) != nil
                switch result.status {
                case .failed where isKnown: outcome.known += 1
                case .failed: outcome.unknown += 1
                case .passed where isKnown: outcome.passed.append(TerminalText.oneLine("\(set.path) \(result.id)"))
                case .passed, .skipped: break
                }
            }
        }
        var places: [JSONName: [String]] = [:]
        for (path, ids) in ids { for id in ids { places[JSONName(id), default: []].append(path) } }
        outcome.stale = entries.values.joined()
            .filter { entry in !(places[entry.id] ?? []).contains { entry.isOf(set: $0) } }
            .map(\.name).sorted()
        return outcome
    }

    /// The list of what failed in a run, to be read and given reasons, ending in a line feed.
    ///
    /// - Throws: when a text cannot be written as JSON, which no text of a manifest can be.
    package static func render(_ report: RunReport) throws -> [UInt8] {
        let entries = report.sets.flatMap { set in
            set.results.filter { $0.status == .failed }.map { result -> JSONValue in
                [
                    "set": .string(set.path), "id": .string(result.id),
                    "reason": .string(TerminalText.lines(result.reason ?? "failed").first ?? "failed"), "link": "",
                ]
            }
        }
        let root: JSONValue = ["schema": 1, "known-failures": .array(entries)]
        return try StrictJSON.serialize(root, pretty: true) + [UInt8(ascii: "\n")]
    }
}
