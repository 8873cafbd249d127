import ESDKCrypto
import ESDKSystem
import StrictJSON
import TestSupport
import Testing

@Suite("esdk rescue")
struct RescueCommandTests {
    private static let key = "--key=raw-aes:namespace=interop-vectors,name=aes-256,file=old.key"
    private static let anyPolicy = "--commitment-policy=require-encrypt-allow-decrypt"

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("old.key", "bpS7MrCTf5j7TgfW0k8xt82y7x2UWm9nUHj2G4s8tjA=")
        #expect(try ESDK.shell("chmod 600 *.key", in: folder).status == 0)
        return folder
    }

    private func rescue(_ words: String..., in folder: TemporaryFolder) throws -> ESDK.Output {
        let hasKey = words.contains { $0.hasPrefix("--key") }
        return try ESDK.run(["rescue", Self.anyPolicy] + (hasKey ? [] : [Self.key]) + words, in: folder)
    }

    private func isThere(_ name: String, in folder: TemporaryFolder) -> Bool {
        (try? FileStatus(of: SystemPath(folder.file(name)))) != nil
    }

    // MARK: - Text, and bytes that follow

    @Test("Text that users pasted is decoded on request", arguments: ["base64-in-quotation-marks", "python-repr"])
    func text(name: String) throws {
        let folder = try folder()
        try folder.write("message", VectorFile.bytes("rescue/\(name)"))
        let decrypted = try ESDK.run(["decrypt", "message", "-o", "out", Self.key, Self.anyPolicy], in: folder)
        #expect(decrypted.status == 1)
        let output = try rescue("message", "-o", "out", "--as", "text", in: folder)
        #expect(output.status == 0, "\(output.standardError)")
        #expect(output.standardOutput == "")
        #expect(output.standardError.contains("message: rescued as text\n  wrong: the message is "))
        #expect(output.standardError.contains("  done: it was decoded\n"))
        #expect(try folder.read("out").isEmpty == false)
    }

    @Test("Without --as nothing is written, and what would help is told")
    func diagnosis() throws {
        let folder = try folder()
        try folder.write("padded", PublishedMessage.signed.bytes + [0x0A])
        let output = try rescue("padded", in: folder)
        #expect(output.status == 1)
        #expect(output.standardError.contains("padded: it would open with --as trailing-bytes\n"))
        try folder.write("sound", PublishedMessage.signed.bytes)
        let sound = try rescue("sound", in: folder)
        #expect(sound.status == 0)
        #expect(sound.standardError.contains("nothing was wrong with it"))
        // The policy that decrypt has by default is named with the rest.
        try folder.write("old", PublishedMessage.versionOne.bytes + [0, 0])
        let old = try ESDK.run(["rescue", "old", Self.key], in: folder)
        #expect(old.status == 1)
        #expect(old.standardError.contains("--as trailing-bytes --commitment-policy require-encrypt-allow-decrypt\n"))
        let refused = try rescue("padded", "-o", "out", in: folder)
        #expect(refused.status == 2)
        #expect(refused.standardError.contains("--as DEVIATION is missing"))
        #expect(!isThere("out", in: folder))
    }

    @Test("Bytes after the message are left out; an altered message stays refused")
    func trailing() throws {
        let folder = try folder()
        try folder.write("padded", PublishedMessage.signed.bytes + [0x0A])
        #expect(try rescue("padded", "-o", "out", "--as", "text", in: folder).status == 1)
        let output = try rescue("padded", "-o", "out", "--as", "trailing-bytes", "--json", in: folder)
        #expect(output.status == 0, "\(output.standardError)")
        #expect(try folder.read("out") == PublishedMessage.signed.plaintext)
        let line = try StrictJSON.parse(Array(output.standardOutput.utf8), source: "line")
        #expect(line["complete"]?.bool == true)
        #expect(line["rescued"]?.array?.first?["as"]?.string == "trailing-bytes")
        #expect(line["rescued"]?.array?.first?["fault"]?.string == "1 byte follows the message")
        try folder.write("damaged", PublishedMessage.signed.damaged + [0x0A])
        let damaged = try rescue(
            "damaged",
            "-o",
            "bad",
            "--as",
            "trailing-bytes",
            "--as",
            "truncated",
            "--as",
            "text",
            "--as",
            "net-4.0.0",
            "--as",
            "javascript-locale-order",
            "--as",
            "early-javascript",
            in: folder
        )
        #expect(damaged.status == 1)
        #expect(!isThere("bad", in: folder))
        #expect(!isThere("bad.incomplete", in: folder))
    }

    // MARK: - Truncated messages

    @Test("Whole frames of a truncated unsigned message are kept, and file name and exit code say so")
    func truncated() throws {
        let folder = try folder()
        // Six frames of one byte, the last without its end.
        try folder.write("cut", Array(PublishedMessage.versionOne.bytes.dropLast(3)))
        let output = try rescue("cut", "-o", "out", "--as", "truncated", "--json", in: folder)
        #expect(output.status == 1)
        #expect(!isThere("out", in: folder))
        #expect(try folder.read("out.incomplete") == PublishedMessage.versionOne.plaintext)
        #expect(output.standardError.contains("the plaintext is incomplete, which is in out.incomplete"))
        let line = try StrictJSON.parse(Array(output.standardOutput.utf8), source: "line")
        #expect(line["complete"]?.bool == false)
        try folder.write("shorter", Array(PublishedMessage.versionOne.bytes.dropLast(60)))
        #expect(try rescue("shorter", "-o", "short", "--as", "truncated", in: folder).status == 1)
        #expect(try folder.read("short.incomplete") == Array(PublishedMessage.versionOne.plaintext.prefix(4)))
        let piped = try rescue("cut", "-o", "-", "--as", "truncated", in: folder)
        #expect(piped.status == 1)
        #expect(piped.standardOutput == "")
        #expect(try rescue("cut", "-o", "new", "--rewrap", "--as", "truncated", in: folder).status == 1)
        #expect(!isThere("new", in: folder) && !isThere("new.incomplete", in: folder))
    }

    @Test("A frame that was altered ends a truncated message with nothing written, and a signed one is not rescued")
    func truncatedAndUnauthentic() throws {
        let folder = try folder()
        var bytes = Array(PublishedMessage.versionOne.bytes.dropLast(3))
        bytes[bytes.count - 60] ^= 1
        try folder.write("altered", bytes)
        #expect(try rescue("altered", "-o", "out", "--as", "truncated", in: folder).status == 1)
        try folder.write("signed", Array(PublishedMessage.signed.bytes.dropLast(3)))
        let signed = try rescue("signed", "-o", "out", "--as", "truncated", in: folder)
        #expect(signed.status == 1)
        #expect(signed.standardError.contains("cut off"))
        #expect(!isThere("out", in: folder) && !isThere("out.incomplete", in: folder))
    }

    // MARK: - Other writers

    @Test("Messages in JavaScript's order are decrypted and rewrapped into clean ones")
    func localeOrder() throws {
        let folder = try folder()
        let set = "rescue/javascript-5.0.2-locale-order"
        let id = "51c4ddde-7624-510c-b3c5-bbcbf1b9fa43"
        let manifest = try StrictJSON.parse(VectorFile.bytes("\(set)/decrypt-manifest.json"), source: "manifest")
        let scenario = try #require(manifest["tests"]?[id]?["decryption-scenario"])
        try folder.write("message", VectorFile.bytes("\(set)/ciphertexts/\(id)"))
        try folder.write("keys.json", VectorFile.bytes("\(set)/keys.json"))
        let description = try #require(scenario["decryptKeyDescription"])
        try folder.write("description.json", StrictJSON.serialize(description, pretty: false))
        let keys = ["--keys=keys.json", "--key-description=description.json"]
        let result = try #require(scenario["result"]?.string).dropFirst("file://".count)
        let plaintext = try VectorFile.bytes("\(set)/\(result)")

        #expect(try ESDK.run(["decrypt", "message", "-o", "out", Self.anyPolicy] + keys, in: folder).status == 1)
        let option = "javascript-locale-order"
        let output = try rescue("message", "-o", "out", "--as", option, keys[0], keys[1], in: folder)
        #expect(output.status == 0, "\(output.standardError)")
        #expect(output.standardError.contains("  done: the data key opened in order "))
        #expect(try folder.read("out") == plaintext)
        let clean = try rescue("message", "-o", "clean", "--rewrap", "--as", option, keys[0], keys[1], in: folder)
        #expect(clean.status == 0, "\(clean.standardError)")
        let again = try ESDK.run(["decrypt", "clean", "-o", "again", Self.anyPolicy] + keys, in: folder)
        #expect(again.status == 0, "\(again.standardError)")
        #expect(try folder.read("again") == plaintext)
    }

    @Test("Messages of ESDK-NET 4.0.0 open on request only")
    func net() throws {
        let folder = try folder()
        let file = try StrictJSON.parse(VectorFile.bytes("messages/net-4.0.0.json"), source: "net-4.0.0.json")
        try folder.write("net.key", try #require(Base64.decode(file["key"]?["key"]?.string ?? "?")))
        #expect(try ESDK.shell("chmod 600 *.key", in: folder).status == 0)
        let name = "namespace=\(file["key"]?["namespace"]?.string ?? ""),name=\(file["key"]?["keyID"]?.string ?? "")"
        let key = "--key=raw-aes:\(name),file=net.key"
        let messages = try #require(file["messages"]?.array)
        let broken = try #require(
            messages.first { $0["divergence"] != "none" && $0["requiredKeys"]?.array?.isEmpty == true }
        )
        try folder.write("message", try #require(Base64.decode(broken["message"]?.string ?? "?")))
        #expect(try rescue("message", "-o", "out", "--as", "text", key, in: folder).status == 1)
        let output = try rescue("message", "-o", "out", "--as", "net-4.0.0", key, in: folder)
        #expect(output.status == 0, "\(output.standardError)")
        #expect(output.standardError.contains("written by: ESDK-NET 4.0.0"))
        #expect(try Int64(folder.read("out").count) == broken["plaintextLength"]?.integer)
    }

    // MARK: - What tells of it

    @Test("inspect and decrypt name the rescue that helps")
    func hints() throws {
        let folder = try folder()
        try folder.write("padded", PublishedMessage.signed.bytes + [0x0A])
        try folder.write("text", Base64.encode(PublishedMessage.signed.bytes))
        try folder.write("cut", Array(PublishedMessage.versionOne.bytes.dropLast(3)))
        let set = "rescue/javascript-5.0.2-locale-order"
        // Under the key aes-256.
        let id = "0a3c2d79-b7bf-509f-a028-0f8fbb87655d"
        try folder.write("javascript", VectorFile.bytes("\(set)/ciphertexts/\(id)"))
        for (name, deviation) in [
            ("padded", "trailing-bytes"), ("text", "text"), ("cut", "truncated"),
            ("javascript", "javascript-locale-order"),
        ] {
            let output = try ESDK.run(["inspect", name], in: folder)
            #expect(output.standardOutput.contains("esdk rescue --as \(deviation) would"), "\(name)")
            let json = try ESDK.run(["inspect", "--json", name], in: folder)
            let line = try StrictJSON.parse(Array(json.standardOutput.utf8), source: "line")
            #expect(line["rescue"]?.array?.contains { $0.string == deviation } == true, "\(name)")
        }
        let sound = try ESDK.run(["inspect", "javascript", Self.key], in: folder)
        #expect(sound.status == 0)
        #expect(sound.standardOutput.contains("note: only in JavaScript's order of the context"))
        let refused = try ESDK.run(["decrypt", "javascript", "-o", "out", Self.key, Self.anyPolicy], in: folder)
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("it opens with esdk rescue --as javascript-locale-order"))
        let trailing = try ESDK.run(["decrypt", "padded", "-o", "out", Self.key], in: folder)
        #expect(trailing.standardError.contains("esdk rescue --as trailing-bytes leaves them out"))
    }
}
