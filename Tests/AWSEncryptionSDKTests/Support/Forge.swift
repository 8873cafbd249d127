import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import Testing

/// Builds a message from scratch, as someone who holds the data key can: every field may be altered, and tags and
/// signature are computed over the altered bytes, so that only the check under test can refuse the message.
///
/// What is not altered is what the specification asks for. `MessageForge` writes it, which shares nothing with the code under test but
/// the cryptographic primitives.
struct Forge {
    /// The suite whose cryptography seals the message.
    let suite: AlgorithmSuite
    let isFramed: Bool
    var dataKey: [UInt8]
    var messageID: [UInt8]
    /// The stored pairs in the order of the header, the public key of a signed message among them.
    var context: [EncryptionContext.Entry]
    var encryptedDataKeys: [EncryptedDataKey]
    var frames: [Frame] = []
    /// The additional data that follows the header: the required encryption context as serialized.
    var requiredContext: [UInt8] = []
    var signingKey: ECPrivateKey?
    /// The length of a frame in the header.
    var frameLength: Int
    var headerIV = MessageBlueprint.zeroIV
    /// Length and pairs of the context; nil for those of `context`.
    var contextField: [UInt8]?
    /// The bytes of other fields; none to leave a field out.
    var overrides: [MessageField: [UInt8]] = [:]
    /// The footer of the given header and body; nil for the right one.
    var footer: ((_ header: [UInt8], _ body: [UInt8]) throws -> [UInt8])?

    /// A framed message without fault.
    init(
        _ suite: AlgorithmSuite,
        plaintext: [UInt8] = Forge.defaultPlaintext,
        frameLength: Int = 8,
        context: EncryptionContext = ["stage": "test"]
    ) throws {
        try self.init(suite, isFramed: true, frameLength: frameLength, context: context)
        frames = Self.frames(of: plaintext, frameLength: frameLength)
    }

    /// A non-framed message without fault.
    static func nonFramed(
        _ suite: AlgorithmSuite,
        plaintext: [UInt8] = Forge.defaultPlaintext,
        context: EncryptionContext = ["stage": "test"]
    ) throws -> Forge {
        var forge = try Forge(suite, isFramed: false, frameLength: 0, context: context)
        forge.frames = [Frame(.singleBlock, 1, plaintext)]
        return forge
    }

    private init(_ suite: AlgorithmSuite, isFramed: Bool, frameLength: Int, context: EncryptionContext) throws {
        self.suite = suite
        self.isFramed = isFramed
        self.frameLength = frameLength
        dataKey = [UInt8](1...UInt8(suite.dataKeyLength))
        messageID = [UInt8](repeating: 0x5A, count: suite.messageIDLength)
        encryptedDataKeys = [Self.encryptedDataKey]
        signingKey = try suite.signature.map { try ($0.curve == .p256 ? Self.p256Key : Self.p384Key).get() }
        self.context = MessageBlueprint.wireOrder(context, publicKey: signingKey?.publicKey)
    }

    /// Frames of `frameLength` bytes and a final frame of what is left, which is empty only for an empty plaintext.
    static func frames(of plaintext: [UInt8], frameLength: Int) -> [Frame] {
        var rest = plaintext[...]
        let framing = MessageBlueprint.Framing.framed(UInt32(frameLength), .full)
        return framing.frames(plaintextLength: plaintext.count).map { frame in
            defer { rest = rest.dropFirst(frame.plaintextLength) }
            return Frame(frame.kind, frame.sequenceNumber, Array(rest.prefix(frame.plaintextLength)))
        }
    }

    /// A frame, or a non-framed body.
    struct Frame {
        typealias Kind = MessageBlueprint.Frame.Kind

        /// How it is laid out.
        var kind: Kind
        var plaintext: [UInt8]
        /// On the wire; a non-framed body has none there.
        var sequenceNumber: UInt32
        var iv: [UInt8]
        /// On the wire, for a final frame and a non-framed body; nil for the right one.
        var contentLength: UInt64?

