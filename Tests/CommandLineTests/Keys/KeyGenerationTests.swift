import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

@Suite("esdk keygen")
struct KeyGenerationTests {
    private func permissions(_ name: String, in folder: TemporaryFolder) throws -> UInt32 {
        try FileStatus(of: SystemPath(folder.path).appending(SystemPath(name))).permissions
    }

    /// The word after `--key` in a line of output.
    private func spelling(_ output: String, after prefix: String = "") throws -> String {
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix(prefix + "--key ") })
        return String(line.dropFirst(prefix.count + 6))
    }

    private func roundTrip(encrypt: String, decrypt: String, in folder: TemporaryFolder) throws {
        try folder.write("plain", "some text")
        let written = try ESDK.run(["encrypt", "plain", "-o", "message", "--force", "--key", encrypt], in: folder)
        #expect(written.status == 0, "\(written.standardError)")
        let read = try ESDK.run(["decrypt", "message", "-o", "again", "--force", "--key", decrypt], in: folder)
        #expect(read.status == 0, "\(read.standardError)")
        #expect(read.standardError == "")
        #expect(try folder.read("again") == Array("some text".utf8))
    }

    @Test(
        "An AES key is made in a private file, and the spelling that is printed works",
        arguments: ["128", "192", "256"]
    )
    func aes(bits: String) throws {
        let folder = try TemporaryFolder()
        for format in ["raw", "hex"] {
            let name = "my-\(format).key"
            let output = try ESDK.run(
                ["keygen", "raw-aes", "--bits", bits, "--format", format, "-o", name],
                in: folder
            )
            #expect(output.status == 0)
            #expect(output.standardError == "")
            #expect(try permissions(name, in: folder) == 0o600)
            let key = try folder.read(name)
            #expect(key.count == (Int(bits) ?? 0) / 8 * (format == "raw" ? 1 : 2) + (format == "raw" ? 0 : 1))
            let spelling = try spelling(output.standardOutput)
            #expect(spelling == "raw-aes:namespace=esdk,name=my-\(format),file=\(name)")
            try roundTrip(encrypt: spelling, decrypt: spelling, in: folder)
        }
    }

    @Test("Two keys differ, and a key goes to standard output without -o")
    func standardOutput() throws {
        let folder = try TemporaryFolder()
        let first = try ESDK.run(["keygen", "raw-aes"], in: folder)
        let second = try ESDK.run(["keygen", "raw-aes"], in: folder)
        #expect(first.standardOutput != second.standardOutput)
        #expect(Hex.decode(first.standardOutput.replacing("\n", with: ""))?.count == 32)
        #expect(first.standardError == "--key raw-aes:namespace=esdk,name=NAME,file=FILE\n")
    }

    @Test("Key pairs are made with a public part, and the spellings work", arguments: ["raw-rsa", "raw-ecdh"])
    func pairs(kind: String) throws {
        let folder = try TemporaryFolder()
        for option in kind == "raw-rsa"
            ? [["--bits", "2048"]] : [["--curve", "P-256"], ["--curve", "P-384"], ["--curve", "P-521"]]
        {
            let name = "my\(option[1]).pem"
            let output = try ESDK.run(["keygen", kind] + option + ["-o", name], in: folder)
            #expect(output.status == 0, "\(output.standardError)")
            #expect(try permissions(name, in: folder) == 0o600)
            #expect(try permissions("\(name).pub", in: folder) & 0o044 != 0)
            #expect(try String(decoding: folder.read(name), as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
            #expect(
                try String(decoding: folder.read("\(name).pub"), as: UTF8.self).hasPrefix(
                    "-----BEGIN PUBLIC KEY-----\n"
                )
            )
            try roundTrip(
                encrypt: spelling(output.standardOutput, after: "to encrypt: "),
                decrypt: spelling(output.standardOutput, after: "to decrypt: "),
                in: folder
            )
        }
    }

    @Test("Files that are there are kept, all of them, unless --force is given")
    func existing() throws {
        let folder = try TemporaryFolder()
        try folder.write("a", "precious")
        #expect(try ESDK.run(["keygen", "raw-aes", "-o", "a"], in: folder).status == 2)
        #expect(try folder.read("a") == Array("precious".utf8))
        try folder.write("b.pub", "precious")
        let pair = try ESDK.run(["keygen", "raw-ecdh", "-o", "b"], in: folder)
        #expect(pair.status == 2)
        #expect(pair.standardError.contains("b.pub is there already"))
        #expect(try ESDK.shell("test ! -e b", in: folder).status == 0)
        #expect(try ESDK.shell("chmod 644 a; $esdk keygen raw-aes --force -o a", in: folder).status == 0)
        #expect(try permissions("a", in: folder) == 0o600)
        #expect(try ESDK.shell("ln -s a link; $esdk keygen raw-aes -o link", in: folder).status == 2)
    }

    @Test("Wrong usage is told")
    func usage() throws {
        let folder = try TemporaryFolder()
        #expect(try ESDK.run(["keygen", "raw-aes", "--bits", "64"], in: folder).status == 2)
        #expect(try ESDK.run(["keygen", "raw-aes", "--namespace", "a,b"], in: folder).status == 2)
        #expect(
            try ESDK.run(["keygen", "raw-aes", "file"], in: folder).standardError.contains("only options are taken")
        )
        #expect(try ESDK.run(["keygen", "raw-aes", "-o", "no/such/folder"], in: folder).status == 2)
    }
}
