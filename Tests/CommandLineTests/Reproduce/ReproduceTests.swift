import Foundation
import TestSupport
import Testing

@Suite("esdk vectors reproduce")
struct ReproduceTests {
    /// A message with two encrypted data keys, made for this test: the first, under `other-256`, binds the encryption context without
    /// its count; the second, under `aes-256`, opens it.
    private static let otherConvention = """
        AgR4WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWloADwABAAVzdGFnZQAEdGVzdAACAA9pbnRlcm9wLXZlY3RvcnMAGW90aGVyAAAA
        gAAAAAwHBwcHBwcHBwcHBwcAMHzKq89tIAcq7r1wWn3b5ufQlTLXP990DnClNWQd6tEuIvpKdeag6yh+HOkLXTeY5gAPaW50ZXJvcC12ZWN0
        b3JzABthZXMtMjU2AAAAgAAAAAwHBwcHBwcHBwcHBwcAMJwOIr8/FJl4kJKhzAuZd/KJQuycG42rrtpOV0iXJ6UCI3yCIJz/AgC3FN31lEdF
        8gIAAAIAPNpZBmSH1OZ9YqIgIlfhSO2xxDTPJQ/BDGYPGk7oeL4czuzSCd2Y0uTv4rHj36YG/////wAAAAEAAAAAAAAAAAAAAAEAAAABZnGM
        gw3Mq3iwlxAmPlAvsmM=
        """

    private func reproduce(_ arguments: String..., in folder: TemporaryFolder) throws -> ESDK.Output {
        try ESDK.run(["vectors", "reproduce"] + arguments, in: folder)
    }

    @Test("identical messages pass, what must not or does not open is skipped with the reason")
    func passing() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet(
            "set",
            [
                .init(id: "a", ciphertext: "file://ciphertexts/unsigned", plaintext: "file://plaintexts/A"),
                .init(id: "b", ciphertext: "file://ciphertexts/signed", plaintext: "file://plaintexts/A"),
                .init(id: "c", ciphertext: "file://ciphertexts/version-one", plaintext: "file://plaintexts/five"),
                .init(id: "d", ciphertext: "file://ciphertexts/damaged-unsigned", plaintext: nil),
                .init(id: "e", ciphertext: "file://ciphertexts/damaged-signed", plaintext: "file://plaintexts/A"),
            ]
        )
        let output = try reproduce("set", "--report", "json=report.json", in: folder)
        #expect(output.status == 0)
        #expect(output.standardOutput.hasSuffix("\n3 passed, 0 failed, 2 skipped\n"))
        #expect(output.standardOutput.contains("\n  1 must not open\n"))
        #expect(output.standardOutput.contains("\n  1 not opened: signatureMismatch: "))
        #expect(try reproduce("set", "--fail-on-skip", "-q", in: folder).status == 1)
        #expect(try reproduce("set", "--filter", "[de]", in: folder).status == 4)

        let report = try JSONSerialization.jsonObject(with: Data(folder.text("report.json").utf8)) as? [String: Any]
        let tests = try #require(report?["tests"] as? [[String: Any]])
        let cases = tests.map { ($0["cases"] as? [[String: Any]])?.map { "\($0["name"] ?? "") \($0["status"] ?? "")" } }
        let both = ["message passed", "encrypted data key 0 passed"]
        #expect(cases == [both, both, both, [], []])
        #expect(report?["complete"] as? Bool == true)
    }

    @Test("a difference fails with field, offset, bytes and the convention that explains it")
    func failing() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet(
            "set",
            [
                .init(id: "t", ciphertext: "file://ciphertexts/other", plaintext: "file://plaintexts/A"),
                .init(
                    id: "u",
                    ciphertext: "file://ciphertexts/unsigned",
                    plaintext: nil,
                    keys: VectorSetText.aes.replacingOccurrences(of: "aes-256", with: "other-256")
                ),
            ]
        )
        let message = try #require(Data(base64Encoded: Self.otherConvention, options: .ignoreUnknownCharacters))
        try folder.write("set/ciphertexts/other", [UInt8](message))
        let output = try reproduce("set", in: folder)
        #expect(output.status == 1)
        // The tag, the last 16 bytes of the wrapped key, is all that the context decides.
        #expect(
            output.standardOutput.hasPrefix(
                """
                FAILED set t
                  suite 0478, raw aes-256
                  encrypted data key 0: raw AES-256 key other: header.encryptedDataKeys[0].ciphertext differs at 132: \
                expected 5531df9af23d050c1d1bf0e3ffaad745, found 22fa4a75e6a0eb287e1ce90b5d3798e6; \
                it would be identical with the encryption context without its count, as the community's Go wrote it
                  repeat: esdk vectors reproduce set --filter t


                """
            )
        )
    }

    @Test("--help names the command, and every option of the commands that run sets")
    func help() throws {
        let folder = try TemporaryFolder()
        let output = try reproduce("--help", in: folder)
        #expect(output.status == 0)
        #expect(output.standardOutput.hasPrefix("Usage: esdk vectors reproduce [OPTION]… PATH…\n"))
        for option in ["--jobs=N", "--filter=GLOB", "--shard=I/N", "--net-4.0.0-retry-policy", "--report=KIND=FILE"] {
            #expect(output.standardOutput.contains(option))
        }
    }
}
