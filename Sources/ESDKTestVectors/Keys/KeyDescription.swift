import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

/// Which keys a test is decrypted with: an element of `master-keys`, or a key description, of any dialect.
///
/// Two descriptions are equal if they say the same; texts are compared by their UTF-8 bytes.
package struct KeyDescription: Sendable {
    /// The keyring or materials manager that is described.
    let kind: any KeyringKind

    /// A description of a keyring or materials manager.
    init(_ kind: some KeyringKind) { self.kind = kind }
}

/// A kind of keyring or materials manager; a value describes one.
///
/// Everything the harness knows about a kind is in the kind's file: how a description is read and written, which keys it uses, which
/// keyring it makes for decrypting and for encrypting, how its data keys are wrapped again, and what reports call it. A new kind is
/// such a file and a line in `KeyringKinds`.
protocol KeyringKind: Hashable, Sendable {
    /// The types of keys that can stand in the entry that the description names; none for a kind that names no entry.
    static var keyTypes: [any KeyType.Type] { get }

    /// The name of the entry of the keys manifest; `nil` for a kind that names none.
    var keyName: String? { get }

    /// The descriptions that this one is made of, in order; `nil` for a kind that is not made of others.
    var parts: [KeyDescription]? { get }

    /// What a materials manager is over, and the keys of the encryption context (UTF-8) that it requires; `nil` for a keyring.
    var management: (underlying: KeyDescription, requiredContextKeys: [[UInt8]])? { get }

    /// Whether it is a materials manager, which has no place among the keyrings of a multi-keyring.
    var isMaterialsManager: Bool { get }

    /// Whether the flat key lists of manifests of versions 2 and 4 have this kind.
    var isInFlatLists: Bool { get }

    /// The description as elements of such a list.
    ///
    /// - Throws: `unsupported` for what it cannot express.
    func flat(_ value: JSONValue, in format: SetFormat) throws(VectorError) -> [JSONValue]

    /// What reports call it: `raw aes-256`, say.
    ///
    /// - Parameter keys: the keys of the set, which know the length of an AES key.
    func summary(keys: KeyTable) -> String

    /// The description in the form that readers of a format expect.
    ///
    /// - Parameters:
    ///   - value: the object that the description was read from.
    ///   - format: the format.
    func written(_ value: JSONValue, in format: SetFormat) -> JSONValue

    /// The keyring that decrypts.
    func decrypting(_ builder: KeyringBuilder) -> KeyringUse

    /// The keyring that encrypts.
    ///
    /// - Parameters:
    ///   - builder: what it is made with.
    ///   - isChild: whether another keyring makes the data key.
    /// - Throws: `unsupported` where something is missing here that the set does not define, such as AWS KMS; `broken` for what
    ///   cannot encrypt.
    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring

    /// The keys that wrap a data key again as this kind's keyring wrapped it; none where a service holds the key.
    ///
    /// - Throws: what is wrong with the key.
    func wrappingKeys(_ builder: KeyringBuilder) throws -> [any WrappingKey]
}

/// A kind that key descriptions of manifests name.
protocol ReadableKeyringKind: KeyringKind {
    /// What `type` says in its description.
    static var type: String { get }

    /// The members that descriptions of this type have besides `type`.
    static var members: Set<String> { get }

    /// How keyrings of this kind are written on a command line; none for a kind that cannot stand there.
    static var spellings: [KeySpelling] { get }

    /// Reads a description whose `type` is this kind's.
    ///
    /// - Parameters:
    ///   - fields: the description.
    ///   - kinds: what reads the descriptions inside this one.
    /// - Returns: the description, which is one that is not supported where a member has an unknown value; `nil` where another kind of
    ///   the same `type` is described.
    /// - Throws: `broken` where a member is missing or of the wrong type.
    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription?
}

extension ReadableKeyringKind {
    static var members: Set<String> { ["key"] }
    static var spellings: [KeySpelling] { [] }
}

