package import StrictJSON

/// One test of a decrypt set.
///
/// A test that cannot be run stays in the list with the reason, and is reported as failed or skipped; none is dropped.
package struct DecryptTest: Sendable {
    /// The id: opaque, and no name of a file.
    package let id: String

    /// What the manifest says about it; informational.
    package let description: String?

    /// The key description as written, materials managers included; `nil` where it cannot be read.
    package let keys: KeyDescription?

    /// The key description as JSON, for reports; `nil` where the dialect has none.
    package let writtenKeys: WrittenKeys?

    /// The algorithm suite that the manifest states; informational, it may disagree with the message.
    package let declaredSuite: UInt16?

    /// The frame length that the manifest states, in bytes, 0 for non-framed; informational like the suite.
    package let declaredFrameLength: Int?

    /// What to do, or why it cannot be done.
    package let content: Result<DecryptInstructions, VectorError>

    /// A test.
    package init(
        id: String,
        description: String?,
        keys: KeyDescription?,
        writtenKeys: WrittenKeys? = nil,
        declaredSuite: UInt16?,
        declaredFrameLength: Int?,
        content: Result<DecryptInstructions, VectorError>
    ) {
        self.id = id
        self.description = description
        self.keys = keys
        self.writtenKeys = writtenKeys
        self.declaredSuite = declaredSuite
        self.declaredFrameLength = declaredFrameLength
        self.content = content
    }
}

/// A key description as a manifest has it.
package enum WrittenKeys: Sendable {
    /// What tests share.
    case value(JSONValue)
    /// What one test alone has: a text takes a third of the memory.
    case text(String)

    /// A description that is not shared.
    init?(alone value: JSONValue) {
        guard let text = Self.text(of: value) else { return nil }
        self = .text(text)
    }

    /// The text, in one line.
    var text: String? {
        switch self {
        case .value(let value): Self.text(of: value)
        case .text(let text): text
        }
    }

    private static func text(of value: JSONValue) -> String? {
        (try? StrictJSON.serialize(value, pretty: false)).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// What a test asks for.
package struct DecryptInstructions: Sendable {
    /// The message.
    package let ciphertext: VectorResource

    /// The key description as written; see `keyring` and `requiredContextKeys` for its parts.
    package let keys: KeyDescription

    /// Which decrypting interface is to be used.
    package let method: DecryptionMethod

    /// The materials manager that the test's `cmm` names.
    package let cmm: CMMSelection

    /// The encryption context in the test: the `reproduced-encryption-context` or the `encryption-context`.
    ///
    /// Without pairs it says nothing.
    package let encryptionContext: ContextPairs

    /// What must come of it.
    package let expected: ExpectedResult

    /// Instructions.
    package init(
        ciphertext: VectorResource,
        keys: KeyDescription,
        method: DecryptionMethod = .any,
        cmm: CMMSelection = .unspecified,
        encryptionContext: ContextPairs = ContextPairs(),
        expected: ExpectedResult
    ) {
        self.ciphertext = ciphertext
        self.keys = keys
        self.method = method
        self.cmm = cmm
        self.encryptionContext = encryptionContext
        self.expected = expected
    }
}

extension DecryptInstructions {
    /// The keyring, without the materials managers around it.
    package var keyring: KeyDescription { keys.withoutManagers }

    /// The context keys, as UTF-8 bytes, that must be authenticated: those the description lists, and with `cmm` every
    /// key of `encryptionContext`.
    package var requiredContextKeys: [[UInt8]] {
        var required = keys.requiredContextKeys
        if case .requiredEncryptionContext = cmm {
            for pair in encryptionContext.pairs where !required.contains(pair.key) { required.append(pair.key) }
        }
        return required
    }

    /// The context to pass to decryption, whatever the materials manager: pairs that the message stores must then agree with it, and
    /// those that it does not store are authenticated all the same.
    package var suppliedContext: ContextPairs? { encryptionContext.isEmpty ? nil : encryptionContext }
}

/// Which decrypting interfaces a test is for.
package enum DecryptionMethod: Hashable, Sendable {
    /// All that apply.
    case any
    /// Only the streaming one that refuses signed messages before it releases plaintext.
    case streamingUnsignedOnly
}

/// The materials manager that a test's `cmm` member names.
package enum CMMSelection: Hashable, Sendable {
    /// Nothing is said: the default one.
    case unspecified
    /// The default one.
    case `default`
    /// The required-encryption-context one, requiring every key of the test's context.
    case requiredEncryptionContext
}

/// What must come of decrypting.
package enum ExpectedResult: Hashable, Sendable {
    /// It succeeds with these bytes.
    case plaintext(VectorResource)
    /// It is refused; the text, for people, says why.
    case refusal(String?)
}

extension ManifestFields {
    /// The names of the members that encrypt, generate and decrypt tests share.
    enum Choice {
        static let cmm = "cmm"
        static let method = "decryption-method"
    }

    /// The materials manager that `cmm` names.
    ///
    /// - Throws: a problem that skips the test for a name that is not known.
    func cmmSelection() throws(VectorError) -> CMMSelection {
        switch try string(Choice.cmm) {
        case nil: return .unspecified
        case "Default": return .default
        case "RequiredEncryptionContext": return .requiredEncryptionContext
        case let name?: throw .unsupported("materials manager \(ManifestText.quoted(name)) is not known")
        }
    }

    /// The decrypting interface that `decryption-method` names.
    ///
    /// - Throws: a problem that skips the test for a name that is not known.
    func decryptionMethod() throws(VectorError) -> DecryptionMethod {
        switch try string(Choice.method) {
        case nil: return .any
        case "streaming-unsigned-only": return .streamingUnsignedOnly
        case let name?: throw .unsupported("decryption method \(ManifestText.quoted(name)) is not known")
        }
    }
}
