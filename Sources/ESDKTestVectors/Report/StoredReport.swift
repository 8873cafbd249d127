package import ESDKSystem
import StrictJSON

/// Reads JSON reports of earlier runs: to merge shards, to compare two runs, to make a page.
package enum StoredReport {
    /// Larger files are refused: a report of a hundred thousand tests has about a tenth of this.
    private static let longest = 1 << 30

    /// The report in a file.
    ///
    /// - Parameter path: the file, a JSON report of a vectors command.
    /// - Throws: when it cannot be read, is not such a report, or has been cut off.
    package static func read(_ path: SystemPath) throws(VectorError) -> RunReport {
        func unusable(_ reason: String) -> VectorError { VectorError(.malformed, path: "\(path)", reason: reason) }
        let root = try JSONFile.read(path, limit: longest)
        guard root["schema"]?.integer == 1 else { throw unusable("is not a report of esdk with schema 1") }
        guard let report = parse(root) else { throw unusable("a member of the report is missing or of another type") }
        return report
    }

    private static func parse(_ root: JSONValue) -> RunReport? {
        guard let sets = root["sets"]?.array, let tests = root["tests"]?.array, let client = root["client"],
            let seconds = root["duration_seconds"]?.double, let isComplete = root["complete"]?.bool
        else { return nil }
        var results: [JSONName: [TestResult]] = [:]
        for test in tests {
            guard let set = test["set"]?.string, let result = result(test) else { return nil }
            results[JSONName(set), default: []].append(result)
        }
        var reports: [SetReport] = []
        for set in sets {
            guard let path = set["path"]?.string, let producer = set["client"]?.string else { return nil }
            let name = producer == "\(Producer(name: nil, version: nil))" ? nil : producer
            reports.append(
                SetReport(
                    path: path,
                    producer: Producer(name: name, version: nil),
                    results: results[JSONName(path)] ?? []
                )
            )
        }
        let repetition = root["repeat"].flatMap { value -> Repetition? in
            guard let command = value["command"]?.string, let options = value["options"]?.string else { return nil }
            return Repetition(command: command, options: options)
        }
        return RunReport(
            sets: reports,
            selectedCount: isComplete
                ? tests.count : max(tests.count + 1, root["selected"]?.integer.map(Int.init(clamping:)) ?? 0),
            seconds: seconds,
            hasReachedLimit: root["ended"]?.string == RunEnding.maximumFailures.rawValue,
            client: ReportClient(
                name: client["name"]?.string ?? "unknown",
                version: client["version"]?.string ?? "",
                libcrypto: client["libcrypto"]?.string ?? ""
            ),
            repetition: repetition
        )
    }

    private static func result(_ test: JSONValue) -> TestResult? {
        guard let id = test["id"]?.string, let status = test["status"]?.string.flatMap(TestStatus.init(rawValue:))
        else { return nil }
        var cases: [CaseResult] = []
        for item in test["cases"]?.array ?? [] {
            guard let name = item["name"]?.string,
                let status = item["status"]?.string.flatMap(TestStatus.init(rawValue:))
            else { return nil }
            cases.append(CaseResult(name: name, status: status, reason: item["reason"]?.string, failure: nil))
        }
        return TestResult(
            id: id,
            description: test["description"]?.string,
            status: status,
            suite: test["suite"]?.string,
            keyring: test["keyring"]?.string,
            cases: cases,
            reason: test["reason"]?.string,
            failure: test["failure"]?.string.flatMap(FailureKind.init(rawValue:)),
            keyDescription: test["key_description"].flatMap { try? StrictJSON.serialize($0, pretty: false) }
                .map { String(decoding: $0, as: UTF8.self) },
            message: (test["message"]?.array ?? []).compactMap(DissectedField.init),
            known: test["known"]?.string
        )
    }
}

extension RunReport {
    /// Why reports cannot be merged.
    package struct MergeError: Error, CustomStringConvertible {
        /// What they disagree about.
        package let description: String
    }

