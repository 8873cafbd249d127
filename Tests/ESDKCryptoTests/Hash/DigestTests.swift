import ESDKCrypto
import Testing

@Suite struct DigestTests {
    // NIST's example values for FIPS 180 ("abc", and the empty message of CAVP's byte-oriented vectors).
    @Test(arguments: [
        (HashAlgorithm.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            .sha384, "abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            .sha512, "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func knownDigestsAreReproduced(algorithm: HashAlgorithm, message: String, digest: String) throws {
        let bytes = Array(message.utf8)
        let computed = try Digest.hash(algorithm, of: bytes.span)
        #expect(Hex.encode(computed) == digest)
        #expect(computed.count == algorithm.outputLength)
    }

    // NIST's example values for FIPS 180: the message of 896 bits.
    @Test(arguments: 1...112)
    func theDigestDoesNotDependOnHowTheMessageIsCut(pieceLength: Int) throws {
        let message = Array(
            ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu").utf8
        )
        var digest = try Digest(.sha384)
        for start in stride(from: 0, to: message.count, by: pieceLength) {
            try digest.update(message.span.extracting(start..<min(start + pieceLength, message.count)))
        }
        let computed = try digest.finalize()
        #expect(
            Hex.encode(computed)
                == "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"
        )
    }
}
