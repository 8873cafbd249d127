import AWSMaterialProviders
import ESDKCrypto

/// What an input is that is not a message, as far as its first bytes tell, and what to do about it.
///
/// These are guesses that help people; nothing depends on them but the words of an error, and whether its code is
/// `base64EncodedMessage`.
package struct InputKind: Sendable, Equatable, CustomStringConvertible {
    /// How many bytes from the start tell most inputs apart.
    package static let neededLength = 64

    /// What it is, such as `gzip data`, after "it looks like".
    package let name: String
    /// What to do, such as `decompress it first`.
    package let advice: String
    /// Whether it is a message in Base64, perhaps after something that is not.
    package let isBase64: Bool

    /// Its name and what to do.
    package var description: String { "\(name): \(advice)" }

    private init(_ name: String, _ advice: String, isBase64: Bool = false) {
        self.name = name
        self.advice = advice
        self.isBase64 = isBase64
    }

    /// What an input looks like that starts with these bytes; nil for a message, and when nothing is known.
    ///
    /// ``neededLength`` bytes, or all there are, suffice for all but messages of version 2 that a conversion to text
    /// has changed.
    package init?(startingWith bytes: Span<UInt8>) {
        let head = [UInt8](bytesOf: bytes.extracting(first: Self.neededLength))
        let kind: InputKind? =
            switch head.first {
            case 1: head.count > 1 ? Self(messageType: head[1]) : nil
            case 2: Self.isMangled(bytes) ? .mangled : nil
            default: Self.encodedMessage(head) ?? Self.file(head[...]) ?? Self.file(Self.unwrapped(head).rest)
            }
        guard let kind else { return nil }
        self = kind
    }

    /// What a message of version 1 looks like whose type is wrong; nil when nothing is known.
    init?(messageType: UInt8) {
        switch messageType {
        // Version 1 of its ciphertexts, and a number that is 1 or 2.
        case 1, 2: self = .kmsCiphertext
        // Where 80 was: its UTF-8 as a code point, the replacement character, and what ASCII has for it.
        case 0xC2, 0xEF, 0x3F: self = .mangled
        default: return nil
        }
    }

    static let mangled = InputKind(
        "a message that a conversion to text has changed",
        "keep messages as bytes, or encode them in Base64"
    )

    /// Whether the bytes are text in UTF-8 and not plain ASCII, which the random bytes of a header never are.
    static func isMangled(_ bytes: Span<UInt8>) -> Bool {
        let head = [UInt8](bytesOf: bytes.extracting(first: 512))
        guard head.count >= 16, head.contains(where: { $0 >= 0x80 }) else { return false }
        // The last character may be cut off.
        return (0...min(3, head.count - 1)).contains { String(validating: head.dropLast($0), as: UTF8.self) != nil }
    }

    /// The error for an input that does not start with the version 1 or 2.
    static func error(startingWith bytes: Span<UInt8>) -> EncryptionSDKError {
        let place = EncryptionSDKError.Place(offset: 0, field: HeaderField.version.rawValue)
        let kind = InputKind(startingWith: bytes)
        if let kind, kind.isBase64 {
            return EncryptionSDKError(.base64EncodedMessage, "the input is \(kind)", at: place)
        }
        let guess = kind.map { "; it looks like \($0)" } ?? ""
        return EncryptionSDKError(
            .unsupportedVersion,
            "the input starts with the byte \(bytes[0]), a message starts with its version, 1 or 2\(guess)",
            at: place
        )
    }

    // MARK: - A message in another form

    private static let messageBeginnings: [[UInt8]] = [[1, 0x80], [2, 4, 0x78], [2, 5, 0x78]]

    /// A message in Base64 or hexadecimal digits, or behind what does not belong to it.
    private static func encodedMessage(_ head: [UInt8]) -> InputKind? {
        let (rest, wrapping) = unwrapped(head)
        let before = wrapping.isEmpty ? "" : " after \(wrapping.joined(separator: " and "))"
        if isEncoded(rest, startingWith: ["AY", "Ag"], alphabet: isBase64Letter) {
            return InputKind(
                "Base64 text of a message\(before)",
                wrapping.isEmpty ? "decode it first" : "remove what is not Base64, and decode the rest",
                isBase64: true
            )
        }
        if !wrapping.isEmpty, messageBeginnings.contains(where: { rest.starts(with: $0) }) {
            return InputKind("a message\(before)", "remove that")
        }
        if isEncoded(rest, startingWith: ["QVlB", "QWdS", "QWdW"], alphabet: isBase64Letter) {
            return InputKind("Base64 text of Base64 text of a message\(before)", "decode it twice")
        }
        let digits = ["0x", "0X", "x'", "X'", "\\x"].contains { rest.starts(with: $0.utf8) } ? rest.dropFirst(2) : rest
        let beginnings = ["", " ", ":", "-"].flatMap { ["01\($0)80", "02\($0)04", "02\($0)05"] }
        if isEncoded(digits, startingWith: beginnings, alphabet: isHexadecimalLetter) {
            return InputKind("hexadecimal text of a message\(before)", "decode it first")
        }
        return nil
    }

    /// The input without what text editors, shells and programs put before a text, and what that is.
    private static func unwrapped(_ head: [UInt8]) -> (rest: ArraySlice<UInt8>, wrapping: [String]) {
        var rest = head[...]
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

    private static func isBase64Letter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true  // the alphabet for URLs
        default: false
        }
    }

    private static func isHexadecimalLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        case UInt8(ascii: "A")...UInt8(ascii: "F"): true
        case UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "-"): true
        default: false
        }
    }

    // MARK: - Other files

    private static let kmsCiphertext = InputKind(
        "a ciphertext of AWS KMS",
        "the Decrypt operation of AWS KMS opens it, this library does not"
    )
    private static let programText = InputKind(
        "a program's text for bytes, as print or a debugger shows them",
        "pass the bytes themselves"
    )

    /// A file of another kind, which is known by its first bytes; nil when nothing is known.
    private static func file(_ input: ArraySlice<UInt8>) -> InputKind? {
        func starts(_ texts: String...) -> Bool { texts.contains { input.starts(with: $0.utf8) } }
        func starts(_ bytes: [UInt8]) -> Bool { input.starts(with: bytes) }
        if starts("version https://git-lfs.github.com/") {
            return InputKind("a pointer of Git LFS", "get the file itself with git lfs pull")
        }
        if starts("/annex/objects/") {
            return InputKind("a pointer of git-annex", "get the file itself with git annex get")
        }

        if starts([0x1F, 0x8B]) { return InputKind("gzip data", "decompress it first") }
        if starts("H4sI") { return InputKind("Base64 text of gzip data", "decode and decompress it first") }
        if starts([0x28, 0xB5, 0x2F, 0xFD]) { return InputKind("Zstandard data", "decompress it first") }
        if starts([0xFD, 0x37, 0x7A, 0x58, 0x5A]) { return InputKind("xz data", "decompress it first") }
        if starts("BZh") { return InputKind("bzip2 data", "decompress it first") }
        if starts("PK") { return InputKind("a zip archive", "unpack it first") }

        // What other programs encrypt, and keys.
        if starts("age-encryption.org/", "-----BEGIN AGE ENCRYPTED FILE") {
            return InputKind("an age file", "age opens it, this library does not")
        }
        if starts("-----BEGIN PGP ") { return InputKind("an OpenPGP file", "gpg opens it, this library does not") }
        if starts("-----BEGIN") { return InputKind("a PEM file", "it holds a key or a certificate, not a message") }
        if starts("Salted__", "U2FsdGVkX1") {
            return InputKind("the output of openssl enc", "openssl opens it, this library does not")
        }
        if starts("gAAAAA") { return InputKind("a Fernet token", "Fernet opens it, this library does not") }
        if starts("$ANSIBLE_VAULT;") { return InputKind("an Ansible vault", "Ansible opens it, this library does not") }
        if starts("AQICAH", "AQECAH") {
            return InputKind("Base64 text of \(kmsCiphertext.name)", kmsCiphertext.advice)
        }

        if starts("{\"type\":\"Buffer\"", "\\x", "\\0", "\\1", "\\2", "\\u00", "bytearray(", "<Buffer ", "b'", "b\"") {
            return programText
        }
        if starts("[B@", "[object ", "<memory at ", "<_io.") {
            return InputKind("a program's name for an object", "the message is not in it; write the bytes themselves")
        }
        if starts("[1, ", "[2, ", "[1,", "[2,", "[1 128", "[2 4 ", "[2 5 ", "1\n128\n", "1\r\n128\r\n", "Uint8Array") {
            return InputKind("a list of numbers", "pass the bytes themselves")
        }
        if starts("{", "[") { return InputKind("JSON", "take the message out of it") }
        if starts("<") { return InputKind("HTML or XML", "perhaps it is a server's error page") }
        if starts("HTTP/") { return InputKind("an HTTP response", "pass its body only") }
        if starts("data:") { return InputKind("a data URL", "decode what follows the comma") }
        if starts("%01%80", "%02") { return InputKind("a percent-encoded message", "decode it first") }
        if starts("00000000") { return InputKind("a hexadecimal dump", "pass the bytes themselves") }
        if starts([0xFF, 0xFE]) || starts([0xFE, 0xFF]) {
            return InputKind("text in UTF-16", "messages are bytes; decode Base64 text first")
        }
        if !input.isEmpty, input.allSatisfy({ $0 == 0 }) {
            return InputKind("a file that was never written", "it starts with zero bytes only")
        }
        return nil
    }
}
