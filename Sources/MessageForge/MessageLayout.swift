/// A field of a message, by its place on the wire (data-format/message.md).
///
/// Its description is a path, such as `header.encryptedDataKeys[1].keyProviderInfo` or `body.frames[3].iv`; elements are counted from
/// 0, so the frame with sequence number 1 is `body.frames[0]`.
package enum MessageField: Sendable, Hashable {
    /// The version of the message format: one byte.
    case version
    /// The type: one byte, version 1 only.
    case type
    /// The id of the algorithm suite: two bytes.
    case algorithmSuiteID
    /// The message id.
    case messageID
    /// The length of the encryption context: two bytes.
    case encryptionContextLength
    /// The number of pairs: two bytes, absent where the length is 0.
    case encryptionContextCount
    /// A part of a pair of the encryption context.
    case encryptionContext(pair: Int, PairPart)
    /// The number of encrypted data keys: two bytes.
    case encryptedDataKeyCount
    /// A part of an encrypted data key.
    case encryptedDataKey(Int, DataKeyPart)
    /// The content type: one byte.
    case contentType
    /// The reserved bytes: four, version 1 only.
    case reserved
    /// The length of an IV: one byte, version 1 only.
    case ivLength
    /// The frame length: four bytes.
    case frameLength
    /// The key commitment: 32 bytes, version 2 only.
    case commitment
    /// The IV of the header's tag: 12 bytes, version 1 only.
    case headerIV
    /// The header's tag: 16 bytes.
    case headerTag
    /// A part of a frame.
    case frame(Int, BodyPart)
    /// A part of a non-framed body.
    case body(BodyPart)
    /// The length of the signature: two bytes.
    case signatureLength
    /// The signature.
    case signature
    /// What follows the end of the message.
    case trailingBytes

    /// Whether it is a part of a frame.
    var isOfFrame: Bool { if case .frame = self { true } else { false } }

    /// A part of a pair of the encryption context.
    package enum PairPart: String, Sendable, Hashable, CaseIterable {
        /// The length of the key: two bytes.
        case keyLength
        /// The key.
        case key
        /// The length of the value: two bytes.
        case valueLength
        /// The value.
        case value
    }

    /// A part of an encrypted data key.
    package enum DataKeyPart: String, Sendable, Hashable, CaseIterable {
        /// The length of the provider id: two bytes.
        case keyProviderIDLength
        /// The provider id.
        case keyProviderID
        /// The length of the provider info: two bytes.
        case keyProviderInfoLength
        /// The provider info.
        case keyProviderInfo
        /// The length of the wrapped data key: two bytes.
        case ciphertextLength
        /// The wrapped data key.
        case ciphertext
    }

    /// A part of a frame or of a non-framed body.
    package enum BodyPart: String, Sendable, Hashable, CaseIterable {
        /// The four bytes that mark the final frame.
        case finalFrameMarker
        /// The sequence number: four bytes, of a frame only.
        case sequenceNumber
        /// The IV: 12 bytes.
        case iv
        /// The length of the content: four bytes in a final frame, eight in a non-framed body.
        case contentLength
        /// The encrypted content.
        case content
        /// The tag: 16 bytes.
        case tag
    }
}

extension MessageField: CustomStringConvertible {
    /// The path of the field.
    package var description: String {
        switch self {
        case .version: "header.version"
        case .type: "header.type"
        case .algorithmSuiteID: "header.algorithmSuiteID"
        case .messageID: "header.messageID"
        case .encryptionContextLength: "header.encryptionContext.length"
        case .encryptionContextCount: "header.encryptionContext.count"
        case .encryptionContext(let pair, let part): "header.encryptionContext[\(pair)].\(part.rawValue)"
        case .encryptedDataKeyCount: "header.encryptedDataKeys.count"
        case .encryptedDataKey(let index, let part): "header.encryptedDataKeys[\(index)].\(part.rawValue)"
        case .contentType: "header.contentType"
        case .reserved: "header.reserved"
        case .ivLength: "header.ivLength"
        case .frameLength: "header.frameLength"
        case .commitment: "header.commitment"
        case .headerIV: "header.iv"
        case .headerTag: "header.tag"
        case .frame(let index, let part): "body.frames[\(index)].\(part.rawValue)"
        case .body(let part): "body.\(part.rawValue)"
        case .signatureLength: "footer.signatureLength"
        case .signature: "footer.signature"
        case .trailingBytes: "trailingBytes"
        }
    }
}

/// Where the fields of a message lie: from its start to its end, without gaps but for frames that a survey left out.
package struct MessageLayout: Sendable {
    /// A field and its bytes, counted from the start of the message.
    package struct Entry: Sendable, Hashable {
        /// The field.
        package let field: MessageField
        /// Its bytes; may be none.
        package let range: Range<Int>

        /// A field and its bytes.
        package init(field: MessageField, range: Range<Int>) {
            self.field = field
            self.range = range
        }
    }

    /// The fields in the order of the message.
    package private(set) var entries: [Entry] = []

    /// The layout of an empty message.
    package init() {}

    /// The length of the message in bytes.
    package var length: Int { entries.last?.range.upperBound ?? 0 }

    /// Adds a field of `count` bytes at `offset`, which is behind all others.
    mutating func append(_ field: MessageField, at offset: Int, count: Int) {
        entries.append(Entry(field: field, range: offset..<offset + count))
    }

    /// The field that the byte at `offset` belongs to; nil after the end.
    ///
    /// - Complexity: O(log *n*) in the number of fields.
    package func entry(at offset: Int) -> Entry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low < entries.count ? entries[low] : nil
    }

    /// The bytes of a field; nil when the message has no such field.
    ///
    /// - Complexity: O(*n*) in the number of fields.
    package func range(of field: MessageField) -> Range<Int>? {
        entries.first { $0.field == field }?.range
    }
}
