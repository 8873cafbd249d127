@testable import ESDKTestVectors

extension RunReport {
    /// A report of one set.
    static func of(_ results: [TestResult], path: String = "set", selected: Int? = nil, seconds: Double = 1.5)
        -> RunReport
    {
        RunReport(
            sets: [SetReport(path: path, producer: Producer(name: "made-up", version: "1.0"), results: results)],
            selectedCount: selected ?? results.count,
            seconds: seconds
        )
    }

    /// One result of each kind.
    static let mixed = of([
        .sample(
            id: "a",
            .passed,
            description: "the first",
            suite: "0478",
            keyring: "raw aes-256",
            cases: [
                CaseResult(name: "one-shot", status: .passed, reason: nil, failure: nil),
                CaseResult(name: "stream whole", status: .passed, reason: nil, failure: nil),
            ]
        ),
        .sample(id: "b", .skipped, suite: "0578", keyring: "aws-kms", reason: "only AWS KMS can open this message"),
        .sample(
            id: "c",
            .failed,
            suite: "0478",
            keyring: "raw aes-256",
            cases: [CaseResult(name: "one-shot", status: .failed, reason: "refused: x", failure: .refused)],
            reason: "one-shot: refused: x",
            failure: .refused
        ),
        .sample(id: "d", .failed, reason: "ciphertext: set/c: no such file", failure: .brokenSet),
    ])
}
