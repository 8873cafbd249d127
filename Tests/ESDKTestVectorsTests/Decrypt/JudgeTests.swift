import AWSMaterialProviders
import Testing

@testable import ESDKTestVectors

@Suite("Judging what came of decryption")
struct JudgeTests {
    private static let plaintext = Array("plaintext".utf8)

    private func judge(_ outcome: Judge.Outcome, expecting plaintext: [UInt8]?) -> CaseResult {
        Judge.judge(outcome, expecting: plaintext, named: "one-shot")
    }

    private static func error(_ category: EncryptionSDKError.Category) -> EncryptionSDKError {
        EncryptionSDKError(EncryptionSDKError.Code("made up", category: category), "for a test")
    }

    private static func noDataKey(_ refusals: [EncryptionSDKError]) -> EncryptionSDKError {
        EncryptionSDKError(
            nothingOpened: "for a test",
            refusals: refusals.map { DataKeyRefusal(encryptedDataKey: 0, keyring: "k", error: $0) }
        )
    }

    private struct Foreign: Error {}

    static let meanings: [(EncryptionSDKError.Category, Judge.Meaning)] = [
        (.format, .refusal), (.tag, .refusal), (.commitment, .refusal), (.signature, .refusal), (.policy, .refusal),
        (.noDataKey, .refusal), (.service, .environment), (.credentials, .environment),
        (.permission, .environment), (.inputOutput, .environment), (.library, .environment), (.configuration, .defect),
        (.limit, .refusal),
        (.contract, .defect),
    ]

    @Test("what a category of errors says about the message", arguments: meanings)
    func categories(category: EncryptionSDKError.Category, meaning: Judge.Meaning) {
        #expect(Judge.meaning(of: Self.error(category)) == meaning)
        // The same, where it is why a data key was not found.
        #expect(Judge.meaning(of: Self.noDataKey([Self.error(.noDataKey), Self.error(category)])) == meaning)
        #expect(Judge.meaning(of: Self.noDataKey([Self.noDataKey([Self.error(category)])])) == meaning)
    }

    @Test("errors of no code of ours say nothing about the message")
    func foreignErrors() {
        #expect(Judge.meaning(of: Foreign()) == .defect)
        #expect(Judge.meaning(of: CancellationError()) == .defect)
    }

    @Test("without any refusal, and with ordinary ones, a data key that is not found is a refusal")
    func noDataKey() {
        #expect(Judge.meaning(of: Self.noDataKey([])) == .refusal)
        let ordinary: [EncryptionSDKError.Code] = [
            .notForThisKeyring, .malformedEncryptedDataKey, .unwrappingFailed, .dataKeyLengthMismatch, .noPrivateKey,
            .branchKeyNotFound,
        ]
        #expect(Judge.meaning(of: Self.noDataKey(ordinary.map { EncryptionSDKError($0, "") })) == .refusal)
    }

    @Test("a test is skipped for want of permission only when every keyring that tried was denied")
    func permissions() {
        let denied = EncryptionSDKError(.awsAccessDenied, "")
        let other = EncryptionSDKError(.notForThisKeyring, "")
        for expected in [Self.plaintext, nil] {
            for refusals in [[denied], [other, denied], [denied, other, denied]] {
                #expect(judge(.error(Self.noDataKey(refusals)), expecting: expected).status == .skipped)
            }
        }
        for refusals in [
            [other], [denied, EncryptionSDKError(.awsRefusal, "")],
            [denied, EncryptionSDKError(.unwrappingFailed, "")],
            [denied, EncryptionSDKError(.awsUnavailable, "")],
        ] {
            #expect(judge(.error(Self.noDataKey(refusals)), expecting: Self.plaintext).status == .failed)
        }
        // A keyring alone that has to ask KMS for its own public key first.
        #expect(judge(.error(denied), expecting: Self.plaintext).status == .skipped)
        #expect(judge(.error(EncryptionSDKError(.awsUnavailable, "")), expecting: Self.plaintext).status == .failed)
    }

    @Test("a must-fail test passes for refusals alone, is skipped for trouble of this machine, and fails for ours")
    func mustFail() {
        for (category, meaning) in Self.meanings {
            let result = judge(.error(Self.error(category)), expecting: nil)
            switch meaning {
            case .refusal:
                #expect(result.status == .passed)
                #expect(result.reason == "refused: made up: for a test")
            case .environment:
                #expect(result.status == .skipped)
                #expect(result.reason == "could not be tried: made up: for a test")
            case .defect:
                #expect(result.status == .failed)
                #expect(result.failure == .harnessError)
            }
        }
        #expect(judge(.error(Foreign()), expecting: nil).failure == .harnessError)
        let opened = judge(.plaintext(Self.plaintext), expecting: nil)
        #expect(opened.status == .failed)
        #expect(opened.failure == .accepted)
        #expect(opened.reason == "decrypted to 9 bytes, a refusal was expected")
    }

