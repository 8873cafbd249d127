import AWSEncryptionSDK
import ESDKCrypto
import ESDKSystem

/// The result of a test, or of one of its cases, in one word.
package enum TestStatus: String, Sendable, Hashable {
    /// It met its expectation.
    case passed
    /// It did not.
    case failed
    /// It could not be tried.
    case skipped
}

/// Why a test failed.
package enum FailureKind: String, Sendable, Hashable {
    /// The message opened to another plaintext.
    case wrongPlaintext = "wrong-plaintext"
    /// The message should have opened.
    case refused
    /// The message should have been refused.
    case accepted
    /// Plaintext of a signed message came out before its signature was verified.
    case leaked
    /// The ways to decrypt the message do not agree.
    case disagreement
    /// The message was refused otherwise, or more was released, than the rule says.
    case againstRule = "against-rule"
    /// The message or an encrypted data key was not rebuilt byte for byte.
    case notReproduced = "not-reproduced"
    /// The set is broken: the test could not be run as it stands.
    case brokenSet = "broken-set"
    /// The harness or this machine failed.
    case harnessError = "harness-error"
}

/// The result of a whole test, and the reason for it.
///
/// Thrown when a test ends before its message has been tried.
struct Verdict: Error {
    let status: TestStatus
    var reason: String?
    var failure: FailureKind?

    static func skipped(_ reason: String) -> Self { Self(status: .skipped, reason: reason) }

    static func failed(_ failure: FailureKind, _ reason: String) -> Self {
        Self(status: .failed, reason: reason, failure: failure)
    }
}

/// The result of one case.
package struct CaseResult: Sendable {
    /// The way to decrypt.
    package let name: String
    /// Whether it met its expectation.
    package let status: TestStatus
    /// Why, for a failure and for a refusal that was expected.
    package let reason: String?
    /// The kind of a failure.
    package let failure: FailureKind?
}

/// The result of one test.
package struct TestResult: Sendable {
    /// The id.
    package let id: String
    /// What the manifest says about it.
    package let description: String?
    /// Whether it met its expectation.
    package let status: TestStatus
    /// The algorithm suite in the message, or else the one that the manifest states: four hexadecimal digits.
    package let suite: String?
    /// The key description in short.
    package let keyring: String?
    /// The cases, in the order in which they ran; none when none could be run.
    package let cases: [CaseResult]
    /// Why it failed or was skipped; oddities of the message when it passed.
    package let reason: String?
    /// The kind of a failure.
    package let failure: FailureKind?
    /// The key description as the manifest has it, in JSON; nil where the test passed and its message is not shown.
    package var keyDescription: String?
    /// The fields of the message; none unless the test failed, or the run was small.
    package var message: [DissectedField] = []
    /// Why the test is known to fail, as a list of known failures says; nil where none names it.
    package var known: String?

    /// Whether the run fails for it: a failure that is not known, or a test that passed and is known to fail.
    package var isUnexpected: Bool {
        switch status {
        case .failed: known == nil
        case .passed: known != nil
        case .skipped: false
        }
    }
}

/// How a run came to its end.
package enum RunEnding: String, Sendable, Hashable {
    /// Every selected test ran.
    case complete
    /// A signal, or an AWS that went away.
    case interrupted
    /// So many tests failed that the others were not run.
    case maximumFailures = "max-failures"
}

/// The results of one set.
package struct SetReport: Sendable {
    /// The set's path.
    package let path: String
    /// Who wrote it.
    package let producer: Producer
    /// The results, in the order of the file.
    package internal(set) var results: [TestResult]

    /// How many tests.
    package var counts: Counts { Counts(results) }
}

/// The library that ran tests.
package struct ReportClient: Sendable, Hashable {
    /// Its name.
    package let name: String
    /// Its version.
    package let version: String
    /// The cryptography under it.
    package let libcrypto: String

    /// This library.
    package static let current = ReportClient(
        name: EncryptionSDK.clientName,
        version: EncryptionSDK.version,
        libcrypto: OpenSSLVersion.text
    )
}

