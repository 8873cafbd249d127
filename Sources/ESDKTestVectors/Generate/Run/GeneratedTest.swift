internal import StrictJSON

/// What came of one test of an encrypt or decrypt-generate manifest.
enum GeneratedTest: Sendable {
    /// A test of the decrypt manifest.
    struct Vector: Sendable {
        let id: String
        let value: JSONValue
        let mustDecrypt: Bool
    }

    /// It was written, as one test or several.
    case written([Vector])
    /// It cannot be written.
    case refused(TestProblem)
    /// The run ended before it was through.
    case interrupted
}
