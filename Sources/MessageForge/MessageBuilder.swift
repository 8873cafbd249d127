import AWSMaterialProviders
import ESDKCrypto

/// Turns blueprints into messages.
///
/// It shares nothing with the library's encryptor and decryptor but the cryptographic primitives, so that the one checks the others.
package struct MessageBuilder: ~Copyable {
    private let blueprint: MessageBlueprint
    private let keys: DerivedKeys
    private var sealer: AESGCM.Sealer
    private var bytes: [UInt8] = []
    private var layout = MessageLayout()
    /// Whether the layout has the fields of frames.
    private let notesFrames: Bool

    /// Builds the message of a blueprint.
    ///
    /// - Parameters:
    ///   - blueprint: what decides its bytes.
    ///   - notesFrames: whether the layout has the fields of frames: a message of many small frames has more memory's worth of
    ///     these than of bytes.
    /// - Throws: `BlueprintError` when the frames do not take the plaintext exactly, or an IV for sealing does not have 12 bytes;
    ///   `CryptoError`; what a signer throws.
    /// - Complexity: O(*n*) in the length of the message.
    package static func build(_ blueprint: MessageBlueprint, notesFrames: Bool = true) throws -> BuiltMessage {
        let keys = try DerivedKeys(
            blueprint.keys,
            suite: blueprint.algorithmSuite,
            messageID: blueprint.messageID
        )
        var builder = try MessageBuilder(blueprint, keys: keys, notesFrames: notesFrames)
        try builder.writeHeader()
        try builder.writeBody()
        try builder.writeFooter()
        return BuiltMessage(bytes: builder.bytes, layout: builder.layout, keys: keys)
    }

    private init(_ blueprint: MessageBlueprint, keys: DerivedKeys, notesFrames: Bool) throws {
        guard blueprint.frames.reduce(0, { $0 + $1.plaintextLength }) == blueprint.plaintext.count,
            blueprint.frames.allSatisfy({ $0.plaintextLength >= 0 })
        else { throw BlueprintError("the frames do not take the plaintext exactly") }
        guard blueprint.headerIV.count == AESGCM.ivLength else {
            throw BlueprintError("the header's IV has \(blueprint.headerIV.count) bytes, not \(AESGCM.ivLength)")
        }
        let keyed = try AESGCM.Sealer(blueprint.algorithmSuite.contentKeyLength, key: keys.contentKey.span)
        self.blueprint = blueprint
        self.keys = keys
        self.notesFrames = notesFrames
        sealer = keyed
        bytes.reserveCapacity(2048 + blueprint.plaintext.count + blueprint.frames.count * 40)
    }

    // MARK: - Header

    private mutating func writeHeader() throws {
        let isVersion1 = blueprint.algorithmSuite.messageFormatVersion == 1
        put(.version, [blueprint.algorithmSuite.messageFormatVersion])
        put(.type, isVersion1 ? [0x80] : nil)
        put(.algorithmSuiteID, blueprint.algorithmSuite.id.bigEndianBytes)
        put(.messageID, blueprint.messageID)
        writeEncryptionContext()
        writeEncryptedDataKeys()
        put(.contentType, [blueprint.contentType])
        put(.reserved, isVersion1 ? [0, 0, 0, 0] : nil)
        put(.ivLength, isVersion1 ? [UInt8(AESGCM.ivLength)] : nil)
        put(.frameLength, blueprint.frameLength.bigEndianBytes)
        put(.commitment, isVersion1 ? nil : keys.commitment)

        let additionalData = bytes + blueprint.headerTagSuffix
        put(.headerIV, isVersion1 ? blueprint.headerIV : nil)
        let nothing: [UInt8] = []
        let iv = blueprint.headerIV
        let tag = try [UInt8](capacity: AESGCM.tagLength) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try sealer.seal(nothing.span, iv: iv.span, authenticating: additionalData.span, appendingTo: &output)
        }
        put(.headerTag, tag)
    }

    private mutating func writeEncryptionContext() {
        let texts = blueprint.encryptionContext.enumerated().flatMap { index, pair in
            lengthAndBytes(
                (.encryptionContext(pair: index, .keyLength), .encryptionContext(pair: index, .key)),
                pair.keyBytes
            )
                + lengthAndBytes(
                    (.encryptionContext(pair: index, .valueLength), .encryptionContext(pair: index, .value)),
                    pair.valueBytes
                )
        }
        let hasCount = !texts.isEmpty || blueprint.emptyContextForm == .zeroCount
        let count = UInt16(truncatingIfNeeded: blueprint.encryptionContext.count).bigEndianBytes
        let countBytes = blueprint.overrides[.encryptionContextCount] ?? (hasCount ? count : [])
        let length = texts.reduce(countBytes.count) { $0 + $1.bytes.count }
        put(.encryptionContextLength, UInt16(truncatingIfNeeded: length).bigEndianBytes)
        put(.encryptionContextCount, hasCount ? count : nil)
        for text in texts { write(text.field, text.bytes) }
    }

    private mutating func writeEncryptedDataKeys() {
        let count = blueprint.encryptedDataKeys.count
        put(.encryptedDataKeyCount, UInt16(truncatingIfNeeded: count).bigEndianBytes)
        for (index, key) in blueprint.encryptedDataKeys.enumerated() {
            func parts(_ length: MessageField.DataKeyPart, _ part: MessageField.DataKeyPart, _ bytes: [UInt8])
                -> [(field: MessageField, bytes: [UInt8])]
            {
                lengthAndBytes((.encryptedDataKey(index, length), .encryptedDataKey(index, part)), bytes)
            }
            let parts =
                parts(.keyProviderIDLength, .keyProviderID, key.keyProviderID)
                + parts(.keyProviderInfoLength, .keyProviderInfo, key.keyProviderInfo)
                + parts(.ciphertextLength, .ciphertext, key.ciphertext)
            for part in parts { write(part.field, part.bytes) }
        }
    }

    // MARK: - Body

    private mutating func writeBody() throws {
        var regular = FrameAdditionalData(.regular, messageID: blueprint.messageID)
        var start = 0
        for (index, frame) in blueprint.frames.enumerated() {
            let end = start + frame.plaintextLength
            let length = UInt64(frame.plaintextLength)
            if let given = frame.additionalData {
                try writeFrame(frame, at: index, plaintext: start..<end, additionalData: given)
            } else if frame.kind == .regular {
                // The one kind that comes in great numbers: only number and length change.
                regular.set(sequenceNumber: frame.sequenceNumber, contentLength: length)
                try writeFrame(frame, at: index, plaintext: start..<end, additionalData: regular.bytes)
            } else {
                let additionalData = MessageBlueprint.Frame.additionalData(
                    frame.kind,
                    messageID: blueprint.messageID,
                    sequenceNumber: frame.sequenceNumber,
                    contentLength: length
                )
                try writeFrame(frame, at: index, plaintext: start..<end, additionalData: additionalData)
            }
            start = end
        }
    }

    private mutating func writeFrame(
        _ frame: MessageBlueprint.Frame,
        at index: Int,
        plaintext: Range<Int>,
        additionalData: [UInt8]
    ) throws {
        func field(_ part: MessageField.BodyPart) -> MessageField {
            frame.kind == .singleBlock ? .body(part) : .frame(index, part)
        }
        let iv = frame.ivBytes
        guard iv.count == AESGCM.ivLength else {
            throw BlueprintError("the IV of \(field(.iv)) has \(iv.count) bytes, not \(AESGCM.ivLength)")
        }
        let announced = frame.announcedContentLength ?? UInt64(frame.plaintextLength)
        let isFinal = frame.kind == .final
        put(field(.finalFrameMarker), isFinal ? [0xFF, 0xFF, 0xFF, 0xFF] : nil)
        put(field(.sequenceNumber), frame.kind == .singleBlock ? nil : frame.sequenceNumber.bigEndianBytes)
        put(field(.iv), iv)
        let lengthBytes: [UInt8]? =
            switch frame.kind {
            case .regular: nil
            case .final: UInt32(truncatingIfNeeded: announced).bigEndianBytes
            case .singleBlock: announced.bigEndianBytes
            }
        put(field(.contentLength), lengthBytes)
        let wholePlaintext = blueprint.plaintext
        let content = wholePlaintext.span.extracting(plaintext)
        let contentStart = bytes.count
        try bytes.appendSealed(content, iv: iv, additionalData: additionalData, sealer: &sealer)
        if blueprint.overrides.isEmpty {
            note(field(.content), at: contentStart, count: plaintext.count)
            note(field(.tag), at: contentStart + plaintext.count, count: AESGCM.tagLength)
        } else {
            let sealed = Array(bytes[contentStart...])
            bytes.removeLast(sealed.count)
            put(field(.content), Array(sealed[..<plaintext.count]))
            put(field(.tag), Array(sealed[plaintext.count...]))
        }
    }

    // MARK: - Footer

    private mutating func writeFooter() throws {
        let signature: [UInt8]?
        switch blueprint.footer {
        case .none: signature = nil
        case .signature(let bytes): signature = bytes
        case .signer(let sign):
            guard let hash = blueprint.algorithmSuite.signature?.hash else {
                throw BlueprintError("algorithm suite \(blueprint.algorithmSuite.idText) has no hash to be signed")
            }
            signature = try sign(Digest.hash(hash, of: bytes.span))
        }
        if let signature {
            for part in lengthAndBytes((.signatureLength, .signature), signature) { write(part.field, part.bytes) }
        } else {
            put(.signatureLength, nil)
            put(.signature, nil)
        }
        put(.trailingBytes, blueprint.trailingBytes.isEmpty ? nil : blueprint.trailingBytes)
    }

    // MARK: - Fields

    /// Writes a field, or what is to stand instead of it; nil for a field that the message does not have.
    private mutating func put(_ field: MessageField, _ content: [UInt8]?) {
        let override = blueprint.overrides.isEmpty ? nil : blueprint.overrides[field]
        if let content = override ?? content { write(field, content) }
    }

    private mutating func write(_ field: MessageField, _ content: [UInt8]) {
        note(field, at: bytes.count, count: content.count)
        bytes.append(contentsOf: content)
    }

    private mutating func note(_ field: MessageField, at offset: Int, count: Int) {
        if notesFrames || !field.isOfFrame { layout.append(field, at: offset, count: count) }
    }

    /// A field after its two-byte length, overrides applied.
    private func lengthAndBytes(
        _ fields: (length: MessageField, content: MessageField),
        _ content: [UInt8]
    ) -> [(field: MessageField, bytes: [UInt8])] {
        let content = blueprint.overrides[fields.content] ?? content
        let length = blueprint.overrides[fields.length] ?? UInt16(truncatingIfNeeded: content.count).bigEndianBytes
        return [(fields.length, length), (fields.content, content)]
    }
}

