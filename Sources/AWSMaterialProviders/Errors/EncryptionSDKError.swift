package import ESDKCrypto
package import ESDKSystem

/// Why an operation of the AWS Encryption SDK was refused or could not be carried out: the one error type of this package.
///
/// Two errors are equal when their codes are: compare with `error.code == .headerTagMismatch`. What to do about it, the category
/// says:
///
/// ```swift
/// do {
///     return try await client.decrypt(message, using: keyring).plaintext
/// } catch let error as EncryptionSDKError where error.isRetryable {
///     return try await later()  // a key service did not answer
/// } catch let error as EncryptionSDKError where error.category == .noDataKey {
///     for refusal in error.refusals { print(refusal) }  // the message is for other keys
///     throw error
/// }
/// ```
///
/// The description says what was wrong, where, and what can be done about it; it never contains key bytes or plaintext.
public struct EncryptionSDKError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The place in a message that an error is about.
    ///
    /// Every part that is not known is nil.
    public struct Place: Hashable, Sendable, CustomStringConvertible {
        /// Bytes from the start of the message.
        public var offset: UInt64?
        /// The field of the message format, in the specification's words.
        public var field: String?
        /// The sequence number that the frame should have, from 1.
        public var frame: UInt32?
        /// The position of the encrypted data key in the header, from 0.
        public var encryptedDataKey: Int?

        /// A place of which any part may be unknown.
        public init(offset: UInt64? = nil, field: String? = nil, frame: UInt32? = nil, encryptedDataKey: Int? = nil) {
            self.offset = offset
            self.field = field
            self.frame = frame
            self.encryptedDataKey = encryptedDataKey
        }

        /// The known parts in words, such as `offset 20, field AAD length`.
        public var description: String {
            var parts: [String] = []
            if let offset { parts.append("offset \(offset)") }
            if let field { parts.append("field \(TerminalText.harmless(field))") }
            if let frame { parts.append("frame \(frame)") }
            if let encryptedDataKey { parts.append("encrypted data key \(encryptedDataKey)") }
            return parts.joined(separator: ", ")
        }
    }

    /// The fields lie behind one reference: errors cross many typed `throws` on the way up, and should be cheap to hand on.
    private final class Storage: Sendable {
        let code: Code
        let reason: String
        let place: Place?
        let refusals: [DataKeyRefusal]
        let refusalCount: Int
        let underlyingError: (any Error)?

        init(
            code: Code,
            reason: String,
            place: Place?,
            refusals: [DataKeyRefusal],
            refusalCount: Int,
            underlyingError: (any Error)?
        ) {
            self.code = code
            // Whatever a message, a service or a program put into it: it is to be shown on a terminal.
            self.reason = TerminalText.harmless(reason)
            self.place = place
            self.refusals = refusals
            self.refusalCount = refusalCount
            self.underlyingError = underlyingError
        }
    }

    private let storage: Storage

    /// Makes an error; keyrings and materials managers written outside this package make theirs here too.
    ///
    /// - Parameters:
    ///   - code: what went wrong, for programs.
    ///   - reason: what went wrong and what to do about it, for people. Never put key bytes or plaintext into it. Control
    ///     characters in it are shown as escapes.
    ///   - place: where in the message.
    ///   - underlyingError: the error of another library that is behind this one.
    public init(
        _ code: Code,
        _ reason: String,
        at place: Place? = nil,
        underlyingError: (any Error)? = nil
    ) {
        storage = Storage(
            code: code,
            reason: reason,
            place: place,
            refusals: [],
            refusalCount: 0,
            underlyingError: underlyingError
        )
    }

    /// Makes the error for a message of which no encrypted data key was opened.
    ///
    /// Its code is `noDataKey`. Where a keyring could not ask its key service at all, it is unknown whether the message can be
    /// opened: the error then has the code, and so the category, of that refusal.
    ///
    /// - Parameters:
    ///   - reason: what did not open them.
    ///   - refusals: why, for each attempt, in any order.
    public init(nothingOpened reason: String, refusals: [DataKeyRefusal]) {
        self.init(nothingOpened: reason, refusals: refusals, count: refusals.count)
    }

    init(nothingOpened reason: String, refusals: [DataKeyRefusal], count: Int) {
        let obstacles: [Category] = [.service, .credentials, .configuration]
        let obstacle = obstacles.lazy
            .compactMap { category in refusals.first { $0.error.category == category } }
            .first?.error
        var reason = reason
        if obstacle != nil { reason += ", and at least one could not be tried" }
        storage = Storage(
            code: obstacle?.code ?? .noDataKey,
            reason: reason,
            place: nil,
            refusals: refusals.filter(\.isOfTriedKey) + refusals.filter { !$0.isOfTriedKey },
            refusalCount: count,
            underlyingError: obstacle?.underlyingError
        )
    }

    /// What went wrong, for programs.
    public var code: Code { storage.code }
    /// The kind of failure, which tells what can be done about it.
    public var category: Category { code.category }
    /// What went wrong, for people.
    public var reason: String { storage.reason }
    /// Where in the message, as far as it is known.
    public var place: Place? { storage.place }

    /// Why the encrypted data keys were not opened; empty unless nothing opened.
    ///
    /// Refusals of keys that were tried come before those of encrypted data keys that other keyrings wrapped, each in the order of
    /// the attempts. Of many refusals with one code only the first are kept, see ``refusalCount``.
    public var refusals: [DataKeyRefusal] { storage.refusals }

    /// How many refusals there were, those that ``refusals`` leaves out included.
    public var refusalCount: Int { storage.refusalCount }

    /// The error of a service client, a custom keyring or the operating system that is behind this one.
    public var underlyingError: (any Error)? { storage.underlyingError }

    /// The operating system's number for what went wrong, such as `ENOENT`; nil for every other cause.
    public var errno: Int32? { (underlyingError as? SystemError)?.number }

    /// Whether the same call may succeed later although nothing is changed: a key service did not answer, or was busy.
    public var isRetryable: Bool { category == .service }

    /// How many refusals a description spells out: a message may hold 65,535 encrypted data keys.
    private static let describedRefusals = 16

    /// Code, reason, place and the first refusals, in one text.
    public var description: String {
        var text = "\(code.name): \(reason)"
        if let place, !place.description.isEmpty { text += " (\(place))" }
        for refusal in refusals.prefix(Self.describedRefusals) { text += "\n  - \(refusal)" }
        if refusalCount > Self.describedRefusals {
            text += "\n  - and \(refusalCount - Self.describedRefusals) more"
        }
        return text
    }

    /// Equality of the codes; reason and place do not count.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Hashes the code, in keeping with equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

// MARK: - Made of other errors

extension EncryptionSDKError {
    /// A failure of the library where none was to be expected from the input.
    package init(unexpected error: CryptoError, at place: Place? = nil) {
        self.init(.cryptographicLibrary, error.reason, at: place)
    }

    /// What a custom keyring or key store threw that is not an error of this package.
    package init(keyringFailure error: any Error) {
        self.init(.keyringFailure, "\(error)", underlyingError: error)
    }

    /// A file that cannot be read or written, or another refusal of the operating system.
    package init(_ error: SystemError) {
        self.init(.inputOutput, error.description, underlyingError: error)
    }
}
