@testable import ESDKTestVectors

extension TestResult {
    /// A result for tests of what becomes of results.
    static func sample(
        id: String,
        _ status: TestStatus,
        description: String? = nil,
        suite: String? = nil,
        keyring: String? = nil,
        cases: [CaseResult] = [],
        reason: String? = nil,
        failure: FailureKind? = nil
    ) -> TestResult {
        TestResult(
            id: id,
            description: description,
            status: status,
            suite: suite,
            keyring: keyring,
            cases: cases,
            reason: reason,
            failure: failure
        )
    }
}