extension [UInt8] {
    /// Appends the ciphertext of `plaintext` and its tag.
    fileprivate mutating func appendSealed(
        _ plaintext: Span<UInt8>,
        iv: [UInt8],
        additionalData: [UInt8],
        sealer: inout AESGCM.Sealer
    ) throws(CryptoError) {
        try append(addingCapacity: plaintext.count + AESGCM.tagLength) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try sealer.seal(plaintext, iv: iv.span, authenticating: additionalData.span, appendingTo: &output)
        }
    }
}

/// The additional data of one kind of frame, of which only the last twelve bytes change from frame to frame.
struct FrameAdditionalData {
    private(set) var bytes: [UInt8]

    init(_ kind: MessageBlueprint.Frame.Kind, messageID: [UInt8]) {
        bytes = MessageBlueprint.Frame.additionalData(
            kind,
            messageID: messageID,
            sequenceNumber: 0,
            contentLength: 0
        )
    }

    mutating func set(sequenceNumber: UInt32, contentLength: UInt64) {
        let start = bytes.count - 12
        for index in 0..<4 {
            bytes[start + index] = UInt8(truncatingIfNeeded: sequenceNumber >> UInt32(24 - 8 * index))
        }
        for index in 0..<8 {
            bytes[start + 4 + index] = UInt8(truncatingIfNeeded: contentLength >> UInt64(56 - 8 * index))
        }
    }
}

/// A message that was built, and where its fields lie.
package struct BuiltMessage: Sendable {
    /// The message.
    package let bytes: [UInt8]
    /// Where its fields lie.
    package let layout: MessageLayout
    /// The keys that sealed it.
    package let keys: DerivedKeys
}

/// A blueprint that cannot be built.
package struct BlueprintError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    package let description: String

    init(_ description: String) { self.description = description }
}