extension KeyringKind {
    static var keyTypes: [any KeyType.Type] { [] }
    var keyName: String? { nil }
    var parts: [KeyDescription]? { nil }
    var management: (underlying: KeyDescription, requiredContextKeys: [[UInt8]])? { nil }
    var isMaterialsManager: Bool { false }
    var isInFlatLists: Bool { false }

    func flat(_ value: JSONValue, in format: SetFormat) throws(VectorError) -> [JSONValue] {
        guard isInFlatLists else {
            let type = ManifestText.quoted(value["type"]?.string ?? "")
            throw .unsupported("key descriptions of type \(type) cannot be expressed in \(format.rawValue)")
        }
        return [written(value, in: format)]
    }

    /// The description without members that say nothing: `null`, and the padding of what is not RSA.
    func written(_ value: JSONValue, in format: SetFormat) -> JSONValue {
        guard let object = value.object else { return value }
        let isRSA = object["encryption-algorithm"]?.string == "rsa"
        return .object(
            JSONObject(
                object.members.filter { member in
                    guard !member.value.isNull else { return false }
                    return isRSA || !["padding-algorithm", "padding-hash"].contains(member.name)
                }
            )
        )
    }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        try builder.made(decrypting(builder.decrypting))
    }

    func wrappingKeys(_ builder: KeyringBuilder) throws -> [any WrappingKey] { [] }

    fileprivate func isEqual(to other: any KeyringKind) -> Bool { other as? Self == self }
}

extension KeyDescription: Hashable {
    /// Whether two descriptions say the same.
    package static func == (left: KeyDescription, right: KeyDescription) -> Bool {
        left.kind.isEqual(to: right.kind)
    }

    /// Hashes the kind and what it says.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(type(of: kind)))
        kind.hash(into: &hasher)
    }
}

extension KeyDescription {
    /// The keyring inside any materials managers that can be used.
    package var withoutManagers: KeyDescription { kind.management?.underlying.withoutManagers ?? self }

    /// The context keys, as UTF-8 bytes, that the described materials managers require, outermost first, each once.
    package var requiredContextKeys: [[UInt8]] {
        guard let (underlying, keys) = kind.management else { return [] }
        var required: [[UInt8]] = []
        for key in keys + underlying.requiredContextKeys where !required.contains(key) { required.append(key) }
        return required
    }

    /// The keyrings that are not made of others, in order.
    package var leaves: [KeyDescription] { kind.parts?.flatMap(\.leaves) ?? [self] }

    /// The name of the key entry that a leaf uses, if it uses one.
    package var keyName: String? { kind.keyName }

    /// The description in short, as reports have it: `raw aes-256`, `multi(raw rsa oaep-sha256, aws-kms)`.
    ///
    /// - Parameter keys: the keys of the set, which know the length of an AES key.
    package func summary(keys: KeyTable) -> String { kind.summary(keys: keys) }

    /// Checks that the keys which this description names are there and of a fitting type.
    ///
    /// An entry of an unknown type fits everywhere: its keyring is merely not usable.
    ///
    /// - Parameter keys: the keys of the set.
    /// - Throws: `broken` for a name that is not there, an entry that cannot be read and one of another type.
    func check(keys: KeyTable) throws(VectorError) {
        for leaf in leaves {
            guard let name = leaf.keyName else { continue }
            let quoted = ManifestText.quoted(name)
            guard let entry = keys[name] else { throw .broken("the keys manifest has no key \(quoted)") }
            switch entry.material {
            case .malformed(let reason): throw .broken("key \(quoted): \(reason)")
            case .unsupported: continue
            case .key(let key):
                guard type(of: leaf.kind).keyTypes.contains(where: { $0 == type(of: key) }) else {
                    throw .broken(
                        "key \(quoted) is of type \(entry.material.kind), which \(leaf.summary(keys: keys)) cannot use"
                    )
                }
            }
        }
    }
}
