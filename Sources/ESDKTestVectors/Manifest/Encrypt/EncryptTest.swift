/// One test of an encrypt or decrypt-generate manifest.
///
/// A test that cannot be run stays in the list with the reason; none is dropped.
package struct EncryptTest: Sendable {
    /// The id.
    package let id: String

    /// What the manifest says about it; informational.
    package let description: String?

    /// What to do, or why it cannot be done.
    package let content: Result<EncryptInstructions, TestProblem>
}
