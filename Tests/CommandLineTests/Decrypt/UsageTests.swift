import TestSupport
import Testing

/// What the command says about itself and about wrong usage.
@Suite("esdk: usage")
struct UsageTests {
    private func run(_ words: String...) throws -> ESDK.Output { try ESDK.run(words, in: try TemporaryFolder()) }

    @Test("--version names the client and libcrypto")
    func version() throws {
        for words in [["--version"], ["-V"], ["vectors", "--version"], ["vectors", "decrypt", "--version"]] {
            let output = try ESDK.run(words, in: try TemporaryFolder())
            #expect(output.status == 0)
            #expect(output.standardError == "")
            #expect(
                try /esdk \d+\.\d+\.\d+ \(aws-encryption-sdk-swift, OpenSSL 3\.[^\n]*\)\n/.wholeMatch(
                    in: output.standardOutput
                ) != nil
            )
        }
    }

    @Test("--help of the command lists its commands")
    func help() throws {
        let output = try run("--help")
        #expect(output.status == 0)
        #expect(output.standardError == "")
        #expect(
            output.standardOutput.hasPrefix(
                """
                Usage: esdk [OPTION...] COMMAND…
                The AWS Encryption SDK and its interoperability test vectors.

                  -?, --help                 Give this help list
                      --usage                Give a short usage message
                  -V, --version              Print program version

                Commands:
                  vectors decrypt PATH…

                """.dropLast()
            )
        )
        #expect(output.standardOutput.hasSuffix("\n\n`esdk COMMAND --help' tells more of one.\n"))
    }

    @Test("every command that is listed tells its own usage")
    func listedCommands() throws {
        let vectors = try run("vectors", "--help").standardOutput
        #expect(vectors.hasPrefix("Usage: esdk vectors [OPTION...] COMMAND…\n"))
        let listed = try run("--help").standardOutput.split(separator: "\n").filter { $0.hasPrefix("  vectors ") }
            .compactMap { $0.split(separator: " ").dropFirst().first }.map(String.init)
        #expect(listed.first == "decrypt")
        for command in listed {
            #expect(vectors.contains("\n  \(command) "))
            let help = try run("vectors", command, "--help")
            #expect(help.status == 0)
            #expect(help.standardOutput.hasPrefix("Usage: esdk vectors \(command) [OPTION...] "))
        }
    }

    @Test("--help of a vector command lists every option, without loose ends")
    func decryptHelp() throws {
        let output = try run("vectors", "decrypt", "--help")
        #expect(output.status == 0)
        #expect(output.standardError == "")
        #expect(output.standardOutput.hasPrefix("Usage: esdk vectors decrypt [OPTION...] PATH…\n"))
        let options = [
            "-j, --jobs=N", "--filter=GLOB", "--shard=I/N", "--commitment-policy=POLICY", "--net-4.0.0-retry-policy",
            "--kms-endpoint=URL", "--aws", "--fail-on-skip", "--report=KIND=FILE", "-q, --quiet",
        ]
        for option in options { #expect(output.standardOutput.contains(" \(option) ")) }
        for line in output.standardOutput.split(separator: "\n") {
            #expect(!line.hasSuffix(" "))
            #expect(line.count < 80)
        }
    }

    /// Arguments that are wrong, and the first line that is said about them.
    static let mistakes: [([String], String)] = [
        ([], "esdk: a command is missing"),
        (["vectors"], "esdk vectors: a command is missing"),
        (["vectors", "decrypt"], "esdk vectors decrypt: a PATH is missing: a manifest, or a directory of vectors"),
        (
            ["vectors", "decrypt", "--quiet"],
            "esdk vectors decrypt: a PATH is missing: a manifest, or a directory of vectors"
        ),
        (["vectors", "decrypt", "--bogus", "x"], "esdk vectors decrypt: unrecognized option '--bogus'"),
        (["vectors", "decrypt", "-x", "x"], "esdk vectors decrypt: invalid option -- 'x'"),
        (["vectors", "decrypt", "x", "--filter"], "esdk vectors decrypt: option '--filter' requires an argument"),
        (["vectors", "decrypt", "x", "--quiet=1"], "esdk vectors decrypt: option '--quiet' doesn't allow an argument"),
        (["vectors", "decrypt", "x", "--jobs=0"], "esdk vectors decrypt: --jobs: a number of at least 1 is needed"),
        (["vectors", "decrypt", "x", "-j", "many"], "esdk vectors decrypt: --jobs: a number of at least 1 is needed"),
        (
            ["vectors", "decrypt", "x", "--shard=0/3"],
            "esdk vectors decrypt: --shard: I/N is needed, with I from 1 to N"
        ),
        (
            ["vectors", "decrypt", "x", "--shard=4/3"],
            "esdk vectors decrypt: --shard: I/N is needed, with I from 1 to N"
        ),
        (["vectors", "decrypt", "x", "--shard=1"], "esdk vectors decrypt: --shard: I/N is needed, with I from 1 to N"),
        (
            ["vectors", "decrypt", "x", "--commitment-policy=none"],
            "esdk vectors decrypt: --commitment-policy: no such policy"
        ),
        (
            ["vectors", "decrypt", "x", "--report=json"],
            "esdk vectors decrypt: --report: KIND=FILE is needed, KIND one of json, junit, tap"
        ),
        (
            ["vectors", "decrypt", "x", "--report=html=x"],
            "esdk vectors decrypt: --report: KIND=FILE is needed, KIND one of json, junit, tap"
        ),
        (
            ["vectors", "decrypt", "x", "--report=json="],
            "esdk vectors decrypt: --report: KIND=FILE is needed, KIND one of json, junit, tap"
        ),
        (["decrypt"], "esdk: unknown command `decrypt'; `esdk --help' lists the commands"),
        (["vectors", "run"], "esdk: unknown command `vectors run'; `esdk vectors --help' lists the commands"),
    ]

    @Test("a mistake on the command line is named on standard error, and the exit code is 2", arguments: mistakes)
    func mistake(words: [String], message: String) throws {
        let output = try ESDK.run(words, in: try TemporaryFolder())
        #expect(output.status == 2)
        #expect(output.standardOutput == "")
        #expect(output.standardError.split(separator: "\n").first.map(String.init) == message)
    }

    @Test("a path that is not UTF-8 is refused by name, not looked for under another name")
    func nonUTF8Path() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("a")])
        let output = try ESDK.run(words: [Array("vectors".utf8), Array("decrypt".utf8), [0x73, 0xFF]], in: folder)
        #expect(
            output
                == ESDK.Output(
                    status: 2,
                    standardOutput: "",
                    standardError: "esdk: argument 3 is not UTF-8 (s\\xFF); rename the file or folder\n"
                )
        )
    }

    @Test("`--' ends the options, and a path may start with a dash")
    func dashes() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("-set", [.failing("-a")])
        let output = try ESDK.run(["vectors", "decrypt", "-q", "--", "-set"], in: folder)
        #expect(output.status == 1)
        let command = try #require(
            output.standardOutput.split(separator: "\n").first { $0.hasPrefix("  repeat: esdk ") }
        )
        let again = try ESDK.shell("\"$esdk\" \(command.dropFirst("  repeat: esdk ".count)) -q", in: folder)
        #expect(again.status == 1)
        #expect(again.standardOutput.hasSuffix("\n0 passed, 1 failed, 0 skipped\n"))
    }
}
