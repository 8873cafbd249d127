import ESDKCrypto
import StrictJSON

/// The entries of a keys manifest in their order, found by name; names are told apart by their UTF-8 bytes.
package struct KeyTable: Sendable {
    /// The version that the keys manifest states; it says little about the shape of its entries.
    package let declaredVersion: Int?

    /// The entries.
    package let entries: [KeyEntry]

    /// The path of the keys manifest; nil for keys that stand in another file.
    package let path: String?

    private let places: [JSONName: Int]

    /// A table; of entries with one name the first counts.
    package init(declaredVersion: Int?, entries: [KeyEntry], path: String? = nil) {
        self.declaredVersion = declaredVersion
        self.path = path
        self.entries = entries
        places = Dictionary(
            entries.enumerated().map { (JSONName($0.element.name), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The entry of this name, which is not its `key-id`.
    package subscript(name: String) -> KeyEntry? {
        places[JSONName(name)].map { entries[$0] }
    }
}

/// One key of a keys manifest.
package struct KeyEntry: Sendable {
    /// The name by which key descriptions refer to it.
    package let name: String

    /// The `key-id`: what a raw keyring has as key name, what a KMS keyring is configured with.
    ///
    /// It is not checked on loading: negative tests have malformed ones.
    package let keyID: String

    /// Whether the manifest says that the key encrypts; informational.
    package let encrypt: Bool?

    /// Whether the manifest says that the key decrypts; informational.
    package let decrypt: Bool?

    /// The stated length in bits; 0 counts as unstated.
    package let bits: Int?

    /// The key itself.
    package let material: KeyMaterial

    /// An entry.
    package init(name: String, keyID: String, encrypt: Bool?, decrypt: Bool?, bits: Int?, material: KeyMaterial) {
        self.name = name
        self.keyID = keyID
        self.encrypt = encrypt
        self.decrypt = decrypt
        self.bits = bits
        self.material = material
    }
}

/// What a key entry holds.
package enum KeyMaterial: Sendable {
    /// A key of a type that a kind of keyring uses.
    case key(any KeyType)
    /// A key of an unknown type; a test that can use no other key is skipped.
    case unsupported(type: String)
    /// An entry that cannot be read; a test that uses it fails.
    case malformed(reason: String)

    /// The key as one of a type; `nil` where it is something else.
    func key<Key>(as type: Key.Type) -> Key? {
        if case .key(let key) = self { key as? Key } else { nil }
    }

    /// What this is, in words for a message.
    package var kind: String {
        switch self {
        case .key(let key): type(of: key).type
        case .unsupported(let type): type
        case .malformed: "malformed"
        }
    }
}

/// A type of key in a keys manifest; a value is a key.
///
/// The keys of test vectors are public, so they are plain bytes.
package protocol KeyType: Sendable {
    /// What `type` says in its entry.
    static var type: String { get }

    /// The members that entries of this type have besides those that every entry may have.
    static var members: Set<String> { get }

    /// Reads the members of an entry.
    ///
    /// - Parameters:
    ///   - fields: the entry.
    ///   - bits: the stated length in bits, which must then be right.
    /// - Throws: `broken` where a member is missing or wrong.
    init(_ fields: ManifestFields, bits: Int?) throws(VectorError)
}

extension KeyType {
    package static var members: Set<String> { ["algorithm", "encoding", "material", "line-separator"] }
}

/// An asymmetric key as a manifest has it, not yet parsed.
package enum KeyText: Hashable, Sendable {
    /// PEM text; line ends and armour as they came.
    case pem(String)
    /// DER bytes.
    case der([UInt8])

    /// An asymmetric key as it is encoded.
    ///
    /// - Parameters:
    ///   - text: PEM, or Base64 of DER.
    ///   - encoding: `pem`, `base64` or `base64-der`.
    /// - Throws: `broken` for another encoding, and where it is not Base64.
    init(_ text: String, encoding: String) throws(VectorError) {
        switch encoding {
        case "pem": self = .pem(text)
        case "base64", "base64-der":
            guard let bytes = Base64.decode(text) else { throw .broken("the key is not Base64") }
            self = .der(bytes)
        default: throw .broken("the key is encoded as \(ManifestText.quoted(encoding)), not pem or base64-der")
        }
    }
}

/// The bytes of AES keys and data keys in manifests.
enum KeyBytes {
    /// Decodes a key.
    ///
    /// - Parameters:
    ///   - base64: Base64 text.
    ///   - bits: the stated length in bits, which must then be right.
    /// - Throws: `broken` where it is not Base64, or not of the stated length or an AES key's.
    static func decode(base64: String, bits: Int?) throws(VectorError) -> [UInt8] {
        guard let bytes = Base64.decode(base64) else { throw .broken("the key is not Base64") }
        return try check(bytes, bits: bits)
    }

    /// Checks the length of a key.
    ///
    /// - Throws: `broken` where it is not the stated length or an AES key's.
    static func check(_ bytes: [UInt8], bits: Int?) throws(VectorError) -> [UInt8] {
        if let bits, bytes.count * 8 != bits {
            throw .broken("the key has \(bytes.count * 8) bits, not \(bits) as stated")
        }
        guard [16, 24, 32].contains(bytes.count) else {
            throw .broken("the key has \(bytes.count) bytes, not 16, 24 or 32")
        }
        return bytes
    }
}

extension ManifestFields {
    /// The bytes of an AES key or a data key in the member `material`.
    func keyBytes(bits: Int?) throws(VectorError) -> [UInt8] {
        let encoding = try string("encoding") ?? "base64"
        guard encoding == "base64" else {
            throw .broken("the key is encoded as \(ManifestText.quoted(encoding)), not base64")
        }
        return try KeyBytes.decode(base64: lines("material"), bits: bits)
    }

    /// An asymmetric key.
    ///
    /// - Parameters:
    ///   - name: the member that holds it.
    ///   - encodingName: the member that says how it is encoded; without it, the text tells.
    func keyText(_ name: String, encodedAs encodingName: String = "encoding") throws(VectorError) -> KeyText {
        let text = try lines(name)
        let encoding = try string(encodingName) ?? (text.utf8.first == UInt8(ascii: "-") ? "pem" : "base64-der")
        return try KeyText(text, encoding: encoding)
    }

    /// The text of a member: a string, or in early manifests strings to be joined with `line-separator`.
    private func lines(_ name: String) throws(VectorError) -> String {
        guard value(name)?.array != nil, let lines = try strings(name) else { return try requiredString(name) }
        return lines.joined(separator: try string("line-separator") ?? "")
    }
}
