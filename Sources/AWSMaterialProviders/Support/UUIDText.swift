import ESDKCrypto

/// UUIDs between their 16 bytes and their text of 36 characters.
package enum UUIDText {
    /// Whether this position of the text has a hyphen.
    private static func isHyphen(at position: Int) -> Bool {
        position == 8 || position == 13 || position == 18 || position == 23
    }

    /// The text, in lower case, of 16 bytes.
    package static func text(of bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for byte in bytes {
            if isHyphen(at: text.count) { text.append(UInt8(ascii: "-")) }
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The 16 bytes of a text in either case; nil when it is not a UUID.
    static func bytes(of text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count == 36 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var position = 0
        while position < characters.count {
            if isHyphen(at: position) {
                guard characters[position] == UInt8(ascii: "-") else { return nil }
                position += 1
                continue
            }
            guard let high = nibble(characters[position]), let low = nibble(characters[position + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
            position += 2
        }
        return bytes
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble
    }

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension RandomSource {
    /// Random bytes for an IV or a salt.
    ///
    /// - Throws: `cryptographicLibrary`.
    package func randomBytes(_ count: Int) throws(EncryptionSDKError) -> [UInt8] {
        do { return try bytes(count) } catch { throw EncryptionSDKError(unexpected: error) }
    }

    /// The 16 bytes of a random UUID, version 4 (RFC 9562, section 5.4).
    ///
    /// - Throws: `cryptographicLibrary`.
    package func randomUUID() throws(EncryptionSDKError) -> [UInt8] {
        var bytes = try randomBytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return bytes
    }
}
