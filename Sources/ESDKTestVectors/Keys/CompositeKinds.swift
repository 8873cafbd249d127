import AWSMaterialProviders
import StrictJSON

extension KeyDescription {
    /// Several keyrings; a flat list of several entries has its first as the generator.
    package static func multi(generator: KeyDescription?, children: [KeyDescription]) -> KeyDescription {
        KeyDescription(Multi(generator: generator, children: children))
    }

    /// A required-encryption-context materials manager; keys as UTF-8 bytes.
    package static func requiredEncryptionContext(underlying: KeyDescription, keys: [[UInt8]]) -> KeyDescription {
        KeyDescription(RequiredEncryptionContext(underlying: underlying, keys: keys))
    }

    /// A caching materials manager, which no known program reads; not run.
    package static func caching(underlying: KeyDescription) -> KeyDescription {
        KeyDescription(Caching(underlying: underlying))
    }
}

/// Several keyrings.
struct Multi: ReadableKeyringKind {
    static let type = "multi-keyring"
    static let members: Set<String> = [Member.generator, Member.children]

    let generator: KeyDescription?
    let children: [KeyDescription]

    private enum Member {
        static let generator = "generator"
        static let children = "childKeyrings"
    }

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        guard let elements = try fields.array(Member.children) else { throw fields.missing(Member.children) }
        let children = try kinds.keyrings(elements, in: fields.what)
        guard let generator = fields.value(Member.generator) else {
            guard !children.isEmpty else { throw .broken("\(fields.what) is a multi-keyring without a keyring") }
            return .multi(generator: nil, children: children)
        }
        return .multi(generator: try kinds.keyrings([generator], in: fields.what).first, children: children)
    }

    var parts: [KeyDescription]? { [generator].compactMap(\.self) + children }

    func summary(keys: KeyTable) -> String {
        "multi(\((parts ?? []).map { $0.summary(keys: keys) }.joined(separator: ", ")))"
    }

    func flat(_ value: JSONValue, in format: SetFormat) throws(VectorError) -> [JSONValue] {
        var elements: [JSONValue] = []
        for (part, value) in zip(parts ?? [], Self.values(of: value)) {
            guard !(part.kind is Self) else {
                throw .unsupported("a multi-keyring inside another one cannot be expressed in \(format.rawValue)")
            }
            elements += try part.flat(value, in: format)
        }
        return elements
    }

    /// What the parts were read from: the members of an object, or the elements of a list.
    private static func values(of value: JSONValue) -> [JSONValue] {
        value.array
            ?? [value[Member.generator]].compactMap(\.self).filter { !$0.isNull }
            + (value[Member.children]?.array ?? [])
    }

    func written(_ value: JSONValue, in format: SetFormat) -> JSONValue {
        let written = zip(parts ?? [], Self.values(of: value)).map { $0.written($1, in: format) }
        let first = generator == nil ? nil : written.first
        let others = JSONValue.array(Array(generator == nil ? written[...] : written.dropFirst()))
        guard let object = value.object else {
            return [
                "type": .string(Self.type), .init(Member.generator): first ?? .null, .init(Member.children): others,
            ]
        }
        return .object(
            JSONObject(
                object.members.filter { !$0.value.isNull }.map { member in
                    switch member.name {
                    case Member.generator: JSONObject.Member(name: member.name, value: first ?? .null)
                    case Member.children: JSONObject.Member(name: member.name, value: others)
                    default: member
                    }
                }
            )
        )
    }

    /// All keyrings that can be made take part; one that is broken or invalid makes the whole so, because no multi-keyring could be
    /// made of it.
    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        var keyrings: [any Keyring] = []
        var isUsable = false
        var leftOut: [String] = []
        var reasons: [String] = []
        var invalid: EncryptionSDKError?
        for part in parts ?? [] {
            switch builder.keyring(for: part) {
            case .usable(let keyring, let others):
                keyrings.append(keyring)
                isUsable = true
                leftOut += others
            case .opensNothing(let keyring, let reason):
                keyrings.append(keyring)
                reasons.append(reason)
            case .unavailable(let reason):
                leftOut.append(reason)
                reasons.append(reason)
            case .invalid(let error):
                invalid = invalid ?? error
            case .broken(let reason):
                return .broken(reason: reason)
            }
        }
        if let invalid { return .invalid(invalid) }
        if isUsable,
            let keyring = try? MultiKeyring(generator: keyrings.first, childKeyrings: Array(keyrings.dropFirst()))
        {
            return .usable(keyring, leftOut: Self.unique(leftOut))
        }
        let reason = reasons.isEmpty ? "no keyring is described" : Self.unique(reasons).joined(separator: "; ")
        return .unavailable(reason: reason)
    }

    private static func unique(_ texts: [String]) -> [String] {
        var known: Set<String> = []
        return texts.filter { known.insert($0).inserted }
    }

    /// Every part must be there: a message without one of its data keys would be another message.
    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        guard generator != nil || isChild else {
            throw .broken("a multi-keyring without a generator makes no data key")
        }
        let first = try generator.map { generator throws(VectorError) in try builder.keyring(for: generator) }
        var others: [any Keyring] = []
        for child in children { others.append(try builder.keyring(for: child, isChild: true)) }
        do {
            return try MultiKeyring(generator: first, childKeyrings: others)
        } catch {
            throw .broken("no keyring can be made: \(error)")
        }
    }
}

