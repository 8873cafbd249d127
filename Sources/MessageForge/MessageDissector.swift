package import AWSMaterialProviders
import ESDKCrypto

/// Takes messages apart without any key, independently of the library's own parser.
///
/// It is strict about the structure: every byte belongs to a field, and every length is met exactly. Values that do not bear on the
/// structure, such as the reserved bytes, are not judged; a rebuilt message shows them as differences.
package struct MessageDissector: ~Copyable {
    private static let finalFrameMarker = UInt32.max
    /// How much of the source is read at a time.
    private static let windowLength = 256 << 10

    private let source: MessageSource
    /// The frames whose fields are noted one by one, from the first; the final frame's always are.
    private let detailedFrames: Int
    /// Whether the layout has the fields of frames.
    private var notesFrames = true
    /// A part of the source, and where it starts.
    private var window: [UInt8]
    private var windowStart = 0
    private var offset = 0
    private var message = DissectedMessage()
    /// What the source threw.
    private var readingError: (any Error)?

    /// Takes a message apart.
    ///
    /// - Parameters:
    ///   - bytes: the message.
    ///   - notesFrames: whether the layout has the fields of frames.
    /// - Throws: `DissectionError` when the structure cannot be followed to the end.
    /// - Complexity: O(*n*) in the length of the message.
    package static func dissect(
        _ bytes: [UInt8],
        notesFrames: Bool = true
    ) throws(DissectionError) -> DissectedMessage {
        var dissector = MessageDissector(MessageSource(bytes), window: bytes, detailedFrames: .max)
        dissector.notesFrames = notesFrames
        try dissector.run()
        return dissector.message
    }

    /// Takes a message apart as far as its structure can be followed, wherever it lies: only the header, and the fields of
    /// `detailedFrames` frames, are held in memory.
    ///
    /// - Parameters:
    ///   - source: the message.
    ///   - detailedFrames: how many frames are noted field by field, beside the final one; all are counted.
    /// - Returns: what was read, and why no more could be.
    /// - Throws: what the source throws.
    package static func survey(
        _ source: MessageSource,
        detailedFrames: Int
    ) throws -> (message: DissectedMessage, damage: DissectionError?) {
        var dissector = MessageDissector(source, window: [], detailedFrames: detailedFrames)
        var damage: DissectionError?
        do { try dissector.run() } catch { damage = error }
        if let error = dissector.readingError { throw error }
        return (dissector.message, damage)
    }

    private init(_ source: MessageSource, window: [UInt8], detailedFrames: Int) {
        self.source = source
        self.window = window
        self.detailedFrames = detailedFrames
    }

    private mutating func run() throws(DissectionError) {
        let isVersion1 = try readBeginning()
        try readEncryptionContext()
        try readEncryptedDataKeys()
        try readHeaderEnd(isVersion1: isVersion1)
        try readBody()
        try readFooter()
    }

    // MARK: - Header

    private mutating func readBeginning() throws(DissectionError) -> Bool {
        let version = try readInteger(.version) as UInt8
        message.version = version
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
        message.knownSuite = suite
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
        message.body = DissectedBody(offset: offset)
        guard message.contentType == 2 else {
            try readSingleBlock()
            return
        }
        while try !readFrame(message.body?.frameCount ?? 0) {}
    }

    private mutating func readSingleBlock() throws(DissectionError) {
        let start = offset
        let iv = try read(.body(.iv), AESGCM.ivLength)
        let length = try contentLength(readInteger(.body(.contentLength)) as UInt64, .body(.content))
        try skip(.body(.content), length)
        try skip(.body(.tag), AESGCM.tagLength)
        append(.singleBlock, 1, iv: iv, length: length, from: start, isDetailed: true)
    }

    /// Reads a frame; returns whether it is the final one.
    private mutating func readFrame(_ index: Int) throws(DissectionError) -> Bool {
        let start = offset
        let isFinal = try peekUInt32() == Self.finalFrameMarker
        let isDetailed = isFinal || index < detailedFrames
        if isFinal { try skip(.frame(index, .finalFrameMarker), 4) }
        let number = try readInteger(.frame(index, .sequenceNumber), isNoted: isDetailed) as UInt32
        let iv = try read(.frame(index, .iv), AESGCM.ivLength, isNoted: isDetailed)
        var length = UInt64(message.frameLength)
        if isFinal { length = UInt64(try readInteger(.frame(index, .contentLength)) as UInt32) }
        let count = try contentLength(length, .frame(index, .content))
        try skip(.frame(index, .content), count, isNoted: isDetailed)
        try skip(.frame(index, .tag), AESGCM.tagLength, isNoted: isDetailed)
        append(isFinal ? .final : .regular, number, iv: iv, length: count, from: start, isDetailed: isDetailed)
        return isFinal
    }

    private mutating func append(
        _ kind: MessageBlueprint.Frame.Kind,
        _ number: UInt32,
        iv: [UInt8],
        length: Int,
        from start: Int,
        isDetailed: Bool
    ) {
        var frame = MessageBlueprint.Frame(kind, sequenceNumber: number, plaintextLength: length)
        if iv != frame.ivBytes { frame.iv = .bytes(iv) }
        message.body?.count(frame, from: start, to: offset)
        if isDetailed { message.frames.append(frame) }
    }

    private mutating func readFooter() throws(DissectionError) {
        if message.algorithmSuite.signature != nil {
            message.signature = try readText(.signatureLength, .signature)
        }
        guard offset == source.count else {
            let count = source.count - offset
            throw DissectionError(
                .trailingBytes,
                at: offset,
                "\(count) \(count == 1 ? "byte follows" : "bytes follow") the message"
            )
        }
    }

    // MARK: - Fields

    /// Makes sure that `count` bytes are there, and notes that they are the field's.
    private mutating func take(
        _ field: MessageField,
        _ count: Int,
        isNoted: Bool
    ) throws(DissectionError) -> Range<Int> {
        guard source.count - offset >= count else {
            throw DissectionError(
                field,
                at: offset,
                "the message ends after \(source.count) bytes, \(count) are due here"
            )
        }
        if isNoted, notesFrames || !field.isOfFrame { message.layout.append(field, at: offset, count: count) }
        defer { offset += count }
        return offset..<offset + count
    }

    private mutating func skip(
        _ field: MessageField,
        _ count: Int,
        isNoted: Bool = true
    ) throws(DissectionError) {
        _ = try take(field, count, isNoted: isNoted)
    }

    private mutating func read(
        _ field: MessageField,
        _ count: Int,
        isNoted: Bool = true
    ) throws(DissectionError) -> [UInt8] {
        let range = try take(field, count, isNoted: isNoted)
        try look(at: range, field)
        return Array(window[range.lowerBound - windowStart..<range.upperBound - windowStart])
    }

    private mutating func readInteger<Value: FixedWidthInteger & UnsignedInteger>(
        _ field: MessageField,
        isNoted: Bool = true
    ) throws(DissectionError) -> Value {
        let range = try take(field, Value.bitWidth / 8, isNoted: isNoted)
        try look(at: range, field)
        return window.span.bigEndianInteger(at: range.lowerBound - windowStart)
    }

    /// Bytes after their two-byte length.
    private mutating func readText(
        _ lengthField: MessageField,
        _ field: MessageField
    ) throws(DissectionError) -> [UInt8] {
        let length = Int(try readInteger(lengthField) as UInt16)
        return try read(field, length)
    }

    private mutating func peekUInt32() throws(DissectionError) -> UInt32? {
        guard source.count - offset >= 4 else { return nil }
        try look(at: offset..<offset + 4, .frame(message.body?.frameCount ?? 0, .sequenceNumber))
        return window.span.bigEndianInteger(at: offset - windowStart)
    }

    /// Moves the window over a range of the source, unless it is there already.
    private mutating func look(at range: Range<Int>, _ field: MessageField) throws(DissectionError) {
        guard range.lowerBound < windowStart || range.upperBound > windowStart + window.count else { return }
        do {
            let length = max(range.count, min(Self.windowLength, source.count - range.lowerBound))
            window = try source.bytes(range.lowerBound..<range.lowerBound + length)
        } catch {
            readingError = error
            window = []
        }
        windowStart = range.lowerBound
        guard window.count >= range.count else {
            throw DissectionError(field, at: range.lowerBound, "the input became shorter while it was read")
        }
    }

    /// A length as a number of bytes that may be there.
    private func contentLength(_ length: UInt64, _ field: MessageField) throws(DissectionError) -> Int {
        guard let count = Int(exactly: length), count <= source.count else {
            throw DissectionError(field, at: offset, "the content has \(length) bytes, the message \(source.count)")
        }
        return count
    }
}

