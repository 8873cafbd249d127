/// One test of a decrypt set.
///
/// A test that cannot be run stays in the list with the reason, and is reported as failed or skipped; none is dropped.
package struct DecryptTest: Sendable {
    /// The id: opaque, and no name of a file.
    package let id: String

    /// What the manifest says about it; informational.
    package let description: String?

    /// The key description as written, materials managers included; `nil` where it cannot be read.
    package let keys: KeyDescription?

    /// The algorithm suite that the manifest states; informational, it may disagree with the message.
    package let declaredSuite: UInt16?

    /// The frame length that the manifest states, in bytes, 0 for non-framed; informational like the suite.
    package let declaredFrameLength: Int?

    /// What to do, or why it cannot be done.
    package let content: Result<DecryptInstructions, TestProblem>

    /// A test.
    package init(
        id: String,
        description: String?,
        keys: KeyDescription?,
        declaredSuite: UInt16?,
        declaredFrameLength: Int?,
        content: Result<DecryptInstructions, TestProblem>
    ) {
        self.id = id
        self.description = description
        self.keys = keys
        self.declaredSuite = declaredSuite
        self.declaredFrameLength = declaredFrameLength
        self.content = content
    }
}
