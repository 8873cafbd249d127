package import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

// spec: README/summary, encryption-context/standard-encryption-contexts-constraints
// spec: esdk-test-vector-enumeration/representative-frame-sizes, esdk-test-vector-enumeration/framed-data
// spec: esdk-test-vector-enumeration/non-framed-data, test-vector-enumeration/input-configuration
// spec: test-vector-enumeration/input-dimensions
/// What a complete set has: the values of each axis, and what is left out of their combinations.
///
/// Suites, keyrings and frame lengths are combined in full; plaintext lengths, contexts and what of them a reader supplies meet each
/// value of every other axis at least once.
package struct TestMatrix: Sendable {
    /// A keyring, as it encrypts and decrypts.
    package struct Keyring: Sendable {
        package let name: String
        let encrypt: JSONValue
        let decrypt: JSONValue
        let description: KeyDescription
        /// The pairs that every context has, because the keyring's materials manager requires them.
        let requiredPairs: [(key: String, value: String)]
        /// The contexts that every suite has with it, and not only some.
        let fullContexts: [String]
    }

    /// A shape of the encryption context.
    package struct Context: Sendable {
        package let name: String
        fileprivate let pairs: [(key: String, value: String)]
        /// How many further pairs there are, `key-1` and so on.
        fileprivate let numbered: Int
        /// The length that one further value fills the context up to, in bytes as it is serialized; 0 for no such value.
        fileprivate let filledTo: Int
        /// Whether it is large, and stands only where it meets another value for the first time.
        let isCostly: Bool
    }

    /// A plaintext's length, which may depend on that of a frame.
    struct Length: Sendable {
        let name: String
        fileprivate let factor: Int
        fileprivate let offset: Int

        /// The length in bytes; nil where it would be negative.
        func bytes(frameLength: Int) -> Int? {
            let length = factor * frameLength + offset
            return length >= 0 ? length : nil
        }
    }

    /// How much of the context a reader supplies.
    enum Reproduced: String, Sendable, CaseIterable {
        case none, some, all
    }

    /// Combinations that are not tested, and why.
    package struct Exception: Sendable {
        let what: String?
        let reason: String
        fileprivate let keyrings: [String]?
        fileprivate let suites: Set<UInt16>?
        fileprivate let contexts: Set<String>?
        fileprivate let frameLengths: Set<Int>?
    }

    /// The most tests that are made of it.
    let limit: Int
    package let suites: [AlgorithmSuite]
    package let keyrings: [Keyring]
    package let frameLengths: [Int]
    package let contexts: [Context]
    package let exceptions: [Exception]
    let framedLengths: [Length]
    let unframedLengths: [Length]
    let keys: KeyTable
    let keySource: JSONObject
    /// The files that it was read from.
    package let paths: [String]
    /// What materials are made with, without messages; nil where they are not asked for.
    let materials: (suites: [AlgorithmSuite], keyring: Keyring)?

    /// Reads a matrix.
    ///
    /// - Throws: `VectorError` for a file that cannot be read or has other members.
    package static func read(_ path: String) throws(VectorError) -> TestMatrix {
        do {
            let value = try StrictJSON.parse(try RegularFile.read(path, limit: 1 << 24), source: path)
            return try TestMatrix(ManifestFields(value, "the matrix"), path: path)
        } catch let error as JSONError {
            throw VectorError(.notJSON, path: path, reason: "not JSON: line \(error.line): \(error.reason)")
        } catch let error as VectorError {
            throw error.path == nil ? VectorError(.malformed, path: path, reason: error.reason) : error
        } catch {
            throw VectorError(.unreadable, path: path, reason: "\(error)")
        }
    }

    private init(_ fields: ManifestFields, path: String) throws(VectorError) {
        guard try fields.count("schema") == 1 else { throw .broken("\(fields.what) does not have schema 1") }
        limit = try fields.count("limit") ?? 6000
        let folder = VectorFolder(ManifestFile.folderPath(of: path))
        let keysPath = try folder.path(of: try fields.requiredURI("keys"))
        guard let entries = try ManifestFile(path: keysPath).members("keys").object as JSONObject? else {
            throw fields.missing("keys")
        }
        let keys = KeyTable(
            declaredVersion: nil,
            entries: entries.members.map { KeyEntryReader.read(name: $0.name, $0.value) },
            path: keysPath
        )
        self.keys = keys
        keySource = entries
        paths = [path, keysPath]
        suites = try Self.list(fields, "suites").map { value throws(VectorError) in try Self.suite(value) }
        frameLengths = try Self.list(fields, "frame-lengths").map { value throws(VectorError) in
            guard let length = value.integer.flatMap(UInt32.init(exactly:)) else {
                throw .broken("member \"frame-lengths\" of \(fields.what) holds \(value.kind), not only lengths")
            }
            return Int(length)
        }
        let lengths = try Self.object(fields, "plaintexts")
        framedLengths = try Self.list(lengths, "framed").map { value throws(VectorError) in try Length(value) }
        unframedLengths = try Self.list(lengths, "unframed").map { value throws(VectorError) in try Length(value) }
        contexts = try Self.object(fields, "contexts").object.members.map { member throws(VectorError) in
            try Context(member.name, ManifestFields(member.value, "context \(ManifestText.quoted(member.name))"))
        }
        keyrings = try Self.object(fields, "keyrings").object.members.map { member throws(VectorError) in
            let name = ManifestText.quoted(member.name)
            return try Keyring(member.name, ManifestFields(member.value, "keyring \(name)"), keys: keys)
        }
        if let fields = try fields.fields("materials") {
            let name = try fields.requiredString("keyring")
            guard let keyring = keyrings.first(where: { $0.name == name }) else {
                throw .broken("\(fields.what): there is no keyring \(ManifestText.quoted(name))")
            }
            let suites = try Self.list(fields, "suites").map { value throws(VectorError) in try Self.suite(value) }
            materials = (suites, keyring)
        } else {
            materials = nil
        }
        exceptions = try (fields.array("left-out") ?? []).map { value throws(VectorError) in
            try Exception(ManifestFields(value, "an entry of \"left-out\""))
        }
    }

    private static func list(_ fields: ManifestFields, _ name: String) throws(VectorError) -> [JSONValue] {
        guard let list = try fields.array(name), !list.isEmpty else { throw fields.missing(name) }
        return list
    }

    private static func object(_ fields: ManifestFields, _ name: String) throws(VectorError) -> ManifestFields {
        guard let object = try fields.fields(name) else { throw fields.missing(name) }
        return object
    }

    fileprivate static func suite(_ value: JSONValue) throws(VectorError) -> AlgorithmSuite {
        guard let id = try ManifestFields(JSONValue.object(["suite": value]), "the matrix").suite("suite") else {
            throw .broken("a suite is \(value.kind)")
        }
        do throws(EncryptionSDKError) { return try AlgorithmSuite(id: id) } catch { throw .broken(error.reason) }
    }

    // MARK: What is tested

    /// The lengths of plaintexts that are tried with a frame length.
    func lengths(frameLength: Int) -> [Length] { frameLength == 0 ? unframedLengths : framedLengths }

    /// Why a combination is left out; nil for one that is tested.
    ///
    /// - Parameter context: nil asks whether that is so whatever the context.
    func exception(_ suite: AlgorithmSuite, _ keyring: Keyring, _ frameLength: Int, _ context: Context?) -> Int? {
        exceptions.firstIndex { exception in
            exception.what == nil
                && exception.suites?.contains(suite.id) ?? true
                && exception.frameLengths?.contains(frameLength) ?? true
                && exception.keyrings?.contains { Self.matches(keyring.name, $0) } ?? true
                && (exception.contexts.map { names in context.map { names.contains($0.name) } ?? false } ?? true)
        }
    }

    /// Whether a name is a pattern, or begins with what stands before its asterisk.
    private static func matches(_ name: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }
}

