internal import ESDKCrypto

/// Takes secrets out of texts of others before they become part of an error.
///
/// A service that refuses a signature shows the header that it received, session token and all.
struct Redaction {
    private let secrets: [SecretBytes]
    private static let replacement = Array("[secret]".utf8)
    private static let longest = 1000

    /// A redaction.
    ///
    /// - Parameter secrets: what must not be shown; empty ones are ignored.
    init(_ secrets: [SecretBytes]) {
        self.secrets = secrets.filter { $0.count > 0 }
    }

    /// The text without the secrets, control characters as blanks, and cut where it is long.
    ///
    /// - Parameter text: the text.
    func apply(_ text: some Sequence<UInt8>) -> String {
        var bytes = Array(text)
        for secret in secrets { bytes = Self.replace(secret.span, in: bytes) }
        let isCut = bytes.count > Self.longest
        var output = ""
        for scalar in String(decoding: bytes.prefix(Self.longest), as: UTF8.self).unicodeScalars {
            output.unicodeScalars.append(Self.isControl(scalar) ? " " : scalar)
        }
        return isCut ? output + "…" : output
    }

    /// Whether a character is of the general category Cc.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
    }

    private static func replace(_ secret: Span<UInt8>, in bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= secret.count else { return bytes }
        var output: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if matches(secret, bytes, at: position) {
                output += replacement
                position += secret.count
            } else {
                output.append(bytes[position])
                position += 1
            }
        }
        return output
    }

    private static func matches(_ secret: Span<UInt8>, _ bytes: [UInt8], at start: Int) -> Bool {
        guard start + secret.count <= bytes.count else { return false }
        for index in secret.indices where bytes[start + index] != secret[index] { return false }
        return true
    }
}
