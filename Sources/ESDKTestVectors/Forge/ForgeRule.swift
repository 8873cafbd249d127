import AWSMaterialProviders

/// A rule, with the messages that break it or, for a control, that it demands to be read.
struct ForgeRule: Sendable {
    /// The id, as in `Tests/RULES.md`.
    let id: String
    /// What is refused, or read.
    let text: String
    /// The statements of the specification, as in `scripts/specification/rules.tsv`.
    let specification: [String]
    let cases: [ForgeCase]

    init(_ id: String, _ text: String, in specification: String..., cases: [ForgeCase]) {
        self.id = id
        self.text = text
        self.specification = specification
        self.cases = cases
    }
}

/// One way to break a rule.
struct ForgeCase: Sendable {
    typealias Edit = @Sendable (inout Forgery) throws -> Void

    /// Tells the cases of a rule apart in test ids; empty for the only one.
    let name: String
    /// What was done, as a sentence.
    let done: String
    /// What it is done to.
    let variants: [ForgeVariant]
    let level: RuleBook.Level
    /// How it is refused; nil for a message that must open.
    let refusal: Refusal?
    let flags: [ForgeFlag]
    /// What its twin has too; without it the twin is the plain message of the variant.
    let base: Edit?
    /// The fault.
    let edit: Edit

    /// How a message is refused.
    struct Refusal: Sendable {
        let stage: RuleBook.Stage
        let code: EncryptionSDKError.Code
        let release: Release
    }

    /// What a stream releases before it refuses a message.
    enum Release: Sendable {
        case nothing
        /// This many frames.
        case frames(Int)
        /// All but the last frame.
        case beforeLast
        case all
    }

    /// A message that must be refused.
    ///
    /// Unless `release` says otherwise, nothing has been released at the stages before the body, all but the last frame at the
    /// signature, and everything at the end.
    static func refused(
        _ name: String = "",
        _ done: String,
        on variants: [ForgeVariant] = .all,
        _ stage: RuleBook.Stage,
        _ code: EncryptionSDKError.Code,
        release: Release? = nil,
        level: RuleBook.Level = .must,
        flags: [ForgeFlag] = [],
        base: Edit? = nil,
        _ edit: @escaping Edit
    ) -> ForgeCase {
        let usual: Release =
            switch stage {
            case .signature: .beforeLast
            case .end: .all
            default: .nothing
            }
        return ForgeCase(
            name: name,
            done: done,
            variants: variants,
            level: level,
            refusal: Refusal(stage: stage, code: code, release: release ?? usual),
            flags: flags,
            base: base,
            edit: edit
        )
    }

    /// A message that must open.
    static func opens(
        _ name: String = "",
        _ done: String,
        on variants: [ForgeVariant] = .all,
        flags: [ForgeFlag] = [],
        _ edit: @escaping Edit
    ) -> ForgeCase {
        ForgeCase(
            name: name,
            done: done,
            variants: variants,
            level: .must,
            refusal: nil,
            flags: flags,
            base: nil,
            edit: edit
        )
    }
}

/// What is to be known about a test besides its rule.
enum ForgeFlag: String, Sendable, CaseIterable {
    case sealedAgain = "sealed-again"
    case signedAgain = "signed-again"
    case altered
    case wrappedAgain = "wrapped-again"
    case control
    case legacy = "legacy-writer"
    case large

    var meaning: String {
        switch self {
        case .sealedAgain:
            "Every tag was made over the bytes as they stand, with the right key. Only the rule's own check can refuse the message; "
                + "an implementation without it releases what the holder of a data key, or a faulty writer, made."
        case .signedAgain: "The signature was made over the bytes as they stand: it does not tell either."
        case .altered:
            "The bytes were altered after sealing, which takes no key. A tag or a signature may refuse the message first."
        case .wrappedAgain:
            "An encrypted data key is at fault, and the header's tag was made over it: only the keyring can refuse it."
        case .control: "The message is legal and must open: a reader that refuses it is too strict."
        case .legacy: "Some implementation once wrote this form, and others read it."
        case .large: "The message has more than 32,000 bytes."
        }
    }
}

/// Every rule that has messages; a new one is a few lines in the file of its subject.
enum ForgeRules {
    static let all: [ForgeRule] = headerRules + bodyRules + signatureRules + keyRules
}