// MARK: - Materials managers

/// A materials manager around a keyring or another manager.
protocol MaterialsManagerKind: ReadableKeyringKind {
    /// What it gets its materials from.
    var underlying: KeyDescription { get }
}

extension MaterialsManagerKind {
    var isMaterialsManager: Bool { true }
    var parts: [KeyDescription]? { [underlying] }

    static func underlying(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription {
        guard let value = fields.value("underlying") else { throw fields.missing("underlying") }
        return try kinds.read(value, "member \"underlying\" of \(fields.what)")
    }

    func written(_ value: JSONValue, in format: SetFormat) -> JSONValue {
        guard let object = value.object else { return value }
        return .object(
            JSONObject(
                object.members.filter { !$0.value.isNull }.map { member in
                    guard member.name == "underlying" else { return member }
                    return JSONObject.Member(name: member.name, value: underlying.written(member.value, in: format))
                }
            )
        )
    }
}

/// A required-encryption-context materials manager.
struct RequiredEncryptionContext: MaterialsManagerKind {
    static let type = "required-encryption-context-cmm"
    static let members: Set<String> = ["underlying", "requiredEncryptionContextKeys"]

    let underlying: KeyDescription
    let keys: [[UInt8]]

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        let keys = try fields.strings("requiredEncryptionContextKeys") ?? []
        return .requiredEncryptionContext(
            underlying: try underlying(fields, among: kinds),
            keys: keys.map { Array($0.utf8) }
        )
    }

    var management: (underlying: KeyDescription, requiredContextKeys: [[UInt8]])? { (underlying, keys) }

    func summary(keys: KeyTable) -> String { "required-context(\(underlying.summary(keys: keys)))" }

    func flat(_ value: JSONValue, in format: SetFormat) throws(VectorError) -> [JSONValue] {
        try underlying.flat(value["underlying"] ?? .null, in: format)
    }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse { builder.keyring(for: underlying) }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        try builder.keyring(for: underlying, isChild: isChild)
    }
}

/// A caching materials manager.
struct Caching: MaterialsManagerKind {
    static let type = "caching-cmm"
    static let members: Set<String> = [
        "underlying", "cacheLimitTtlSeconds", "limitBytes", "limitMessages", "getEntryIdentifier", "putEntryIdentifier",
    ]

    let underlying: KeyDescription
    /// How long an entry is used, in seconds.
    var timeToLive: Int?
    /// How many bytes an entry may encrypt.
    var limitBytes: UInt64?
    /// How many messages an entry may encrypt.
    var limitMessages: UInt64?
    /// Whether entries are put under the identifier that they are looked for.
    var identifiersAgree = true

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        let identifier = try fields.string("getEntryIdentifier")
        return KeyDescription(
            Caching(
                underlying: try underlying(fields, among: kinds),
                timeToLive: try fields.count("cacheLimitTtlSeconds"),
                limitBytes: try fields.count("limitBytes").map(UInt64.init),
                limitMessages: try fields.count("limitMessages").map(UInt64.init),
                identifiersAgree: try identifier == fields.string("putEntryIdentifier") && identifier != ""
            )
        )
    }

    func summary(keys: KeyTable) -> String { "caching(\(underlying.summary(keys: keys)))" }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        .unavailable(reason: "caching materials managers are not supported")
    }
}
