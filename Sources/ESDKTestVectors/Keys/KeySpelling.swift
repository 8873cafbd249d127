package import AWSMaterialProviders
import ESDKCrypto
package import ESDKSystem

/// How a keyring is written on a command line: `raw-aes:namespace=N,name=K,file=PATH`.
///
/// Each kind of keyring has its spelling in its own file; `all` collects them.
package struct KeySpelling: Sendable {
    /// A `NAME=VALUE` of a spelling.
    package struct Member: Sendable {
        /// The word before `=`.
        package let name: String
        /// What the value is, as help shows it: `PATH`.
        package let value: String
        /// Whether a key without it is refused.
        package var isRequired = false
        /// Whether it may have several values: `accounts=1,2`, or the member again.
        package var isList = false
        /// The values that it takes; nil for any.
        package var choices: [String]?
    }

    /// The word before the colon.
    package let kind: String
    /// What it is, in a phrase.
    package let summary: String
    /// What stands first and without a name, if anything does: the ARN of a KMS key.
    package var subject: Member?
    /// The members with names.
    package var members: [Member] = []
    /// Members of which exactly one is needed; empty for none.
    package var alternatives: [String] = []
    /// Other spellings of the same key that are easily confused with one: a message may open under them.
    package var variants: @Sendable (KeyArgument) -> [KeyArgument] = { _ in [] }
    /// Makes the keyring.
    package let keyring: @Sendable (KeyArgument, KeyResources) async throws -> any Keyring

    /// The spelling of every kind that can stand on a command line, in the order of the kinds.
    package static let all = KeyringKinds.standard.all.flatMap { $0.spellings }

    /// The form as help and errors show it, with members that may be left out in brackets.
    package var form: String {
        var pieces = [subject.map(\.value)].compactMap(\.self)
        for member in members {
            let text = "\(member.name)=\(member.value)"
            if alternatives.contains(member.name) {
                guard member.name == alternatives.first else { continue }
                pieces.append(
                    members.filter { alternatives.contains($0.name) }.map { "\($0.name)=\($0.value)" }.joined(
                        separator: "|"
                    )
                )
            } else {
                pieces.append(member.isRequired ? text : "[\(text)]")
            }
        }
        guard let first = pieces.first else { return kind }
        let start = first.hasPrefix("[") ? "\(kind)[:\(first.dropFirst())" : "\(kind):\(first)"
        return pieces.dropFirst().reduce(start) { $0 + ($1.hasPrefix("[") ? "[,\($1.dropFirst())" : ",\($1)") }
    }
}

