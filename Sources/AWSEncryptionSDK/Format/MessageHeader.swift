public import AWSMaterialProviders
import ESDKCrypto

/// The header of a message (data-format/message-header.md).
///
/// A header that `init(parsing:maximumEncryptedDataKeys:)` returns is *not authenticated*: anyone can have written it. The header of a
/// message that has been decrypted, and of one that has been encrypted, is: `isAuthenticated` tells the two apart.
public struct MessageHeader: Sendable {
    /// How the body is laid out.
    public enum ContentType: UInt8, Sendable {
        /// One block of any length.
        case nonFramed = 1
        /// Frames of equal length and a final frame.
        case framed = 2
    }

    /// What never changes; headers are copied from hand to hand, and one reference is copied faster than all fields.
    private final class Fields: Sendable {
        let algorithmSuite: AlgorithmSuite
        let messageID: [UInt8]
        let encryptionContext: EncryptionContext
        let encryptedDataKeys: [EncryptedDataKey]
        let contentType: ContentType
        let frameLength: UInt32
        let commitment: [UInt8]
        let diagnostics: [MessageDiagnostic]
        let tagIV: [UInt8]

        init(
            _ algorithmSuite: AlgorithmSuite,
            _ messageID: [UInt8],
            _ encryptionContext: EncryptionContext,
            _ encryptedDataKeys: [EncryptedDataKey],
            _ contentType: ContentType,
            _ frameLength: UInt32,
            _ commitment: [UInt8],
            _ diagnostics: [MessageDiagnostic],
            _ tagIV: [UInt8]
        ) {
            self.algorithmSuite = algorithmSuite
            self.messageID = messageID
            self.encryptionContext = encryptionContext
            self.encryptedDataKeys = encryptedDataKeys
            self.contentType = contentType
            self.frameLength = frameLength
            self.commitment = commitment
            self.diagnostics = diagnostics
            self.tagIV = tagIV
        }
    }

    private let fields: Fields

    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { fields.algorithmSuite }
    /// The random id of the message: 16 bytes in version 1, 32 in version 2.
    public var messageID: [UInt8] { fields.messageID }
    /// The pairs of the encryption context that are stored in the header.
    public var encryptionContext: EncryptionContext { fields.encryptionContext }
    /// The encrypted data keys, in the order of the message.
    public var encryptedDataKeys: [EncryptedDataKey] { fields.encryptedDataKeys }
    /// How the body is laid out.
    public var contentType: ContentType { fields.contentType }
    /// The length of a regular frame in bytes of plaintext; 0 in a non-framed message.
    public var frameLength: UInt32 { fields.frameLength }
    /// The key commitment: 32 bytes in version 2, nothing in version 1.
    public var commitment: [UInt8] { fields.commitment }
    /// Oddities of the header that are accepted.
    public var diagnostics: [MessageDiagnostic] { fields.diagnostics }
    /// Whether the header's tag has been verified with the data key of the message, or made with it.
    public internal(set) var isAuthenticated = false

    /// The IV of the header's tag: twelve bytes, zero and not on the wire in version 2.
    package var tagIV: [UInt8] { fields.tagIV }
    /// The header's tag; empty until it is made.
    package internal(set) var tag: [UInt8]
    /// The length of the bytes that the tag covers: all fields before IV and tag.
    package internal(set) var authenticatedLength: Int

    init(
        algorithmSuite: AlgorithmSuite,
        messageID: [UInt8],
        encryptionContext: EncryptionContext,
        encryptedDataKeys: [EncryptedDataKey],
        contentType: ContentType,
        frameLength: UInt32,
        commitment: [UInt8],
        diagnostics: [MessageDiagnostic],
        tagIV: [UInt8],
        tag: [UInt8],
        authenticatedLength: Int
    ) {
        fields = Fields(
            algorithmSuite,
            messageID,
            encryptionContext,
            encryptedDataKeys,
            contentType,
            frameLength,
            commitment,
            diagnostics,
            tagIV
        )
        self.tag = tag
        self.authenticatedLength = authenticatedLength
    }

