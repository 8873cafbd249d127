import AWSEncryptionSDK
import ESDKSystem
import Glibc

/// Why a file was not encrypted or decrypted, in words that say what to do.
struct FileFailure: Error, Sendable {
    /// What is wrong, on one line, and what belongs to it, on others.
    let reason: String
    var details: [String]
    /// What the command ends with if nothing worse happens: `failure` for a message that does not open.
    let exitCode: ExitCode
    /// The code of the library's error, for programs.
    let code: String
    /// The file that the reason names.
    var path: SystemPath?

    init(_ error: any Error, _ task: FileTask) {
        switch error {
        case let error as FileFailure: self = error
        case let error as UsageError: self.init(reason: error.text, exitCode: .unusable, code: "usage")
        case let error as SystemError: self.init(error)
        case let error as EncryptionSDKError where error.category == .inputOutput:
            if let system = error.underlyingError as? SystemError { self.init(system) } else { self.init(error, task) }
        case let error as EncryptionSDKError: self.init(error, task)
        default: self.init(reason: "\(error)", exitCode: .unusable, code: "other")
        }
    }

    init(reason: String, details: [String] = [], exitCode: ExitCode, code: String) {
        self.reason = reason
        self.details = details
        self.exitCode = exitCode
        self.code = code
    }

    private init(_ error: SystemError) {
        var reason = error.description
        switch error.number {
        case EEXIST: reason += "; --force replaces it"
        case ELOOP: reason += "; --force follows it"
        case ENOSPC where error.path?.bytes.starts(with: FileDescriptor.temporaryFolder.bytes) == true:
            reason += "; TMPDIR names another folder for what waits to be verified"
        default: break
        }
        self.init(reason: reason, exitCode: .unusable, code: error.number == EPIPE ? Self.brokenPipe : "inputOutput")
        path = error.path
    }

    private static let brokenPipe = "brokenPipe"

    /// Whether the reader of the output went away.
    var isBrokenPipe: Bool { code == Self.brokenPipe }

    private init(_ error: EncryptionSDKError, _ task: FileTask) {
        let isMessageFault = task.readsMessages && !Self.surroundings.contains(error.category)
        var reason = error.reason
        if let place = error.place?.description, !place.isEmpty { reason += " (\(place))" }
        if let advice = Self.advice(for: error.code, task) { reason += "; \(advice)" }
        self.init(
            reason: reason,
            details: Self.details(of: error),
            exitCode: isMessageFault ? .failure : .unusable,
            code: error.code.name
        )
    }

    /// What is not the message's fault.
    private static let surroundings: [EncryptionSDKError.Category] = [
        .service, .credentials, .configuration, .library, .inputOutput,
    ]

    private static func advice(for code: EncryptionSDKError.Code, _ task: FileTask) -> String? {
        switch code {
        case .base64EncodedMessage where task == .decrypt: "--base64 does"
        case .trailingBytes where task == .decrypt: "esdk rescue --as trailing-bytes leaves them out"
        case .commitmentPolicyViolation where task.readsMessages:
            "add --commitment-policy require-encrypt-allow-decrypt if you trust where it comes from"
        case .commitmentPolicyViolation: "--commitment-policy forbid-encrypt-allow-decrypt writes such messages"
        case .tooManyEncryptedDataKeys: "--max-edks sets the limit"
        case .encryptionContextMismatch,
            .missingRequiredEncryptionContext where task.readsMessages:
            "esdk inspect shows the context of the message"
        case .signatureCannotBeVerified: "--signature-not-verified reads it all the same"
        case .truncatedMessage: "the file is cut off"
        case .headerTagMismatch, .bodyTagMismatch, .signatureMismatch: "the message was changed or damaged"
        default: nil
        }
    }

    /// What each key has to say to each encrypted data key.
    private static func details(of error: EncryptionSDKError) -> [String] {
        let most = 12
        var lines: [String] = []
        var subject: String?
        for refusal in error.refusals.prefix(most) {
            var name = "the keys of the message"
            if let index = refusal.encryptedDataKey {
                name = "key \(index + 1) of the message" + (refusal.wrappingKey.map { ", \($0)" } ?? "")
            }
            if name != subject { lines.append("\(name):") }
            subject = name
            lines.append("  \(refusal.keyring): \(refusal.error.reason)")
        }
        if error.refusalCount > lines.count, error.refusalCount > most {
            lines.append("and \(error.refusalCount - most) more; esdk inspect shows the keys of the message")
        }
        return lines
    }
}