/// A key as a command line has it, read and checked against the spelling of its kind.
package struct KeyArgument: Sendable {
    /// Its kind's spelling.
    package let spelling: KeySpelling
    private var values: [String: [String]]

    /// Reads a key.
    ///
    /// - Parameter text: what stands after `--key`.
    /// - Throws: what is wrong with it.
    package init(_ text: String) throws(KeyArgumentError) {
        let colon = text.firstIndex(of: ":")
        let kind = String(text[..<(colon ?? text.endIndex)])
        guard let spelling = KeySpelling.all.first(where: { $0.kind == kind }) else {
            throw KeyArgumentError(unknown: kind, "kind of key", among: KeySpelling.all.map(\.kind))
        }
        self.spelling = spelling
        var values: [String: [String]] = [:]
        var open: KeySpelling.Member?
        let rest = colon.map { text[text.index(after: $0)...] } ?? ""
        let pieces = rest.isEmpty ? [] : rest.split(separator: ",", omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            let equals = piece.firstIndex(of: "=")
            let member: KeySpelling.Member
            let value: String
            if index == 0, let subject = spelling.subject,
                equals == nil || !spelling.members.contains(where: { $0.name == piece[..<(equals ?? piece.endIndex)] })
            {
                (member, value) = (subject, String(piece))
            } else if let equals {
                let name = String(piece[..<equals])
                guard let known = spelling.members.first(where: { $0.name == name }) else {
                    throw KeyArgumentError(unknown: name, "member of \(kind)", among: spelling.members.map(\.name))
                }
                (member, value) = (known, String(piece[piece.index(after: equals)...]))
            } else if let list = open {
                (member, value) = (list, String(piece))
            } else {
                throw KeyArgumentError(
                    "'\(piece)' is not NAME=VALUE; \(spelling.form) is needed. Names that contain a comma need --keys and "
                        + "--key-description"
                )
            }
            guard !value.isEmpty else { throw KeyArgumentError("\(kind): \(member.name) is empty") }
            guard member.isList || values[member.name] == nil else {
                throw KeyArgumentError("\(kind): \(member.name) is given twice")
            }
            if let choices = member.choices, !choices.contains(value) {
                throw KeyArgumentError(unknown: value, "\(member.name) of \(kind)", among: choices)
            }
            values[member.name, default: []].append(value)
            open = member.isList ? member : nil
        }
        self.values = values
        for member in [spelling.subject].compactMap(\.self) + spelling.members
        where member.isRequired && values[member.name] == nil {
            throw KeyArgumentError("\(kind): \(member.name) is missing; \(spelling.form) is needed")
        }
        guard spelling.alternatives.isEmpty || spelling.alternatives.filter({ values[$0] != nil }).count == 1 else {
            throw KeyArgumentError("\(kind): one of \(spelling.alternatives.joined(separator: " and ")) is needed")
        }
    }

    /// The value of a member.
    subscript(name: String) -> String? { values[name]?.first }

    /// The values of a member that may have several.
    func list(_ name: String) -> [String] { values[name] ?? [] }

    /// The value of a member that the spelling requires.
    func required(_ name: String) throws(KeyArgumentError) -> String {
        guard let value = self[name] else { throw KeyArgumentError("\(spelling.kind): \(name) is missing") }
        return value
    }

    /// The key with another value of a member.
    func replacing(_ name: String, with value: String) -> KeyArgument {
        var copy = self
        copy.values[name] = [value]
        return copy
    }

    /// The members in which the key differs from another one of its kind: `padding=pkcs1`.
    package func difference(from other: KeyArgument) -> String {
        let names = spelling.members.map(\.name).filter { values[$0] != other.values[$0] }
        return names.map { "\($0)=\(self[$0] ?? "")" }.joined(separator: ",")
    }

    /// Whether a part of the key is read from standard input.
    package var readsStandardInput: Bool { values.contains { spelling.isFile($0.key) && $0.value == ["-"] } }
}

extension KeySpelling {
    fileprivate func isFile(_ name: String) -> Bool {
        members.contains { $0.name == name && $0.value.hasPrefix("PATH") }
    }
}

extension KeySpelling.Member {
    /// A member that must be there.
    static func required(_ name: String, _ value: String, choices: [String]? = nil) -> Self {
        Self(name: name, value: value, isRequired: true, choices: choices)
    }

    /// A member that may be left out.
    static func optional(_ name: String, _ value: String, choices: [String]? = nil) -> Self {
        Self(name: name, value: value, choices: choices)
    }

    /// A member with any number of values.
    static func list(_ name: String, _ value: String) -> Self { Self(name: name, value: value, isList: true) }
}

/// What is wrong with a key on a command line.
///
/// Two errors are equal when they say the same.
package struct KeyArgumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in words that say what to do.
    package let reason: String
    /// A word that is not known, and those that are: one of them may have been meant.
    package let unknown: (word: String, known: [String])?

    init(_ reason: String) {
        self.reason = reason
        unknown = nil
    }

    package init(unknown word: String, _ what: String, among known: [String]) {
        reason = "'\(word)' is not a \(what)"
        unknown = (word, known)
    }

    /// The reason, and the words that are known.
    package var description: String {
        reason + (unknown.map { "; known are \($0.known.joined(separator: ", "))" } ?? "")
    }

    package static func == (left: Self, right: Self) -> Bool { left.description == right.description }

    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

// MARK: - What keys are made of

