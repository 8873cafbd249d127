/// What is done with the tests of decrypt sets.
package enum VectorTask: Sendable, Hashable {
    /// Each is decrypted in several ways.
    case decrypt
    /// Each message is rebuilt byte for byte.
    case reproduce

    /// The command that does it, without `esdk vectors`.
    package var command: String {
        switch self {
        case .decrypt: "decrypt"
        case .reproduce: "reproduce"
        }
    }

    func runner(of set: VectorSet, options: RunOptions, cache: KeyCache) -> any TestRunner {
        switch self {
        case .decrypt: DecryptRunner(set: set, options: options, cache: cache)
        case .reproduce: ReproductionRunner(set: set, options: options, cache: cache)
        }
    }
}

/// Runs the tests of one set, any number at the same time.
protocol TestRunner: Sendable {
    /// The result of a test; nil when it was cancelled before there was any.
    func run(_ test: DecryptTest) async -> TestResult?
}
