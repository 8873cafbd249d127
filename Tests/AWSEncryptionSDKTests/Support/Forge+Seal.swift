import AWSMaterialProviders
import ESDKCrypto

extension Forge {
    /// A message and where its parts lie, in bytes from its start.
    struct Message {
        var bytes: [UInt8] = []
        /// The offset of each header field that is not empty, by the specification's name.
        var fields: [String: Int] = [:]
        /// The offset of each frame, or of the non-framed body.
        var frames: [Int] = []
        /// The end of the body, where a footer begins.
        var bodyEnd = 0

        fileprivate mutating func append(_ field: String, _ content: [UInt8]) {
            guard !content.isEmpty else { return }
            fields[field] = bytes.count
            bytes += content
        }

        /// The offset of a header field.
        func offset(_ field: String) -> UInt64 { fields[field].map(UInt64.init) ?? .max }
    }

    /// Writes the message.
    func sealed() throws -> Message {
        let keys = try keys()
        var sealer = try AESGCM.Sealer(suite.contentKeyLength, key: keys.content.span)

        var message = Message()
        message.append("Version", version)
        message.append("Type", type)
        message.append("Algorithm Suite ID", suiteID)
        message.append("Message ID", messageID)
        let contextField = contextField ?? Self.contextField(context)
        message.append("Key Value Pairs Length", Array(contextField.prefix(2)))
        message.append("AAD", Array(contextField.dropFirst(2)))
        message.append("Encrypted Data Key Count", encryptedDataKeysField ?? Self.field(encryptedDataKeys))
        message.append("Content Type", contentType)
        message.append("Reserved", reserved)
        message.append("IV Length", ivLength)
        message.append("Frame Length", frameLength)
        message.append("Algorithm Suite Data", commitment ?? keys.commitment)
        let additionalData = message.bytes + requiredContext
        message.append("IV", headerIV)
        let tagIV = headerIV.count == AESGCM.ivLength ? headerIV : [UInt8](repeating: 0, count: AESGCM.ivLength)
        message.append("Authentication Tag", try sealer.sealed([], iv: tagIV, additionalData: additionalData))

        let header = message.bytes
        for frame in frames {
            message.frames.append(message.bytes.count)
            message.bytes += try frame.sealed(&sealer, messageID: messageID)
        }
        message.bodyEnd = message.bytes.count
        let body = Array(message.bytes[header.count...])
        message.bytes += try footer?(header, body) ?? Self.footer(signature(over: header + body))
        return message
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
        var bytes = UInt16(entries.count).bytes
        for entry in entries {
            bytes += UInt16(entry.keyBytes.count).bytes + entry.keyBytes
            bytes += UInt16(entry.valueBytes.count).bytes + entry.valueBytes
        }
        return bytes
    }

    /// Count and encrypted data keys.
    static func field(_ encryptedDataKeys: [EncryptedDataKey]) -> [UInt8] {
        var bytes = UInt16(encryptedDataKeys.count).bytes
        for key in encryptedDataKeys {
            for part in [key.keyProviderID, key.keyProviderInfo, key.ciphertext] {
                bytes += UInt16(part.count).bytes + part
            }
        }
        return bytes
    }
}