/// The AWS that keys on a command line are in.
package struct KeyServices: Sendable {
    /// Gives the KMS client of each region.
    package let kms: any KMSClientSupplier
    /// Gives the DynamoDB client of each region; of the configured one for nil.
    package let dynamoDB: @Sendable (_ region: String?) throws -> any DynamoDBClient

    package init(
        kms: any KMSClientSupplier,
        dynamoDB: @escaping @Sendable (_ region: String?) throws -> any DynamoDBClient
    ) {
        self.kms = kms
        self.dynamoDB = dynamoDB
    }
}

/// What keyrings of a command line are made with: files, variables and AWS.
package struct KeyResources: Sendable {
    /// Where relative paths start; nil for the current folder.
    private let folder: SystemPath?
    private let services: @Sendable () async throws -> KeyServices
    private let warn: @Sendable (String) -> Void

    /// Resources.
    ///
    /// - Parameters:
    ///   - folder: where relative paths start; nil for the current folder.
    ///   - services: finds AWS; called for keys that are there only.
    ///   - warn: takes what the user should know about a key.
    package init(
        folder: SystemPath? = nil,
        services: @escaping @Sendable () async throws -> KeyServices,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.folder = folder
        self.services = services
        self.warn = warn
    }

    /// The same, without a word to the user.
    package var silent: KeyResources { KeyResources(folder: folder, services: services) { _ in } }

    /// The same, with relative paths from another folder.
    package func relative(to folder: SystemPath) -> KeyResources {
        KeyResources(folder: folder, services: services, warn: warn)
    }

    /// The AWS services.
    package func aws() async throws -> KeyServices { try await services() }

    /// The KMS client for a key: of the region of its ARN, of the member `region`, or of the configured one.
    func kmsClient(for keyID: String, _ key: KeyArgument) async throws -> any KMSClient {
        try await aws().kms.client(forRegion: try KMSKeyIdentifier(keyID).region ?? key["region"])
    }

    /// The longest key that is read: a PEM file may have notes around the key.
    private static let maximumKeyLength = 1 << 20

    /// What a member's file holds.
    ///
    /// - Parameter isSecret: whether a file that others can read draws a warning.
    fileprivate func read(_ path: String, isSecret: (Span<UInt8>) -> Bool) throws -> SecretBytes {
        if path == "-" {
            var bytes = try FileDescriptor.standardInput.readAll(limit: Self.maximumKeyLength)
            defer { zeroize(&bytes) }
            return SecretBytes(bytes)
        }
        let location = path.hasPrefix("~/") ? home.appending(SystemPath(String(path.dropFirst(2)))) : SystemPath(path)
        let file = try FileDescriptor.reading(folder?.appending(location) ?? location)
        let status = try file.status()
        var bytes = try file.readAll(limit: Self.maximumKeyLength)
        defer { zeroize(&bytes) }
        if status.kind == .regular, status.permissions & 0o066 != 0, isSecret(bytes.span) {
            let mode = String(status.permissions, radix: 8)
            let name = TerminalText.shellWord(path)
            warn("\(SystemPath(path)): other users can access this key (its mode is 0\(mode)): chmod 600 \(name)")
        }
        return SecretBytes(bytes)
    }

    private var home: SystemPath { Environment.path("HOME") ?? "~" }

    /// The AES key of the members `file`, `env` and `format`.
    ///
    /// - Throws: for what is not a key, and what may be one in two ways.
    func aesKey(_ key: KeyArgument) throws -> SecretBytes {
        let source: String
        let bytes: SecretBytes
        if let path = key["file"] {
            source = path == "-" ? "standard input" : SystemPath(path).description
            bytes = try read(path) { _ in true }
        } else {
            let name = try key.required("env")
            source = "the variable \(name)"
            guard let value = Environment.path(name) else {
                throw KeyArgumentError("\(key.spelling.kind): \(source) is not set")
            }
            bytes = SecretBytes(value.bytes)
        }
        return try AESKeyText.read(bytes, format: key["format"].flatMap(AESKeyText.Format.init), source: source)
    }

    /// The key in a member's file, as PEM text or DER bytes.
    func encodedKey(_ name: String, of key: KeyArgument) throws -> EncodedKeyFile? {
        guard let path = key[name] else { return nil }
        let bytes = try read(path) { Self.isPrivate($0) }
        return EncodedKeyFile(bytes: bytes, source: path == "-" ? "standard input" : SystemPath(path).description)
    }

    /// PEM names its content; DER that is not PEM is taken for secret.
    private static func isPrivate(_ bytes: Span<UInt8>) -> Bool {
        guard let text = pemText(bytes) else { return true }
        return text.contains("PRIVATE KEY-----")
    }

    fileprivate static func pemText(_ bytes: Span<UInt8>) -> String? {
        let text = unsafe bytes.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
        return text?.contains("-----BEGIN ") == true ? text : nil
    }
}

