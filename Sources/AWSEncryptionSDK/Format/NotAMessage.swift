import AWSMaterialProviders
import ESDKCrypto

/// Says what an input looks like that is not a message.
///
/// These are guesses that help people; nothing depends on them but the words of an error, and whether its code is
/// `base64EncodedMessage`.
enum NotAMessage {
    /// How many bytes from the start tell most inputs apart.
    static let neededLength = 64

    /// What is said of bytes that went through a text encoding.
    static let mangled =
        "the bytes look as if a conversion to text had changed them: keep messages as bytes, or encode them in Base64"

    /// The error for an input that does not start with the version 1 or 2.
    static func error(startingWith bytes: Span<UInt8>) -> EncryptionSDKError {
        let place = EncryptionSDKError.Place(offset: 0, field: HeaderField.version.rawValue)
        let head = [UInt8](bytesOf: bytes.extracting(first: neededLength))
        let (rest, wrapping) = unwrapped(head[...])
        let before = wrapping.isEmpty ? "" : " after \(wrapping.joined(separator: " and "))"
        if isEncoded(rest, startingWith: ["AY", "Ag"], alphabet: isBase64) {
            let advice = wrapping.isEmpty ? "decode it first" : "remove what is not Base64, and decode the rest"
            return EncryptionSDKError(
                .base64EncodedMessage,
                "the input is Base64 text of a message\(before): \(advice)",
                at: place
            )
        }
        var reason = "the input starts with the byte \(head[0]), a message starts with its version, 1 or 2"
        if !wrapping.isEmpty, [[1, 0x80], [2, 4, 0x78], [2, 5, 0x78]].contains(where: { rest.starts(with: $0) }) {
            reason += "; a message starts\(before): remove that"
        } else if let guess = guess(head[...]) ?? guess(rest) {
            reason += "; \(guess)"
        }
        return EncryptionSDKError(.unsupportedVersion, reason, at: place)
    }

    /// What a message of version 1 looks like whose type is wrong; nil when nothing is known.
    static func guess(type: UInt8) -> String? {
        switch type {
        // Version 1 of its ciphertexts, and a number that is 1 or 2.
        case 1, 2: "\(kmsCiphertext)"
        // Where 80 was: its UTF-8 as a code point, the replacement character, and what ASCII has for it.
        case 0xC2, 0xEF, 0x3F: mangled
        default: nil
        }
    }

    /// Whether the bytes are text in UTF-8 and not plain ASCII, which the random bytes of a header never are.
    static func isMangled(_ bytes: Span<UInt8>) -> Bool {
        let head = [UInt8](bytesOf: bytes.extracting(first: 512))
        guard head.count >= 16, head.contains(where: { $0 >= 0x80 }) else { return false }
        // The last character may be cut off.
        return (0...min(3, head.count - 1)).contains { String(validating: head.dropLast($0), as: UTF8.self) != nil }
    }

    private static let kmsCiphertext =
        "it looks like a ciphertext of AWS KMS, which the Decrypt operation of AWS KMS opens and this library does not"
    private static let programText =
        "it looks like a program's text for bytes, as print or a debugger shows them: pass the bytes themselves"

    /// The input without what text editors, shells and programs put before a text, and what that is.
    private static func unwrapped(_ head: ArraySlice<UInt8>) -> (rest: ArraySlice<UInt8>, wrapping: [String]) {
        var rest = head
        var wrapping: [String] = []
        while let first = rest.first {
            if rest.starts(with: [0xEF, 0xBB, 0xBF]) {
                wrapping.append("a byte-order mark")
                rest = rest.dropFirst(3)
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(first) {
                wrapping.append("white space")
                rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
            } else if ["\"", "'", "`"].contains(Character(Unicode.Scalar(first))) {
                wrapping.append("a quotation mark")
                rest = rest.dropFirst()
            } else if ["b'", "b\""].contains(where: { rest.starts(with: $0.utf8) }) {
                wrapping.append("Python's mark for bytes")
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        return (rest, wrapping)
    }

    /// Whether a text begins in one of these ways and goes on in the alphabet for 16 letters, or to its end.
    private static func isEncoded(
        _ text: ArraySlice<UInt8>,
        startingWith beginnings: [String],
        alphabet: (UInt8) -> Bool
    ) -> Bool {
        guard beginnings.contains(where: { text.starts(with: $0.utf8) }) else { return false }
        let letters = text.prefix(while: alphabet).count
        return letters >= 16 || letters == text.count
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true  // the alphabet for URLs
        default: false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        case UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: " "): true
        default: false
        }
    }

    /// What an input looks like; nil when nothing is known.
    private static func guess(_ input: ArraySlice<UInt8>) -> String? {
        func starts(_ texts: String...) -> Bool { texts.contains { input.starts(with: $0.utf8) } }
        func starts(_ bytes: [UInt8]) -> Bool { input.starts(with: bytes) }
        if starts("version https://git-lfs.github.com/") {
            return "it is a pointer of Git LFS: get the file itself with git lfs pull"
        }
        if starts("/annex/objects/") { return "it is a pointer of git-annex: get the file itself with git annex get" }
        if starts([0x1F, 0x8B]) { return "it looks like gzip data: decompress it first" }
        if starts([0x28, 0xB5, 0x2F, 0xFD]) { return "it looks like Zstandard data: decompress it first" }
        if starts([0xFD, 0x37, 0x7A, 0x58, 0x5A]) { return "it looks like xz data: decompress it first" }
        if starts("BZh") { return "it looks like bzip2 data: decompress it first" }
        if starts("PK") { return "it looks like a zip archive: unpack it first" }
        if starts("-----BEGIN") { return "it looks like a PEM file" }
        if starts("Salted__") { return "it looks like the output of openssl enc" }
        if starts("age-encryption.org/") { return "it looks like an age file" }
        if starts([0xFF, 0xFE]) || starts([0xFE, 0xFF]) { return "it looks like text in UTF-16" }
        if starts("\\x", "\\0", "\\1", "\\2", "\\u00", "bytearray(", "<Buffer ", "b'", "b\"") { return programText }
        if starts("[1, ", "[2, ", "[1,", "[2,") { return "it looks like a list of numbers: pass the bytes themselves" }
        if starts("{", "[") { return "it looks like JSON" }
        if starts("<") { return "it looks like HTML or XML, perhaps a server's error page" }
        if starts("data:") { return "it looks like a data URL: decode what follows the comma" }
        if starts("%01%80", "%02") { return "it looks like a percent-encoded message: decode it first" }
        if starts("AQIC") { return "it is Base64 text, and " + kmsCiphertext }
        let digits = starts("0x", "0X") ? input.dropFirst(2) : input
        let beginnings = ["0180", "0204", "0205", "01 80", "02 04", "02 05", "01:80", "02:04", "02:05"]
        if isEncoded(digits, startingWith: beginnings, alphabet: isHexadecimal) {
            return "it is hexadecimal text of a message: decode it first"
        }
        if starts("00000000") { return "it looks like a hexadecimal dump: pass the bytes themselves" }
        if !input.isEmpty, input.allSatisfy({ $0 == 0 }) {
            return "it starts with zero bytes only, as a file does that was never written"
        }
        return nil
    }
}
