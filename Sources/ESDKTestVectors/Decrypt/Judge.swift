import AWSMaterialProviders

/// Decides what an outcome of decryption says about a test.
enum Judge {
    /// The outcome of one attempt to decrypt.
    enum Outcome {
        case plaintext([UInt8])
        case error(any Error)
        /// Plaintext of a signed message was handed out before its end.
        case leaked(byteCount: Int)
    }

    /// What an error says about the message.
    enum Meaning: Int, Comparable {
        /// Decryption itself refused it: only this meets the expectation of a must-fail test.
        case refusal
        /// Nothing: this machine, a service or the network failed.
        case environment
        /// Nothing: the harness or a keyring is at fault.
        case defect

        static func < (left: Meaning, right: Meaning) -> Bool { left.rawValue < right.rawValue }
    }

    /// What an error says about the message.
    static func meaning(of error: any Error) -> Meaning {
        guard let error = error as? EncryptionSDKError else { return .defect }
        let meaning: Meaning =
            switch error.category {
            // No attempt sets a limit that a message of its length needs to exceed: it claims more than it holds.
            case .format, .tag, .commitment, .signature, .policy, .limit, .noDataKey: .refusal
            case .service, .credentials, .permission, .inputOutput, .library: .environment
            case .configuration: error.serviceError == nil ? .defect : .environment
            default: .defect
            }
        // A data key that was not found because a service or the library failed has not been refused.
        return max(meaning, error.refusals.map { Self.meaning(of: $0.error) }.max() ?? .refusal)
    }

    /// Whether nothing opened for want of permission alone: every keyring that tried an encrypted data key was denied it.
    static func isForbidden(_ error: any Error) -> Bool {
        guard let error = error as? EncryptionSDKError else { return false }
        // A keyring that has to ask KMS for its own public key first.
        guard !error.refusals.isEmpty else { return error.code == .awsAccessDenied }
        let attempts = error.refusals.filter(\.isOfTriedKey)
        return !attempts.isEmpty && attempts.allSatisfy { $0.error.code == .awsAccessDenied }
    }

    /// Judges one case of a test.
    ///
    /// - Parameter plaintext: the plaintext that is expected; nil when a refusal is.
    static func judge(_ outcome: Outcome, expecting plaintext: [UInt8]?, named name: String) -> CaseResult {
        func result(_ status: TestStatus, _ reason: String?, _ failure: FailureKind? = nil) -> CaseResult {
            CaseResult(name: name, status: status, reason: reason, failure: failure)
        }
        switch (outcome, plaintext) {
        case (.plaintext(let actual), let expected?):
            if actual == expected { return result(.passed, nil) }
            return result(.failed, difference(actual, expected), .wrongPlaintext)
        case (.plaintext(let actual), nil):
            return result(.failed, "decrypted to \(actual.count) bytes, a refusal was expected", .accepted)
        case (.leaked(let count), _):
            return result(
                .failed,
                "handed out \(count) bytes of a signed message before its signature was verified",
                .leaked
            )
        case (.error(let error), _) where isForbidden(error):
            return result(.skipped, "the credentials may not use the keys of this message")
        case (.error(let error), _):
            switch (meaning(of: error), plaintext) {
            case (.refusal, nil): return result(.passed, "refused: \(error)")
            case (.refusal, _?): return result(.failed, "refused: \(error)", .refused)
            // A refusal was expected, but there is no telling whether there would have been one.
            case (.environment, nil): return result(.skipped, "could not be tried: \(error)")
            case (.environment, _?), (.defect, _):
                return result(.failed, "could not be tried: \(error)", .harnessError)
            }
        }
    }

    /// Judges a test by its cases.
    ///
    /// - Parameters:
    ///   - cases: their results.
    ///   - codes: the codes of all errors.
    ///   - leftOut: why some keyrings of the test could not take part.
    static func verdict(
        on cases: [CaseResult],
        codes: Set<EncryptionSDKError.Code>,
        leftOut: [String]
    ) -> Verdict {
        let isUndecided =
            !leftOut.isEmpty && codes.contains { [.noDataKey, .service, .credentials].contains($0.category) }
        let notTried = isUndecided ? "\nnot tried: \(leftOut.joined(separator: "; "))" : ""
        if let failed = cases.first(where: { $0.status == .failed }) {
            let reason = "\(failed.name): \(failed.reason ?? "failed")\(notTried)"
            return Verdict(status: .failed, reason: reason, failure: failed.failure)
        }
        if let skipped = cases.first(where: { $0.status == .skipped }) {
            return Verdict(status: .skipped, reason: "\(skipped.name): \(skipped.reason ?? "skipped")")
        }
        // Where a limit ends a stream, what else is wrong with the message is not seen.
        let causes = codes.filter { $0.category != .limit }
        guard causes.count <= 1 else {
            let names = causes.map(\.name).sorted().joined(separator: ", ")
            let reason = "the cases refuse for different reasons: \(names)"
            return Verdict(status: .failed, reason: reason, failure: .disagreement)
        }
        // A keyring that was left out might have opened the message: the refusal would be an empty one.
        if isUndecided { return Verdict(status: .skipped, reason: "refused for want of keys\(notTried)") }
        return Verdict(status: .passed)
    }

    private static func difference(_ actual: [UInt8], _ expected: [UInt8]) -> String {
        var index = 0
        while index < min(actual.count, expected.count), actual[index] == expected[index] { index += 1 }
        return
            "the plaintext differs from the expected one at offset \(index): \(actual.count) bytes, \(expected.count) expected"
    }
}