/// A file with an asymmetric key.
struct EncodedKeyFile {
    let bytes: SecretBytes
    /// What errors call it.
    let source: String

    /// Whether its PEM label says that the key is private; nil for DER, which has no label.
    var isPrivate: Bool? { KeyResources.pemText(bytes.span).map { $0.contains("PRIVATE KEY-----") } }

    /// The key, of PEM or DER.
    ///
    /// - Throws: what is wrong with it, and where it stands.
    func key<Key>(
        pem: (String) throws(EncryptionSDKError) -> Key,
        der: ([UInt8]) throws(EncryptionSDKError) -> Key
    ) throws(EncryptionSDKError) -> Key {
        do throws(EncryptionSDKError) {
            if let text = KeyResources.pemText(bytes.span) { return try pem(text) }
            var copy = unsafe bytes.span.withUnsafeBufferPointer { unsafe Array($0) }
            defer { zeroize(&copy) }
            return try der(copy)
        } catch {
            throw EncryptionSDKError(error.code, "\(source): \(error.reason)", at: error.place)
        }
    }
}

/// An AES key in a file or a variable: raw bytes, or their hex or Base64 text.
enum AESKeyText {
    enum Format: String, CaseIterable {
        case raw, hex, base64
    }

    private static let lengths = [16, 24, 32]

    /// Reads a key.
    ///
    /// - Parameters:
    ///   - bytes: what the file holds; white space at the end of text does not count.
    ///   - format: how the key is written; nil to tell by what is there.
    ///   - source: what errors call it.
    static func read(_ bytes: SecretBytes, format: Format?, source: String) throws(KeyArgumentError) -> SecretBytes {
        var found = (format.map { [$0] } ?? Format.allCases).compactMap { form in
            key(bytes, form).map { (form: form, key: $0) }
        }
        // Base64 text of nothing but hexadecimal digits is not met.
        if found.contains(where: { $0.form == .hex }) { found.removeAll { $0.form == .base64 } }
        guard found.count < 2 else {
            let forms = found.map { "format=\($0.form.rawValue) (\($0.key.count) bytes)" }.joined(separator: " or ")
            throw KeyArgumentError("\(source) can be read as a key in two ways: add \(forms)")
        }
        guard let key = found.first?.key else {
            let wanted =
                switch format {
                case .raw: "16, 24 or 32 bytes"
                case .hex: "the hex text of 16, 24 or 32 bytes"
                case .base64: "the Base64 text of 16, 24 or 32 bytes"
                case nil: "16, 24 or 32 bytes, or their hex or Base64 text"
                }
            throw KeyArgumentError("\(source) holds \(bytes.count) bytes that are not an AES key: \(wanted) are needed")
        }
        return key
    }

    private static func key(_ bytes: SecretBytes, _ format: Format) -> SecretBytes? {
        var text = bytes.span
        if format != .raw {
            while let last = text.indices.last, [0x20, 0x09, 0x0A, 0x0D].contains(text[last]) {
                text = text.extracting(..<last)
            }
        }
        let key: SecretBytes?
        switch format {
        case .raw: key = bytes
        case .hex:
            var decoded = Hex.decode(text) ?? []
            defer { zeroize(&decoded) }
            key = SecretBytes(decoded)
        case .base64: key = Base64.decodeSecret(text)
        }
        return key.flatMap { lengths.contains($0.count) ? $0 : nil }
    }
}