    @Test("a limit that ends a stream hides what is wrong behind it, and disagrees with nothing")
    func limits() {
        let cases = [item("a", .passed), item("b", .passed)]
        #expect(
            Judge.verdict(on: cases, codes: [.truncatedMessage, .bufferLimitExceeded], leftOut: []).status == .passed
        )
        let codes: Set<EncryptionSDKError.Code> = [.truncatedMessage, .bufferLimitExceeded, .bodyTagMismatch]
        #expect(Judge.verdict(on: cases, codes: codes, leftOut: []).failure == .disagreement)
    }

    @Test("trap 17: a refusal for want of a key service is no refusal")
    func environmentalRefusal() {
        let error = Self.noDataKey([
            EncryptionSDKError(.unwrappingFailed, ""), EncryptionSDKError(.inputOutput, "offline"),
        ])
        #expect(judge(.error(error), expecting: nil).status == .skipped)
        #expect(judge(.error(error), expecting: Self.plaintext).failure == .harnessError)
    }

    @Test("a test that is to open fails with whatever error, and tells a refusal from trouble")
    func mustOpen() {
        for (category, meaning) in Self.meanings {
            let result = judge(.error(Self.error(category)), expecting: Self.plaintext)
            #expect(result.status == .failed)
            #expect(result.failure == (meaning == .refusal ? .refused : .harnessError))
        }
        #expect(judge(.plaintext(Self.plaintext), expecting: Self.plaintext).status == .passed)
        #expect(judge(.plaintext([]), expecting: []).status == .passed)
    }

    static let differences: [(String, String, String)] = [
        ("plaintexT", "plaintext", "offset 8: 9 bytes, 9 expected"),
        ("plain", "plaintext", "offset 5: 5 bytes, 9 expected"),
        ("plaintexts", "plaintext", "offset 9: 10 bytes, 9 expected"),
        ("", "plaintext", "offset 0: 0 bytes, 9 expected"),
        ("x", "", "offset 0: 1 bytes, 0 expected"),
    ]

    @Test("another plaintext fails at its first difference", arguments: differences)
    func difference(actual: String, expected: String, place: String) {
        let result = judge(.plaintext(Array(actual.utf8)), expecting: Array(expected.utf8))
        #expect(result.status == .failed)
        #expect(result.failure == .wrongPlaintext)
        #expect(result.reason == "the plaintext differs from the expected one at \(place)")
    }

    @Test("plaintext that came out before the signature was verified fails, whatever was expected")
    func leak() {
        for expected in [nil, Self.plaintext] {
            let result = judge(.leaked(byteCount: 3), expecting: expected)
            #expect(result.status == .failed)
            #expect(result.failure == .leaked)
        }
    }

    // MARK: - Tests as a whole

    private func item(_ name: String, _ status: TestStatus, _ failure: FailureKind? = nil) -> CaseResult {
        CaseResult(name: name, status: status, reason: "because", failure: failure)
    }

    @Test("a test passes when all its cases do")
    func allPass() {
        let verdict = Judge.verdict(
            on: [item("a", .passed), item("b", .passed)],
            codes: [.bodyTagMismatch],
            leftOut: []
        )
        #expect(verdict.status == .passed)
        #expect(verdict.reason == nil)
        #expect(verdict.failure == nil)
    }

    @Test("a test fails with the first case that does, before any that was skipped")
    func oneFails() {
        let cases = [
            item("a", .passed), item("b", .skipped), item("c", .failed, .leaked), item("d", .failed, .refused),
        ]
        let verdict = Judge.verdict(on: cases, codes: [], leftOut: [])
        #expect(verdict.status == .failed)
        #expect(verdict.reason == "c: because")
        #expect(verdict.failure == .leaked)
    }

    @Test("a test is skipped when a case is")
    func oneSkipped() {
        let verdict = Judge.verdict(on: [item("a", .passed), item("b", .skipped)], codes: [.inputOutput], leftOut: [])
        #expect(verdict.status == .skipped)
        #expect(verdict.reason == "b: because")
    }

    @Test("a must-fail test fails when its cases refuse for different reasons")
    func disagreement() {
        let codes: Set<EncryptionSDKError.Code> = [.truncatedMessage, .bodyTagMismatch]
        let verdict = Judge.verdict(on: [item("a", .passed), item("b", .passed)], codes: codes, leftOut: [])
        #expect(verdict.status == .failed)
        #expect(verdict.reason == "the cases refuse for different reasons: bodyTagMismatch, truncatedMessage")
        #expect(verdict.failure == .disagreement)
    }

    @Test("trap 17: that no data key was found proves nothing while a keyring could not take part")
    func leftOut() {
        let why = ["only AWS KMS can open this message"]
        let passed = Judge.verdict(on: [item("a", .passed)], codes: [.noDataKey], leftOut: why)
        #expect(passed.status == .skipped)
        #expect(passed.reason == "refused for want of keys\nnot tried: only AWS KMS can open this message")
        let failed = Judge.verdict(on: [item("a", .failed, .refused)], codes: [.noDataKey], leftOut: why)
        #expect(failed.status == .failed)
        #expect(failed.reason == "a: because\nnot tried: only AWS KMS can open this message")
        // Any other refusal comes from a data key that was found.
        #expect(Judge.verdict(on: [item("a", .passed)], codes: [.bodyTagMismatch], leftOut: why).status == .passed)
    }
}
