import StrictJSON
import TestSupport
import Testing

/// What is said of files that cannot be done, and what is told of those that can.
@Suite("esdk encrypt, esdk decrypt: failures and reports")
struct FailureTests {
    private let files: FileFolder
    private var folder: TemporaryFolder { files.folder }

    init() throws {
        files = try FileFolder()
        try files.expectSuccess("encrypt", "plain")
    }

    private func refusal(_ words: String...) throws -> String {
        let output = try files.esdk(["decrypt", "plain.esdk", "-o", "back"] + words)
        #expect(output.status == 1, "\(output.standardError)")
        #expect(!folder.names.contains("back"))
        return output.standardError
    }

    @Test func wrongNamespaceNameAndKeyAreToldApart() throws {
        try folder.write("other", [UInt8](repeating: 0xFE, count: 32))
        files.set("other", 0o600)
        let namespace = try refusal("--key=raw-aes:namespace=test,name=one,file=key")
        #expect(namespace.contains(#"key 1 of the message, key namespace "tests", key name "one":"#))
        #expect(
            namespace.contains("raw AES-256 keyring test/one: wrapped by another key provider (key namespace differs)")
        )
        #expect(try refusal("--key=raw-aes:namespace=tests,name=1,file=key").contains("(key name differs)"))
        #expect(
            try refusal("--key=raw-aes:namespace=tests,name=one,file=other").contains(
                "does not open under this wrapping key"
            )
        )
    }

    @Test func whatIsNotAMessageIsRefused() throws {
        let output = try files.esdk("decrypt", "plain", "-o", "back")
        #expect(output.status == 1)
        #expect(output.standardError.contains("plain: the input starts with the byte"))
        try folder.write("empty", "")
        #expect(try files.esdk("decrypt", "empty", "-o", "back").status == 1)
    }

    @Test func aMessageThatIsCutOffIsRefused() throws {
        let message = try folder.read("plain.esdk")
        for length in [1, 50, message.count - 110, message.count - 1] {
            try folder.write("cut", Array(message.prefix(length)))
            let output = try files.esdk("decrypt", "cut", "-o", "back")
            #expect(output.status == 1)
            #expect(output.standardError.contains("cut: "))
            #expect(!folder.names.contains("back"))
        }
    }

    @Test func oneFailureDoesNotStopTheRest() throws {
        try folder.write("in/a.esdk", "no message")
        for name in ["b", "c"] { try folder.write("in/\(name).esdk", folder.read("plain.esdk")) }
        let output = try files.esdk("decrypt", "-r", "in", "-o", "out")
        #expect(output.status == 1)
        let lines = output.standardError.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("esdk: in/a.esdk: the input starts with") == true)
        #expect(lines.last?.hasPrefix("esdk: decrypted 2 of 3 files, ") == true)
        #expect(lines.last?.hasSuffix("; 1 failed") == true)
        #expect(try folder.read("out/c") == FileFolder.plaintext)
    }

    @Test func aMissingFileDoesNotStopTheRest() throws {
        let output = try files.esdk("encrypt", "none", "plain", "-o", "out")
        #expect(output.status == 2)
        #expect(output.standardError.contains("none: cannot open none: No such file or directory"))
        #expect(try folder.read("out/plain.esdk").first == 2)
    }

    @Test func anOutputThatCannotBeWrittenIsTheUsersConcern() throws {
        let output = try files.esdk("encrypt", "plain", "-o", "none/here")
        #expect(output.status == 2)
        #expect(output.standardError.contains("none/here: No such file or directory"))
    }

    @Test func anUnknownOptionSuggestsTheNearOne() throws {
        let output = try files.esdk("encrypt", "plain", "--contxt", "a=b")
        #expect(output.status == 2)
        #expect(output.standardError.contains("did you mean '--context'?"))
    }

    // MARK: - JSON

    @Test func aLineOfJSONTellsWhatWasWritten() throws {
        let output = try files.esdk("encrypt", "plain", "-o", "message", "-c", "app=shop", "--suite=0478", "--json")
        #expect(output.status == 0)
        let line = try #require(try FileFolder.lines(output.standardOutput).first)
        #expect(line["mode"] == "encrypt")
        #expect(line["input"]?.string == folder.file("plain"))
        #expect(line["output"]?.string == folder.file("message"))
        #expect(line["suite"] == "0478")
        #expect(line["committing"] == true)
        #expect(line["signed"] == false)
        let header = line["header"]
        #expect(header?["version"] == "2.0")
        #expect(header?["algorithm"] == "AES_256_GCM_HKDF_SHA512_COMMIT_KEY")
        #expect(header?["encryption_context"] == ["app": "shop"])
        #expect(header?["content_type"] == 2)
        #expect(header?["encrypted_data_keys"]?.array?.first?["key_provider"]?["provider_id"] == "dGVzdHM=")
    }

    @Test func aLineOfJSONTellsWhatWasOpenedOrNot() throws {
        try folder.write("bad.esdk", "no message")
        let output = try files.esdk(
            "decrypt",
            "plain.esdk",
            "bad.esdk",
            "-o",
            "out",
            "--metadata-output=lines",
            "-q",
            "--jobs=1"
        )
        #expect(output.status == 1)
        #expect(output.standardOutput.isEmpty)
        // Lines are appended.
        #expect(try files.esdk("decrypt", "plain.esdk", "--verify", "--metadata-output", "lines").status == 0)
        let lines = try FileFolder.lines(folder.text("lines"))
        #expect(lines.count == 3)
        #expect(lines[0]["mode"] == "decrypt")
        #expect(lines[0]["opened_by"]?["keyring"] == "raw AES-256 keyring tests/one")
        #expect(lines[0]["header_auth"]?["tag"]?.string?.count == 24)
        #expect(lines[1]["skipped"] == true)
        #expect(lines[1]["code"] == "unsupportedVersion")
        #expect(lines[2]["output"] == .null)
    }

    @Test func jsonAndAFileDoNotShareStandardOutput() throws {
        let output = try files.esdk("decrypt", "plain.esdk", "-o", "-", "--json")
        #expect(output.status == 2)
        #expect(output.standardError.contains("--metadata-output FILE"))
    }
}
