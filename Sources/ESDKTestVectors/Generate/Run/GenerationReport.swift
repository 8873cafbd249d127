/// What came of running an encrypt or decrypt-generate manifest.
package struct GenerationReport: Sendable {
    /// The tests of the manifest: passed where they were written, skipped where they cannot be, failed where they are broken.
    package let tests: RunReport
    /// The format.
    package let format: SetFormat
    /// How many written tests must decrypt.
    package let positiveCount: Int
    /// How many written tests must be refused.
    package let negativeCount: Int
    /// Whether there is a set now: not after an interruption, and not without tests.
    package let isWritten: Bool

    /// The last line for people.
    package var summary: String {
        guard isWritten else { return "nothing was written\n" }
        return "\(positiveCount + negativeCount) tests written (awses-decrypt \(format.rawValue)): "
            + "\(positiveCount) must decrypt, \(negativeCount) must be refused\n"
    }
}
