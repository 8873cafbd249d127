package import ESDKCrypto

/// Why an operation of the AWS Encryption SDK was refused or could not be carried out.
///
/// Two errors are equal when their codes are: compare with `error.code == .headerTagMismatch`. The description says what was
/// wrong, where, and what can be done about it; it never contains key bytes or plaintext.
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
            if let field { parts.append("field \(field)") }
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
        let serviceError: AWSServiceError?

        init(
            code: Code,
            reason: String,
            place: Place?,
            refusals: [DataKeyRefusal],
            serviceError: AWSServiceError? = nil
        ) {
            self.serviceError = serviceError
            self.code = code
            self.reason = reason
            self.place = place
            self.refusals = refusals
        }
    }

    private let storage: Storage

    /// Makes an error; keyrings and materials managers written outside this package make theirs here too.
    ///
    /// - Parameters:
    ///   - code: what went wrong, for programs.
    ///   - reason: what went wrong, for people. Never put key bytes or plaintext into it.
    ///   - place: where in the message.
    ///   - refusals: for `noDataKey`, why each encrypted data key was not opened.
    public init(_ code: Code, _ reason: String, at place: Place? = nil, refusals: [DataKeyRefusal] = []) {
        storage = Storage(code: code, reason: reason, place: place, refusals: refusals)
    }

    /// An error that an AWS service caused.
    init(_ code: Code, _ reason: String, service error: AWSServiceError) {
        storage = Storage(code: code, reason: reason, place: nil, refusals: [], serviceError: error)
    }

    /// What went wrong, for programs.
    public var code: Code { storage.code }
    /// What went wrong, for people.
    public var reason: String { storage.reason }
    /// Where in the message, as far as it is known.
    public var place: Place? { storage.place }
    /// Why each encrypted data key was not opened, in the order of the attempts.
    ///
    /// Empty unless the code is `noDataKey`.
    public var refusals: [DataKeyRefusal] { storage.refusals }

    /// The error of the AWS service that is behind this one, with its own error code and request id; nil for every other cause.
    public var serviceError: AWSServiceError? { storage.serviceError }

    /// How many refusals a description spells out: a message may hold 65,535 encrypted data keys.
    private static let describedRefusals = 16

    /// Code, reason, place and the first refusals, in one text.
    ///
    /// When there are many refusals, those of keys that were tried come before those of encrypted data keys that are others'.
    public var description: String {
        var text = "\(code.name): \(reason)"
        if let place, !place.description.isEmpty { text += " (\(place))" }
        var described = refusals[...]
        if refusals.count > Self.describedRefusals {
            let tried = refusals.lazy.filter { $0.error.code != .notForThisKeyring }.prefix(Self.describedRefusals)
            let others = refusals.lazy.filter { $0.error.code == .notForThisKeyring }.prefix(Self.describedRefusals)
            described = (Array(tried) + others).prefix(Self.describedRefusals)
        }
        for refusal in described { text += "\n  - \(refusal)" }
        if refusals.count > Self.describedRefusals {
            text += "\n  - and \(refusals.count - Self.describedRefusals) more"
        }
        return text
    }

    /// Equality of the codes; reason and place do not count.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Hashes the code, in keeping with equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// Why one keyring did not open one encrypted data key.
///
/// None is thrown away: when nothing opens, the error carries them all.
public struct DataKeyRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The position of the encrypted data key in the header, from 0; nil when the keyring failed before it looked at any.
    public let encryptedDataKey: Int?
    /// The keyring that refused, as it describes itself.
    public let keyring: String
    /// Why.
    public let error: EncryptionSDKError

    /// A refusal by `keyring` of the encrypted data key at position `encryptedDataKey`.
    public init(encryptedDataKey: Int?, keyring: String, error: EncryptionSDKError) {
        self.encryptedDataKey = encryptedDataKey
        self.keyring = keyring
        self.error = error
    }

    /// Position, keyring and error in words.
    public var description: String {
        let subject = encryptedDataKey.map { "encrypted data key \($0), " } ?? ""
        return "\(subject)\(keyring): \(error.code.name): \(error.reason)"
    }
}

extension EncryptionSDKError {
    /// A failure of the library where none was to be expected from the input.
    package init(unexpected error: CryptoError, at place: Place? = nil) {
        self.init(.cryptographicLibrary, error.reason, at: place)
    }
}
