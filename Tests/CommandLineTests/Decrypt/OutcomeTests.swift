import TestSupport
import Testing

/// Whole output and exit codes of runs with each outcome.
@Suite("esdk vectors decrypt: outcomes")
struct OutcomeTests {
    @Test("a set whose tests all meet their expectation: a table and the totals, exit code 0")
    func passing() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet(
            "set",
            [
                .passing("a"),
                .init(id: "b", ciphertext: "file://ciphertexts/signed", plaintext: "file://plaintexts/A"),
                .init(id: "c", ciphertext: "file://ciphertexts/version-one", plaintext: "file://plaintexts/five"),
                .init(id: "d", ciphertext: "file://ciphertexts/damaged-signed", plaintext: nil),
            ]
        )
        let output = try ESDK.decrypt("set", in: folder)
        #expect(output.status == 0)
        #expect(
            output.standardOutput == """
                set (made-up 1.0)
                  keyring      0014  0478  0578
                  raw aes-256     1     1     2

                  set  total  passed  failed  skipped
                  set      4       4       0        0

                4 passed, 0 failed, 0 skipped

                """
        )
        #expect(
            output.standardError == """
                esdk: 1 of 4 tests, 0 failed
                esdk: 2 of 4 tests, 0 failed
                esdk: 3 of 4 tests, 0 failed
                esdk: 4 of 4 tests, 0 failed

                """
        )
    }

    /// A test that fails, and what is said about it.
    struct Failure: CustomTestStringConvertible {
        let test: VectorSetText.Test
        let text: String
        let testDescription: String
    }

    static let failures = [
        Failure(
            test: .failing("t"),
            text: """
                  suite 0478, raw aes-256
                  one-shot: the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected
                """,
            testDescription: "wrong plaintext"
        ),
        Failure(
            test: .init(
                id: "t",
                description: "is to be refused",
                ciphertext: "file://ciphertexts/unsigned",
                plaintext: nil
            ),
            text: """
                  is to be refused
                  suite 0478, raw aes-256
                  one-shot: decrypted to 1 bytes, a refusal was expected
                """,
            testDescription: "accepted"
        ),
        Failure(
            test: .init(id: "t", ciphertext: "file://ciphertexts/damaged-unsigned", plaintext: "file://plaintexts/A"),
            text: """
                  suite 0478, raw aes-256
                  one-shot: refused: bodyTagMismatch: the tag of the frame does not verify \
                (offset 237, field Authentication Tag, frame 1)
                """,
            testDescription: "refused"
        ),
    ]

    @Test("a failed test is shown once, with the command that repeats it", arguments: failures)
    func failing(expected: Failure) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [expected.test])
        let failure = """
            FAILED set t
            \(expected.text)
              repeat: esdk vectors decrypt set --filter t

            """
        let output = try ESDK.decrypt("set", in: folder)
        #expect(output.status == 1)
        #expect(
            output.standardOutput == """
                \(failure)
                set (made-up 1.0)
                  keyring      0478
                  raw aes-256    !1

                marks: N passed, !N failed, . no test

                  set  total  passed  failed  skipped
                  set      1       0       1        0

                0 passed, 1 failed, 0 skipped

                """
        )
        #expect(output.standardError == "esdk: 1 of 1 tests, 1 failed\n")
    }

    @Test("nothing but skipped tests: the reasons, exit code 4")
    func skippedOnly() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.skipped("a"), .skipped("b")])
        let output = try ESDK.decrypt("set", in: folder)
        #expect(output.status == 4)
        #expect(
            output.standardOutput == """
                set (made-up 1.0)
                  keyring  0478
                  aws-kms    ~2

                marks: N passed, ~N skipped, . no test

                skipped, by reason:
                  2 only AWS KMS can open this message

                  set  total  passed  failed  skipped
                  set      2       0       0        2

                0 passed, 0 failed, 2 skipped

                """
        )
        #expect(
            output.standardError == """
                esdk: 1 of 2 tests, 0 failed
                esdk: 2 of 2 tests, 0 failed
                esdk: every test was skipped

                """
        )
    }

    @Test("skipped tests beside passed ones are no failure, unless --fail-on-skip is given")
    func failOnSkip() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("a"), .skipped("b")])
        #expect(try ESDK.decrypt("set", in: folder).status == 0)
        let strict = try ESDK.decrypt("set", "--fail-on-skip", in: folder)
        #expect(strict.status == 1)
        #expect(strict.standardError.hasSuffix("esdk: --fail-on-skip: 1 test was skipped\n"))
        #expect(strict.standardOutput.hasSuffix("\n1 passed, 0 failed, 1 skipped\n"))
        #expect(try ESDK.decrypt("set", "--fail-on-skip", "--filter", "a", in: folder).status == 0)
    }

    @Test("several sets: a table for each, and a line for all")
    func severalSets() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("all/one", [.passing("a")])
        try folder.writeSet("all/two", [.passing("a"), .skipped("b")])
        let output = try ESDK.decrypt("all", in: folder)
        #expect(output.status == 0)
        #expect(
            output.standardOutput == """
                all/one (made-up 1.0)
                  keyring      0478
                  raw aes-256     1

                all/two (made-up 1.0)
                  keyring      0478
                  aws-kms        ~1
                  raw aes-256     1

                marks: N passed, ~N skipped, . no test

                skipped, by reason:
                  1 only AWS KMS can open this message

                  set       total  passed  failed  skipped
                  all/one       1       1       0        0
                  all/two       2       1       0        1
                  all sets      3       2       0        1

                2 passed, 0 failed, 1 skipped

                """
        )
    }

    @Test("--quiet prints the failures and the totals and nothing else")
    func quiet() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("a"), .failing("b"), .skipped("c")])
        let output = try ESDK.decrypt("set", "--quiet", in: folder)
        let failure = """
            FAILED set b
              suite 0478, raw aes-256
              one-shot: the plaintext differs from the expected one at offset 0: 1 bytes, 5 expected
              repeat: esdk vectors decrypt set --filter b

            """
        #expect(
            output
                == ESDK.Output(
                    status: 1,
                    standardOutput: "\(failure)\n1 passed, 1 failed, 1 skipped\n",
                    standardError: ""
                )
        )
        #expect(
            try ESDK.decrypt("set", "-q", "--filter", "a", in: folder)
                == ESDK.Output(status: 0, standardOutput: "1 passed, 0 failed, 0 skipped\n", standardError: "")
        )
    }
}
