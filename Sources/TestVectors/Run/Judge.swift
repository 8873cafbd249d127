import MaterialProviders

/// Decides what an outcome of decryption says about a test.
enum Judge {
    /// What came of one attempt to decrypt.
    enum Outcome {
        case plaintext([UInt8])
        case error(any Error)
        /// Plaintext of a signed message was handed out before its end.
        case leaked(byteCount: Int)
    }

    /// Whether an error is a refusal of the message by decryption itself, and not a trouble of this machine, of the harness, or of
    /// something that is not supported: only a refusal meets the expectation of a must-fail test.
    static func isRefusal(_ error: any Error) -> Bool {
        guard let error = error as? EncryptionSDKError else { return false }
        switch error.code.category {
        case .format, .tag, .commitment, .signature, .policy:
            return true
        case .noDataKey:
            // A data key that was not found because a service or the library failed has not been refused.
            return error.refusals.allSatisfy { isRefusal($0.error) }
        case .configuration, .limit, .environment, .contract:
            return false
        }
    }

    /// Judges one case of a test.
    ///
    /// - Parameter plaintext: what must come of it, or nil for a refusal.
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
        case (.error(let error), _) where !isRefusal(error):
            return result(.failed, "could not be tried: \(error)", .harnessError)
        case (.error(let error), nil):
            return result(.passed, "refused: \(error)")
        case (.error(let error), _?):
            return result(.failed, "refused: \(error)", .refused)
        }
    }

    private static func difference(_ actual: [UInt8], _ expected: [UInt8]) -> String {
        var index = 0
        while index < min(actual.count, expected.count), actual[index] == expected[index] { index += 1 }
        return
            "the plaintext differs from the expected one at offset \(index): \(actual.count) bytes, \(expected.count) expected"
    }
}
