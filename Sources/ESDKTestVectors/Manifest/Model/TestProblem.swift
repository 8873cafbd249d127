/// Why a test cannot be run as its manifest has it.
package struct TestProblem: Error, Hashable, Sendable {
    /// What becomes of the test.
    package enum Verdict: Hashable, Sendable {
        /// The manifest is broken here, which is a failure.
        case fails
        /// The manifest asks for something that is not supported, which is a skip.
        case skipped
    }

    /// What becomes of the test.
    package let verdict: Verdict

    /// The reason in one line.
    package let reason: String

    /// A problem.
    package init(_ verdict: Verdict, _ reason: String) {
        self.verdict = verdict
        self.reason = reason
    }

    /// Broken data in the manifest.
    static func broken(_ reason: String) -> TestProblem {
        TestProblem(.fails, reason)
    }

    /// Something that is not supported.
    static func unsupported(_ reason: String) -> TestProblem {
        TestProblem(.skipped, reason)
    }
}

extension TestProblem: CustomStringConvertible {
    /// The reason.
    package var description: String { reason }
}
