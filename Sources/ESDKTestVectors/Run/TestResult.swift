/// What came of a test or of one of its cases.
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
    /// The message or an encrypted data key was not rebuilt byte for byte.
    case notReproduced = "not-reproduced"
    /// The set is broken: the test could not be run as it stands.
    case brokenSet = "broken-set"
    /// The harness or this machine failed.
    case harnessError = "harness-error"
}

/// What came of one case.
package struct CaseResult: Sendable {
    /// The way to decrypt.
    package let name: String
    /// What came of it.
    package let status: TestStatus
    /// Why, for a failure and for a refusal that was expected.
    package let reason: String?
    /// The kind of a failure.
    package let failure: FailureKind?
}

/// What came of one test.
package struct TestResult: Sendable {
    /// The id.
    package let id: String
    /// What the manifest says about it.
    package let description: String?
    /// What came of it.
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
}