    /// The version of the message format: 1 or 2.
    public var version: UInt8 { algorithmSuite.messageFormatVersion }

    /// The length of the header in bytes, its tag included: the body starts here.
    public var length: Int { authenticatedLength + (version == 1 ? AESGCM.ivLength : 0) + AESGCM.tagLength }
}

// MARK: - Reading

extension MessageHeader {
    /// Reads the header at the start of a message, or of the beginning of one, without any key.
    ///
    /// - Warning: Nothing that it says is authenticated. Show it, or choose a key by it; do not decide by it whether a message is to be
    ///   trusted, or what to do with its plaintext. Decrypting the message gives the same header, authenticated.
    ///
    /// No more than the bytes given is read or held in memory, whatever their length fields say.
    ///
    /// - Parameters:
    ///   - bytes: the message from its first byte; what follows the header is not looked at.
    ///   - maximumEncryptedDataKeys: the most encrypted data keys that are accepted, or nil for any number; a header can have 65,535.
    /// - Throws: `EncryptionSDKError`, as decrypting would: `truncatedMessage` when the header is longer than `bytes`, and the errors of
    ///   a field that violates the specification, with its name and offset.
    /// - Complexity: O(*n*) in the length of the header.
    public init(parsing bytes: Span<UInt8>, maximumEncryptedDataKeys: Int? = nil) throws(EncryptionSDKError) {
        var parser = HeaderParser(maximumEncryptedDataKeys: maximumEncryptedDataKeys)
        guard case .complete(let header) = try parser.advance(bytes) else {
            throw parser.truncation(of: bytes)
        }
        self = header
    }

    /// Reads the header at the start of a message that is in an array; see `init(parsing:maximumEncryptedDataKeys:)` for a span.
    ///
    /// - Warning: Nothing that it says is authenticated.
    ///
    /// - Parameters:
    ///   - bytes: the message from its first byte; what follows the header is not looked at.
    ///   - maximumEncryptedDataKeys: the most encrypted data keys that are accepted, or nil for any number.
    /// - Throws: `EncryptionSDKError`, as decrypting would.
    /// - Complexity: O(*n*) in the length of the header.
    public init(parsing bytes: [UInt8], maximumEncryptedDataKeys: Int? = nil) throws(EncryptionSDKError) {
        try self.init(parsing: bytes.span, maximumEncryptedDataKeys: maximumEncryptedDataKeys)
    }
}

extension MessageHeader {
    /// The algorithm suite that the first bytes of a message name, or nil if they name none.
    static func announcedSuite(of bytes: Span<UInt8>) -> AlgorithmSuite? {
        guard bytes.count >= 4 else { return nil }
        let offset = bytes[0] == 1 ? 2 : 1
        return try? AlgorithmSuite(id: bytes.bigEndianInteger(at: offset))
    }
}

// MARK: - Writing

extension MessageHeader {
    /// A header that is about to be written, without a tag.
    init(
        algorithmSuite: AlgorithmSuite,
        messageID: [UInt8],
        encryptionContext: EncryptionContext,
        encryptedDataKeys: [EncryptedDataKey],
        frameLength: UInt32,
        commitment: [UInt8]
    ) {
        self.init(
            algorithmSuite: algorithmSuite,
            messageID: messageID,
            encryptionContext: encryptionContext,
            encryptedDataKeys: encryptedDataKeys,
            contentType: .framed,
            frameLength: frameLength,
            commitment: commitment,
            diagnostics: [],
            tagIV: Self.zeroIV,
            tag: [],
            authenticatedLength: 0
        )
    }

    /// The IV of the tag of every header that is written, and of those of version 2 that are read.
    static let zeroIV = [UInt8](repeating: 0, count: AESGCM.ivLength)

    /// Completes a header that has been serialized up to its tag.
    mutating func seal(_ tag: [UInt8], over authenticatedLength: Int) {
        self.tag = tag
        self.authenticatedLength = authenticatedLength
        isAuthenticated = true
    }

