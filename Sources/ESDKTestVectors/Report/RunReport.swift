/// The results of one set.
package struct SetReport: Sendable {
    /// The set's path.
    package let path: String
    /// Who wrote it.
    package let producer: Producer
    /// The results, in the order of the file.
    package let results: [TestResult]

    /// How many tests.
    package var counts: Counts { Counts(results) }
}

/// The results of a run.
package struct RunReport: Sendable {
    /// The sets in the order in which they were given.
    package let sets: [SetReport]
    /// How many tests were to run.
    package let selectedCount: Int
    /// How long it took.
    package let seconds: Double

    /// A report.
    package init(sets: [SetReport], selectedCount: Int, seconds: Double) {
        self.sets = sets
        self.selectedCount = selectedCount
        self.seconds = seconds
    }

    /// How many tests in all.
    package var counts: Counts { sets.reduce(into: Counts()) { $0.add($1.counts) } }

    /// Whether every selected test ran: false after an interruption.
    package var isComplete: Bool { counts.total == selectedCount }

    /// The exit code of the command (0 met, 1 failed, 3 interrupted, 4 nothing ran).
    ///
    /// - Parameter failOnSkip: whether a skipped test counts as a failure.
    package func exitCode(failOnSkip: Bool) -> Int32 {
        let counts = counts
        if !isComplete { return 3 }
        if counts.failed > 0 { return 1 }
        if counts.passed == 0 { return 4 }
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
