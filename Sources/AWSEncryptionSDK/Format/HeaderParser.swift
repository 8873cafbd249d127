import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

// spec: decrypt/parse-the-header, decrypt/encrypted-message-format
/// Reads a message header from a growing run of bytes, field by field, and never the same field twice
/// (data-format/message-header.md).
///
/// Pass `advance` all bytes received so far; it returns the header, or how many bytes it needs next. Nothing is allocated for a length
/// before the bytes are there.
struct HeaderParser {
    enum Progress {
        /// The header cannot be read on before there are this many bytes from the start of the message.
        case needs(Int)
        case complete(MessageHeader)
    }

    /// The most encrypted data keys that are accepted, or nil for any number.
    private let maximumEncryptedDataKeys: Int?

    /// The fields of this version, and how many of them have been read.
    private var fields = HeaderField.order(inVersion: 2)
    private var fieldsRead = 0
    /// The bytes from the start of the message that have been read.
    private var offset = 0

    private var suite = AlgorithmSuite.aes128GCM
    private var version: UInt8 = 0
    private var messageID: [UInt8] = []
    private var contextLength = 0
    private var context = EncryptionContext()
    private var dataKeyCount = 0
    private var keyProviderID: [UInt8]?
    private var keyProviderInfo: [UInt8]?
    private var encryptedDataKeys: [EncryptedDataKey] = []
    private var contentType = MessageHeader.ContentType.framed
    private var frameLength: UInt32 = 0
    private var commitment: [UInt8] = []
    private var authenticatedLength = 0
    private var tagIV = MessageHeader.zeroIV
    private var tag: [UInt8] = []
    private var diagnostics: [MessageDiagnostic] = []

    init(maximumEncryptedDataKeys: Int?) {
        self.maximumEncryptedDataKeys = maximumEncryptedDataKeys
    }

    mutating func advance(_ bytes: Span<UInt8>) throws(EncryptionSDKError) -> Progress {
        do {
            while let field {
                if let needed = try read(field, of: bytes) { return .needs(needed) }
                fieldsRead += 1
            }
        } catch {
            // The version's and the type's errors say what the input looks like.
            guard field != .version, field != .type, InputKind.isMangled(bytes) else { throw error }
            throw EncryptionSDKError(error.code, error.reason + Self.guess(.mangled), at: error.place)
        }
        return .complete(
            MessageHeader(
                algorithmSuite: suite,
                messageID: messageID,
                encryptionContext: context,
                encryptedDataKeys: encryptedDataKeys,
                contentType: contentType,
                frameLength: frameLength,
                commitment: commitment,
                diagnostics: diagnostics,
                tagIV: tagIV,
                tag: tag,
                authenticatedLength: authenticatedLength
            )
        )
    }

    // spec: message-header/type, message-header/content-type, message-header/reserved, message-header/iv-length
    // spec: message-header/algorithm-suite-data
    /// Reads a field; returns nil, or the number of bytes that must be there first.
    private mutating func read(_ field: HeaderField, of bytes: Span<UInt8>) throws(EncryptionSDKError) -> Int? {
        switch field {
        case .version:
            return try readVersion(bytes)
        case .type:
            guard let type: UInt8 = readInteger(bytes) else { return offset + 1 }
            guard type == HeaderField.customerAuthenticatedData else {
                let guess = Self.guess(InputKind(messageType: type))
                throw failure(.unsupportedType, "the type is \(type), a message of version 1 has 128\(guess)", back: 1)
            }
        case .algorithmSuiteID:
            guard let id: UInt16 = readInteger(bytes) else { return offset + 2 }
            try checkAlgorithmSuite(id)
        case .messageID:
            guard let id = read(suite.messageIDLength, of: bytes) else { return offset + suite.messageIDLength }
            messageID = id
        case .contextLength:
            guard let length: UInt16 = readInteger(bytes) else { return offset + 2 }
            contextLength = Int(length)
        case .context:
            guard contextLength > 0 else { break }
            guard bytes.count - offset >= contextLength else { return offset + contextLength }
            let parsed = try ParsedEncryptionContext(bytes.extracting(offset..<offset + contextLength), at: offset)
            context = parsed.context
            diagnostics.append(contentsOf: parsed.diagnostics)
            offset += contextLength
        case .dataKeyCount:
            guard let count: UInt16 = readInteger(bytes) else { return offset + 2 }
            try checkDataKeyCount(Int(count))
        case .dataKeys:
            while encryptedDataKeys.count < dataKeyCount {
                if let needed = readDataKeyPart(bytes) { return needed }
            }
        case .contentType:
            guard let value: UInt8 = readInteger(bytes) else { return offset + 1 }
            guard let type = MessageHeader.ContentType(rawValue: value) else {
                throw failure(.unsupportedContentType, "the content type is \(value), not 1 or 2", back: 1)
            }
            contentType = type
        case .reserved:
            guard let reserved: UInt32 = readInteger(bytes) else { return offset + 4 }
            guard reserved == 0 else {
                throw failure(.reservedFieldNotZero, "the reserved field is not zero", back: 4)
            }
        case .ivLength:
            guard let length: UInt8 = readInteger(bytes) else { return offset + 1 }
            guard Int(length) == AESGCM.ivLength else {
                throw failure(
                    .ivLengthMismatch,
                    "the IV length is \(length), the suite's is \(AESGCM.ivLength)",
                    back: 1
                )
            }
        case .frameLength:
            guard let length: UInt32 = readInteger(bytes) else { return offset + 4 }
            frameLength = length
            try checkFrameLength()
            authenticatedLength = offset
        case .commitment:
            guard let value = read(suite.commitmentLength, of: bytes) else { return offset + suite.commitmentLength }
            commitment = value
            authenticatedLength = offset
        case .tagIV:
            guard let iv = read(AESGCM.ivLength, of: bytes) else { return offset + AESGCM.ivLength }
            tagIV = iv
        case .tag:
            guard let value = read(AESGCM.tagLength, of: bytes) else { return offset + AESGCM.tagLength }
            tag = value
        }
        return nil
    }

