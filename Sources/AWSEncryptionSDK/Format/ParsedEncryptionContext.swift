import AWSMaterialProviders
import ESDKCrypto

/// The encryption context as it stands in a header: the number of pairs, then the pairs (framework/structures.md, Serialization).
struct ParsedEncryptionContext {
    let context: EncryptionContext
    let diagnostics: [MessageDiagnostic]

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
            guard String(validating: text, as: UTF8.self) != nil else {
                throw failure(.invalidEncryptionContextText, "the text is not UTF-8", offset + 2, field)
            }
            offset += 2 + length
            return text
        }

        var entries: [EncryptionContext.Entry] = []
        var keyOffsets: [Int] = []
        var isAscending = true
        for _ in 0..<count {
            keyOffsets.append(offset)
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
                    "the key \"\(entry.key)\" stands twice in the encryption context",
                    keyOffsets[index],
                    "Key"
                )
            }
        }
        context = EncryptionContext(unique: entries, ascending: isAscending)
        diagnostics = isAscending ? [] : [.unsortedEncryptionContext]
    }
}
