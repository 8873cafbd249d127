import ESDKCrypto
import ESDKSystem
import StrictJSON
import TestSupport
import Testing

@Suite("esdk inspect")
struct InspectTests {
    /// The key of `PublishedMessage`, as `--key` takes it.
    private static let key = "raw-aes:namespace=interop-vectors,name=aes-256,file=aes.key"
    private static let keyText = "bpS7MrCTf5j7TgfW0k8xt82y7x2UWm9nUHj2G4s8tjA="

    /// A folder with published messages, and the key that opens them.
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("signed", PublishedMessage.signed.bytes)
        try folder.write("unsigned", PublishedMessage.unsigned.bytes)
        try folder.write("java", PublishedMessage.versionOne.bytes)
        try folder.write("kms", PublishedMessage.kms.bytes)
        try folder.write("aes.key", Self.keyText)
        return folder
    }

    @Test("Shows header, keys, context, frames and footer with their offsets, and says that nothing is authenticated")
    func message() throws {
        let folder = try folder()
        let output = try ESDK.run(["inspect", "signed"], in: folder)
        #expect(output.status == 0)
        #expect(output.standardError == "")
        for line in [
            "       1  suite        AES-256-GCM, HKDF-SHA512, commitment, ECDSA-P384\n                       (0x0578)",
            "     132  key1 = val1", "          key name     aes-256",
            "     158  1            raw AES keyring, 96 bytes",
            "  final frame  number 1, 1 byte", "signature    103 bytes",
            "nothing of this is authenticated: no key was given",
        ] { #expect(output.standardOutput.contains(line), "\(line)\n\(output.standardOutput)") }
    }

    @Test("With a key it authenticates the whole message and says so; with a wrong one it says what is wrong")
    func key() throws {
        let folder = try folder()
        for name in ["signed", "unsigned", "java"] {
            let output = try ESDK.run(["inspect", name, "--key", Self.key], in: folder)
            #expect(output.status == 0)
            #expect(output.standardOutput.contains("authenticated by encrypted data key 1"))
            #expect(output.standardOutput.contains("the signature verifies") == (name == "signed"))
            #expect(!output.standardOutput.contains("nothing of this"))
        }
        try folder.write("damaged", PublishedMessage.signed.damaged)
        let damaged = try ESDK.run(["inspect", "damaged", "--key", Self.key], in: folder)
        #expect(damaged.status == 1)
        #expect(damaged.standardOutput.contains("not authenticated: "))
        let other = Self.key.replacing("name=aes-256", with: "name=other")
        let wrong = try ESDK.run(["inspect", "signed", "--key", other], in: folder)
        #expect(wrong.status == 1)
        #expect(wrong.standardOutput.contains("not authenticated: "))
        let context = try ESDK.run(["inspect", "signed", "--key", Self.key, "--context", "key1=other"], in: folder)
        #expect(context.status == 1)
        #expect(try ESDK.run(["inspect", "signed", "--context", "a=b"], in: folder).status == 2)
    }

    @Test("An AWS that cannot be reached is no fault of the message: exit code 2")
    func unreachable() throws {
        let folder = try folder()
        try folder.write("kms", PublishedMessage.kms.bytes)
        let key = "aws-kms:arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"
        // Nothing listens on that port.
        let output = try ESDK.run(["inspect", "kms", "--key", key, "--kms-endpoint", "http://127.0.0.1:1"], in: folder)
        #expect(output.status == 2)
        #expect(output.standardOutput.contains("not authenticated: "))
    }

    @Test("JSON is one line for each input")
    func json() throws {
        let folder = try folder()
        let output = try ESDK.run(["inspect", "--json", "signed", "kms", "--key", Self.key], in: folder)
        let lines = output.standardOutput.split(separator: "\n")
        #expect(lines.count == 2)
        let values = try lines.map { try StrictJSON.parse(Array($0.utf8), source: "line") }
        #expect(values[0]["input"]?.string == "signed")
        #expect(values[0]["authenticated"]?.bool == true)
        #expect(values[1]["authenticated"]?.bool == false)
        #expect(
            values[1]["header"]?["encrypted_data_keys"]?.array?.first?["key"]?.string?.hasPrefix("arn:aws:kms:") == true
        )
        // The second message is not for that key.
        #expect(output.status == 1)
    }

    @Test("A dump shows every byte under its field")
    func annotation() throws {
        let folder = try folder()
        let output = try ESDK.run(["inspect", "--annotate", "unsigned"], in: folder)
        #expect(output.status == 0)
        #expect(output.standardOutput.contains("header.algorithmSuiteID\n  00000001  04 78"))
        #expect(output.standardOutput.contains("header.encryptionContext[0].key\n"))
        let dumped = output.standardOutput.split(separator: "\n").filter { $0.hasPrefix("  0000") }
            .flatMap { $0.dropFirst(12).prefix(48).split(separator: " ") }
        #expect(Hex.decode(dumped.joined()) == PublishedMessage.unsigned.bytes)
    }

    @Test("A damaged message is shown up to the damage, with the byte where reading stopped")
    func damage() throws {
        let folder = try folder()
        try folder.write("cut", Array(PublishedMessage.signed.bytes.dropLast(60)))
        let output = try ESDK.run(["inspect", "cut"], in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput.contains("key2 = val2"))
        let stop = PublishedMessage.signed.bytes.count - 103
        #expect(output.standardOutput.contains("reading stopped at byte \(stop) of"), "\(output.standardOutput)")
        let dump = try ESDK.run(["inspect", "-a", "cut"], in: folder)
        #expect(dump.standardOutput.contains("not read: footer.signature was due"))
    }

    @Test("What is not a message is named, and the others are inspected all the same")
    func noMessages() throws {
        let folder = try folder()
        try folder.write("text", Base64.encode(PublishedMessage.signed.bytes))
        try folder.write("empty", "")
        let output = try ESDK.run(["inspect", "text", "empty", "unsigned"], in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput.contains("not a message: the input is Base64 text"))
        #expect(output.standardOutput.contains("--base64"))
        #expect(output.standardOutput.contains("not a message: the input is empty"))
        #expect(output.standardOutput.contains("key1 = val1"))
        let missing = try ESDK.run(["inspect", "nothing", "unsigned"], in: folder)
        #expect(missing.status == 2)
        #expect(missing.standardError.contains("nothing"))
        #expect(missing.standardOutput.contains("key1 = val1"))
    }

    @Test("Base64 text is read with --base64, broken into lines or not, from a pipe too")
    func base64() throws {
        let folder = try folder()
        let text = Base64.encode(PublishedMessage.signed.bytes)
        try folder.write("text", text)
        let plain = try ESDK.run(["inspect", "--json", "signed"], in: folder).standardOutput
        for line in ["<text $esdk", "fold -w 76 text | $esdk", "cat signed | base64 | $esdk"] {
            let output = try ESDK.shell("\(line) inspect --json --base64 -", in: folder)
            #expect(output.status == 0)
            #expect(output.standardOutput.replacing("standard input", with: "signed") == plain)
        }
        #expect(try ESDK.run(["inspect", "--base64", "signed"], in: folder).status == 2)
        let piped = try ESDK.shell("cat signed | $esdk inspect --json -", in: folder)
        #expect(piped.standardOutput.replacing("standard input", with: "signed") == plain)
    }

    @Test("A folder gives a list with totals, as text, CSV and JSON")
    func folders() throws {
        let folder = try folder()
        try folder.write("more/copy", PublishedMessage.signed.bytes)
        try folder.write("more/cut", Array(PublishedMessage.signed.bytes.prefix(300)))
        let output = try ESDK.run(["inspect", "--recursive", "."], in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput.contains("6 messages in 7 files"))
        #expect(output.standardOutput.contains("5  raw AES: interop-vectors / aes-256"))
        #expect(output.standardOutput.contains("damaged or refused:\n  ./more/cut"))
        #expect(output.standardOutput.split(separator: "\n").allSatisfy { $0.count < 80 || $0.contains("cut: ") })
        let csv = try ESDK.run(["inspect", "-r", "--csv", "."], in: folder).standardOutput
        let records = csv.split(separator: "\r\n")
        #expect(records.count == 8)
        #expect(records[0].hasPrefix("file,length,status,version,suite,"))
        #expect(
            records.contains {
                $0.hasPrefix("./signed,\(PublishedMessage.signed.bytes.count),message,2,0578,yes,yes,raw AES,")
            }
        )
        #expect(records.contains { $0.hasPrefix("./aes.key,44,not a message,") })
        let json = try ESDK.run(["inspect", "-r", "--json", "."], in: folder).standardOutput
        let lines = json.split(separator: "\n")
        #expect(lines.count == 8)
        let totals = try StrictJSON.parse(Array((lines.last ?? "").utf8), source: "totals")["totals"]
        #expect(totals?["files"]?.integer == 7)
        #expect(totals?["damaged"]?.integer == 1)
        #expect(totals?["keys"]?["raw AES: interop-vectors / aes-256"]?.integer == 5)
        #expect(try ESDK.run(["inspect", "."], in: folder).status == 2)
    }

    @Test("A folder without a message is said to have none")
    func emptyFolder() throws {
        let folder = try TemporaryFolder()
        try folder.write("d/text", "hello")
        #expect(try ESDK.run(["inspect", "-r", "d"], in: folder).status == 4)
    }

    @Test("Nothing in a message drives the terminal")
    func hostileText() throws {
        let folder = try folder()
        var bytes = PublishedMessage.unsigned.bytes
        let place = try #require(bytes.firstRange(of: Array("val1".utf8)))
        bytes.replaceSubrange(place, with: [0x1B, UInt8(ascii: "["), 0x32, UInt8(ascii: "J")])
        let name = try #require(bytes.firstRange(of: Array("aes-256".utf8)))
        bytes.replaceSubrange(name, with: Array("a\r\n\u{7}256".utf8))
        try folder.write("hostile", bytes)
        for arguments in [["hostile"], ["-a", "hostile"], ["--json", "hostile"], ["-r", "."], ["-r", "--csv", "."]] {
            let output = try ESDK.run(["inspect"] + arguments, in: folder)
            let unfit = output.standardOutput.unicodeScalars.filter {
                $0.value < 0x20 && !"\r\n".unicodeScalars.contains($0)
            }
            #expect(unfit.isEmpty, "\(arguments)")
        }
        #expect(try ESDK.run(["inspect", "hostile"], in: folder).standardOutput.contains(#"\u{1B}[2J"#))
    }

    @Test("Long messages are inspected in little memory", .enabled(if: canLimitResources))
    func memory() throws {
        let folder = try folder()
        // A sparse file: frames of zeros, whose numbers are out of order.
        try folder.write("big", Self.header(frameLength: 4096))
        let output = try ESDK.shell("truncate -s 256M big; ulimit -v 1000000; $esdk inspect big", in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput.contains("frames 1–65,"), "\(output.standardOutput)\(output.standardError)")
    }

    /// The header of a published message with another frame length.
    private static func header(frameLength: UInt32) -> [UInt8] {
        var bytes = Array(PublishedMessage.unsigned.bytes.dropLast(8 + 12 + 4 + 1 + 16))
        let place = bytes.count - 16 - 32 - 4
        bytes.replaceSubrange(place..<place + 4, with: frameLength.bigEndianBytes)
        return bytes
    }
}
