internal import ESDKCrypto

/// Ids that a client gives its requests.
enum RequestID {
    /// A random UUID (RFC 9562, version 4) in lower-case text.
    ///
    /// - Parameter random: where it comes from.
    /// - Throws: `CryptoError` when there are no random bytes.
    static func make(from random: any RandomSource) throws(CryptoError) -> String {
        var bytes = try random.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array(Hex.encode(bytes).utf8)
        let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }
}
