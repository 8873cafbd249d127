import ESDKCrypto
import ESDKSystem
import StrictJSON
import TestSupport
import Testing

@Suite("esdk rewrap")
struct RewrapTests {
    private static let old = "raw-aes:namespace=interop-vectors,name=aes-256,file=old.key"
    private static let new = "raw-aes:namespace=mine,name=2026,file=new.key"

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("old.key", "bpS7MrCTf5j7TgfW0k8xt82y7x2UWm9nUHj2G4s8tjA=")
        try folder.write("new.key", String(repeating: "5a", count: 32))
        #expect(try ESDK.shell("chmod 600 *.key", in: folder).status == 0)
        try folder.write("signed", PublishedMessage.signed.bytes)
        try folder.write("java", PublishedMessage.versionOne.bytes)
        return folder
    }

    private func rewrap(_ arguments: [String], in folder: TemporaryFolder) throws -> ESDK.Output {
        try ESDK.run(["rewrap", "--from", Self.old, "--to", Self.new] + arguments, in: folder)
    }

    /// What `inspect` says of a message that opens under the new key.
    private func inspect(_ name: String, in folder: TemporaryFolder) throws -> JSONValue {
        let output = try ESDK.run(["inspect", "--json", name, "--key", Self.new], in: folder)
        #expect(output.status == 0, "\(output.standardOutput)")
        return try StrictJSON.parse(Array(output.standardOutput.utf8), source: "line")
    }

    private func decrypted(_ name: String, in folder: TemporaryFolder) throws -> [UInt8] {
        _ = try ESDK.shell("rm -f plain", in: folder)
        // decrypt's own default refuses what has no key commitment; inspect has opened it.
        let output = try ESDK.run(["decrypt", name, "-o", "plain", "--key", Self.new], in: folder)
        #expect(output.status == 0, "\(output.standardError)")
        return try folder.read("plain")
    }

    @Test("A message opens under the new key, with a fresh id, and keeps suite, context and frame length")
    func file() throws {
        let folder = try folder()
        let output = try rewrap(["signed", "-o", "out"], in: folder)
        #expect(output.status == 0)
        #expect(output.standardError == "")
        let message = try inspect("out", in: folder)
        #expect(message["authenticated"]?.bool == true)
        let header = message["header"]
        #expect(header?["suite"]?["id"]?.string == "0578")
        #expect(header?["frame_length"]?.integer == 128)
        #expect(header?["message_id"]?.string != Hex.encode(Array(PublishedMessage.signed.bytes[3..<35])))
        let pairs = header?["encryption_context"]?.array?.map { $0["key"]?.string ?? "" } ?? []
        #expect(pairs == ["aws-crypto-public-key", "key1", "key2"])
        #expect(try decrypted("out", in: folder) == PublishedMessage.signed.plaintext)
        #expect(try folder.read("signed") == PublishedMessage.signed.bytes)
    }

    @Test("Suite, context and frame length can change")
    func changes() throws {
        let folder = try folder()
        let options = ["--suite", "0578", "--frame-length", "4", "--context", "key1=other", "--remove-context", "key2"]
        #expect(try rewrap(["java", "-o", "out"] + options, in: folder).status == 0)
        let header = try inspect("out", in: folder)["header"]
        #expect(header?["suite"]?["id"]?.string == "0578")
        #expect(header?["frame_length"]?.integer == 4)
        let pairs = header?["encryption_context"]?.array?.dropFirst().map {
            "\($0["key"]?.string ?? "")=\($0["value"]?.string ?? "")"
        }
        #expect(pairs == ["key1=other"])
        #expect(try decrypted("out", in: folder) == PublishedMessage.versionOne.plaintext)
        #expect(try rewrap(["java", "-o", "plain-suite"], in: folder).status == 0)
        #expect(try inspect("plain-suite", in: folder)["header"]?["suite"]?["id"]?.string == "0014")
    }

    @Test("In place, the permissions stay; a message that does not open stays as it is")
    func inPlace() throws {
        let folder = try folder()
        try folder.write("damaged", PublishedMessage.signed.damaged)
        #expect(try ESDK.shell("chmod 640 signed", in: folder).status == 0)
        #expect(try rewrap(["signed", "--in-place"], in: folder).status == 0)
        #expect(try FileStatus(of: SystemPath(folder.path).appending("signed")).permissions == 0o640)
        #expect(try decrypted("signed", in: folder) == PublishedMessage.signed.plaintext)
        let damaged = try rewrap(["damaged", "--in-place"], in: folder)
        #expect(damaged.status == 1)
        #expect(damaged.standardError.contains("damaged: "))
        #expect(try folder.read("damaged") == PublishedMessage.signed.damaged)
    }

    @Test("Nothing of a signed message whose signature is wrong comes out, not even of a pipe")
    func signature() throws {
        let folder = try folder()
        try folder.write("damaged", PublishedMessage.signed.damaged)
        let output = try rewrap(["damaged", "-o", "-"], in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput == "")
        #expect(try rewrap(["damaged", "-o", "out"], in: folder).status == 1)
        #expect(try ESDK.shell("test ! -e out", in: folder).status == 0)
    }

    @Test("Standard input and output work")
    func pipes() throws {
        let folder = try folder()
        let line = "cat signed | $esdk rewrap --from \(Self.old) --to \(Self.new) - -o - | cat >out"
        #expect(try ESDK.shell(line, in: folder).standardError == "")
        #expect(try decrypted("out", in: folder) == PublishedMessage.signed.plaintext)
    }

    @Test("A run in place that is started again after its end says that all were before")
    func endedBefore() throws {
        let folder = try folder()
        try folder.write("in/a", PublishedMessage.signed.bytes)
        try folder.write("in/b/c", PublishedMessage.versionOne.bytes)
        let words = ["-r", "in", "--in-place"]
        #expect(try rewrap(words, in: folder).standardOutput == "2 rewrapped\n")
        let bytes = try folder.read("in/a")
        let again = try rewrap(words, in: folder)
        #expect(again == ESDK.Output(status: 0, standardOutput: "0 rewrapped, 2 were before\n", standardError: ""))
        #expect(try folder.read("in/a") == bytes)
        // Another suite is not what lies there, and the old key does not open it.
        let other = try rewrap(words + ["--suite", "0478"], in: folder)
        #expect(other.status == 1)
        #expect(other.standardOutput == "0 rewrapped, 2 do not open\n")
    }

    @Test("--check says what would be done, and does nothing")
    func check() throws {
        let folder = try folder()
        let output = try rewrap(["java", "--in-place", "--check", "--suite", "0478"], in: folder)
        #expect(output.status == 0)
        #expect(output.standardOutput == "java: would be rewrapped in place, suite 0014 to 0478\n")
        #expect(try folder.read("java") == PublishedMessage.versionOne.bytes)
    }

    @Test("A folder is rewrapped, other files are left out, and a failure does not stop the rest")
    func folders() throws {
        let folder = try folder()
        try folder.write("in/a", PublishedMessage.signed.bytes)
        try folder.write("in/b/c", PublishedMessage.versionOne.bytes)
        try folder.write("in/b/damaged", PublishedMessage.signed.damaged)
        try folder.write("in/text", "hello")
        let output = try rewrap(["-r", "in", "-o", "out"], in: folder)
        #expect(output.status == 1)
        #expect(output.standardOutput == "2 rewrapped, 1 does not open\n")
        #expect(output.standardError.contains("in/b/damaged: "))
        #expect(try decrypted("out/a", in: folder) == PublishedMessage.signed.plaintext)
        #expect(try inspect("out/b/c", in: folder)["header"]?["suite"]?["id"]?.string == "0014")
        #expect(try ESDK.shell("ls out out/b", in: folder).standardOutput == "out:\na\nb\n\nout/b:\nc\n")
        // The journal is there as long as not all is done.
        #expect(try ESDK.shell("test -e out/.esdk-rewrap", in: folder).status == 0)
        let again = try rewrap(["-r", "in", "-o", "out"], in: folder)
        #expect(again.standardOutput == "0 rewrapped, 2 were before, 1 does not open\n")
        #expect(try ESDK.shell("rm in/b/damaged", in: folder).status == 0)
        #expect(try rewrap(["-r", "in", "-o", "out"], in: folder).standardOutput == "0 rewrapped, 2 were before\n")
        #expect(try ESDK.shell("test ! -e out/.esdk-rewrap", in: folder).status == 0)
    }

    @Test("The journal of a run to other keys is not taken for this one's")
    func journal() throws {
        let folder = try folder()
        try folder.write("in/a", PublishedMessage.signed.bytes)
        try folder.write("in/damaged", PublishedMessage.signed.damaged)
        #expect(try rewrap(["-r", "in", "--in-place"], in: folder).status == 1)
        let other = try rewrap(["-r", "in", "--in-place", "--suite", "0478"], in: folder)
        #expect(other.status == 2)
        #expect(other.standardError.contains("journal"))
        try folder.write("text", "hello\n")
        #expect(try rewrap(["-r", "in", "--in-place", "--journal", "text"], in: folder).status == 2)
        #expect(try folder.read("text") == Array("hello\n".utf8))
    }

    @Test("A run in place that is killed at any moment leaves each file old or new, and the next one ends it")
    func killed() throws {
        let folder = try folder()
        let names = (0..<300).map { "in/m\($0)" }
        for name in names { try folder.write(name, PublishedMessage.signed.bytes) }
        var kills = 0
        for milliseconds in ["020", "030", "040", "060", "080"] {
            let line = """
                $esdk rewrap --from \(Self.old) --to \(Self.new) -r in --in-place & sleep 0.\(milliseconds); \
                kill -9 $!; wait $! 2>/dev/null; echo $?; ls in
                """
            let output = try ESDK.shell(line, in: folder).standardOutput.split(separator: "\n")
            #expect(output.count { $0.hasPrefix("m") } == names.count)
            // A fast machine ends a run before it is killed, and a run that has ended forgets its journal.
            guard output.contains("137") else { break }
            kills += 1
        }
        #expect(kills > 0)
        if try ESDK.shell("test -e in/.esdk-rewrap", in: folder).status == 0 || kills == 5 {
            let last = try rewrap(["-r", "in", "--in-place"], in: folder)
            #expect(last.status == 0, "\(last.standardError)")
        }
        for name in names.prefix(20) + names.suffix(20) {
            #expect(try inspect(name, in: folder)["authenticated"]?.bool == true)
        }
    }

    @Test("Wrong usage is told")
    func usage() throws {
        let folder = try folder()
        #expect(try rewrap(["signed"], in: folder).standardError.contains("give -o OUT, or --in-place"))
        #expect(try rewrap(["signed", "--in-place", "-o", "out"], in: folder).status == 2)
        #expect(try rewrap(["signed", "-o", "java"], in: folder).standardError.contains("--force"))
        #expect(try rewrap(["signed", "-o", "out", "--suite", "9999"], in: folder).status == 2)
        #expect(
            try ESDK.run(["rewrap", "signed", "-o", "o", "--to", Self.new], in: folder).standardError.contains("--from")
        )
        #expect(try rewrap([".", "--in-place"], in: folder).standardError.contains("--recursive"))
        let help = try ESDK.run(["rewrap", "--help"], in: folder).standardOutput
        #expect(help.contains("never exchanged"))
    }
}
