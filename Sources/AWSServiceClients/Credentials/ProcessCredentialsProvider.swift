internal import ESDKCrypto

/// Credentials that a command prints: the setting `credential_process` of a profile.
struct ProcessCredentialsProvider: AWSCredentialsProvider {
    private static let timeout = Duration.seconds(60)
    /// The command line.
    let command: String
    /// The source, for errors.
    let source: String

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        guard let words = CommandLineSplitting.words(of: command), !words.isEmpty else {
            throw CredentialsError(
                .invalidConfiguration,
                source: source,
                "credential_process is empty, or has a quotation that does not end"
            )
        }
        let outcome: ChildProcess.Outcome
        do {
            outcome = try await ChildProcess.run(words, timeout: Self.timeout)
        } catch let error as ChildProcess.Failure {
            throw CredentialsError(.failed, source: source, "credential_process \(Self.text(error))")
        }
        guard outcome.exitStatus == 0 else {
            let status = outcome.exitStatus.map { "exits with status \($0)" } ?? "was ended by a signal"
            let words = Redaction([]).apply(outcome.errors.utf8)
            throw CredentialsError(
                .failed,
                source: source,
                "credential_process \(status)\(words.isEmpty ? "" : ": \(words)")"
            )
        }
        return try CredentialsDocument.read(
            outcome.output.span,
            tokenName: "SessionToken",
            needsVersion: true,
            source: source
        )
    }

    private static func text(_ failure: ChildProcess.Failure) -> String {
        switch failure {
        case .notStarted(let reason): "cannot be started: \(reason)"
        case .timedOut: "does not end within \(timeout)"
        case .tooMuchOutput: "writes more than can be credentials"
        }
    }
}
