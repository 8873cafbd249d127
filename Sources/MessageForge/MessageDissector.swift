package import AWSMaterialProviders
import ESDKCrypto

/// Takes messages apart without any key, independently of the library's own parser.
///
/// It is strict about the structure: every byte belongs to a field, and every length is met exactly. Values that do not bear on the
/// structure, such as the reserved bytes, are not judged; a rebuilt message shows them as differences.
package struct MessageDissector: ~Copyable {
    private static let finalFrameMarker = UInt32.max

    private let bytes: [UInt8]
    private var offset = 0
    private var message = DissectedMessage()

    /// Takes a message apart.
    ///
    /// - Throws: `DissectionError` when the structure cannot be followed to the end.
    /// - Complexity: O(*n*) in the length of the message.
    package static func dissect(_ bytes: [UInt8]) throws(DissectionError) -> DissectedMessage {
        var dissector = MessageDissector(bytes)
        let isVersion1 = try dissector.readBeginning()
        try dissector.readEncryptionContext()
        try dissector.readEncryptedDataKeys()
        try dissector.readHeaderEnd(isVersion1: isVersion1)
        try dissector.readBody()
        try dissector.readFooter()
        return dissector.message
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    // MARK: - Header

    private mutating func readBeginning() throws(DissectionError) -> Bool {
        let version = try readInteger(.version) as UInt8
        guard version == 1 || version == 2 else {
            throw DissectionError(.version, at: 0, "the version is \(version), not 1 or 2")
        }
        if version == 1 { try skip(.type, 1) }
        let id = try readInteger(.algorithmSuiteID) as UInt16
        guard let suite = try? AlgorithmSuite(id: id), suite.messageFormatVersion == version else {
            throw DissectionError(
                .algorithmSuiteID,
                at: offset - 2,
                "version \(version) has no algorithm suite \(AlgorithmSuite.text(ofID: id))"
            )
        }
        message.algorithmSuite = suite
        message.messageID = try read(.messageID, suite.messageIDLength)
        return version == 1
    }

    private mutating func readEncryptionContext() throws(DissectionError) {
        let length = Int(try readInteger(.encryptionContextLength) as UInt16)
        guard length > 0 else { return }
        let end = offset + length
        let count = Int(try readInteger(.encryptionContextCount) as UInt16)
        for pair in 0..<count {
            let key = try readText(.encryptionContext(pair: pair, .keyLength), .encryptionContext(pair: pair, .key))
            let value = try readText(
                .encryptionContext(pair: pair, .valueLength),
                .encryptionContext(pair: pair, .value)
            )
            message.encryptionContext.append(EncryptionContext.Entry(keyBytes: key, valueBytes: value))
        }
        if count == 0 { message.emptyContextForm = .zeroCount }
        guard offset == end else {
            throw DissectionError(
                .encryptionContextLength,
                at: end - length - 2,
                "the encryption context takes \(offset - end + length) bytes, its length says \(length)"
            )
        }
    }

    private mutating func readEncryptedDataKeys() throws(DissectionError) {
        let count = Int(try readInteger(.encryptedDataKeyCount) as UInt16)
        for index in 0..<count {
            let id = try readText(
                .encryptedDataKey(index, .keyProviderIDLength),
                .encryptedDataKey(index, .keyProviderID)
            )
            let info = try readText(
                .encryptedDataKey(index, .keyProviderInfoLength),
                .encryptedDataKey(index, .keyProviderInfo)
            )
            let ciphertext = try readText(
                .encryptedDataKey(index, .ciphertextLength),
                .encryptedDataKey(index, .ciphertext)
            )
            message.encryptedDataKeys.append(
                EncryptedDataKey(keyProviderID: id, keyProviderInfo: info, ciphertext: ciphertext)
            )
        }
    }

    private mutating func readHeaderEnd(isVersion1: Bool) throws(DissectionError) {
        message.contentType = try readInteger(.contentType)
        guard 1...2 ~= message.contentType else {
            throw DissectionError(.contentType, at: offset - 1, "the content type is \(message.contentType)")
        }
        if isVersion1 {
            try skip(.reserved, 4)
            try skip(.ivLength, 1)
        }
        message.frameLength = try readInteger(.frameLength)
        if isVersion1 {
            message.headerIV = try read(.headerIV, AESGCM.ivLength)
        } else {
            message.commitment = try read(.commitment, message.algorithmSuite.commitmentLength)
        }
        try skip(.headerTag, AESGCM.tagLength)
    }

    // MARK: - Body and footer

    private mutating func readBody() throws(DissectionError) {
        guard message.contentType == 2 else {
            try readSingleBlock()
            return
        }
        var index = 0
        while true {
            let isFinal = try readFrame(index)
            if isFinal { return }
            index += 1
        }
    }

    private mutating func readSingleBlock() throws(DissectionError) {
        let iv = try read(.body(.iv), AESGCM.ivLength)
        let length = try contentLength(readInteger(.body(.contentLength)) as UInt64, .body(.content))
        try skip(.body(.content), length)
        try skip(.body(.tag), AESGCM.tagLength)
        append(.singleBlock, 1, iv: iv, length: length)
    }

    private mutating func readFrame(_ index: Int) throws(DissectionError) -> Bool {
        let isFinal = peekUInt32() == Self.finalFrameMarker
        if isFinal { try skip(.frame(index, .finalFrameMarker), 4) }
        let number = try readInteger(.frame(index, .sequenceNumber)) as UInt32
        let iv = try read(.frame(index, .iv), AESGCM.ivLength)
        var length = UInt64(message.frameLength)
        if isFinal { length = UInt64(try readInteger(.frame(index, .contentLength)) as UInt32) }
        let count = try contentLength(length, .frame(index, .content))
        try skip(.frame(index, .content), count)
        try skip(.frame(index, .tag), AESGCM.tagLength)
        append(isFinal ? .final : .regular, number, iv: iv, length: count)
        return isFinal
    }

    private mutating func append(
        _ kind: MessageBlueprint.Frame.Kind,
        _ number: UInt32,
        iv: [UInt8],
        length: Int
    ) {
        var frame = MessageBlueprint.Frame(kind, sequenceNumber: number, plaintextLength: length)
        if iv != frame.ivBytes { frame.iv = .bytes(iv) }
        message.frames.append(frame)
    }

    private mutating func readFooter() throws(DissectionError) {
        if message.algorithmSuite.signature != nil {
            message.signature = try readText(.signatureLength, .signature)
        }
        guard offset == bytes.count else {
            throw DissectionError(.trailingBytes, at: offset, "\(bytes.count - offset) bytes follow the message")
        }
    }

    // MARK: - Fields

    /// Makes sure that `count` bytes are there, and notes that they are the field's.
    private mutating func take(_ field: MessageField, _ count: Int) throws(DissectionError) -> Range<Int> {
        guard bytes.count - offset >= count else {
            throw DissectionError(
                field,
                at: offset,
                "the message ends after \(bytes.count) bytes, \(count) are due here"
            )
        }
        message.layout.append(field, count: count)
        defer { offset += count }
        return offset..<offset + count
    }

    private mutating func skip(_ field: MessageField, _ count: Int) throws(DissectionError) {
        _ = try take(field, count)
    }

    private mutating func read(_ field: MessageField, _ count: Int) throws(DissectionError) -> [UInt8] {
        Array(bytes[try take(field, count)])
    }

    private mutating func readInteger<Value: FixedWidthInteger & UnsignedInteger>(
        _ field: MessageField
    ) throws(DissectionError) -> Value {
        let range = try take(field, Value.bitWidth / 8)
        return bytes.span.bigEndianInteger(at: range.lowerBound)
    }

    /// Bytes after their two-byte length.
    private mutating func readText(
        _ lengthField: MessageField,
        _ field: MessageField
    ) throws(DissectionError) -> [UInt8] {
        let length = Int(try readInteger(lengthField) as UInt16)
        return try read(field, length)
    }

    private func peekUInt32() -> UInt32? {
        bytes.count - offset >= 4 ? bytes.span.bigEndianInteger(at: offset) : nil
    }

    /// A length as a number of bytes that may be there.
    private func contentLength(_ length: UInt64, _ field: MessageField) throws(DissectionError) -> Int {
        guard let count = Int(exactly: length), count <= bytes.count else {
            throw DissectionError(field, at: offset, "the content has \(length) bytes, the message \(bytes.count)")
        }
        return count
    }
}

/// A message taken apart: what stands in its fields, and where they lie.
///
/// Nothing about it has been authenticated.
package struct DissectedMessage: Sendable {
    /// Where the fields lie.
    package internal(set) var layout = MessageLayout()
    /// The algorithm suite.
    package internal(set) var algorithmSuite = AlgorithmSuite.aes128GCM
    /// The message id.
    package internal(set) var messageID: [UInt8] = []
    /// The stored pairs in the order of the header.
    package internal(set) var encryptionContext: [EncryptionContext.Entry] = []
    /// How no pairs are written.
    package internal(set) var emptyContextForm = MessageBlueprint.EmptyContextForm.zeroLength
    /// The encrypted data keys in the order of the header.
    package internal(set) var encryptedDataKeys: [EncryptedDataKey] = []
    /// The content type: 1 for a non-framed body, 2 for frames.
    package internal(set) var contentType: UInt8 = 0
    /// The frame length in the header.
    package internal(set) var frameLength: UInt32 = 0
    /// The key commitment; none in version 1.
    package internal(set) var commitment: [UInt8] = []
    /// The IV of the header's tag; zero in version 2, where it is not on the wire.
    package internal(set) var headerIV = MessageBlueprint.zeroIV
    /// The frames, or the single block of a non-framed body; lengths are those of the encrypted content.
    package internal(set) var frames: [MessageBlueprint.Frame] = []
    /// The signature; nil for an unsigned message.
    package internal(set) var signature: [UInt8]?

    /// The blueprint of this message, given what its bytes do not tell.
    ///
    /// - Parameters:
    ///   - keys: where content key and key commitment come from.
    ///   - plaintext: the plaintext of all frames.
    ///   - headerTagSuffix: what follows the header in the additional data of its tag.
    package func blueprint(
        keys: MessageBlueprint.Keys,
        plaintext: [UInt8],
        headerTagSuffix: [UInt8]
    ) -> MessageBlueprint {
        MessageBlueprint(
            algorithmSuite: algorithmSuite,
            keys: keys,
            messageID: messageID,
            encryptionContext: encryptionContext,
            emptyContextForm: emptyContextForm,
            encryptedDataKeys: encryptedDataKeys,
            contentType: contentType,
            frameLength: frameLength,
            headerIV: headerIV,
            headerTagSuffix: headerTagSuffix,
            frames: frames,
            plaintext: plaintext,
            footer: signature.map { .signature($0) } ?? .none,
            trailingBytes: [],
            overrides: [:]
        )
    }
}

/// A message whose structure cannot be followed.
package struct DissectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field at fault.
    package let field: MessageField
    /// Where it starts, in bytes from the start of the message.
    package let offset: Int
    /// What is wrong with it.
    package let reason: String

    init(_ field: MessageField, at offset: Int, _ reason: String) {
        self.field = field
        self.offset = offset
        self.reason = reason
    }

    /// Field, offset and reason.
    package var description: String { "\(field) at \(offset): \(reason)" }
}
