import TestSupport
import Testing

/// Sets that are correct and unusual: in size, in names, in the paths they are given by.
@Suite("esdk vectors decrypt: unusual sets")
struct HardInputTests {
    @Test("a file that is too large for any message is skipped with its size, and nothing is allocated for it")
    func hugeFiles() throws {
        let folder = try TemporaryFolder()
        let huge = "file://huge"
        try folder.writeSet(
            "set",
            [
                .init(id: "message", ciphertext: huge, plaintext: "file://plaintexts/A"),
                .init(id: "refusal", ciphertext: huge, plaintext: nil),
                .init(id: "plaintext", ciphertext: "file://ciphertexts/unsigned", plaintext: huge),
                .passing("other"),
            ]
        )
        #expect(try ESDK.shell("truncate -s 3T set/huge", in: folder).status == 0)
        let output = try ESDK.decrypt("set", in: folder)
        #expect(output.status == 0)
        #expect(output.standardOutput.hasSuffix("\n1 passed, 0 failed, 3 skipped\n"))
        #expect(
            output.standardOutput.contains(
                """
                skipped, by reason:
                  2 ciphertext: set/huge: 3298534883328 bytes are more than the 1073741824 that are accepted
                  1 plaintext: set/huge: 3298534883328 bytes are more than the 1073741824 that are accepted

                """
            )
        )
    }

    @Test("output grows with the number of failures, and no faster")
    func manyFailures() throws {
        let lengths = try [200, 400, 600].map { count in
            let folder = try TemporaryFolder()
            try folder.writeSet("set", (100..<100 + count).map { .failing("test-\($0)") })
            let output = try ESDK.decrypt("set", in: folder)
            #expect(output.status == 1)
            #expect(output.standardOutput.split(separator: "\n").count { $0.hasPrefix("FAILED ") } == count)
            return output.standardOutput.utf8.count
        }
        #expect(lengths[2] - lengths[1] == lengths[1] - lengths[0])
    }

    @Test("a set that is named twice runs once, and that is told")
    func namedTwice() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("t")])
        let output = try ESDK.decrypt("set", "./set/", "-q", in: folder)
        #expect(
            output
                == ESDK.Output(
                    status: 0,
                    standardOutput: "1 passed, 0 failed, 0 skipped\n",
                    standardError: "esdk: ./set: given before under another path; it runs once\n"
                )
        )
        let same = try ESDK.decrypt("set", "set", "-q", in: folder)
        #expect(same.standardError == "esdk: set: given twice; it runs once\n")
    }

    static let paths = [
        ("set", "set"), ("set/", "set"), ("./set", "./set"), ("set/manifest.json", "set/manifest.json"),
        ("set/..", "set/../set"),
    ]

    @Test("a set is called as it was named, and the command that repeats a test finds it again", arguments: paths)
    func path(_ path: String, name: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.failing("t")])
        let output = try ESDK.decrypt(path, "-q", in: folder)
        #expect(output.standardOutput.hasPrefix("FAILED \(name) t\n"))
        #expect(output.standardOutput.contains("\n  repeat: esdk vectors decrypt \(name) --filter t\n"))
        #expect(try ESDK.decrypt(name, "-q", "--filter", "t", in: folder).status == 1)
    }

    @Test("the current folder is a set like any other")
    func currentFolder() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet(".", [.failing("t")])
        let output = try ESDK.decrypt(".", "-q", in: folder)
        #expect(output.standardOutput.contains("\n  repeat: esdk vectors decrypt . --filter t\n"))
    }

    static let ids = [
        "it's", "\"quoted\"", "a b", "line\nbreak", "\r\n", "\u{1B}[31mred", "tab\tbed", "back\\slash", "*", "[a]", "?",
        "-x",
        "--filter", "$HOME", "`id`", "!", "~", "#", "\u{10002}", "e\u{301}", "'\u{301}", "\u{202E}x", "nul\0in", "",
    ]

    @Test("whatever an id is made of, a failure has its usual lines and can be repeated from a shell", arguments: ids)
    func id(_ id: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.failing(id), .failing("another")])
        let output = try ESDK.decrypt("set", "-q", in: folder)
        let lines = output.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 * 5 + 4 + 2)
        let command = try #require(lines.first { $0.hasPrefix("  repeat: esdk ") })
        // The quotation of control characters is bash's, and that of POSIX since 2024.
        try folder.write("repeat", "\"$esdk\" \(command.dropFirst("  repeat: esdk ".count)) -q\n")
        let again = try ESDK.shell("bash repeat", in: folder)
        #expect(again.standardError == "")
        #expect(again.standardOutput.hasPrefix(lines[0] + "\n"))
        #expect(again.standardOutput.hasSuffix("\n0 passed, 1 failed, 0 skipped\n"))
    }
}