    // spec: message-header/header-body/version
    private mutating func readVersion(_ bytes: Span<UInt8>) throws(EncryptionSDKError) -> Int? {
        guard !bytes.isEmpty else { return 1 }
        version = bytes[0]
        if version == 1 || version == 2 {
            offset = 1
            fields = HeaderField.order(inVersion: version)
            return nil
        }
        // What else it may be is not told by its first byte.
        guard bytes.count >= InputKind.neededLength else { return InputKind.neededLength }
        throw InputKind.error(startingWith: bytes)
    }

    // spec: message-header/algorithm-suite-id
    private mutating func checkAlgorithmSuite(_ id: UInt16) throws(EncryptionSDKError) {
        do {
            suite = try AlgorithmSuite(id: id)
        } catch {
            throw failure(error.code, error.reason, back: 2)
        }
        guard suite.messageFormatVersion == version else {
            throw failure(
                .algorithmSuiteVersionMismatch,
                "algorithm suite \(suite) belongs to version \(suite.messageFormatVersion) of the format, the header says "
                    + "\(version)",
                back: 2
            )
        }
    }

    // spec: message-header/encrypted-data-key-count
    private mutating func checkDataKeyCount(_ count: Int) throws(EncryptionSDKError) {
        guard count > 0 else { throw failure(.noEncryptedDataKeys, "the header holds no encrypted data key", back: 2) }
        if let maximumEncryptedDataKeys, count > maximumEncryptedDataKeys {
            throw failure(
                .tooManyEncryptedDataKeys,
                "the header announces \(count) encrypted data keys, the configured maximum is \(maximumEncryptedDataKeys)",
                back: 2
            )
        }
        dataKeyCount = count
    }

    /// An encrypted data key has three parts, each after its length: provider id, provider info, ciphertext.
    private mutating func readDataKeyPart(_ bytes: Span<UInt8>) -> Int? {
        guard bytes.count - offset >= 2 else { return offset + 2 }
        let length = Int(bytes.bigEndianInteger(at: offset) as UInt16)
        guard bytes.count - offset >= 2 + length else { return offset + 2 + length }
        let part = [UInt8](bytesOf: bytes.extracting(offset + 2..<offset + 2 + length))
        offset += 2 + length
        if keyProviderID == nil {
            keyProviderID = part
        } else if keyProviderInfo == nil {
            keyProviderInfo = part
        } else if let id = keyProviderID.take(), let info = keyProviderInfo.take() {
            encryptedDataKeys.append(
                EncryptedDataKey(keyProviderID: id, keyProviderInfo: info, ciphertext: part)
            )
        }
        return nil
    }

    // spec: message-header/frame-length
    private func checkFrameLength() throws(EncryptionSDKError) {
        switch contentType {
        case .nonFramed where frameLength != 0:
            throw failure(
                .frameLengthInNonFramedMessage,
                "a non-framed message names the frame length \(frameLength)",
                back: 4
            )
        case .framed where frameLength == 0:
            throw failure(.zeroFrameLength, "a framed message names the frame length 0", back: 4)
        default:
            break
        }
    }

    /// The error for an input that ends here, of which `bytes` is all.
    func truncation(of bytes: Span<UInt8>) -> EncryptionSDKError {
        guard !bytes.isEmpty else {
            return EncryptionSDKError(
                .truncatedMessage,
                "the input is empty",
                at: .init(offset: 0, field: fieldName)
            )
        }
        guard field != .version else { return InputKind.error(startingWith: bytes) }
        let guess = Self.guess(InputKind.isMangled(bytes) ? .mangled : nil)
        let part = field == .dataKeys ? encryptedDataKeys.count : nil
        return EncryptionSDKError(
            .truncatedMessage,
            "the input ends after \(bytes.count) bytes, inside the header\(guess)",
            at: .init(offset: UInt64(offset), field: fieldName, encryptedDataKey: part)
        )
    }