    // spec: encrypt/construct-the-header, message-header/structure, message-header/header-body-version-1-0
    // spec: message-header/header-body-version-2-0, message-header/key-value-pairs-length
    // spec: message-header/key-value-pairs
    /// The fields that the header's tag covers, as the specification has them written.
    ///
    /// - Throws: `encryptionContextTooLong`; `invalidMaterials` when the number of encrypted data keys, or a part of one, does not fit
    ///   into its field.
    func serializedFields() throws(EncryptionSDKError) -> [UInt8] {
        let contextLength = try encryptionContext.serializedLength()
        let dataKeys = encryptedDataKeys
        guard 1...Int(UInt16.max) ~= dataKeys.count else {
            throw EncryptionSDKError(
                .invalidMaterials,
                "a message holds 1 to 65,535 encrypted data keys, not \(dataKeys.count)"
            )
        }
        var bytes: [UInt8] = []
        // Room for IV and tag, too.
        bytes.reserveCapacity(160 + contextLength + dataKeys.reduce(0) { $0 + $1.serializedLength })
        for field in HeaderField.order(inVersion: version) {
            switch field {
            case .version: bytes.append(version)
            case .type: bytes.append(HeaderField.customerAuthenticatedData)
            case .algorithmSuiteID: bytes.append(bigEndian: algorithmSuite.id)
            case .messageID: bytes.append(bytesOf: messageID.span)
            case .contextLength: bytes.append(bigEndian: UInt16(contextLength))
            case .context: encryptionContext.serialize(appendingTo: &bytes)
            case .dataKeyCount: bytes.append(bigEndian: UInt16(dataKeys.count))
            case .dataKeys:
                for index in dataKeys.indices { try dataKeys[index].serialize(appendingTo: &bytes, at: index) }
            case .contentType: bytes.append(contentType.rawValue)
            case .reserved: bytes.append(bigEndian: 0 as UInt32)
            case .ivLength: bytes.append(UInt8(AESGCM.ivLength))
            case .frameLength: bytes.append(bigEndian: frameLength)
            case .commitment: bytes.append(bytesOf: commitment.span)
            case .tagIV, .tag: break
            }
        }
        return bytes
    }

    /// Appends what follows those fields: the IV of the tag in version 1, and the tag.
    func appendTag(to bytes: inout [UInt8]) {
        if version == 1 { bytes.append(bytesOf: tagIV.span) }
        bytes.append(bytesOf: tag.span)
    }
}

/// The fields of a header in the order of the wire, by the specification's names: the reader and the writer both go by it.
enum HeaderField: String, CaseIterable {
    case version = "Version"
    case type = "Type"
    case algorithmSuiteID = "Algorithm Suite ID"
    case messageID = "Message ID"
    case contextLength = "Key Value Pairs Length"
    case context = "AAD"
    case dataKeyCount = "Encrypted Data Key Count"
    case dataKeys = "Encrypted Data Keys"
    case contentType = "Content Type"
    case reserved = "Reserved"
    case ivLength = "IV Length"
    case frameLength = "Frame Length"
    case commitment = "Algorithm Suite Data"
    case tagIV = "IV"
    case tag = "Authentication Tag"

    /// The only type of a version 1 message.
    static let customerAuthenticatedData: UInt8 = 0x80

    private static let version1 = allCases.filter { $0 != .commitment }
    private static let version2 = allCases.filter { ![.type, .reserved, .ivLength, .tagIV].contains($0) }

    /// The fields of a header of this version.
    static func order(inVersion version: UInt8) -> [HeaderField] { version == 1 ? version1 : version2 }
}

/// Something about a message that is accepted and that a reader may want to know.
public enum MessageDiagnostic: String, Sendable, Hashable, CaseIterable {
    /// The empty encryption context is written as the length 2 and the count 0, not as the length 0, as the earliest browser
    /// client did.
    case nonCanonicalEmptyEncryptionContext = "non-canonical-empty-encryption-context"
    /// The keys of the encryption context are not in ascending order of their UTF-8 bytes.
    case unsortedEncryptionContext = "unsorted-encryption-context"
    /// The message was readable only by the rules of ESDK-NET 4.0.0 (see `NetV4_0_0RetryPolicy`).
    case netV4_0_0Retry = "net-4.0.0-retry"
}