        // The additional data.
        var sealedAs: Kind
        var sealedSequenceNumber: UInt32
        /// Nil for the right one.
        var sealedContentLength: UInt64?
        /// Nil for the header's.
        var sealedMessageID: [UInt8]?

        init(_ kind: Kind, _ sequenceNumber: UInt32, _ plaintext: [UInt8]) {
            self.kind = kind
            self.plaintext = plaintext
            self.sequenceNumber = sequenceNumber
            iv = [0, 0, 0, 0, 0, 0, 0, 0] + sequenceNumber.bytes
            sealedAs = kind
            sealedSequenceNumber = sequenceNumber
        }

        /// The same frame with another number everywhere: wire, IV and additional data.
        func renumbered(_ number: UInt32) -> Frame {
            var frame = self
            frame.sequenceNumber = number
            frame.iv = [0, 0, 0, 0, 0, 0, 0, 0] + number.bytes
            frame.sealedSequenceNumber = number
            return frame
        }

        fileprivate func blueprint(messageID: [UInt8]) -> MessageBlueprint.Frame {
            var frame = MessageBlueprint.Frame(kind, sequenceNumber: sequenceNumber, plaintextLength: plaintext.count)
            frame.iv = .bytes(iv)
            frame.announcedContentLength = contentLength
            frame.additionalData = MessageBlueprint.Frame.additionalData(
                sealedAs,
                messageID: sealedMessageID ?? messageID,
                sequenceNumber: sealedSequenceNumber,
                contentLength: sealedContentLength ?? UInt64(plaintext.count)
            )
            return frame
        }
    }

    /// The plaintext of all frames.
    var plaintext: [UInt8] { frames.flatMap(\.plaintext) }

    /// The public key's value in the context, for tests that alter it.
    var publicKeyText: [UInt8]? {
        get { context.first { $0.keyBytes == Self.publicKeyName }?.valueBytes }
        set {
            context.removeAll { $0.keyBytes == Self.publicKeyName }
            if let newValue { context.insert(.init(keyBytes: Self.publicKeyName, valueBytes: newValue), at: 0) }
        }
    }

    /// What the header's tag and the content are sealed under.
    func keys() throws -> DerivedKeys {
        try DerivedKeys(.dataKey(SecretBytes(dataKey), .specification), suite: suite, messageID: messageID)
    }
}

// MARK: - The message

extension Forge {
    /// A message and where its parts lie, in bytes from its start.
    struct Message {
        var bytes: [UInt8]
        /// The offset of each header field that is not empty, by the specification's name.
        let fields: [String: Int]
        /// The offset of each frame, or of the non-framed body.
        let frames: [Int]
        /// The end of the body, where a footer begins.
        let bodyEnd: Int

        private static let names: [MessageField: String] = [
            .version: "Version", .type: "Type", .algorithmSuiteID: "Algorithm Suite ID", .messageID: "Message ID",
            .encryptionContextLength: "Key Value Pairs Length", .encryptionContextCount: "AAD",
            .encryptedDataKeyCount: "Encrypted Data Key Count", .contentType: "Content Type", .reserved: "Reserved",
            .ivLength: "IV Length", .frameLength: "Frame Length", .commitment: "Algorithm Suite Data", .headerIV: "IV",
            .headerTag: "Authentication Tag",
        ]

        fileprivate init(_ message: BuiltMessage) {
            bytes = message.bytes
            bodyEnd = message.bytes.count
            var fields: [String: Int] = [:]
            var frames: [Int] = []
            for (field, range) in message.layout.entries.map({ ($0.field, $0.range) }) where !range.isEmpty {
                if frames.isEmpty, let name = Self.names[field] { fields[name] = range.lowerBound }
                switch field {
                case .frame(let index, _) where index == frames.count: frames.append(range.lowerBound)
                case .body where frames.isEmpty: frames.append(range.lowerBound)
                default: break
                }
            }
            self.fields = fields
            self.frames = frames
        }

        /// The offset of a header field.
        func offset(_ field: String) -> UInt64 { fields[field].map(UInt64.init) ?? .max }
    }