extension TestMatrix.Length {
    /// Reads `0`, `513`, `frame`, `frame-1`, `2*frame`, `5*frame+3`.
    fileprivate init(_ value: JSONValue) throws(VectorError) {
        guard let text = value.string,
            let match = text.wholeMatch(of: /(?:(?:(\d{1,4})\*)?(frame)([+-]\d{1,9})?|(\d{1,9}))/)
        else {
            throw .broken("a length is a number of bytes, or such as \"2*frame-1\", not \(value.string ?? value.kind)")
        }
        name = text
        if let plain = match.4 {
            (factor, offset) = (0, Int(plain) ?? 0)
        } else {
            (factor, offset) = (match.1.flatMap { Int($0) } ?? 1, match.3.flatMap { Int($0) } ?? 0)
        }
    }
}

extension TestMatrix.Keyring {
    fileprivate init(_ name: String, _ fields: ManifestFields, keys: KeyTable) throws(VectorError) {
        guard let encrypt = fields.value("encrypt") else { throw fields.missing("encrypt") }
        self.name = name
        self.encrypt = encrypt
        decrypt = fields.value("decrypt") ?? encrypt
        for value in [encrypt, decrypt] {
            try KeyringKinds.standard.read(value, "a description of \(fields.what)").check(keys: keys)
        }
        description = try KeyringKinds.standard.read(decrypt, fields.what)
        requiredPairs = try TestMatrix.Context.pairs(fields, "required")
        fullContexts = try fields.strings("contexts-in-full") ?? []
        let required = try KeyringKinds.standard.read(encrypt, fields.what).requiredContextKeys
        guard required.allSatisfy({ key in requiredPairs.contains { $0.key.utf8.elementsEqual(key) } }) else {
            throw .broken("member \"required\" of \(fields.what) lacks a key that its materials manager requires")
        }
    }
}

