import ESDKSystem

/// Why one keyring did not open one encrypted data key.
///
/// None is thrown away silently: when nothing opens, the error carries them, and the number of those that it does not spell out.
public struct DataKeyRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The position of the encrypted data key in the header, from 0; nil when the keyring failed before it looked at any.
    public let encryptedDataKey: Int?
    /// The key that wrapped it, as the message names it: key namespace and key name, or an ARN; nil when it is not known.
    public let wrappingKey: String?
    /// The keyring that refused, as it describes itself.
    public let keyring: String
    /// Why.
    public let error: EncryptionSDKError

    /// A refusal of an encrypted data key.
    ///
    /// - Parameters:
    ///   - encryptedDataKey: its position in the header, from 0.
    ///   - wrappingKey: the key that the message says it was wrapped with.
    ///   - keyring: the keyring that refused, as it describes itself.
    ///   - error: why.
    public init(encryptedDataKey: Int?, wrappingKey: String? = nil, keyring: String, error: EncryptionSDKError) {
        self.encryptedDataKey = encryptedDataKey
        self.wrappingKey = wrappingKey.map(TerminalText.harmless)
        self.keyring = TerminalText.harmless(keyring)
        self.error = error
    }

    /// Whether the keyring tried to open it, rather than leaving it to other keyrings.
    public var isOfTriedKey: Bool { error.code != .notForThisKeyring }

    /// Position, the message's key, keyring and error in words.
    public var description: String {
        var subject = ""
        if let encryptedDataKey {
            subject = "encrypted data key \(encryptedDataKey)"
            if let wrappingKey { subject += " (\(wrappingKey))" }
            subject += ", "
        }
        return "\(subject)\(keyring): \(error.code.name): \(error.reason)"
    }
}

/// The refusals of one attempt to open a message, in bounded memory.
///
/// A message may hold 65,535 encrypted data keys and be tried by many keyrings. Of each code the first refusals are kept in full;
/// the others are counted.
package struct DataKeyRefusals {
    private static let keptOfEachCode = 32
    /// Codes are open: a keyring could make a new one for each encrypted data key.
    private static let kept = 512

    private var refusals: [DataKeyRefusal] = []
    private var countsByCode: [EncryptionSDKError.Code: Int] = [:]
    private var count = 0

    /// No refusals.
    package init() {}

    /// Adds a refusal, which is made only if it is kept.
    package mutating func add(
        _ error: EncryptionSDKError,
        of encryptedDataKey: Int?,
        wrappedBy wrappingKey: @autoclosure () -> String? = nil,
        by keyring: String
    ) {
        guard isKept(error.code) else { return }
        refusals.append(
            DataKeyRefusal(
                encryptedDataKey: encryptedDataKey,
                wrappingKey: wrappingKey(),
                keyring: keyring,
                error: error
            )
        )
    }

    /// Adds what a keyring threw: its refusals one by one where it has any.
    package mutating func add(_ error: EncryptionSDKError, by keyring: String) {
        guard !error.refusals.isEmpty else { return add(error, of: nil, by: keyring) }
        for refusal in error.refusals where isKept(refusal.error.code) { refusals.append(refusal) }
        count += error.refusalCount - error.refusals.count
    }

    private mutating func isKept(_ code: EncryptionSDKError.Code) -> Bool {
        count += 1
        guard refusals.count < Self.kept, countsByCode[code, default: 0] < Self.keptOfEachCode else { return false }
        countsByCode[code, default: 0] += 1
        return true
    }

    /// The error for a message of which nothing was opened.
    package func error(_ reason: String) -> EncryptionSDKError {
        EncryptionSDKError(nothingOpened: reason, refusals: refusals, count: count)
    }
}
