import Glibc
import TestSupport
import Testing

/// What the command says about itself and about wrong usage.
@Suite("esdk: usage")
struct UsageTests {
    private func run(_ words: String...) throws -> ESDK.Output { try ESDK.run(words, in: try TemporaryFolder()) }

    @Test("--version names the client and the libraries that it runs with")
    func version() throws {
        for words in [["--version"], ["-V"], ["vectors", "--version"], ["vectors", "decrypt", "--version"]] {
            let output = try ESDK.run(words, in: try TemporaryFolder())
            #expect(output.status == 0)
            #expect(output.standardError == "")
            #expect(
                try
                    /esdk \d+\.\d+\.\d+ \(aws-encryption-sdk-swift, OpenSSL 3\.[^\n]*, json-c [\d.]+, libcurl [\d.]+\)\n/
                    .wholeMatch(in: output.standardOutput) != nil
            )
        }
    }

    @Test(
        "--help, -h, -? and help list the commands",
        arguments: [["--help"], ["-h"], ["-?"], ["help"], ["--he"]]
    )
    func help(words: [String]) throws {
        let output = try ESDK.run(words, in: try TemporaryFolder())
        #expect(output.status == 0)
        #expect(output.standardError == "")
        #expect(
            output.standardOutput.hasPrefix(
                """
                Usage: esdk COMMAND

                The AWS Encryption SDK and its interoperability test vectors.

                Commands:
                  vectors decrypt PATH…

                """.dropLast()
            )
        )
        #expect(
            output.standardOutput.hasSuffix(
                """

                Options:
                  -h, --help              Show this help
                      --usage             Show the usage line
                  -V, --version           Show the version

                'esdk help COMMAND' tells more about a command.

                """
            )
        )
    }

    @Test("every command that is listed tells its own usage")
    func listedCommands() throws {
        let vectors = try run("vectors", "--help").standardOutput
        #expect(vectors.hasPrefix("Usage: esdk vectors COMMAND\n"))
        let listed = try run("--help").standardOutput.split(separator: "\n").filter { $0.hasPrefix("  vectors ") }
            .compactMap { $0.split(separator: " ").dropFirst().first }.map(String.init)
        #expect(listed.first == "decrypt")
        for command in listed {
            #expect(vectors.contains("\n  \(command) "))
            let help = try run("vectors", command, "--help")
            #expect(help.status == 0)
            #expect(help.standardOutput.hasPrefix("Usage: esdk vectors \(command) [OPTION]… "))
            for words in [["help", "vectors", command], ["vectors", "help", command], ["vectors", command, "-h"]] {
                #expect(try ESDK.run(words, in: try TemporaryFolder()) == help)
            }
            let usage = try run("vectors", command, "--usage")
            #expect(usage.status == 0)
            #expect(help.standardOutput.hasPrefix(usage.standardOutput + "\n"))
        }
    }

    @Test("--help of a vector command lists every option, without loose ends")
    func decryptHelp() throws {
        let output = try run("vectors", "decrypt", "--help")
        #expect(output.status == 0)
        #expect(output.standardError == "")
        #expect(output.standardOutput.hasPrefix("Usage: esdk vectors decrypt [OPTION]… PATH…\n"))
        let options = [
            "-j, --jobs=N", "--filter=GLOB", "--shard=I/N", "--commitment-policy=POLICY", "--net-4.0.0-retry-policy",
            "--kms-endpoint=URL", "--aws", "--fail-on-skip", "--report=KIND=FILE", "-q, --quiet",
        ]
        for option in options {
            #expect(
                output.standardOutput.split(separator: "\n").contains { "\($0) ".contains(" \(option) ") },
                "\(option)"
            )
        }
        for line in output.standardOutput.split(separator: "\n") {
            #expect(!line.hasSuffix(" "))
            #expect(line.count < 80)
        }
    }

    /// Arguments that are wrong, and the first line that is said about them.
    static let mistakes: [([String], String)] = [
        ([], "esdk: COMMAND is missing"),
        (["vectors"], "esdk vectors: COMMAND is missing"),
        (["vectors", "decrypt"], "esdk vectors decrypt: PATH is missing: a manifest, or a folder of vectors"),
        (
            ["vectors", "decrypt", "--quiet"],
            "esdk vectors decrypt: PATH is missing: a manifest, or a folder of vectors"
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
            "esdk vectors decrypt: --commitment-policy: 'none' is not one of "
                + "forbid-encrypt-allow-decrypt, require-encrypt-allow-decrypt, require-encrypt-require-decrypt"
        ),
        (
            ["vectors", "decrypt", "x", "--report=json"],
            "esdk vectors decrypt: --report: KIND=FILE is needed, KIND one of json, junit, tap, html, markdown"
        ),
        (
            ["vectors", "decrypt", "x", "--report=xml=x"],
            "esdk vectors decrypt: --report: KIND=FILE is needed, KIND one of json, junit, tap, html, markdown"
        ),
        (
            ["vectors", "decrypt", "x", "--report=json="],
            "esdk vectors decrypt: --report: KIND=FILE is needed, KIND one of json, junit, tap, html, markdown"
        ),
        (["reproduce"], "esdk: unknown command 'reproduce'; did you mean 'esdk vectors reproduce'?"),
        (["vectros", "decrypt"], "esdk: unknown command 'vectros'; did you mean 'esdk vectors'?"),
        (["vectors", "genrate"], "esdk vectors: unknown command 'genrate'; did you mean 'esdk vectors generate'?"),
        (["vectors", "run"], "esdk vectors: unknown command 'run'"),
        (["help", "vectors", "decrpyt"], "esdk: unknown command 'decrpyt'; did you mean 'esdk vectors decrypt'?"),
        (
            ["vectors", "decrypt", "x", "--quite"],
            "esdk vectors decrypt: unrecognized option '--quite'; did you mean '--quiet'?"
        ),
        (
            ["vectors", "encrypt", "x", "--se", "1", "--fo=v2"],
            "esdk vectors encrypt: option '--fo' is ambiguous: '--force', '--format'"
        ),
        (["vectors", "decrypt", "x", "-qj"], "esdk vectors decrypt: option requires an argument -- 'j'"),
        (["vectors", "encrypt", "x"], "esdk vectors encrypt: -o DIR is missing"),
        (
            ["vectors", "encrypt", "-o", "y"],
            "esdk vectors encrypt: MANIFEST is missing: the manifest to run, or its folder"
        ),
        (["vectors", "encrypt", "x", "y", "-o", "z"], "esdk vectors encrypt: only one MANIFEST is taken, not 2"),
        (
            ["vectors", "decrypt", "x", "--aws", "--kms-endpoint=y"],
            "esdk vectors decrypt: --kms-endpoint: cannot be combined with --aws"
        ),
    ]

    @Test("a mistake on the command line is named on standard error, and the exit code is 2", arguments: mistakes)
    func mistake(words: [String], message: String) throws {
        let output = try ESDK.run(words, in: try TemporaryFolder())
        #expect(output.status == 2)
        #expect(output.standardOutput == "")
        let lines = output.standardError.split(separator: "\n").map(String.init)
        #expect(lines.first == message)
        let command = String(message.prefix { $0 != ":" })
        #expect(lines.dropFirst() == ["Try '\(command) --help'."])
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
                    standardError: """
                        esdk vectors decrypt: s\\xFF is not UTF-8; rename the file or folder
                        Try 'esdk vectors decrypt --help'.

                        """
                )
        )
    }

    @Test(
        "options may be abbreviated, clustered, and follow operands",
        arguments: [
            ["set", "--quiet", "--jobs=3", "--filter", "a*"], ["--qui", "--jo", "3", "set", "--fi=a*"],
            ["-qj3", "set", "--filter=a*"], ["-q", "set", "-j", "3", "--filter=a*"],
        ]
    )
    func conventions(words: [String]) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("a1"), .failing("b")])
        let output = try ESDK.run(["vectors", "decrypt"] + words, in: folder)
        #expect(
            output
                == ESDK.Output(status: 0, standardOutput: "1 passed, 0 failed, 0 skipped\n", standardError: "")
        )
    }

    @Test("bash, zsh and fish are completed, with what each option takes", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let output = try run("completions", shell)
        #expect(output.status == 0)
        for word in ["vectors", "reproduce", "commitment-policy", "require-encrypt-allow-decrypt"] {
            #expect(output.standardOutput.contains(word), "\(word)")
        }
        #expect(try run("completions", "tcsh").status == 2)
    }

    @Test(
        "bash completes commands, options and their choices",
        arguments: [
            (
                "esdk ''",
                [
                    "adapter", "completions", "decrypt", "encrypt", "help", "inspect", "keygen", "keystore", "report",
                    "rescue",
                    "rewrap",
                    "vectors",
                ]
            ),
            ("esdk vectors gen", ["generate"]),
            ("esdk vectors decrypt --fi", ["--filter="]),
            (
                "esdk vectors decrypt --commitment-policy = req",
                ["require-encrypt-allow-decrypt", "require-encrypt-require-decrypt"]
            ),
            ("esdk vectors encrypt --format v", ["v2", "v4", "v5"]),
            ("esdk vectors decrypt -q set/ma", ["set/manifest.json"]),
            ("esdk vectors encrypt plan -o s", ["set"]), ("esdk completions f", ["fish"]),
            ("esdk vectors encrypt --seed s", []),
        ]
    )
    func bashCompletions(line: String, expected: [String]) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("a")])
        try folder.write("seed", "")
        let script = """
            source <("$esdk" completions bash)
            compopt() { :; }
            COMP_WORDS=(\(line)); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            _esdk
            printf '%s\\n' "${COMPREPLY[@]}" | sort
            """
        try folder.write("script", script)
        let output = try ESDK.shell("esdk=\"$esdk\" bash script", in: folder)
        #expect(output.standardError == "")
        #expect(output.standardOutput.split(separator: "\n").map(String.init) == expected)
    }

    @Test("every example in a help is a command line that is understood")
    func examples() throws {
        let folder = try TemporaryFolder()
        for command in ["decrypt", "encrypt", "generate", "reproduce"] {
            let help = try run("vectors", command, "--help").standardOutput
            let examples = help.split(separator: "\n").filter { $0.hasPrefix("      esdk ") }
            #expect(!examples.isEmpty)
            for example in examples {
                // What it names is not there; that is found out after the words have been understood.
                let line = example.drop { $0 == " " }.dropFirst("esdk".count)
                let output = try ESDK.shell("\"$esdk\"\(line)", in: folder)
                #expect(output.status == 2, "\(example)")
                #expect(!output.standardError.contains("Try 'esdk"), "\(example)")
            }
        }
    }

    @Test(
        "the help fits the terminal, and has at most 80 columns",
        .enabled(if: access("/usr/bin/script", X_OK) == 0, "util-linux's script is needed for a terminal"),
        arguments: [40, 60, 120]
    )
    func columns(width: Int) throws {
        let line = "/usr/bin/script -qec 'stty cols \(width); \"$esdk\" vectors encrypt --help' /dev/null"
        let output = try ESDK.shell(line, in: try TemporaryFolder())
        #expect(output.status == 0)
        let lines = output.standardOutput.split(separator: "\r\n")
        #expect(lines.count > 20)
        // Command lines stay whole.
        for line in lines where !line.hasPrefix("      esdk ") { #expect(line.count < min(width, 80), "\(line)") }
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