extension TestMatrix.Context {
    fileprivate init(_ name: String, _ fields: ManifestFields) throws(VectorError) {
        self.name = name
        pairs = try Self.pairs(fields, "pairs")
        numbered = try fields.count("numbered") ?? 0
        filledTo = try fields.count("filled-to") ?? 0
        isCostly = try fields.bool("costly") ?? false
        guard filledTo <= Int(UInt16.max), numbered <= Int(UInt16.max) else {
            throw .broken("\(fields.what) has more than 65535 bytes")
        }
    }

    fileprivate static func pairs(_ fields: ManifestFields, _ name: String) throws(VectorError) -> [(String, String)] {
        let context = try fields.context(name) ?? ContextPairs()
        return context.pairs.map {
            (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
        }
    }

    /// The pairs of a test, sorted by the bytes of their keys.
    ///
    /// A context that is filled up leaves room for the public key that a signed suite adds.
    func pairs(suite: AlgorithmSuite, with required: [(key: String, value: String)]) -> [(key: String, value: String)] {
        var all = required + pairs.filter { pair in !required.contains { $0.key.hasSameBytes(as: pair.key) } }
        all += (1...max(1, numbered)).prefix(numbered).map { ("key-\($0)", "value \($0)") }
        let added = suite.signature.map { signature in
            4 + EncryptionContext.publicKeyName.utf8.count + (signature.curve.compressedPointLength + 2) / 3 * 4
        }
        let length = all.reduce(2 + (added ?? 0)) { $0 + 4 + $1.key.utf8.count + $1.value.utf8.count }
        let filling = "filling"
        let room = filledTo - length - 4 - filling.utf8.count
        if room > 0 { all.append((filling, String(repeating: "x", count: room))) }
        return all.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension TestMatrix.Exception {
    /// What is left out, in words.
    var summary: String {
        if let what { return what }
        let parts: [String?] = [
            keyrings.map { $0.joined(separator: ", ") },
            suites.map { "suites " + $0.sorted().map(AlgorithmSuite.text(ofID:)).joined(separator: ", ") },
            frameLengths.map { "frame lengths " + $0.sorted().map(String.init).joined(separator: ", ") },
            contexts.map { "contexts " + $0.sorted().joined(separator: ", ") },
        ]
        return parts.compactMap(\.self).joined(separator: ", with ")
    }

    fileprivate init(_ fields: ManifestFields) throws(VectorError) {
        reason = try fields.requiredString("reason")
        what = try fields.string("what")
        keyrings = try fields.strings("keyrings")
        contexts = try fields.strings("contexts").map(Set.init)
        suites = try fields.array("suites").map { list throws(VectorError) in
            Set(try list.map { value throws(VectorError) in try TestMatrix.suite(value).id })
        }
        frameLengths = try fields.array("frame-lengths").map { list in
            Set(list.compactMap { $0.integer.map { Int(clamping: $0) } })
        }
        guard what != nil || keyrings != nil || suites != nil || contexts != nil || frameLengths != nil else {
            throw .broken("\(fields.what) leaves out everything")
        }
    }
}
