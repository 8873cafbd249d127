import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// A kind of message that rules are tried on.
package struct ForgeVariant: Sendable, Hashable {
    /// The version of the message format, 1 or 2.
    let version: Int
    let isSigned: Bool
    let isFramed: Bool

    /// The name in test ids, such as `v2-signed-framed`.
    var name: String { "v\(version)" + (isSigned ? "-signed" : "") + (isFramed ? "-framed" : "-non-framed") }

    var suite: AlgorithmSuite {
        switch (version, isSigned) {
        case (1, false): .aes256GCMHKDFSHA256
        case (1, true): .aes128GCMHKDFSHA256ECDSAP256
        case (_, false): .aes256GCMHKDFSHA512CommitKey
        case (_, true): .aes256GCMHKDFSHA512CommitKeyECDSAP384
        }
    }
}

extension [ForgeVariant] {
    /// Version 1 and 2, unsigned and signed, framed and non-framed.
    static let all: Self = [1, 2].flatMap { version in
        [false, true].flatMap { isSigned in
            [true, false].map { ForgeVariant(version: version, isSigned: isSigned, isFramed: $0) }
        }
    }
    /// One of each version, for the second and every further value of one kind.
    static let few: Self = [
        ForgeVariant(version: 1, isSigned: false, isFramed: true),
        ForgeVariant(version: 2, isSigned: true, isFramed: true),
    ]

    var version1: Self { filter { $0.version == 1 } }
    var version2: Self { filter { $0.version == 2 } }
    var signed: Self { filter(\.isSigned) }
    var unsigned: Self { filter { !$0.isSigned } }
    var framed: Self { filter(\.isFramed) }
    var nonFramed: Self { filter { !$0.isFramed } }
}

/// A message in the making: a blueprint, and what it takes to seal it as someone can who holds the data key.
///
/// It starts without fault. Whatever is then changed, data keys are wrapped, tags and signature made over the result.
struct Forgery: Sendable {
    typealias Entry = EncryptionContext.Entry

    let variant: ForgeVariant
    let keys: ForgeKeys
    /// What this message has been drawn from; the same text gives the same data key, message id and signing key.
    let label: String

    /// Everything but encrypted data keys, footer and what follows it.
    var message: MessageBlueprint
    var dataKey: [UInt8]
    var dataKeys = [ForgedDataKey()]
    var signer: DeterministicSigner?
    /// The pairs that the wrapping of data keys binds; nil for those that a reader finds, a later pair replacing an earlier one.
    var boundContext: [Entry]?
    /// Pairs that are authenticated and not stored.
    var requiredContext: [Entry] = []
    /// What follows the header in the additional data of its tag; nil for the required pairs.
    var headerTagSuffix: [UInt8]?
    /// The footer with its length; nil for the right one.
    var footer: (@Sendable (SignedParts) throws -> [UInt8])?
    /// The message that is signed instead of this one: none, or one.
    var signedInstead: [Forgery] = []
    /// What is done to the bytes of the message in the end.
    var alterations: [@Sendable (inout [UInt8], MessageLayout) -> Void] = []
    /// How the test says that the message is decrypted.
    var reader = ForgeReader()

    /// A message without fault: three frames of eight bytes and one of three, or a non-framed body of as many bytes.
    init(_ variant: ForgeVariant, keys: ForgeKeys, label: String) throws {
        self.variant = variant
        self.keys = keys
        self.label = label
        let suite = variant.suite
        let source = try keys.source("message \(label)")
        dataKey = try source.bytes(suite.dataKeyLength)
        let messageID = try source.bytes(suite.messageIDLength)
        signer = try suite.signature.map { try DeterministicSigner.generate($0.curve, from: source) }
        message = MessageBlueprint(
            algorithmSuite: suite,
            dataKey: SecretBytes(dataKey),
            messageID: messageID,
            encryptionContext: [],
            encryptedDataKeys: [],
            plaintext: Self.plaintext,
            framing: variant.isFramed ? .framed(8, .full) : .nonFramed
        )
        setContext([Entry(key: "stage", value: "test")])
    }

    static let plaintext = Array("The plaintext of a message.".utf8)

    /// A message that was sealed.
    struct Sealed: Sendable {
        let bytes: [UInt8]
        /// Where the body begins.
        let body: Int
        /// Where it ends.
        let footer: Int
    }

    /// What a signature may cover.
    struct SignedParts {
        let header: [UInt8]
        let body: [UInt8]
        let suite: AlgorithmSuite
        let signer: DeterministicSigner?

        /// The signature of a signed suite over `bytes`, which are hashed as the suite says, or otherwise.
        func signature(
            over bytes: [UInt8],
            hash: HashAlgorithm? = nil,
            where isWanted: (_ signature: [UInt8]) -> Bool = { _ in true }
        ) throws -> [UInt8] {
            guard let signer, let hash = hash ?? suite.signature?.hash else { return [] }
            let digest = try Digest.hash(hash, of: bytes.span)
            return try signer.sign(digest: digest.span, hash: hash, where: isWanted)
        }

        /// The right signature.
        func signature(where isWanted: (_ signature: [UInt8]) -> Bool = { _ in true }) throws -> [UInt8] {
            try signature(over: header + body, where: isWanted)
        }

        /// A signature after its length.
        static func footer(_ signature: [UInt8]) -> [UInt8] {
            UInt16(truncatingIfNeeded: signature.count).bigEndianBytes + signature
        }
    }

