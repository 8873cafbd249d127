import ESDKSystem
import StrictJSON

/// A set of decrypt vectors in memory, whichever manifest it came from.
package struct VectorSet: Sendable {
    /// The set's path as the user gave it; a set found one level down adds its folder's name.
    package let path: String

    /// The path of the entry manifest.
    package let manifestPath: String

    /// What the entry manifest is.
    package let header: ManifestHeader

    /// Who wrote the set.
    package let producer: Producer

    /// The folder that URIs are relative to and must not leave.
    package let folder: VectorFolder

    /// The keys.
    package let keys: KeyTable

    /// The tests in the order of the file, those that cannot be run included.
    package let decryptTests: [DecryptTest]

    /// Oddities that were tolerated, each once.
    package let diagnostics: [ManifestDiagnostic]

    /// A set.
    package init(
        path: String,
        manifestPath: String,
        header: ManifestHeader,
        producer: Producer,
        folder: VectorFolder,
        keys: KeyTable,
        decryptTests: [DecryptTest],
        diagnostics: [ManifestDiagnostic]
    ) {
        self.path = path
        self.manifestPath = manifestPath
        self.header = header
        self.producer = producer
        self.folder = folder
        self.keys = keys
        self.decryptTests = decryptTests
        self.diagnostics = diagnostics
    }

    /// The paths of the files that the set is made of, whether or not they are there.
    var files: some Sequence<SystemPath> {
        let root = SystemPath(folder.path)
        let named = decryptTests.lazy.flatMap { test -> [SystemPath] in
            guard case .success(let instructions) = test.content else { return [] }
            var resources = [instructions.ciphertext]
            if case .plaintext(let plaintext) = instructions.expected { resources.append(plaintext) }
            return resources.compactMap { resource in
                guard case .file(let uri) = resource else { return nil }
                return root.appending(SystemPath(uri.relativePath))
            }
        }
        return [[SystemPath(manifestPath)], keys.path.map { [SystemPath($0)] } ?? []].joined() + Array(named)
    }
}

/// What a manifest says about itself.
package struct ManifestHeader: Hashable, Sendable {
    /// What it is for.
    package let kind: ManifestKind

    /// The text of its `type`; `nil` for a known-answer file.
    package let type: String?

    /// Its `version`; `nil` for the format of 2018 and for a known-answer file.
    package let version: Int?

    /// A header.
    package init(kind: ManifestKind, type: String?, version: Int?) {
        self.kind = kind
        self.type = type
        self.version = version
    }
}

extension ManifestHeader: CustomStringConvertible {
    /// The type and version in short: `awses-decrypt v5`.
    package var description: String {
        switch (type, version) {
        case (let type?, let version?): "\(type) v\(version)"
        case (let type?, nil): type
        case (nil, _): "no manifest"
        }
    }
}

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

/// The implementation that wrote a set, from the manifest's `client`.
package struct Producer: Hashable, Sendable {
    /// Its name.
    package let name: String?

    /// Its version.
    package let version: String?

    /// A producer.
    package init(name: String?, version: String?) {
        self.name = name
        self.version = version
    }
}

extension Producer: CustomStringConvertible {
    /// Name and version; `unknown` where neither is given.
    package var description: String {
        let parts = [name, version].compactMap(\.self)
        return parts.isEmpty ? "unknown" : parts.joined(separator: " ")
    }
}

/// An oddity in a manifest that was tolerated.
package struct ManifestDiagnostic: Hashable, Sendable {
    /// What was met, in words.
    package let text: String

    /// Where it was met first: a test id or key name; `nil` for the manifest itself.
    package let firstPlace: String?

    /// How often it was met.
    package var count: Int
}

extension ManifestDiagnostic: CustomStringConvertible {
    /// The oddity as one line.
    package var description: String {
        let place = firstPlace.map { " (\(count == 1 ? "in" : "first in") \($0))" } ?? ""
        return count == 1 ? text + place : "\(text), \(count) times\(place)"
    }
}

/// Collects the oddities of one set, each once.
struct DiagnosticLog {
    /// What was met, in the order of first meeting.
    private(set) var diagnostics: [ManifestDiagnostic] = []

    private var places: [JSONName: Int] = [:]

    /// Notes an oddity.
    ///
    /// - Parameters:
    ///   - text: what was met, without the place.
    ///   - place: a test id or key name; `nil` for the manifest itself.
    mutating func note(_ text: String, at place: String? = nil) {
        if let index = places[JSONName(text)] {
            diagnostics[index].count += 1
        } else {
            places[JSONName(text)] = diagnostics.count
            diagnostics.append(ManifestDiagnostic(text: text, firstPlace: place, count: 1))
        }
    }

    /// Notes the members of an object that are not among those known.
    ///
    /// - Parameters:
    ///   - fields: the object.
    ///   - known: the names that have a meaning there.
    ///   - place: a test id or key name; `nil` for the manifest itself.
    mutating func noteUnknownMembers(of fields: ManifestFields, known: Set<String>, at place: String? = nil) {
        for member in fields.object.members where !known.contains(member.name) {
            note("member \(ManifestText.quoted(member.name)) of \(fields.what) is not known and ignored", at: place)
        }
    }
}