/// Where the bytes of a message are read from.
package struct MessageSource {
    /// How many bytes there are.
    package let count: Int
    /// Bytes from an offset, at most so many: fewer only at the end.
    private let read: (_ offset: Int, _ count: Int) throws -> [UInt8]

    /// A source.
    ///
    /// - Parameters:
    ///   - count: how many bytes there are.
    ///   - bytes: reads bytes from an offset, at most so many: fewer only at the end.
    package init(count: Int, _ bytes: @escaping (_ offset: Int, _ count: Int) throws -> [UInt8]) {
        self.count = count
        read = bytes
    }

    /// A message in memory.
    package init(_ bytes: [UInt8]) {
        count = bytes.count
        read = { offset, count in Array(bytes[offset..<min(offset + count, bytes.count)]) }
    }

    /// The bytes of a range; fewer when the source ends before.
    ///
    /// - Throws: what the source throws.
    package func bytes(_ range: Range<Int>) throws -> [UInt8] { try read(range.lowerBound, range.count) }
}

/// A message taken apart: what stands in its fields, and where they lie.
///
/// Nothing about it has been authenticated.
package struct DissectedMessage: Sendable {
    /// Where the fields lie.
    package internal(set) var layout = MessageLayout()
    /// The version of the message format; nil when not even that was read.
    package internal(set) var version: UInt8?
    /// The algorithm suite; nil when the message ended before, or when there is no such suite.
    package internal(set) var knownSuite: AlgorithmSuite?
    /// The algorithm suite; that of a message that was not read so far does not count.
    package var algorithmSuite: AlgorithmSuite { knownSuite ?? .aes128GCM }
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
    /// What all frames have in common; nil when the message ended before.
    package internal(set) var body: DissectedBody?
    /// The frames, or the single block of a non-framed body; lengths are those of the encrypted content.
    ///
    /// A survey leaves frames in the middle out.
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

/// What the frames of a body have in common, however many there are.
package struct DissectedBody: Sendable, Hashable {
    /// Where the body starts, in bytes from the start of the message.
    package let offset: Int
    /// Where the last whole frame ends.
    package private(set) var end: Int
    /// How many whole frames there are; a non-framed body counts as one.
    package private(set) var frameCount = 0
    /// How many of them are regular.
    package private(set) var regularFrameCount = 0
    /// The length of all contents in bytes, which is that of the plaintext.
    package private(set) var contentLength = 0
    /// The frame that ends the body; nil when the message ended before.
    package private(set) var last: Last?
    /// The first frame, from 0, whose sequence number is not one more than that of the frame before, or 1 for the first.
    package private(set) var firstOutOfOrder: Int?
    /// How many frames have an IV other than their sequence number.
    package private(set) var otherIVCount = 0

    /// The frame that ends a body.
    package struct Last: Sendable, Hashable {
        /// A final frame or a single block.
        package let kind: MessageBlueprint.Frame.Kind
        /// Where it starts.
        package let offset: Int
        /// Its sequence number; 1 for a single block.
        package let sequenceNumber: UInt32
        /// The length of its content in bytes.
        package let contentLength: Int
        /// Its IV.
        package let iv: [UInt8]
        /// Whether the IV is the sequence number.
        package let hasUsualIV: Bool
    }

    init(offset: Int) {
        self.offset = offset
        end = offset
    }

    /// Takes a frame into account that lies between two offsets.
    mutating func count(_ frame: MessageBlueprint.Frame, from start: Int, to end: Int) {
        let isOrderly = UInt32(truncatingIfNeeded: frameCount + 1) == frame.sequenceNumber
        if !isOrderly, firstOutOfOrder == nil { firstOutOfOrder = frameCount }
        if frame.iv != .sequenceNumber { otherIVCount += 1 }
        if frame.kind == .regular {
            regularFrameCount += 1
        } else {
            last = Last(
                kind: frame.kind,
                offset: start,
                sequenceNumber: frame.sequenceNumber,
                contentLength: frame.plaintextLength,
                iv: frame.ivBytes,
                hasUsualIV: frame.iv == .sequenceNumber
            )
        }
        contentLength += frame.plaintextLength
        frameCount += 1
        self.end = end
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
