/// What a manifest is for.
package enum ManifestKind: Hashable, Sendable {
    /// A list of further manifests (`meta`).
    case meta
    /// Keys (`keys`).
    case keys
    /// What to encrypt (`awses-encrypt`).
    case encrypt
    /// What to encrypt, and how to tamper with it (`awses-decrypt-generate`).
    case decryptGenerate
    /// What to decrypt (`awses-decrypt`).
    case decrypt
    /// Materials to make (`awses-mpl-encrypt`).
    case materialsEncrypt
    /// Materials to recover (`awses-mpl-decrypt`).
    case materialsDecrypt
    /// What to decrypt, in the format of 2018 (`ciphertext`).
    case legacyCiphertext
    /// What to encrypt, in the format of 2018 (`test_case`).
    case legacyTestCase
    /// What came of encrypting, in the format of 2018 (`results`).
    case legacyResults
    /// The commitment known answers, which have no manifest member.
    case commitmentKnownAnswers

    /// The kind that a manifest's `type` names.
    ///
    /// - Parameter type: the text of `type`; the spelling `aws-mpl-…` of the specification counts as `awses-mpl-…`.
    package init?(type: String) {
        switch type {
        case "meta": self = .meta
        case "keys": self = .keys
        case "awses-encrypt": self = .encrypt
        case "awses-decrypt-generate": self = .decryptGenerate
        case "awses-decrypt": self = .decrypt
        case "awses-mpl-encrypt", "aws-mpl-encrypt": self = .materialsEncrypt
        case "awses-mpl-decrypt", "aws-mpl-decrypt": self = .materialsDecrypt
        case "ciphertext": self = .legacyCiphertext
        case "test_case": self = .legacyTestCase
        case "results": self = .legacyResults
        default: return nil
        }
    }

    /// Whether a set can be decrypted from this manifest.
    package var isDecryptable: Bool {
        switch self {
        case .decrypt, .legacyCiphertext, .commitmentKnownAnswers, .meta: true
        default: false
        }
    }

    /// The versions that are known; empty for the kinds without a version.
    package var versions: [Int] {
        switch self {
        case .meta: [1]
        case .keys: [1, 2, 3, 4]
        case .encrypt: [1, 2, 4, 5]
        case .decryptGenerate: [1, 2, 4]
        case .decrypt: [1, 2, 3, 4, 5]
        case .materialsEncrypt, .materialsDecrypt: [4]
        case .legacyCiphertext, .legacyTestCase, .legacyResults, .commitmentKnownAnswers: []
        }
    }
}

extension ManifestKind: CustomStringConvertible {
    /// The kind in words, with its article.
    package var description: String {
        switch self {
        case .meta: "a list of manifests"
        case .keys: "a keys manifest"
        case .encrypt: "an encrypt manifest"
        case .decryptGenerate: "a decrypt-generate manifest"
        case .decrypt: "a decrypt manifest"
        case .materialsEncrypt: "an encrypt manifest of the material providers"
        case .materialsDecrypt: "a decrypt manifest of the material providers, without messages"
        case .legacyCiphertext: "a ciphertext manifest of 2018"
        case .legacyTestCase: "a test-case manifest of 2018"
        case .legacyResults: "a results manifest of 2018"
        case .commitmentKnownAnswers: "a commitment known-answer file"
        }
    }
}
