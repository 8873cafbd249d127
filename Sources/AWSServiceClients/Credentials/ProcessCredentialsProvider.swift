internal import ESDKCrypto
internal import ESDKSystem
internal import StrictJSON

/// Credentials that a command prints: the setting `credential_process` of a profile.
struct ProcessCredentialsProvider: AWSCredentialsProvider {
    private static let timeout = Duration.seconds(60)
    private static let largestOutput = 1 << 16

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
        var outcome: ChildProcess.Outcome
        do {
            outcome = try await ChildProcess.run(
                words.map { SystemPath($0) },
                outputLimit: Self.largestOutput,
                timeout: Self.timeout
            )
        } catch let stop as ChildProcess.Stop {
            let reason =
                switch stop {
                case .timedOut: "does not end within \(Self.timeout)"
                case .tooMuchOutput: "writes more than can be credentials"
                }
            throw CredentialsError(.failed, source: source, "credential_process \(reason)")
        } catch let error as SystemError {
            throw CredentialsError(
                .failed,
                source: source,
                "credential_process cannot be started: \(error.path?.description ?? ""): \(error.reason)"
            )
        }
        defer { zeroize(&outcome.output) }
        // In a process that ignores SIGCHLD the status is lost, and what was written has to do.
        guard outcome.ending.exitStatus == 0 || outcome.ending.isLost else {
            let status = outcome.ending.exitStatus.map { "exits with status \($0)" } ?? "was ended by a signal"
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
}

/// Credentials as processes and endpoints give them: a JSON object, of whose secrets no text is made.
enum CredentialsDocument {
    /// Reads such an object.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - tokenName: what the session token is called.
    ///   - needsVersion: whether the object must say that it is of version 1.
    ///   - source: the source, for errors.
    /// - Returns: the credentials.
    /// - Throws: `CredentialsError`, which never holds a part of the document but a code and message of an error.
    static func read(
        _ bytes: Span<UInt8>,
        tokenName: String,
        needsVersion: Bool = false,
        source: String
    ) throws(CredentialsError) -> AWSCredentials {
        func failure(_ reason: String) -> CredentialsError { CredentialsError(.failed, source: source, reason) }
        let names: Set = [JSONName("SecretAccessKey"), JSONName(tokenName)]
        guard let document = try? StrictJSON.parse(bytes, source: source, withholding: names),
            let object = document.value.object
        else { throw failure("the answer is not a JSON object") }
        func secret(_ name: String) throws(CredentialsError) -> SecretBytes? {
            guard let range = document.withheld[JSONName(name)], !range.isEmpty else { return nil }
            guard let text = SecretBytes(copying: bytes).unescapedText(in: range) else {
                throw failure("the \(name) has characters that no key has")
            }
            return text
        }
        if needsVersion, object["Version"]?.integer != 1 { throw failure("the answer is not of Version 1") }
        if let code = object["Code"]?.string, code != "Success" {
            let message = object["Message"]?.string.map { ": \($0)" } ?? ""
            throw failure("\(code)\(message)")
        }
        guard let id = object["AccessKeyId"]?.string, !id.isEmpty, let key = try secret("SecretAccessKey")
        else { throw failure("the answer has no AccessKeyId and SecretAccessKey") }
        var expiration: Timestamp?
        switch object["Expiration"] {
        case nil, .null?, .string("")?: break
        case .string(let text)?: expiration = Timestamp(text)
        case let number?:
            expiration = (number.double ?? number.integer.map(Double.init)).map(Timestamp.init(secondsSinceEpoch:))
        }
        if expiration == nil, let value = object["Expiration"], value != .null, value != .string("") {
            throw failure("the Expiration is not a time")
        }
        return AWSCredentials(
            accessKeyID: id,
            secretAccessKey: key,
            sessionToken: try secret(tokenName),
            expiration: expiration
        )
    }
}