/// How a test is run again.
package struct Repetition: Sendable, Hashable {
    /// The command, without `esdk vectors`.
    let command: String
    /// What stands after path and filter, each option after a space.
    let options: String

    /// The command line that runs one test.
    ///
    /// - Parameters:
    ///   - id: the test's id.
    ///   - path: the path of its set.
    func commandLine(for id: String, in path: String) -> String {
        let words = [Self.argument(path: path), "--filter", Self.filter(id: id)].map(TerminalText.shellWord)
        return "esdk vectors \(command) \(words.joined(separator: " "))\(options)"
    }

    /// A path that is not taken for an option.
    private static func argument(path: String) -> String { path.utf8.first == UInt8(ascii: "-") ? "./" + path : path }

    /// What selects a test: its id; no argument can hold U+0000, so that an id that does becomes a pattern.
    private static func filter(id: String) -> String {
        guard id.utf8.contains(0) else { return id }
        return id.unicodeScalars.map { scalar in
            switch scalar {
            case "\0": "?"
            case "*", "?", "[", "\\": "\\\(scalar)"
            default: String(scalar)
            }
        }.joined()
    }
}

/// The results of a run.
package struct RunReport: Sendable {
    /// The sets in the order in which they were given.
    package internal(set) var sets: [SetReport]
    /// How many tests were to run.
    package let selectedCount: Int
    /// How long it took.
    package let seconds: Double
    /// Whether so many tests failed that the others were not run.
    package let hasReachedLimit: Bool
    /// What ran the tests.
    package let client: ReportClient
    /// How a test is run again; nil where that is not known.
    package let repetition: Repetition?

    /// A report.
    ///
    /// - Parameters:
    ///   - sets: the sets in the order in which they were given.
    ///   - selectedCount: how many tests were to run.
    ///   - seconds: how long it took.
    ///   - hasReachedLimit: whether so many tests failed that the others were not run.
    ///   - client: what ran the tests.
    ///   - repetition: how a test is run again.
    package init(
        sets: [SetReport],
        selectedCount: Int,
        seconds: Double,
        hasReachedLimit: Bool = false,
        client: ReportClient = .current,
        repetition: Repetition? = nil
    ) {
        self.sets = sets
        self.selectedCount = selectedCount
        self.seconds = seconds
        self.hasReachedLimit = hasReachedLimit
        self.client = client
        self.repetition = repetition
    }

    /// How many tests in all.
    package var counts: Counts { sets.reduce(into: Counts()) { $0.add($1.counts) } }

    /// Whether every selected test ran: false after an interruption.
    package var isComplete: Bool { counts.total == selectedCount }

    /// How the run came to its end.
    package var ending: RunEnding { isComplete ? .complete : hasReachedLimit ? .maximumFailures : .interrupted }

    /// Why tests are missing, such as `interrupted: 3 of 9 tests ran`; nil when none are.
    var gap: String? {
        let ran = "\(counts.total) of \(selectedCount) tests ran"
        return switch ending {
        case .complete: nil
        case .interrupted: "interrupted: \(ran)"
        case .maximumFailures: "stopped by --max-failures: \(ran)"
        }
    }

    /// The exit code of the command (0 met, 1 failed, 3 interrupted, 4 nothing ran); failures that ended the run are failures.
    ///
    /// - Parameter failOnSkip: whether a skipped test counts as a failure.
    package func exitCode(failOnSkip: Bool) -> Int32 {
        let counts = counts
        if !isComplete { return hasReachedLimit ? 1 : 3 }
        if sets.contains(where: { $0.results.contains(where: \.isUnexpected) }) { return 1 }
        if counts.passed + counts.failed == 0 { return 4 }
        return failOnSkip && counts.skipped > 0 ? 1 : 0
    }
}

/// Numbers of tests.
package struct Counts: Sendable, Hashable {
    /// Tests that met their expectation.
    package var passed = 0
    /// Tests that did not.
    package var failed = 0
    /// Tests that could not be tried.
    package var skipped = 0

    /// No tests.
    package init() {}

    init(_ results: [TestResult]) {
        for result in results { add(result.status) }
    }

    /// All of them.
    package var total: Int { passed + failed + skipped }

    mutating func add(_ status: TestStatus) {
        switch status {
        case .passed: passed += 1
        case .failed: failed += 1
        case .skipped: skipped += 1
        }
    }

    mutating func add(_ other: Counts) {
        passed += other.passed
        failed += other.failed
        skipped += other.skipped
    }
}
