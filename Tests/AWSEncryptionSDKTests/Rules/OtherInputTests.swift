import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// What people pass for a message that is not one, or not one any more: the error says what it looks like.
@Suite("Other inputs")
struct OtherInputTests {
    /// Bytes, and what the error says of them.
    struct Input: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let hint: String
        var code = EncryptionSDKError.Code.unsupportedVersion

        init(_ name: String, _ bytes: [UInt8], _ hint: String) {
            self.name = name
            self.bytes = bytes
            self.hint = hint
        }

        init(_ name: String, _ text: String, _ hint: String) { self.init(name, Array(text.utf8), hint) }

        var testDescription: String { name }
    }

    private static let messages = Result { try Forge.suites.map { try Forge($0).sealed().bytes } }

    static let others: [Input] = [
        Input("gzip", [0x1F, 0x8B, 0x08, 0x00], "gzip"), Input("bzip2", "BZh91AY&SY", "bzip2"),
        Input("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
        Input("zstd", [0x28, 0xB5, 0x2F, 0xFD, 0x04], "Zstandard"), Input("zip", "PK\u{3}\u{4}", "zip"),
        Input("JSON", "{\"a\":1}", "JSON"), Input("JSON after a line end", "\n{\"a\":1}", "JSON"),
        Input("PEM", "-----BEGIN PRIVATE KEY-----", "PEM"), Input("an error page", "<!DOCTYPE html>", "HTML"),
        Input(
            "Git LFS",
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n",
            "Git LFS"
        ),
        Input("git-annex", "/annex/objects/SHA256E-s31390--f50d7ac4c6b9031379986bc362fcefb65f1e52621ce", "git-annex"),
        Input("openssl enc", "Salted__abcdefgh", "openssl"), Input("age", "age-encryption.org/v1\n", "age file"),
        Input("age in PEM", "-----BEGIN AGE ENCRYPTED FILE-----\n", "age file"),
        Input("OpenPGP", "-----BEGIN PGP MESSAGE-----\n", "OpenPGP"),
        Input("Fernet", "gAAAAABmXyZ1", "Fernet"), Input("Ansible", "$ANSIBLE_VAULT;1.1;AES256", "Ansible vault"),
        Input("gzip in Base64", "H4sIAAAAAAAAA", "Base64 text of gzip data"),
        Input("an answer", "HTTP/1.1 200", "HTTP"),
        Input("a Java array", "[B@1b6d3586", "name for an object"), Input("Go's numbers", "[1 128 3 120]", "numbers"),
        Input("numbers on lines", "1\n128\n3\n120\n", "numbers"),
        Input("Node", "{\"type\":\"Buffer\",", "program's text"),
        Input("UTF-16", [0xFF, 0xFE, 0x41, 0x00, 0x59, 0x00], "UTF-16"),
        Input("a ciphertext of KMS in Base64", "AQICAHgvETAwMDAwMDAwMDAwMDAwMDAw", "AWS KMS"),
        Input("a ciphertext of KMS in Base64 and quotation marks", "\"AQICAHgvETAwMDAwMDAwMDAwMDAwMDAw\"", "AWS KMS"),
        Input("an empty file of some length", [UInt8](repeating: 0, count: 100), "never written"),
        Input("anything else", "Anything else", "starts with the byte 65"),
        Input("a word that begins like Base64", "Again, anything else", "starts with the byte 65"),
    ]

    private func expect(_ input: Input) async throws {
        let reader = try Reader(StubKeyring(dataKey: []))
        await expectRefusal(of: input.bytes, by: reader, input.code, "\(input.name)")
        for reading in Reading.all {
            let error = await #expect(throws: EncryptionSDKError.self) {
                _ = try await reader.read(input.bytes, reading)
            }
            #expect(error?.reason.contains(input.hint) == true, "\(input.name): \(error?.reason ?? "")")
        }
    }

    @Test("Other files are not messages, and the error says what they look like", arguments: others)
    func otherFiles(input: Input) async throws {
        try await expect(input)
        await expectRefusal(
            of: input.bytes,
            by: try Reader(StubKeyring(dataKey: [])),
            input.code,
            offset: 0,
            field: "Version"
        )
    }

    @Test("The kind of an input has a name and advice, and a message has none")
    func kinds() throws {
        func kind(_ bytes: [UInt8]) -> InputKind? { InputKind(startingWith: bytes.span) }
        for input in Self.others where !input.hint.hasPrefix("starts") {
            let kind = try #require(kind(input.bytes), "\(input.name)")
            #expect("\(kind)".contains(input.hint) && "\(kind)" == "\(kind.name): \(kind.advice)")
        }
        for message in try Self.messages.get() {
            #expect(kind(message) == nil)
            #expect(kind(Array(message.prefix(InputKind.neededLength))) == nil)
            #expect(kind(Array(Base64.encode(message).utf8))?.name == "Base64 text of a message")
        }
        #expect(kind([]) == nil)
        #expect(kind(Array("Anything else".utf8)) == nil)
    }

    @Test("Base64 text of a message is named, whatever stands before it")
    func base64() async throws {
        for message in try Self.messages.get() {
            let text = Base64.encode(message)
            let urlSafe = text.replacing("+", with: "-").replacing("/", with: "_")
            for (name, altered) in [
                ("blank", " \(text)"), ("line end", "\r\n\(text)"), ("quotation marks", "\"\(text)\""),
                ("apostrophes", "'\(text)'"),
                ("byte-order mark", "\u{FEFF}\(text)"), ("Python", "b'\(text)'"), ("URL alphabet", urlSafe),
                ("mark and quotation mark", "\u{FEFF}\"\(text)\""),
                ("lines", String(text.prefix(20)) + "\n" + text.dropFirst(20)), ("JSON text", "\"\(text)\"\n"),
            ] {
                var input = Input(name, altered, "Base64 text of a message")
                input.code = .base64EncodedMessage
                try await expect(input)
            }
        }
    }

    @Test("Text of a message that a program printed is named")
    func programText() async throws {
        for message in try Self.messages.get() {
            let hexadecimal = Hex.encode(message)
            let pairs = stride(from: 0, to: hexadecimal.count, by: 2).map { hexadecimal.dropFirst($0).prefix(2) }
            let escaped = message.map { byte in
                (0x20..<0x7F).contains(byte) ? String(UnicodeScalar(byte)) : "\\x\(Hex.encode([byte]))"
            }.joined()
            for (name, text, hint) in [
                ("hexadecimal", hexadecimal, "hexadecimal"), ("capitals", hexadecimal.uppercased(), "hexadecimal"),
                ("0x", "0x\(hexadecimal)", "hexadecimal"), ("colons", pairs.joined(separator: ":"), "hexadecimal"),
                ("quoted", "\"\(hexadecimal)\"", "hexadecimal"), ("SQL", "X'\(hexadecimal)'", "hexadecimal"),
                (".NET", pairs.joined(separator: "-").uppercased(), "hexadecimal"),
                ("PostgreSQL", "\\x\(hexadecimal)", "hexadecimal"),
                ("Base64 twice", Base64.encode(Array(Base64.encode(message).utf8)), "decode it twice"),
                ("blanks", pairs.joined(separator: " "), "hexadecimal"),
                ("repr", "b'\(escaped)'", "program's text"),
                ("repr with quotation marks", "b\"\(escaped)\"", "program's text"),
                ("escapes", escaped, "program's text"), ("bytearray", "bytearray(b'\(escaped)')", "program's text"),
                ("Node", "<Buffer \(pairs.joined(separator: " "))>", "program's text"),
                ("numbers", "\(message)", "list of numbers"), ("xxd", "00000000: \(hexadecimal)", "hexadecimal dump"),
            ] { try await expect(Input(name, text, hint)) }
        }
    }

    @Test("A message behind a byte-order mark or a line end is named")
    func prefixed() async throws {
        for message in try Self.messages.get() {
            try await expect(Input("byte-order mark", [0xEF, 0xBB, 0xBF] + message, "a byte-order mark: remove"))
            try await expect(Input("line end", [0x0A] + message, "white space: remove"))
        }
    }

    @Test("A ciphertext of AWS KMS is named", arguments: [1, 2] as [UInt8])
    func kmsCiphertext(form: UInt8) async throws {
        var input = Input("KMS", [1, 2, form, 0, 0x78] + [UInt8](repeating: 0x2F, count: 62), "AWS KMS")
        input.code = .unsupportedType
        try await expect(input)
    }

    @Test("A message whose bytes went through a text encoding is named", arguments: Forge.suites)
    func mangled(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        forge.messageID = (0..<suite.messageIDLength).map { UInt8(truncatingIfNeeded: 37 * $0 + 101) }
        let message = try forge.sealed().bytes
        let replaced = Array(String(decoding: message, as: UTF8.self).utf8)
        let widened = Array(String(String.UnicodeScalarView(message.map { UnicodeScalar($0) })).utf8)
        for bytes in [replaced, widened] {
            for reading in Reading.all {
                let error = await #expect(throws: EncryptionSDKError.self) {
                    _ = try await Reader(StubKeyring(dataKey: forge.dataKey)).read(bytes, reading)
                }
                let mentions = (error?.reason ?? "").ranges(of: "conversion to text").count
                #expect(mentions == 1, "\(error?.reason ?? ""), \(reading)")
            }
        }
    }
}
