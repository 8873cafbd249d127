import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto

/// Builds a message from scratch, as someone who holds the data key can: every field may be altered, and tags and
/// signature are computed over the altered bytes, so that only the check under test can refuse the message.
///
/// What is not overridden is what the specification asks for. Nothing here is shared with the code under test but the
/// cryptographic primitives.
struct Forge {
    /// The suite whose cryptography seals the message.
    let suite: AlgorithmSuite
    var dataKey: [UInt8]
    var messageID: [UInt8]
    /// The stored pairs in the order of the header, the public key of a signed message among them.
    var context: [EncryptionContext.Entry]
    var encryptedDataKeys: [EncryptedDataKey]
    var frames: [Frame]
    /// The additional data that follows the header: the required encryption context as serialized.
    var requiredContext: [UInt8] = []
    var signingKey: ECPrivateKey?

    // Header fields as bytes.
    var version: [UInt8]
    var type: [UInt8]
    var suiteID: [UInt8]
    /// Length and pairs; nil for those of `context`.
    var contextField: [UInt8]?
    /// Count and encrypted data keys; nil for those of `encryptedDataKeys`.
    var encryptedDataKeysField: [UInt8]?
    var contentType: [UInt8]
    var reserved: [UInt8]
    var ivLength: [UInt8]
    var frameLength: [UInt8]
    /// The key commitment; nil for the right one.
    var commitment: [UInt8]?
    var headerIV: [UInt8]
    /// The footer of the given header and body; nil for the right one.
    var footer: ((_ header: [UInt8], _ body: [UInt8]) throws -> [UInt8])?

    /// A framed message without fault.
    init(
        _ suite: AlgorithmSuite,
        plaintext: [UInt8] = Forge.defaultPlaintext,
        frameLength: Int = 8,
        context: EncryptionContext = ["stage": "test"]
    ) throws {
        try self.init(suite, context: context)
        self.frameLength = UInt32(frameLength).bytes
        frames = Self.frames(of: plaintext, frameLength: frameLength)
    }

    /// A non-framed message without fault.
    static func nonFramed(
        _ suite: AlgorithmSuite,
        plaintext: [UInt8] = Forge.defaultPlaintext,
        context: EncryptionContext = ["stage": "test"]
    ) throws -> Forge {
        var forge = try Forge(suite, context: context)
        forge.contentType = [1]
        forge.frameLength = [0, 0, 0, 0]
        forge.frames = [Frame(.singleBlock, 1, plaintext)]
        return forge
    }

    private init(_ suite: AlgorithmSuite, context: EncryptionContext) throws {
        self.suite = suite
        let isVersion1 = suite.messageFormatVersion == 1
        dataKey = [UInt8](1...UInt8(suite.dataKeyLength))
        messageID = [UInt8](repeating: 0x5A, count: suite.messageIDLength)
        encryptedDataKeys = [Self.encryptedDataKey]
        var entries = context.entries
        if let signature = suite.signature {
            let key = signature.curve == .p256 ? try Self.p256Key.get() : try Self.p384Key.get()
            signingKey = key
            let text = Array(Base64.encode(key.publicKey.compressedPoint).utf8)
            entries.append(.init(keyBytes: Self.publicKeyName, valueBytes: text))
            entries.sort { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        }
        self.context = entries
        version = [suite.messageFormatVersion]
        type = isVersion1 ? [0x80] : []
        suiteID = suite.id.bytes
        contentType = [2]
        reserved = isVersion1 ? [0, 0, 0, 0] : []
        ivLength = isVersion1 ? [12] : []
        frameLength = [0, 0, 0, 8]
        headerIV = isVersion1 ? [UInt8](repeating: 0, count: 12) : []
        frames = []
    }

    /// Frames of `frameLength` bytes and a final frame of what is left, which is empty only for an empty plaintext.
    static func frames(of plaintext: [UInt8], frameLength: Int) -> [Frame] {
        var frames: [Frame] = []
        var offset = 0
        var number: UInt32 = 1
        while plaintext.count - offset > frameLength {
            frames.append(Frame(.regular, number, Array(plaintext[offset..<offset + frameLength])))
            offset += frameLength
            number += 1
        }
        frames.append(Frame(.final, number, Array(plaintext[offset...])))
        return frames
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
    func keys() throws -> (content: [UInt8], commitment: [UInt8]) {
        try Self.keys(suite, dataKey: dataKey, messageID: messageID)
    }

    static func keys(
        _ suite: AlgorithmSuite,
        dataKey: [UInt8],
        messageID: [UInt8]
    ) throws -> (content: [UInt8], commitment: [UInt8]) {
        func derive(_ hash: HashAlgorithm, salt: [UInt8], info: [UInt8], count: Int) throws -> [UInt8] {
            let extracted = try HKDF.extract(hash, salt: salt.span, keyMaterial: dataKey.span)
            let key = try HKDF.expand(hash, pseudorandomKey: extracted, info: info.span, outputLength: count)
            return [UInt8](bytesOf: key.span)
        }
        switch suite.keyDerivation {
        case .identity:
            return (dataKey, [])
        case .hkdf(let hash):
            return (try derive(hash, salt: [], info: suite.id.bytes + messageID, count: suite.dataKeyLength), [])
        case .hkdfWithCommitment(let hash):
            return (
                try derive(hash, salt: messageID, info: suite.id.bytes + Array("DERIVEKEY".utf8), count: 32),
                try derive(hash, salt: messageID, info: Array("COMMITKEY".utf8), count: 32)
            )
        }
    }
}

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
    var bytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}