    /// Writes the message.
    func sealed() throws -> Message {
        let built = try MessageBuilder.build(blueprint)
        var message = Message(built)
        let headerLength = try #require(built.layout.range(of: .headerTag)).upperBound
        let header = Array(built.bytes[..<headerLength])
        let body = Array(built.bytes[headerLength...])
        message.bytes += try footer?(header, body) ?? Self.footer(signature(over: built.bytes))
        return message
    }

    /// Everything but the footer.
    var blueprint: MessageBlueprint {
        var blueprint = MessageBlueprint(
            algorithmSuite: suite,
            dataKey: SecretBytes(dataKey),
            messageID: messageID,
            encryptionContext: contextField == nil ? context : [],
            encryptedDataKeys: encryptedDataKeys,
            plaintext: plaintext,
            framing: isFramed ? .framed(UInt32(frameLength), .full) : .nonFramed
        )
        blueprint.frameLength = UInt32(frameLength)
        blueprint.headerIV = headerIV
        blueprint.headerTagSuffix = requiredContext
        blueprint.frames = frames.map { $0.blueprint(messageID: messageID) }
        blueprint.overrides = overrides
        if let contextField {
            blueprint.overrides[.encryptionContextLength] = Array(contextField.prefix(2))
            blueprint.overrides[.encryptionContextCount] = Array(contextField.dropFirst(2))
        }
        return blueprint
    }

    /// The signature of a signed suite; nothing for an unsigned one.
    func signature(over bytes: [UInt8]) throws -> [UInt8] {
        guard let signature = suite.signature, let signingKey else { return [] }
        let digest = try Digest.hash(signature.hash, of: bytes.span)
        return try signingKey.sign(digest: digest.span, hash: signature.hash)
    }

    /// A signature after its length; nothing for no signature.
    static func footer(_ signature: [UInt8]) -> [UInt8] {
        signature.isEmpty ? [] : UInt16(signature.count).bytes + signature
    }

    /// Length, count and pairs.
    static func contextField(_ entries: [EncryptionContext.Entry]) -> [UInt8] {
        let pairs = serialized(entries)
        return UInt16(pairs.count).bytes + pairs
    }

    /// Count and pairs; nothing for no pairs.
    static func serialized(_ entries: [EncryptionContext.Entry]) -> [UInt8] {
        guard !entries.isEmpty else { return [] }
        return UInt16(entries.count).bytes
            + entries.flatMap { entry in
                [entry.keyBytes, entry.valueBytes].flatMap { UInt16($0.count).bytes + $0 }
            }
    }
}

// MARK: - Constants

extension Forge {
    static let defaultPlaintext = Array("The plaintext of a message.".utf8)
    static let publicKeyName = Array(EncryptionContext.publicKeyName.utf8)
    static let encryptedDataKey = EncryptedDataKey(
        keyProviderID: Array("stub".utf8),
        keyProviderInfo: Array("key".utf8),
        ciphertext: [1, 2, 3]
    )

    /// One suite of each kind: version 1 and 2, unsigned and signed.
    static let unsignedSuites: [AlgorithmSuite] = [.aes256GCMHKDFSHA256, .aes256GCMHKDFSHA512CommitKey]
    static let signedSuites: [AlgorithmSuite] = [.aes128GCMHKDFSHA256ECDSAP256, .aes256GCMHKDFSHA512CommitKeyECDSAP384]
    static let suites = unsignedSuites + signedSuites
    static let version1Suites: [AlgorithmSuite] = [.aes256GCMHKDFSHA256, .aes128GCMHKDFSHA256ECDSAP256]
    static let version2Suites: [AlgorithmSuite] = [
        .aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA512CommitKeyECDSAP384,
    ]

    static let p256Key = Result { try ECPrivateKey.generate(.p256) }
    static let p384Key = Result { try ECPrivateKey.generate(.p384) }
}

extension FixedWidthInteger {
    /// Most significant byte first.
    var bytes: [UInt8] { bigEndianBytes }
}
