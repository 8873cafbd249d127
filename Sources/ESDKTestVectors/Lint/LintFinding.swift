import ESDKSystem
package import StrictJSON

/// Something that is wrong, odd or worth knowing about a set, without a message having been decrypted.
package struct LintFinding: Sendable {
    /// How much it matters.
    package enum Severity: String, Sendable, CaseIterable, Comparable {
        /// A reader fails on it, or the set says what cannot be.
        case error
        /// It is probably not meant.
        case warning
        /// It is allowed, and worth knowing.
        case note

        package static func < (left: Severity, right: Severity) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// What is found: stable names, each documented in the article *Findings of lint*.
    package enum Code: String, Sendable, CaseIterable {
        // Files.
        case notJSON = "not-json"
        case notAManifest = "not-a-manifest"
        case emptySet = "empty-set"
        case missingKeys = "missing-keys"
        case keysElsewhere = "keys-elsewhere"
        case missingFile = "missing-file"
        case unusedFile = "unused-file"
        case ruleBook = "rule-book"
        // Keys.
        case brokenKey = "broken-key"
        case keySize = "key-size"
        case keyPair = "key-pair"
        case reusedKeyID = "reused-key-id"
        case unusedKey = "unused-key"
        // Descriptions.
        case unknownMember = "unknown-member"
        case needlessMember = "needless-member"
        case brokenTest = "broken-test"
        case unknownSuite = "unknown-suite"
        case unknownPadding = "unknown-padding"
        case unknownKey = "unknown-key"
        case unknownPlaintext = "unknown-plaintext"
        case unusedPlaintext = "unused-plaintext"
        case unusableKey = "unusable-key"
        case refusingMethod = "refusing-method"
        case requiredContext = "required-context"
        case reservedContext = "reserved-context"
        case contextSize = "context-size"
        case unsupported = "unsupported"
        // Messages.
        case notAMessage = "not-a-message"
        case damagedMessage = "damaged-message"
        case noMatchingKey = "no-matching-key"
        case plaintextSize = "plaintext-size"
        case suiteDiffers = "suite-differs"
        case frameLengthDiffers = "frame-length-differs"
        case contextDiffers = "context-differs"
        case duplicateTest = "duplicate-test"
        case contradiction = "contradiction"
        case sameCiphertext = "same-ciphertext"

        /// How much it matters.
        package var severity: Severity {
            switch self {
            case .keysElsewhere, .unusedFile, .reusedKeyID, .unknownMember, .needlessMember, .suiteDiffers,
                .frameLengthDiffers, .contextDiffers:
                .warning
            case .unusedKey, .unusedPlaintext, .unsupported, .sameCiphertext, .duplicateTest: .note
            default: .error
            }
        }
    }

    /// What it is.
    package let code: Code
    /// The file.
    package let path: String
    /// Where in the file; nil for what is said of a whole file.
    package let location: JSONError.Location?
    /// What is wrong, in words.
    package let message: String

    init(_ code: Code, in path: String, at location: JSONError.Location? = nil, _ message: String) {
        self.code = code
        self.path = path
        self.location = location
        self.message = TerminalText.harmless(message)
    }
}

extension LintFinding: CustomStringConvertible {
    /// A line in the form of a compiler's, with the code at its end.
    package var description: String {
        let place = location.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(ManifestText.plain(path))\(place): \(code.severity.rawValue): \(message) [\(code.rawValue)]"
    }
}

/// What was found in all the sets that were looked at.
package struct LintReport: Sendable {
    /// The findings: file by file, from the top of each.
    package let findings: [LintFinding]
    /// How many manifests were looked at.
    package let manifests: Int
    /// How many tests they have.
    package let tests: Int

    /// How many findings there are of a severity.
    package func count(_ severity: LintFinding.Severity) -> Int { findings.count { $0.code.severity == severity } }

    /// Whether something is wrong; warnings count when they are treated as errors.
    package func isFailure(strict: Bool) -> Bool { count(.error) > 0 || strict && count(.warning) > 0 }

    /// A line for each finding that matters at least so much, then the counts.
    package func text(from severity: LintFinding.Severity) -> String {
        let lines = findings.filter { $0.code.severity >= severity }.map { "\($0)\n" }.joined()
        let counts = [(LintFinding.Severity.error, "errors"), (.warning, "warnings"), (.note, "notes")]
            .map { "\(count($0)) \($1)" }.joined(separator: ", ")
        return "\(lines)\(tests) tests in \(manifests) manifests: \(counts)\n"
    }

    /// All findings as JSON.
    package var json: JSONValue {
        [
            "schema": 1,
            "manifests": .integer(Int64(manifests)),
            "tests": .integer(Int64(tests)),
            "errors": .integer(Int64(count(.error))),
            "warnings": .integer(Int64(count(.warning))),
            "notes": .integer(Int64(count(.note))),
            "findings": .array(
                findings.map { finding in
                    var object: JSONObject = ["file": .string(finding.path)]
                    if let location = finding.location {
                        object["line"] = .integer(Int64(location.line))
                        object["column"] = .integer(Int64(location.column))
                    }
                    object["severity"] = .string(finding.code.severity.rawValue)
                    object["code"] = .string(finding.code.rawValue)
                    object["message"] = .string(finding.message)
                    return .object(object)
                }
            ),
        ]
    }
}

// MARK: - Documents with places

/// A JSON file whose parts know where they stand.
struct LintDocument {
    let path: String
    let root: LintNode
    private let lines: JSONLines

    /// Reads a file.
    ///
    /// - Throws: `JSONError` for what is not JSON, `VectorError` for what cannot be read.
    init(path: String) throws {
        let bytes = try RegularFile.read(path, limit: StrictJSON.maximumLength)
        let value = try StrictJSON.parse(bytes, source: path)
        self.path = path
        root = LintNode(value: value, places: JSONPlaces(of: bytes))
        lines = JSONLines(of: bytes)
    }

    func location(of node: LintNode) -> JSONError.Location { lines.location(of: node.place) }
}

/// A part of a document.
struct LintNode {
    let value: JSONValue
    let places: JSONPlaces

    /// Where it stands: a member at its name.
    var place: Int { places.name ?? places.value }

    /// The members of an object, in their order.
    var members: [(name: String, node: LintNode)] {
        zip(value.object?.members ?? [], places.parts).map { ($0.name, LintNode(value: $0.value, places: $1)) }
    }

    /// The elements of an array.
    var elements: [LintNode] { zip(value.array ?? [], places.parts).map { LintNode(value: $0, places: $1) } }

    /// A member that is not null.
    subscript(name: String) -> LintNode? {
        guard let index = value.object?.members.firstIndex(where: { $0.name.hasSameBytes(as: name) }),
            let member = value.object?.members[index].value, !member.isNull
        else { return nil }
        return LintNode(value: member, places: places.parts[index])
    }

    /// The member with the first of these names that is there.
    func member(_ names: String...) -> LintNode? { names.lazy.compactMap { self[$0] }.first }

    /// The first part, from outside in, that is a member of this name.
    func first(_ name: String) -> LintNode? {
        if let own = self[name] { return own }
        let parts = value.array != nil ? elements : members.map(\.node)
        return parts.lazy.compactMap { $0.first(name) }.first
    }
}