    /// Writes the message.
    func sealed() async throws -> Sealed {
        let built = try await unsigned()
        let end = built.layout.range(of: .headerTag)?.upperBound ?? 0
        var signed = built.bytes
        for other in signedInstead { signed = try await other.unsigned().bytes }
        let suite = message.algorithmSuite
        let parts = SignedParts(
            header: Array(signed.prefix(end)),
            body: Array(signed.dropFirst(end)),
            suite: suite,
            signer: signer
        )
        var bytes = built.bytes
        if let footer {
            bytes += try footer(parts)
        } else if suite.signature != nil {
            bytes += SignedParts.footer(try parts.signature())
        }
        for alter in alterations { alter(&bytes, built.layout) }
        return Sealed(bytes: bytes, body: end, footer: built.bytes.count)
    }

    private func unsigned() async throws -> BuiltMessage {
        var message = message
        if case .dataKey = message.keys { message.keys = .dataKey(SecretBytes(dataKey), .specification) }
        message.headerTagSuffix = headerTagSuffix ?? Self.serialized(requiredContext)
        let context = Self.serialized(boundContext ?? Self.asRead(message.encryptionContext + requiredContext))
        for (index, key) in dataKeys.enumerated() {
            let source = try keys.source("data key \(index) \(label)")
            message.encryptedDataKeys.append(
                try await key.wrap(dataKey, suite: message.algorithmSuite, context: context, keys: keys, source: source)
            )
        }
        return try MessageBuilder.build(message)
    }
}

// MARK: - Changing it

extension Forgery {
    /// The frames, each with its plaintext.
    var parts: [(frame: MessageBlueprint.Frame, plaintext: [UInt8])] {
        get {
            var rest = message.plaintext[...]
            return message.frames.map { frame in
                defer { rest = rest.dropFirst(frame.plaintextLength) }
                return (frame, Array(rest.prefix(frame.plaintextLength)))
            }
        }
        set {
            message.plaintext = newValue.flatMap(\.plaintext)
            message.frames = newValue.map { part in
                var frame = part.frame
                frame.plaintextLength = part.plaintext.count
                return frame
            }
        }
    }

    /// Divides a plaintext anew.
    mutating func setPlaintext(_ plaintext: [UInt8], _ framing: MessageBlueprint.Framing) {
        message.plaintext = plaintext
        message.frames = framing.frames(plaintextLength: plaintext.count)
        message.frameLength = framing.frameLength
    }

    /// Gives the frames other sequence numbers: on the wire, in the IV and in the additional data.
    mutating func renumber(_ numbers: [UInt32]) {
        for (index, number) in zip(message.frames.indices, numbers) { message.frames[index].sequenceNumber = number }
    }

    /// Seals a frame under other additional data than what stands on the wire tells.
    mutating func reseal(
        _ index: Int,
        as kind: MessageBlueprint.Frame.Kind? = nil,
        sequenceNumber: UInt32? = nil,
        length: Int? = nil,
        messageID: [UInt8]? = nil
    ) {
        let frame = message.frames[index]
        message.frames[index].additionalData = MessageBlueprint.Frame.additionalData(
            kind ?? frame.kind,
            messageID: messageID ?? message.messageID,
            sequenceNumber: sequenceNumber ?? frame.sequenceNumber,
            contentLength: UInt64(length ?? frame.plaintextLength)
        )
    }

    /// Stores other pairs, the public key of a signed message among them where its key belongs.
    mutating func setContext(_ pairs: [Entry]) {
        let sorted = pairs.sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        guard let context = try? EncryptionContext(entries: sorted) else {
            message.encryptionContext = sorted
            return
        }
        message.encryptionContext = MessageBlueprint.wireOrder(context, publicKey: signer?.key.publicKey)
    }

    /// The public key as the context has it.
    var publicKeyText: [UInt8]? {
        get { message.encryptionContext.first { $0.key == EncryptionContext.publicKeyName }?.valueBytes }
        set {
            let key = Array(EncryptionContext.publicKeyName.utf8)
            message.encryptionContext.removeAll { $0.keyBytes == key }
            if let newValue { message.encryptionContext.insert(Entry(keyBytes: key, valueBytes: newValue), at: 0) }
        }
    }

    /// Flips the lowest bit of a byte of a field, after the message was sealed.
    mutating func flip(_ field: MessageField, fromEnd: Int = 1) {
        alterations.append { bytes, layout in
            guard let range = layout.range(of: field), range.count >= fromEnd else { return }
            bytes[range.upperBound - fromEnd] ^= 1
        }
    }

    /// Cuts the message off one byte before a field ends.
    mutating func cut(in field: MessageField) {
        alterations.append { bytes, layout in
            if let range = layout.range(of: field) { bytes.removeLast(bytes.count - max(range.upperBound - 1, 0)) }
        }
    }

    /// Count and pairs; nothing for no pairs.
    static func serialized(_ entries: [Entry]) -> [UInt8] {
        guard !entries.isEmpty else { return [] }
        return UInt16(truncatingIfNeeded: entries.count).bigEndianBytes
            + entries.flatMap { entry in
                [entry.keyBytes, entry.valueBytes].flatMap { UInt16(truncatingIfNeeded: $0.count).bigEndianBytes + $0 }
            }
    }

    /// The pairs as a reader with a dictionary has them: each key once, with its last value, in ascending order.
    private static func asRead(_ entries: [Entry]) -> [Entry] {
        let pairs = Dictionary(entries.map { ($0.keyBytes, $0) }, uniquingKeysWith: { _, last in last })
        return pairs.values.sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
    }
}

/// How a test says that its message is decrypted.
struct ForgeReader: Sendable {
    var key = ForgedDataKey.Key.aes
    /// The encryption context that is passed to decryption, in a manifest of version 5 only.
    var context: [EncryptionContext.Entry] = []
    /// The keys of it that a materials manager requires.
    var requiredKeys: [String] = []
    /// Whether it is read by a stream that takes unsigned messages only, in a manifest of version 2 only.
    var isUnsignedOnly = false
}