    /// One report of the parts of a run, such as its shards.
    ///
    /// Sets of one path become one set. It is complete when every part is.
    ///
    /// - Parameter parts: the reports, at least one.
    /// - Throws: `MergeError` when a test has more than one result, or the parts are not of one client.
    package init(merging parts: [RunReport]) throws(MergeError) {
        guard let first = parts.first else { throw MergeError(description: "there is no report to merge") }
        var sets: [(path: String, producer: Producer, results: [TestResult])] = []
        var places: [JSONName: Int] = [:]
        var known: [JSONName: Set<JSONName>] = [:]
        for part in parts {
            guard part.client == first.client else {
                throw MergeError(
                    description: "the reports are of different clients: \(first.client.summary), \(part.client.summary)"
                )
            }
            for set in part.sets {
                let path = JSONName(set.path)
                if places[path] == nil {
                    places[path] = sets.count
                    sets.append((set.path, set.producer, []))
                }
                for result in set.results where !known[path, default: []].insert(JSONName(result.id)).inserted {
                    throw MergeError(
                        description: "test \(TerminalText.oneLine(result.id)) of \(TerminalText.oneLine(set.path)) "
                            + "has two results: merge the shards of one run, each once"
                    )
                }
                if let place = places[path] { sets[place].results += set.results }
            }
        }
        self.init(
            sets: sets.map { SetReport(path: $0.path, producer: $0.producer, results: $0.results) },
            selectedCount: parts.reduce(0) { $0 + $1.selectedCount },
            seconds: parts.reduce(0) { $0 + $1.seconds },
            // An interruption is the worse end, and the one that is told.
            hasReachedLimit: parts.contains { $0.ending == .maximumFailures }
                && !parts.contains { $0.ending == .interrupted },
            client: first.client,
            repetition: parts.allSatisfy { $0.repetition == first.repetition } ? first.repetition : nil
        )
    }
}

extension ReportClient {
    /// Name, version and libcrypto in one line.
    var summary: String { "\(name) \(version), \(libcrypto)" }
}

/// What became of the tests of one report in another.
package struct ReportComparison: Sendable {
    /// A test and its two results.
    package struct Change: Sendable {
        /// The path of its set.
        package let set: String
        /// The result before; nil for a new test.
        package let before: TestResult?
        /// The result after; nil for a test that is gone.
        package let after: TestResult?

        /// The test's id.
        package var id: String { after?.id ?? before?.id ?? "" }
    }

    /// Tests that passed and no longer do, and new ones that fail.
    package private(set) var regressions: [Change] = []
    /// Tests that pass and did not before.
    package private(set) var fixes: [Change] = []
    /// New tests.
    package private(set) var new: [Change] = []
    /// Tests that are gone.
    package private(set) var gone: [Change] = []
    /// Tests that changed between failed and skipped.
    package private(set) var others: [Change] = []

    /// Compares by set and id.
    ///
    /// - Parameters:
    ///   - before: the earlier report.
    ///   - after: the later one.
    package init(_ before: RunReport, _ after: RunReport) {
        var earlier: [JSONName: [JSONName: TestResult]] = [:]
        for set in before.sets {
            for result in set.results { earlier[JSONName(set.path), default: [:]][JSONName(result.id)] = result }
        }
        var met: [JSONName: Set<JSONName>] = [:]
        for set in after.sets {
            let path = JSONName(set.path)
            for result in set.results {
                let id = JSONName(result.id)
                met[path, default: []].insert(id)
                let change = Change(set: set.path, before: earlier[path]?[id], after: result)
                switch (change.before?.status, result.status) {
                case (nil, .failed):
                    new.append(change)
                    regressions.append(change)
                case (nil, _): new.append(change)
                case (.passed?, .failed), (.passed?, .skipped), (.skipped?, .failed): regressions.append(change)
                case (.failed?, .passed), (.skipped?, .passed): fixes.append(change)
                case (.failed?, .skipped): others.append(change)
                case (.passed?, .passed), (.failed?, .failed), (.skipped?, .skipped): break
                }
            }
        }
        for set in before.sets {
            let path = JSONName(set.path)
            for result in set.results where met[path]?.contains(JSONName(result.id)) != true {
                gone.append(Change(set: set.path, before: result, after: nil))
            }
        }
    }

    /// The changes as text, each kind under its heading.
    package func text() -> String {
        var text = ""
        for (title, changes) in [
            ("regressions", regressions), ("fixed", fixes), ("new", new), ("gone", gone), ("changed otherwise", others),
        ] where !changes.isEmpty {
            text += "\(title): \(changes.count)\n"
            for change in changes {
                let states = [change.before?.status.rawValue ?? "-", change.after?.status.rawValue ?? "-"]
                text += "  \(states.joined(separator: " → "))  \(TerminalText.oneLine("\(change.set) \(change.id)"))\n"
                if let reason = change.after?.reason, change.after?.status != .passed {
                    text += "    \(TerminalText.lines(reason).first ?? "")\n"
                }
            }
            text += "\n"
        }
        return text
            + "\(regressions.count) regressions, \(fixes.count) fixed, \(new.count) new, \(gone.count) gone, "
            + "\(others.count) changed otherwise\n"
    }
}