    /// What is added to the reason of an error about an input that looks like something else.
    private static func guess(_ kind: InputKind?) -> String {
        kind.map { "; it looks like \($0)" } ?? ""
    }

    // MARK: - Fields

    /// The field that is being read; nil at the end of the header.
    private var field: HeaderField? { fieldsRead < fields.count ? fields[fieldsRead] : nil }

    /// Its name in the specification.
    private var fieldName: String? {
        guard field == .dataKeys else { return field?.rawValue }
        return keyProviderID == nil
            ? "Key Provider ID" : keyProviderInfo == nil ? "Key Provider Information" : "Encrypted Data Key"
    }

    private mutating func readInteger<Value: FixedWidthInteger & UnsignedInteger>(_ bytes: Span<UInt8>) -> Value? {
        let length = Value.bitWidth / 8
        guard bytes.count - offset >= length else { return nil }
        defer { offset += length }
        return bytes.bigEndianInteger(at: offset)
    }

    private mutating func read(_ count: Int, of bytes: Span<UInt8>) -> [UInt8]? {
        guard bytes.count - offset >= count else { return nil }
        defer { offset += count }
        return [UInt8](bytesOf: bytes.extracting(offset..<offset + count))
    }

    /// An error about the field of `back` bytes that has just been read.
    private func failure(_ code: EncryptionSDKError.Code, _ reason: String, back: Int) -> EncryptionSDKError {
        EncryptionSDKError(code, reason, at: .init(offset: UInt64(offset - back), field: fieldName))
    }
}

/// The encryption context as it stands in a header: the number of pairs, then the pairs (framework/structures.md, Serialization).
struct ParsedEncryptionContext {
    let context: EncryptionContext
    let diagnostics: [MessageDiagnostic]

    // spec: structures/key-value-pair-count, structures/key-value-pair-entries
    /// Parses all of `bytes`, which is not empty and lies `start` bytes into the message.
    init(_ bytes: Span<UInt8>, at start: Int) throws(EncryptionSDKError) {
        func failure(_ code: EncryptionSDKError.Code, _ reason: String, _ offset: Int, _ field: String)
            -> EncryptionSDKError
        {
            EncryptionSDKError(code, reason, at: .init(offset: UInt64(start + offset), field: field))
        }
        guard bytes.count >= 2 else {
            throw failure(
                .encryptionContextTooShort,
                "the encryption context has no room for its count",
                0,
                "Key Value Pair Count"
            )
        }
        let count = Int(bytes.bigEndianInteger(at: 0) as UInt16)
        guard count > 0 else {
            // Two zero bytes are what the earliest browser client wrote for an empty context.
            guard bytes.count == 2 else {
                throw failure(
                    .emptyEncryptionContextWithLength,
                    "the encryption context takes \(bytes.count) bytes and holds no pair",
                    0,
                    "Key Value Pair Count"
                )
            }
            context = EncryptionContext()
            diagnostics = [.nonCanonicalEmptyEncryptionContext]
            return
        }

        var offset = 2
        func readText(_ field: String) throws(EncryptionSDKError) -> [UInt8] {
            guard bytes.count - offset >= 2 else {
                throw failure(
                    .encryptionContextTooShort,
                    "the encryption context announces \(count) pairs and ends before them",
                    offset,
                    field
                )
            }
            let length = Int(bytes.bigEndianInteger(at: offset) as UInt16)
            guard bytes.count - offset - 2 >= length else {
                throw failure(
                    .encryptionContextTooShort,
                    "a text of \(length) bytes runs past the encryption context",
                    offset,
                    field
                )
            }
            let text = [UInt8](bytesOf: bytes.extracting(offset + 2..<offset + 2 + length))
            guard text.isUTF8 else {
                throw failure(.invalidEncryptionContextText, "the text is not UTF-8", offset + 2, field)
            }
            offset += 2 + length
            return text
        }

        var entries: [EncryptionContext.Entry] = []
        var isAscending = true
        for _ in 0..<count {
            let key = try readText("Key")
            let value = try readText("Value")
            if let last = entries.last, !last.keyBytes.lexicographicallyPrecedes(key) { isAscending = false }
            entries.append(EncryptionContext.Entry(keyBytes: key, valueBytes: value))
        }
        guard offset == bytes.count else {
            throw failure(
                .encryptionContextTrailingBytes,
                "\(bytes.count - offset) bytes follow the last pair of the encryption context",
                offset,
                "Key Value Pairs"
            )
        }
        if !isAscending {
            var seen: Set<[UInt8]> = []
            for (index, entry) in entries.enumerated() where !seen.insert(entry.keyBytes).inserted {
                throw failure(
                    .duplicateEncryptionContextKey,
                    "the key \(TerminalText.quoted(entry.key)) stands twice in the encryption context",
                    entries[..<index].reduce(2) { $0 + 4 + $1.keyBytes.count + $1.valueBytes.count },
                    "Key"
                )
            }
        }
        context = EncryptionContext(unique: entries, ascending: isAscending)
        diagnostics = isAscending ? [] : [.unsortedEncryptionContext]
    }
}
